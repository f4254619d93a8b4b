from hypothesis import given
from hypothesis import strategies as st

from engagement.scoring.presence import COUNT_TICKS, GRACE_TICKS, HEARTBEAT_TICKS, Presence

ANN, BOB, CAT = 1, 2, 3
people = st.frozensets(st.integers(1, 6))


def test_nobody_is_known_before_anybody_told():
    settled = Presence().settle(1)

    assert (settled.present, settled.known, settled.told_at) == (0, False, None)


def test_explicit_join_and_leave_count_at_once():
    presence = Presence()

    presence.joined(ANN, 1)
    presence.joined(BOB, 1)
    first = presence.settle(1)
    presence.left(ANN, 2)
    second = presence.settle(2)

    assert (first.joined, first.present) == ([ANN, BOB], 2)
    assert (second.left, second.present, second.leaves_known) == ([ANN], 1, True)


def test_person_of_sockets_leaves_after_the_grace():
    presence = Presence()
    presence.report("web-1", frozenset({ANN, BOB}), 1)
    presence.settle(1)

    left_at = {}
    for tick in range(2, 6):
        presence.report("web-1", frozenset({BOB}), tick)
        for actor in presence.settle(tick).left:
            left_at[actor] = tick

    assert left_at == {ANN: 1 + GRACE_TICKS}


def test_reconnect_within_the_grace_is_neither_leave_nor_join():
    presence = Presence()
    presence.report("web-1", frozenset({ANN}), 1)
    presence.settle(1)

    news = []
    for tick, actors in ((2, set()), (3, set()), (4, {ANN}), (5, {ANN})):
        presence.report("web-1", frozenset(actors), tick)
        settled = presence.settle(tick)
        news.append((settled.joined, settled.left, settled.present))

    assert news == [([], [], 1)] * 4


def test_silent_process_holds_nobody():
    presence = Presence()
    presence.report("web-1", frozenset({ANN, BOB}), 1)
    presence.report("web-2", frozenset({BOB}), 1)
    presence.settle(1)

    present = []
    for tick in range(2, 6):
        presence.report("web-2", frozenset({BOB}), tick)
        present.append(presence.settle(tick).present)

    assert present == [2, 2, 1, 1]


def test_two_tabs_on_two_processes_are_one_person():
    presence = Presence()

    presence.report("web-1", frozenset({ANN}), 1)
    presence.report("web-2", frozenset({ANN}), 1)

    assert presence.settle(1).present == 1


def test_explicit_leave_wins_over_a_report_until_the_next_one():
    presence = Presence()
    presence.report("web-1", frozenset({ANN}), 1)
    presence.settle(1)

    presence.left(ANN, 2)
    gone = presence.settle(2)
    presence.report("web-1", frozenset({ANN}), 3)
    back = presence.settle(3)

    assert (gone.left, gone.present) == ([ANN], 0)
    assert (back.joined, back.present) == ([ANN], 1)


def test_explicit_leave_during_the_grace_is_told_once():
    presence = Presence()
    presence.report("web-1", frozenset({ANN}), 1)
    presence.settle(1)
    presence.report("web-1", frozenset(), 2)
    presence.settle(2)

    presence.left(ANN, 3)
    told = [presence.settle(tick).left for tick in range(3, 8)]

    assert told == [[ANN], [], [], [], []]


def test_joined_and_left_within_one_tick_is_no_news():
    presence = Presence()
    presence.joined(ANN, 1)
    presence.left(ANN, 1)

    settled = presence.settle(1)

    assert (settled.joined, settled.left, settled.present) == ([], [], 0)


def test_heartbeat_counts_for_a_minute():
    presence = Presence()
    presence.heartbeat(ANN, 1)

    present = [presence.settle(tick).present for tick in range(1, HEARTBEAT_TICKS + 3)]

    assert present == [1] * HEARTBEAT_TICKS + [0, 0]


def test_who_joined_and_sent_heartbeats_is_gone_a_minute_after_the_last():
    presence = Presence()
    for actor in (1, 2):
        presence.joined(actor, 0)
    for tick in range(3):
        presence.heartbeat(1, tick)
        presence.settle(tick)

    gone = [tick for tick in range(3, 20) if presence.settle(tick).left == [1]]

    assert gone == [2 + HEARTBEAT_TICKS]
    assert presence.people() == {2}


def test_platform_number_is_believed_while_fresh():
    presence = Presence()
    presence.platform_count(900, 1)

    fresh = presence.settle(1)
    stale = presence.settle(1 + COUNT_TICKS)

    assert (fresh.present, fresh.known, fresh.leaves_known) == (900, True, False)
    assert (stale.present, stale.known) == (0, False)


def test_restored_people_of_sockets_stay_only_if_reported():
    presence = Presence()
    presence.restore(tick=10, explicit=[ANN], sockets=[BOB, CAT])

    present = []
    for tick in range(11, 15):
        presence.report("web-1", frozenset({BOB}), tick)
        present.append((presence.settle(tick).present, presence.people()))

    assert [count for count, _ in present] == [3, 3, 2, 2]
    assert present[-1][1] == {ANN, BOB}


@given(st.lists(st.tuples(st.sampled_from(["w1", "w2"]), people), max_size=40))
def test_news_add_up_to_the_number_present(reports: list[tuple[str, frozenset[int]]]):
    presence, here = Presence(), set()

    for tick, (process, actors) in enumerate(reports):
        presence.report(process, actors, tick)
        settled = presence.settle(tick)
        here = (here | set(settled.joined)) - set(settled.left)

        assert settled.present == len(here)
        assert here == presence.people()
        assert actors <= here
