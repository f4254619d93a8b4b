import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.scoring import DEFAULT, Profile, ScoreState, step
from engagement.scoring.tick_facts import TickFacts
from tests.engagement.scoring.rooms import after, room, scores, shares, steady

CLOSE = 1e-6
WARM = 120
# Without the slow pull of the room's own baseline, so that a law shows to the last digit.
STRICT = Profile(own_weight=0.0)


def test_room_as_expected_scores_fifty():
    profile = Profile(own_weight=0.0)
    facts = steady(90, chat=12, active_people=25, reaction_people=10, question_people=5)

    last = scores(facts, profile)[-1]

    assert last.value == pytest.approx(50.0, abs=0.01)
    assert last.state == "steady"


def test_too_few_people_have_no_number():
    told = scores(steady(60, present=4, chat=2, active_people=2))

    assert {(score.value, score.state) for score in told} == {(None, "none")}


def test_first_half_minute_has_no_number():
    told = scores(steady(8))

    assert [score.value is None for score in told] == [True] * 5 + [False] * 3


def test_lively_room_stays_above_fifty_for_hours():
    told = scores(steady(2000, chat=40, active_people=70))

    assert min(score.value or 0 for score in told[30:]) > 60


def test_silence_takes_the_score_to_nothing():
    state = after(steady(WARM, chat=30, active_people=60, question_people=10))

    told = scores([room(WARM + i, chat=0, active_people=0) for i in range(3)], state=state)

    assert told[-1].value == 0.0
    assert told[-1].state == "losing"


def test_people_leaving_take_points_off():
    state = after(steady(WARM))

    told = scores([room(WARM, present=70, chat=9, leaves=30)], state=state)[0]

    assert told.points[5] == -10.0


def test_expected_leaving_takes_nothing_off():
    told = scores([room(tick, leaves=tick % 12 == 0) for tick in range(WARM)])

    assert told[-1].points[5] == 0.0


