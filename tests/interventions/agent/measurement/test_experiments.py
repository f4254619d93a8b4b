"""Experiments: who takes part, what may be compared, and results that hold at any look."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.models import Organisation, Session, SessionStatus
from engagement.vocabulary.errors import ProblemError
from interventions.agent.measurement import experiments
from interventions.agent.measurement.experiment_results import compare, results_of, results_of_all
from interventions.kinds import Kind
from interventions.models import Experiment, Template
from tests.conftest import NOON
from tests.interventions.api.cast import make_intervention, make_outcome
from tests.support.factories import make_event, make_organisation, make_session

RULES = [{"key": "now", "settings": {}}, {"key": "long", "settings": {"expiry_seconds": 180}}]


def make_template(number: int, **fields: Any) -> Template:
    values = {"kind": "CHAT_PROMPT", "text": f"What do you think of part {number}?",
              "status": "approved", "approved_at": NOON, **fields}  # fmt: skip
    return Template.objects.create(**values)


def plan(organisation: Organisation, **fields: Any) -> Experiment:
    values = {"name": "Expiry", "subject": "rule", "kind": "", "variants": RULES, **fields}
    return experiments.create(organisation, now=NOON, **values)


def code_of(raised: Any) -> str:
    return str(raised.value.code)


# --- who takes part --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_session_keeps_its_variant_and_both_are_used(organisation: Organisation) -> None:
    row = experiments.start(plan(organisation), NOON)
    sessions = [make_session(make_event(organisation)) for _ in range(12)]

    found = [[experiments.rule_for(each) for each in sessions] for _ in range(2)]

    assert found[0] == found[1]
    assert {each[1] for each in found[0] if each} == {"now", "long"}
    assert all(each is not None and each[0] == row.pk for each in found[0])
    assert next(each[2] for each in found[0] if each and each[1] == "long") == {
        "expiry_seconds": 180
    }


@pytest.mark.django_db
def test_wordings_are_those_of_the_variant_while_they_are_approved(
    organisation: Organisation,
) -> None:
    first, second = make_template(1), make_template(2)
    variants = [{"key": "a", "templates": [first.pk]}, {"key": "b", "templates": [second.pk]}]
    experiments.start(
        plan(organisation, subject="templates", kind="CHAT_PROMPT", variants=variants), NOON
    )
    session = make_session(make_event(organisation))

    found = experiments.template_ids(session, Kind.CHAT_PROMPT)
    other_kind = experiments.template_ids(session, Kind.POLL)
    Template.objects.update(status="retired")

    assert found is not None
    assert found[1:] in (("a", [first.pk]), ("b", [second.pk]))
    assert other_kind is None
    assert experiments.template_ids(session, Kind.CHAT_PROMPT) is None


@pytest.mark.django_db
def test_nobody_else_takes_part(organisation: Organisation) -> None:
    draft = plan(organisation)
    mine = make_session(make_event(organisation))
    before = experiments.rule_for(mine)
    experiments.start(draft, NOON)

    demo = make_session(make_event(organisation), is_demo=True)
    foreign = make_session(make_event(make_organisation("Elsewhere")))

    assert [before, experiments.rule_for(demo), experiments.rule_for(foreign)] == [None] * 3


@pytest.mark.django_db
def test_winner_holds_for_every_session_until_it_is_archived(organisation: Organisation) -> None:
    row = experiments.start(plan(organisation), NOON)
    sessions = [make_session(make_event(organisation)) for _ in range(6)]

    stopped = experiments.stop(row, NOON)
    without = {experiments.rule_for(each) for each in sessions}
    experiments.name_winner(stopped, "long")
    won = {(found := experiments.rule_for(each)) and found[1] for each in sessions}
    experiments.archive(stopped)

    assert without == {None}
    assert won == {"long"}
    assert experiments.rule_for(sessions[0]) is None


@pytest.mark.django_db
def test_what_runs_goes_before_what_won_earlier(organisation: Organisation) -> None:
    experiments.stop(experiments.start(plan(organisation), NOON), NOON, "long")
    running = experiments.start(plan(organisation), NOON)
    session = make_session(make_event(organisation))

    found = experiments.rule_for(session)

    assert found is not None
    assert found[0] == running.pk


# --- what may be compared --------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"subject": "colour"}, "unknown_subject"),
        ({"subject": "templates", "kind": "HOLD"}, "unknown_kind"),
        ({"variants": RULES[:1]}, "variants_count"),
        ({"variants": RULES * 3}, "variants_count"),
        ({"variants": [RULES[0], RULES[0]]}, "variants_alike"),
        ({"variants": [RULES[0], {"key": " "}]}, "variant_key"),
        ({"variants": [RULES[0], 3]}, "variant_key"),
        ({"variants": [RULES[0], {"key": "b"}]}, "variant_settings"),
        ({"variants": [RULES[0], {"key": "b", "settings": {"line": 0.2}}]}, "variant_settings"),
        ({"variants": [RULES[0], {"key": "b", "settings": {"line": True}}]}, "variant_settings"),
        ({"variants": [RULES[0], {"key": "b", "settings": {"per_hour": "6"}}]}, "variant_settings"),
        ({"variants": [RULES[0], {"key": "b", "settings": {"is_measured": False}}]},
         "variant_settings"),
        ({"subject": "templates", "kind": "POLL", "variants": [
            {"key": "a", "templates": [1]}, {"key": "b", "templates": []}]}, "variant_templates"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(
    organisation: Organisation, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(ProblemError) as raised:
        plan(organisation, **fields)

    assert code_of(raised) == code


@pytest.mark.django_db
def test_templates_of_another_kind_or_not_approved_are_refused(organisation: Organisation) -> None:
    good = make_template(1)
    for bad in (make_template(2, kind="NOTIFICATION"), make_template(3, status="draft")):
        variants = [{"key": "a", "templates": [good.pk]}, {"key": "b", "templates": [bad.pk]}]

        with pytest.raises(ProblemError) as raised:
            plan(organisation, subject="templates", kind="CHAT_PROMPT", variants=variants)

        assert code_of(raised) == "variant_templates"


@pytest.mark.django_db
def test_two_about_the_same_do_not_run_at_once(organisation: Organisation) -> None:
    experiments.start(plan(organisation), NOON)

    with pytest.raises(ProblemError) as raised:
        experiments.start(plan(organisation), NOON)

    assert code_of(raised) == "experiment_running"


@pytest.mark.django_db
def test_steps_out_of_order_are_refused(organisation: Organisation) -> None:
    row = plan(organisation)
    for step in (
        lambda: experiments.stop(row, NOON),
        lambda: experiments.name_winner(row, "now"),
        lambda: experiments.archive(experiments.start(plan(organisation), NOON)),
    ):
        with pytest.raises(ProblemError) as raised:
            step()
        assert code_of(raised) == "not_possible_now"


@pytest.mark.django_db
def test_winner_is_one_of_the_variants(organisation: Organisation) -> None:
    row = experiments.start(plan(organisation), NOON)

    with pytest.raises(ProblemError) as raised:
        experiments.stop(row, NOON, "third")

    assert code_of(raised) == "unknown_variant"


# --- results ---------------------------------------------------------------------------------------


def measured(experiment: Experiment, variant: str, surprise: float, **fields: Any) -> Session:
    """A session of one variant that is over, with one poll sent and measured."""
    status = fields.pop("status", SessionStatus.ENDED)
    session = make_session(make_event(experiment.organisation), status=status)
    row = make_intervention(
        session, "learned", experiment=experiment, variant=variant, acted_at=NOON, **fields
    )
    row.deliveries.create(target="sockets", status="sent")
    make_outcome(row, change=surprise + 7.0, expected=7.0)
    return session


@pytest.mark.django_db
def test_variants_are_compared_by_session(organisation: Organisation) -> None:
    row = experiments.start(plan(organisation), NOON)
    rng = random.Random(1)
    for index in range(40):
        key = ("now", "long")[index % 2]
        measured(row, key, rng.gauss(6.0 if key == "long" else 0.0, 1.0))
    measured(row, "long", -50.0, status=SessionStatus.LIVE)

    first, second = results_of(row)

    assert (first.key, first.sessions, first.sent, first.against_first) == ("now", 20, 20, None)
    assert (second.sessions, second.running, second.missing_sessions) == (20, 1, 0)
    assert second.against_first is not None
    assert second.against_first.effect == pytest.approx(6.0, abs=1.0)
    assert second.against_first.is_clear


@pytest.mark.django_db
def test_few_sessions_are_too_few(organisation: Organisation) -> None:
    row = experiments.start(plan(organisation), NOON)
    for key in ("now", "long") * 9:
        measured(row, key, 3.0)

    second = results_of(row)[1]

    assert (second.against_first, second.missing_sessions) == (None, 1)


@pytest.mark.django_db
def test_what_was_decided_after_the_end_does_not_count(organisation: Organisation) -> None:
    row = experiments.start(plan(organisation), NOON)
    measured(row, "now", 3.0)

    row = experiments.stop(row, NOON)

    assert results_of(row)[0].sessions == 0


@pytest.mark.django_db
def test_results_of_several_take_two_queries(
    organisation: Organisation, django_assert_num_queries: Any
) -> None:
    rows = [plan(organisation) for _ in range(3)]
    for row in rows:
        measured(row, "now", 3.0)

    with django_assert_num_queries(2):
        found = results_of_all(rows)

    assert [found[row.pk][0].sessions for row in rows] == [1, 1, 1]


def test_variants_that_do_not_differ_are_rarely_told_apart_at_any_look() -> None:
    rng = random.Random(7)
    claims = 0
    for _ in range(200):
        first: dict[int, float] = {}
        other: dict[int, float] = {}
        for session_id in range(1, 121):
            (first if rng.random() < 0.5 else other)[session_id] = rng.gauss(2.0, 6.0)
            found = compare(first, other)
            if found is not None and found.is_clear:
                claims += 1
                break

    assert claims <= 10  # 5 %


@given(st.floats(-20.0, 20.0))
def test_level_that_both_share_is_no_difference(level: float) -> None:
    rng = random.Random(3)
    noise = [rng.gauss(0.0, 1.0) for _ in range(40)]
    first = {index: level + noise[index] for index in range(0, 40, 2)}
    other = {index: level + noise[index] for index in range(1, 40, 2)}

    found = compare(first, other)

    assert found is not None
    assert found.low <= 0.0 <= found.high
