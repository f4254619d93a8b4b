"""What is held back, why, and until when."""

import datetime as dt
from dataclasses import replace

import pytest

from interventions.agent.decision.guards import Facts, GuardRefusal, Past, allow
from interventions.kinds import Kind
from interventions.kinds.registry import acts
from interventions.lifecycle.agent_limits import Limits
from tests.conftest import NOON

LIMITS = Limits()
CALM = Facts(
    started_at=NOON - dt.timedelta(minutes=30),
    ends_at=NOON + dt.timedelta(minutes=30),
    present=80,
    open_questions=2,
)


def ago(**kwargs: float) -> dt.datetime:
    return NOON - dt.timedelta(**kwargs)


def codes(facts: Facts, limits: Limits = LIMITS, **kwargs: bool) -> set[str]:
    return {entry.code for entry in allow(facts, limits, NOON, **kwargs).refused}


def test_calm_session_allows_everything_and_doing_nothing():
    allowed = allow(CALM, LIMITS, NOON)

    assert allowed.eligible == (*acts(), Kind.HOLD)
    assert allowed.refused == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_live": False}, "not_live"),
        ({"started_at": None}, "not_live"),
        ({"is_waiting": True}, "one_at_a_time"),
        ({"is_stopped": True}, "stopped"),
        ({"is_measuring": True}, "measuring"),
        ({"is_quiet_phase": True}, "quiet_phase"),
        ({"present": 4}, "too_few"),
        ({"started_at": ago(minutes=4, seconds=59)}, "quiet_start"),
        ({"ends_at": NOON + dt.timedelta(minutes=5)}, "quiet_end"),
        ({"past": (Past(Kind.POLL, ago(seconds=299)),)}, "gap"),
    ],
)
def test_whole_session_is_held_back(change, code):
    allowed = allow(replace(CALM, **change), LIMITS, NOON)

    assert allowed.eligible == (Kind.HOLD,)
    assert [entry.code for entry in allowed.refused] == [code]


def test_session_that_overruns_is_not_about_to_end():
    over = replace(CALM, ends_at=NOON)
    nearly = replace(CALM, ends_at=NOON + dt.timedelta(seconds=1))

    assert codes(over) == set()
    assert allow(nearly, LIMITS, NOON).refused == (GuardRefusal("quiet_end"),)


def test_limits_end_exactly_when_they_say():
    edge = replace(
        CALM,
        started_at=ago(minutes=5),
        ends_at=NOON + dt.timedelta(minutes=5, seconds=1),
        present=5,
        past=(Past(Kind.CHAT_PROMPT, ago(seconds=300)),),
    )

    assert codes(edge) == set()


def test_every_reason_is_told_with_the_moment_it_ends():
    facts = replace(CALM, present=3, past=(Past(Kind.QUIZ, ago(seconds=100)),))

    allowed = allow(facts, LIMITS, NOON)

    assert allowed.refused == (
        GuardRefusal("too_few", params={"people": 3, "least": 5}),
        GuardRefusal("gap", until=NOON + dt.timedelta(seconds=200), params={"seconds": 300}),
    )


def test_six_in_an_hour_wait_for_the_oldest_to_pass():
    past = tuple(Past(Kind.SPEAKER_CUE, ago(minutes=8 * number)) for number in range(1, 8))

    allowed = allow(replace(CALM, past=past), LIMITS, NOON)

    assert allowed.refused == (
        GuardRefusal("per_hour", until=NOON + dt.timedelta(minutes=12), params={"most": 6}),
    )


def test_suggestion_nobody_received_uses_up_the_hour_but_not_the_kind():
    once = (Past(Kind.BREAK, ago(minutes=20), is_delivered=False),)

    assert Kind.BREAK in allow(replace(CALM, past=once), LIMITS, NOON).eligible


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        (Kind.SPOKEN, {"servable": frozenset(acts()) - {Kind.SPOKEN}}, "no_target"),
        (Kind.QUESTION_PROMPT, {"open_questions": 0}, "no_question"),
        (Kind.BREAK, {"is_question_phase": True}, "question_phase"),
        (Kind.BREAK, {"past": (Past(Kind.BREAK, ago(minutes=29)),)}, "per_session"),
    ],
)
def test_one_kind_is_held_back(kind, change, code):
    allowed = allow(replace(CALM, **change), LIMITS, NOON)

    assert kind not in allowed.eligible
    assert [(entry.kind, entry.code) for entry in allowed.refused] == [(kind, code)]


def test_kind_cools_down():
    limits = Limits(gap_seconds=0)
    facts = replace(CALM, past=(Past(Kind.POLL, ago(seconds=119)),))

    allowed = allow(facts, limits, NOON)

    assert allowed.refused == (
        GuardRefusal(
            "cooldown", Kind.POLL, until=NOON + dt.timedelta(seconds=1), params={"seconds": 120}
        ),
    )
    assert Kind.CHAT_PROMPT in allowed.eligible


def test_two_notifications_are_enough_for_a_session():
    past = (Past(Kind.NOTIFICATION, ago(hours=3)), Past(Kind.NOTIFICATION, ago(hours=2)))

    assert Kind.NOTIFICATION not in allow(replace(CALM, past=past), LIMITS, NOON).eligible


def test_attention_of_one_attendee_is_spent_but_the_speaker_can_still_be_told():
    limits = Limits(per_attendee=2)
    past = (Past(Kind.POLL, ago(minutes=40)), Past(Kind.QUIZ, ago(minutes=10)))

    allowed = allow(replace(CALM, past=past), limits, NOON)

    assert allowed.eligible == (Kind.SPEAKER_CUE, Kind.HOLD)
    assert {entry.until for entry in allowed.refused} == {NOON + dt.timedelta(minutes=20)}


def test_organizer_switches_a_kind_off():
    limits = Limits(forbidden=frozenset({Kind.GAMIFICATION}))

    assert codes(CALM, limits) == {"switched_off"}
    assert codes(CALM, limits, is_manual=True) == set()


def test_asking_by_hand_passes_the_soft_limits_only():
    facts = replace(
        CALM,
        present=2,
        is_quiet_phase=True,
        past=(Past(Kind.POLL, ago(seconds=30)),),
    )

    allowed = allow(facts, LIMITS, NOON, is_manual=True)

    assert Kind.HOLD not in allowed.eligible
    assert [(entry.kind, entry.code) for entry in allowed.refused] == [(Kind.POLL, "cooldown")]
    assert codes(replace(facts, is_waiting=True), is_manual=True) == {"one_at_a_time"}
    assert codes(replace(facts, is_live=False), is_manual=True) == {"not_live"}


def test_stopped_agent_is_not_asked_by_hand_either():
    assert codes(replace(CALM, is_stopped=True), is_manual=True) == {"stopped"}


def test_asking_by_hand_has_an_end_within_a_minute():
    past = tuple(Past(Kind.QUIZ, ago(seconds=s), is_delivered=False) for s in range(0, 60, 10))

    allowed = allow(replace(CALM, past=past), LIMITS, NOON, is_manual=True)
    earlier = allow(replace(CALM, past=past[1:]), LIMITS, NOON, is_manual=True)

    until = NOON + dt.timedelta(seconds=10)
    assert allowed.eligible == ()
    assert allowed.refused == (GuardRefusal("per_minute", until=until, params={"most": 6}),)
    assert earlier.refused == ()