def test_net_losses_count_where_nobody_names_who_leaves():
    numbers = [1000] * WARM + [700]

    told = scores(
        [room(t, present=n, chat=n // 9, leaves_known=False) for t, n in enumerate(numbers)]
    )

    assert told[-1].points[5] == -10.0


def test_quiet_phase_expects_less():
    def play(quiet: bool) -> float:
        state = after(steady(WARM))
        for tick in range(WARM, WARM + 30):
            state, score = step(state, DEFAULT, room(tick, chat=4, leaves=5), quiet)
        return score.value or 0.0

    assert play(quiet=True) > play(quiet=False) + 10


def test_organic_score_leaves_out_what_we_induced():
    state = after(steady(WARM))
    induced = room(
        WARM, chat=30, active_people=60, organic_chat_people=12, organic_active_people=12
    )

    told = scores([induced], state=state)[0]
    plain = scores([room(WARM)], state=state)[0]

    assert told.organic == pytest.approx(plain.value)
    assert (told.value or 0) > (plain.value or 0) + 5


def test_our_own_poll_is_no_channel_of_the_organic_score():
    state = after(steady(WARM))
    poll = {"poll_induced": True, "poll_voters": 80, "poll_eligible": 100}
    facts = [
        room(WARM + i, poll_age=i, organic_poll_voters=0, **poll)  # type: ignore[arg-type]
        for i in range(20)
    ]

    told = scores(facts, state=state)[-1]
    plain = scores([room(WARM + i) for i in range(20)], state=state)[-1]

    assert told.organic == pytest.approx(plain.value)
    assert (told.value or 0) > (plain.value or 0)


def test_audience_that_nobody_counts_is_measured_against_those_heard():
    facts = [room(t, present=100, chat=38, presence_known=False) for t in range(WARM)]

    assert scores(facts)[-1].value == pytest.approx(50, abs=6)


@pytest.mark.parametrize("power", [0.45, 0.6, 0.7])
def test_audience_that_is_only_heard_does_not_seem_to_fade_while_it_is_getting_known(power: float):
    heard = [round(400 * min(1.0, (t + 1) / 120) ** power) for t in range(240)]
    facts = [
        room(t, present=heard[t], chat=heard[min(t, 23)], presence_known=False) for t in range(240)
    ]

    told = [score.value or 0.0 for score in scores(facts)[6:]]

    assert max(told) - min(told) < 10


@given(st.lists(st.integers(0, 60), min_size=30, max_size=150))
def test_audience_that_is_counted_needs_no_guess(people: list[int]):
    facts = [room(t, chat=chat) for t, chat in enumerate(people)]

    assert after(facts).heard_for == 0


def test_band_narrows_with_the_audience():
    few = scores(steady(WARM, present=20, chat=3))[-1]
    many = scores(steady(WARM, present=2000, chat=300))[-1]

    assert few.high - few.low > 4 * (many.high - many.low)


@given(shares)
def test_points_add_up_to_the_value(people: dict[str, int]):
    for score in scores(steady(40, **people))[5:]:
        assert sum(score.points) == pytest.approx(score.value, abs=CLOSE)
        assert 0.0 <= score.low <= (score.value or 0.0) <= score.high <= 100.0


@given(shares, st.integers(2, 50))
def test_twice_the_people_behaving_alike_leave_it_unchanged(people: dict[str, int], times: int):
    more = {name: count * times for name, count in people.items()}

    one = scores(steady(100, present=100, **people))
    other = scores(steady(100, present=100 * times, **more))

    assert [s.value for s in one[5:]] == pytest.approx([s.value for s in other[5:]], abs=CLOSE)


@given(shares)
def test_silence_lowers_the_score_within_one_window(people: dict[str, int]):
    state = after(steady(WARM, **people))
    before = scores([room(WARM, **people)], state=state)[0]  # type: ignore[arg-type]

    told = scores([room(WARM + i, chat=0, active_people=0) for i in range(24)], state=state)

    assert (told[-1].value or 0.0) < (before.value or 0.0)


@given(shares, st.integers(0, 100))
def test_closing_a_poll_never_lowers_the_score(people: dict[str, int], voters: int):
    poll = {**people, "poll_voters": voters, "poll_eligible": 100}
    opened = [room(WARM + i, **poll, poll_age=i) for i in range(20)]  # type: ignore[arg-type]
    closed = [
        room(WARM + 20 + i, **poll, poll_age=20 + i, poll_closed_for=i)  # type: ignore[arg-type]
        for i in range(60)
    ]
    state = after([*steady(WARM, **people), *opened[:-1]], STRICT)
    before = scores(opened[-1:], STRICT, state)[0].value or 0.0

    told = scores([*opened[-1:], *closed], STRICT, state)

    assert min(score.value or 0.0 for score in told) >= before - CLOSE


@given(shares, st.sampled_from(["question_people", "reaction_people"]), st.integers(1, 60))
def test_using_a_new_channel_never_lowers_the_score(
    people: dict[str, int], channel: str, users: int
):
    unused = {**people, channel: 0}
    used = {**people, channel: users}
    state = after(steady(WARM - 1, **unused), STRICT)
    facts = [room(WARM + i, **used) for i in range(60)]  # type: ignore[arg-type]

    told = scores([room(WARM - 1, **unused), *facts], STRICT, state)  # type: ignore[arg-type]

    assert min(score.value or 0.0 for score in told) >= (told[0].value or 0.0) - CLOSE


@given(st.lists(shares, min_size=30, max_size=80), st.integers(1, 29))
@settings(max_examples=40)
def test_state_survives_json_at_any_tick(rooms: list[dict[str, int]], cut: int):
    facts: list[TickFacts] = [
        room(t, **people, organic_chat_people=people["chat"] // 2)  # type: ignore[arg-type]
        for t, people in enumerate(rooms)
    ]
    state = after(facts[:cut])
    copy = ScoreState.from_json(json.loads(json.dumps(state.to_json())))

    assert copy == state
    assert scores(facts[cut:], state=copy) == scores(facts[cut:], state=state)
