"""Scoring another policy from the log, checked against a world in which the truth is known."""

import random
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from engagement.models import Organisation
from interventions.agent.measurement import target_policies
from interventions.agent.measurement.logged_decisions import look_back
from interventions.learning.bandit import HOLD, Policy
from interventions.models import Outcome
from tests.interventions.api.cast import make_intervention, make_outcome
from tests.support.factories import make_event, make_session

EFFECTS = {"POLL": 5.0, "QUIZ": -3.0, HOLD: 0.0}
ELIGIBLE = list(EFFECTS)


def log_of(count: int, seed: int = 1) -> list[tuple[Any, float]]:
    """Decisions of a policy that learns as it goes, in a world where polls bring five points."""
    rng, policy, found = random.Random(seed), Policy(ELIGIBLE, seed=seed), []
    policy.new_event()
    for _ in range(count):
        made = policy.choose({"forecast": -4.0}, ELIGIBLE, holdout=0.2)
        outcome = -4.0 + EFFECTS[made.action] + rng.gauss(0.0, 2.0)
        policy.learn(made.id, outcome)
        found.append((made, outcome))
    return found


# --- the policies ---------------------------------------------------------------------------------


def test_every_policy_is_a_distribution_over_what_was_possible() -> None:
    row = log_of(10)[-1][0].row

    for name in target_policies.NAMES:
        chances = target_policies.named(name, {})(row)
        assert set(chances) == set(ELIGIBLE)
        assert sum(chances.values()) == pytest.approx(1.0)


def test_current_policy_without_changes_is_what_was_logged() -> None:
    for made, _ in log_of(20):
        assert target_policies.named("current", {})(made.row) == pytest.approx(made.propensities)


def test_current_policy_with_another_holdout_holds_back_more() -> None:
    made = log_of(20)[-1][0]

    chances = target_policies.named("current", {"holdout": 0.4})(made.row)

    assert chances[HOLD] >= 0.4 > made.propensities[HOLD]


def test_measuring_that_was_switched_off_stays_off() -> None:
    row = {**log_of(5)[-1][0].row, "holdout": 0.0}

    assert target_policies.named("current", {"holdout": 0.4})(row) == target_policies.named(
        "current", {}
    )(row)


def test_greedy_takes_the_best_and_nothing_where_nothing_is_worth_it() -> None:
    row = log_of(60)[-1][0].row
    worthless = {**row, "posterior": {**row["posterior"], "means": [[0.1, 0.1], [0.0, 0.0]]}}

    assert target_policies.greedy(row)["POLL"] == 1.0
    assert target_policies.greedy(worthless)[HOLD] == 1.0
    assert target_policies.greedy({**worthless, "eligible": ["POLL", "QUIZ"]})["POLL"] == 1.0


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("best", {}),
        ("hold", {"floor": 0.1}),
        ("current", {"noise": 1.0}),
        ("current", {"floor": 9}),
    ],
)
def test_policy_that_there_is_not_is_refused(name: str, changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"no policy|no settings|cannot be changed|must be"):
        target_policies.named(name, changes)


# --- the log --------------------------------------------------------------------------------------


def store(organisation: Organisation, count: int, **fields: Any) -> None:
    session = make_session(make_event(organisation))
    for made, outcome in log_of(count):
        row = make_intervention(
            session, "learned", kind=made.suggested, mode="auto",
            decision={"action": made.action, "suggested": made.suggested, "row": made.row,
                      "propensities": made.propensities, "measurable": True},
            **fields,
        )  # fmt: skip
        make_outcome(row, value=outcome)


@pytest.mark.django_db
def test_value_of_doing_nothing_is_found_from_a_log_that_acted(organisation: Organisation) -> None:
    store(organisation, 400)

    seen = look_back(organisation.pk, "hold", target_policies.hold, is_demo=False)
    always = look_back(organisation.pk, "greedy", target_policies.greedy, is_demo=False)

    assert seen is not None
    assert always is not None
    assert seen.snips.low <= -4.0 <= seen.snips.high
    assert seen.robust.low <= -4.0 <= seen.robust.high
    assert always.robust.low <= 1.0 <= always.robust.high
    assert seen.snips.mean < seen.logged.mean < always.snips.mean


def call(*words: str) -> str:
    out = StringIO()
    call_command("evaluate_policy", *words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_numbers_are_printed_with_intervals(organisation: Organisation) -> None:
    store(organisation, 200)

    text = call("--policy", "current", "--set", "holdout=0.3", "--organisation", "Summit Ltd")

    assert "200 decisions" in text
    assert "current, doubly robust" in text
    assert text.count("effective decisions)") == 3


@pytest.mark.django_db
def test_too_few_data_is_said_and_no_number_is_shown(organisation: Organisation) -> None:
    store(organisation, 20)

    text = call("--policy", "uniform")

    assert "Too few data" in text
    assert "not shown" in text
    assert "+" not in text


@pytest.mark.django_db
def test_what_cannot_be_used_is_counted(organisation: Organisation) -> None:
    store(organisation, 4)
    store(organisation, 2, asked_by="organizer")
    rows = list(Outcome.objects.order_by("pk").select_related("intervention"))
    Outcome.objects.filter(pk=rows[0].pk).update(value=None)
    rows[1].intervention.mode = "manual"
    rows[1].intervention.save()
    rows[2].intervention.decision["row"]["version"] = "older"
    rows[2].intervention.save()

    text = call("--policy", "hold")

    assert "1 left out: no outcome" in text
    assert "1 left out: a person approved it" in text
    assert "2 left out: asked for by somebody" in text
    assert "1 left out: decided by another version" in text


@pytest.mark.django_db
def test_nothing_logged_is_said(organisation: Organisation) -> None:
    assert "no decision here can be used" in call("--policy", "hold")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        ["--policy", "hold", "--organisation", "Nobody"], ["--policy", "hold", "--set", "floor=0.1"],
        ["--policy", "current", "--set", "floor"], ["--policy", "current", "--set", "speed=1"],
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(organisation: Organisation, words: list[str]) -> None:
    with pytest.raises(CommandError):
        call(*words)
