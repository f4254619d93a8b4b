import datetime as dt
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.suggestion.progress import progress_of
from dashboard.suggestion.queries import tally_of
from dashboard.suggestion.results import Said, bracket_of, effect_of, result_of
from engagement.models import Session
from interventions.agent.measurement.lift import Lift
from interventions.models import Intervention, Outcome
from tests.conftest import NOON
from tests.dashboard.agent_rooms import WORDS, make, past
from tests.support.factories import make_event, make_session

SECOND = dt.timedelta(seconds=1)


def sent(outcome=None, status="learned", **fields):
    values = {
        "pk": 7,
        "session": Session(pk=1),
        "status": status,
        "kind": "POLL",
        "content": WORDS,
        "acted_at": NOON,
        "due_at": NOON + 300 * SECOND,
    }
    row = Intervention(**{**values, **fields})
    # As select_related leaves a row without one.
    row._state.fields_cache["outcome"] = None
    if outcome is not None:
        Outcome(
            intervention=row,
            **{
                "at_decision": 52.4,
                "change": 18.7,
                "value": 12.0,
                "expected": 4.1,
                "verdict": "worked",
                "was_sent": True,
                **outcome,
            },
        )
    return row


def test_numbers_of_a_line_add_up_as_shown():
    line = result_of(sent({}), NOON)

    assert (line.before, line.after, line.change, line.alone) == (52, 71, 19, 4)
    assert (line.said, line.tone, line.direction) == (Said.WORKED, "good", "up")


@pytest.mark.parametrize(
    ("outcome", "said", "direction"),
    [
        ({"verdict": "no_clear_change", "change": 0.4}, Said.NO_CLEAR_CHANGE, "flat"),
        ({"verdict": "fell_further", "change": -9.0}, Said.FELL_FURTHER, "down"),
        ({"verdict": "too_few", "change": None, "value": None}, Said.TOO_FEW, "flat"),
        (
            {"verdict": "too_few", "missing": "cut_short", "change": None},
            Said.CUT_SHORT,
            "flat",
        ),
    ],
)
def test_verdict_says_what_happened_or_why_nobody_can_tell(outcome, said, direction):
    line = result_of(sent(outcome), NOON)

    assert (line.said, line.direction) == (said, direction)


def test_what_is_being_measured_has_no_verdict_yet():
    line = result_of(sent(status="delivered"), NOON + 60 * SECOND)

    assert (line.said, line.left, line.change) == (Said.MEASURING, 240, None)


def test_held_out_and_contaminated_are_marked():
    held = result_of(sent({"was_sent": False}), NOON)
    mixed = result_of(sent({"missing": "contaminated"}), NOON)

    assert not held.was_sent
    assert mixed.is_mixed


def test_what_was_never_sent_has_no_line():
    assert result_of(sent(acted_at=None), NOON) is None
    assert result_of(sent(status="left_alone"), NOON) is None


@pytest.mark.django_db
def test_tally_of_a_session_counts_what_was_sent_and_measured_however_much_there_is(organisation):
    session, at = make_session(make_event(organisation)), NOON
    seen = []
    for verdict, was_sent in [
        ("worked", True), ("too_few", True), ("worked", False), ("no_clear_change", True),
        *[("too_few", True)] * 9, ("fell_further", True),
    ]:  # fmt: skip
        at += 400 * SECOND
        past(session, at, verdict=verdict, sent=was_sent)
        make(session, at, "delivered", acted_at=at)
        found = tally_of(session)
        seen.append((found.worked, found.measured))

    # What nobody could measure, and what is not measured yet, changes nothing.
    assert seen == [(1, 1)] * 3 + [(1, 2)] * 10 + [(1, 3)]


SCORES = [None, 0, 41, 42, 84, 85, 100]


@pytest.mark.parametrize(("then", "gap", "now"), list(product(SCORES, SCORES, SCORES)))
def test_card_and_chart_say_the_same_of_one_moment(then, gap, now):
    row = sent(status="delivered")
    scores = [(NOON - 10 * SECOND, then), (NOON - 5 * SECOND, gap), (NOON + 55 * SECOND, now)]

    card = progress_of(row, scores, NOON + 56 * SECOND).change
    bracket = bracket_of(row, result_of(row, NOON + 56 * SECOND), scores, 0)

    assert bracket.change == (card.points if card else None)
    if card:
        assert (card.before, card.after) == (gap if gap is not None else then, now)
        assert bracket.score == card.before


@given(before=st.floats(0, 100), after=st.floats(0, 100), alone=st.floats(0, 100))
def test_numbers_of_every_line_add_up_as_shown(before, after, alone):
    outcome = {"at_decision": before, "change": after - before, "expected": alone - before}
    line = result_of(sent(outcome), NOON)

    assert line.before + line.change == line.after
    assert 0 <= line.before + line.alone <= 100
    assert abs(line.change - (after - before)) <= 1.001


def test_effect_is_only_claimed_where_it_can_be_told():
    found = Lift(9.6, 4.2, 15.1, 40, 6, 8)

    assert effect_of(found, is_measured=False).code == "not_measurable"
    assert effect_of(None, is_measured=True).code == "too_few"
    assert effect_of(found, is_measured=True).code == "clear"
    assert effect_of(Lift(2.0, -3.0, 7.0, 40, 6, 8), is_measured=True).code == "unclear"


def test_bracket_stands_on_the_line_and_tells_the_result_so_far():
    row = sent(status="delivered")
    scores = [(NOON, 41), (NOON + 55 * SECOND, 49)]
    now = round((NOON + 55 * SECOND).timestamp() * 1000)

    bracket = bracket_of(row, result_of(row, NOON), scores, now)

    assert (bracket.score, bracket.change, bracket.is_measuring) == (41.0, 8, True)
    assert bracket.end == now


def test_bracket_of_a_measured_one_spans_its_window():
    row = sent({})

    bracket = bracket_of(row, result_of(row, NOON), [], 0)

    assert bracket.end - bracket.start == 300_000
    assert (bracket.change, bracket.tone) == (19, "good")
