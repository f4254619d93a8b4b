"""Who lets a draft go, with the reason that is shown."""

import pytest

from engagement.vocabulary.modes import Mode
from interventions.kinds import Kind
from interventions.lifecycle.autonomy import Autonomy, Evidence, Gate, Step, evidence_of, gate

SEMI = Autonomy(mode=Mode.SEMI_AUTO)


def ask(autonomy: Autonomy, confidence: float, deliveries: int = 9, holdouts: int = 9) -> Gate:
    return gate(autonomy, Kind.POLL, confidence, deliveries=deliveries, holdouts=holdouts)


def test_manual_asks_whatever_the_confidence():
    assert ask(Autonomy(), 0.99) == Gate(Step.ASK, "manual_mode")


@pytest.mark.parametrize("deliveries", [0, 1, 4, 5, 50])
@pytest.mark.parametrize("confidence", [0.0, 0.3, 0.47, 0.4999, 0.5, 0.9, 1.0])
def test_auto_sends_exactly_what_the_card_says_likely_helps_unless_it_explores(
    confidence, deliveries
):
    evidence = evidence_of(confidence, deliveries)
    is_seen = deliveries >= 5 and confidence >= 0.5

    careful = ask(Autonomy(mode=Mode.AUTO), confidence, deliveries)
    exploring = ask(Autonomy(mode=Mode.AUTO, explores=True), confidence, deliveries)

    assert (evidence is Evidence.HELPS) is is_seen
    assert (careful.step is Step.COUNT_DOWN) is is_seen
    code = "too_little_data" if deliveries < 5 else "probably_not_worth_it"
    assert careful.code == ("auto_mode" if is_seen else code)
    assert exploring == Gate(Step.COUNT_DOWN, "auto_mode" if is_seen else "exploring")
    assert ask(Autonomy(explores=True), confidence, deliveries).step is Step.ASK


@pytest.mark.parametrize(
    ("confidence", "step", "code", "percent"),
    [
        (0.75, Step.COUNT_DOWN, "above_line", 75),
        (0.7499, Step.ASK, "below_line", 74),
        (0.50, Step.ASK, "below_line", 50),
        (0.49, Step.ASK, "probably_not_worth_it", 49),
    ],
)
def test_semi_auto_compares_with_its_line(confidence, step, code, percent):
    answer = ask(SEMI, confidence)

    assert answer == Gate(step, code, {"percent": percent, "line": 75})


@pytest.mark.parametrize(("deliveries", "holdouts"), [(4, 5), (5, 4), (0, 0)])
def test_semi_auto_asks_while_the_confidence_rests_on_too_little(deliveries, holdouts):
    answer = ask(SEMI, 0.9, deliveries, holdouts)

    assert (answer.step, answer.code) == (Step.ASK, "too_little_data")
    assert answer.params["deliveries"] == deliveries


def test_kind_is_held_shorter_than_its_session_never_longer():
    autonomy = Autonomy(
        mode=Mode.SEMI_AUTO, per_kind={Kind.POLL: Mode.AUTO, Kind.BREAK: Mode.MANUAL}
    )

    assert autonomy.mode_of(Kind.POLL) is Mode.SEMI_AUTO
    assert autonomy.mode_of(Kind.BREAK) is Mode.MANUAL
    assert autonomy.mode_of(Kind.QUIZ) is Mode.SEMI_AUTO


def test_what_a_person_asked_for_waits_for_the_last_look():
    answer = gate(
        Autonomy(mode=Mode.AUTO), Kind.QUIZ, 0.9, deliveries=9, holdouts=9, is_manual=True
    )

    assert answer == Gate(Step.ASK, "asked_for")
