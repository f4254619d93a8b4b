from hypothesis import given
from hypothesis import strategies as st

from engagement.scoring.rolling import RollingPeople

ACTS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=60)


def test_person_counts_once_until_the_window_has_passed():
    people = RollingPeople(span=3)

    people.add(7, tick=1)
    people.add(7, tick=1)
    people.add(7, tick=2)

    assert len(people) == 1
    assert people.expire(4) == []
    assert people.expire(5) == [7]
    assert len(people) == 0


@given(ACTS)
def test_window_equals_a_recount(acts: list[tuple[int, int]]):
    people, span, tick, done = RollingPeople(4), 4, 0, []

    for wait, actor in acts:
        tick += wait
        people.add(actor, tick)
        done.append((tick, actor))
        people.expire(tick)

        assert set(people) == {who for when, who in done if when > tick - span}


def test_copy_goes_its_own_way():
    people = RollingPeople(3)
    people.add(1, 1)
    twin = people.copy()

    twin.add(2, 1)
    people.discard(1)

    assert (set(people), set(twin)) == (set(), {1, 2})


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6))), st.integers(1, 12))
def test_people_lately_are_those_who_acted_in_the_last_ticks(
    steps: list[tuple[int, int]], ticks: int
):
    people, tick, acts = RollingPeople(8), 0, []
    for wait, actor in steps:
        tick += wait
        people.expire(tick)
        people.add(actor, tick)
        acts.append((tick, actor))

    assert people.lately(tick, ticks) == len({who for at, who in acts if at > tick - min(ticks, 8)})
