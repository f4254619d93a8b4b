"""The admin of the acting half: the queue, what was learned, experiments, webhooks, costs."""

import datetime as dt
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement.models import Organisation, Session
from interventions.learning import services as learning
from interventions.models import (
    AgentChange,
    ArmChange,
    ArmState,
    AuditRecord,
    BudgetAlert,
    BudgetWindow,
    Delivery,
    Experiment,
    Intervention,
    LlmCall,
    Template,
    Webhook,
    WebhookMessage,
)
from tests.conftest import NOON
from tests.interventions.api.cast import make_intervention, make_outcome
from tests.support.factories import make_event, make_organisation, make_session, make_user

# Django's own admin templates use variables that are not always there.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.ignore_template_errors,
    pytest.mark.usefixtures("valkey"),
]
CONTEXT = {"kind": "SUDDEN_DROP", "score": 40.0, "baseline": 60.0, "forecast": -10.0}


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
    return client


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation))


def page(model: type[Any], rest: str = "") -> str:
    return f"/admin/interventions/{model.__name__.lower()}/{rest}"


def make_room(number: int) -> Session:
    return make_session(make_event(make_organisation(f"Organisation {number}")))


def make_hook(number: int) -> Webhook:
    hook = Webhook.objects.create(
        organisation=make_organisation(f"Organisation {number}"), url="https://example.org/",
        secret="whsec_c2VjcmV0", created_at=NOON,
    )  # fmt: skip
    make_message(hook)
    return hook


def make_message(hook: Webhook) -> WebhookMessage:
    return WebhookMessage.objects.create(
        id=uuid.uuid4(), webhook=hook, event_type="ping", body="{}", status="failed", tries=10,
        created_at=NOON, error="http_500",
    )  # fmt: skip


def make_full(number: int) -> Intervention:
    row = make_intervention(make_room(number), approved_by=make_user(f"staff{number}"))
    make_outcome(row)
    Delivery.objects.create(intervention=row, target="sockets")
    return row


def make_learning(number: int) -> ArmState:
    organisation = make_organisation(f"Organisation {number}")
    with learning.locked(organisation.pk, is_demo=False, now=NOON, rng=random.Random(1)):
        pass
    return ArmState.objects.get(organisation=organisation)


def make_experiment(number: int) -> Experiment:
    return Experiment.objects.create(
        organisation=make_organisation(f"Organisation {number}"), name="Line", subject="rule",
        salt="x", created_at=NOON,
        variants=[{"key": "a", "label": "A", "settings": {}},
                  {"key": "b", "label": "B", "settings": {"line": 0.6}}],
    )  # fmt: skip


MAKERS: dict[type[Any], Callable[[int], object]] = {
    AuditRecord: lambda number: AgentChange.objects.create(
        session=make_room(number), at=NOON, what="stop", who="Mara"
    ),
    Intervention: make_full,
    Delivery: make_full,
    ArmState: make_learning,
    ArmChange: lambda number: ArmChange.objects.create(
        organisation=make_organisation(f"Organisation {number}"), what="reset", reason="x", at=NOON
    ),
    Experiment: make_experiment,
    Webhook: make_hook,
    WebhookMessage: make_hook,
    BudgetWindow: lambda number: BudgetWindow.objects.create(key=f"day:2026-03-0{number}", limit=1),
    BudgetAlert: lambda number: BudgetAlert.objects.create(
        window=BudgetWindow.objects.create(key=f"day:2026-03-0{number}", limit=1), way="mail"
    ),
    Template: lambda number: Template.objects.create(
        kind="CHAT_PROMPT", text=f"What do you think of part {number}?"
    ),
}


def test_every_registered_model_is_tested() -> None:
    ours = {each for each in admin.site._registry if each._meta.app_label == "interventions"}

    assert ours == set(MAKERS)


@pytest.mark.parametrize("model", MAKERS)
def test_list_takes_the_same_queries_for_any_number_of_rows(root: Client, model: type[Any]) -> None:
    counts = []
    for numbers in ([1], [2, 3]):
        for number in numbers:
            MAKERS[model](number)
        root.get(page(model))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = root.get(page(model))
        assert answer.status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("model", MAKERS)
def test_detail_is_shown_to_staff_and_to_nobody_else(
    root: Client, client: Client, model: type[Any]
) -> None:
    MAKERS[model](1)
    row = model.objects.first()
    path = page(model, f"{str(row.pk).replace(':', '_3A')}/change/")

    answers = [root.get(path), client.get(path)]

    assert [answer.status_code for answer in answers] == [200, 302]


# --- the queue -----------------------------------------------------------------------------------


def test_what_waits_comes_first(root: Client, session: Session) -> None:
    make_intervention(session, "learned", created_at=NOON + dt.timedelta(hours=1))
    waiting = make_intervention(session)

    rows = root.get(page(Intervention)).context["cl"].result_list

    assert [row.status for row in rows] == ["waiting", "learned"]
    assert rows[0].pk == waiting.pk


@pytest.mark.parametrize(("action", "after"), [("approve", "approved"), ("dismiss", "dismissed")])
def test_several_are_answered_at_once_by_the_services(
    root: Client, action: str, after: str
) -> None:
    rows = [make_intervention(make_room(number)) for number in (1, 2)]
    over = make_intervention(make_room(3), "learned")
    chosen = [row.pk for row in (*rows, over)]

    seen = {f"version_{row.pk}": str(row.version) for row in (*rows, over)}
    answer = root.post(
        page(Intervention), {"action": action, "_selected_action": chosen, **seen}, follow=True
    )

    assert [Intervention.objects.get(pk=row.pk).status for row in rows] == [after] * 2
    assert rows[0].transitions.get().who == "root"
    said = [str(message) for message in answer.context["messages"]]
    assert said[-1] == "2 suggestions changed."
    assert said[0].startswith(f"#{over.pk}: ")


def test_what_changed_since_it_was_looked_at_is_not_approved_unseen(
    root: Client, session: Session
) -> None:
    row = make_intervention(session)
    text = root.get(page(Intervention)).content.decode()
    Intervention.objects.update(version=3)
    seen = {f"version_{row.pk}": "0"}

    root.post(page(Intervention), {"action": "approve", "_selected_action": [row.pk], **seen})

    assert f'name="version_{row.pk}" value="0"' in text
    assert Intervention.objects.get().status == "waiting"


def test_what_was_not_on_the_page_is_not_approved_unseen(root: Client, session: Session) -> None:
    make_intervention(session)
    everything = {"action": "approve", "select_across": "1"}
    chosen = Intervention.objects.values_list("pk", flat=True)

    root.post(page(Intervention), {**everything, "_selected_action": list(chosen)})

    assert Intervention.objects.get().status == "waiting"


def test_staff_who_may_only_look_answer_nothing(session: Session) -> None:
    row = make_intervention(session)
    looker = make_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_intervention"))
    client = Client()
    client.force_login(looker)

    listed = client.get(page(Intervention))
    client.post(page(Intervention), {"action": "approve", "_selected_action": [row.pk]})

    assert listed.status_code == 200
    assert Intervention.objects.get().status == "waiting"


def test_coin_is_not_shown_to_who_may_approve(root: Client, session: Session) -> None:
    row = make_intervention(session)

    text = root.get(page(Intervention, f"{row.pk}/change/")).content.decode()

    assert "90.0%" in text
    assert "held_back" not in text
    assert "seed" not in text


def test_delivery_that_failed_shows_its_error(root: Client, session: Session) -> None:
    row = make_intervention(session, "failed")
    row.deliveries.create(target="sockets", status="failed", error="bus_away", tries=3)

    assert "bus_away" in root.get(page(Intervention, f"{row.pk}/change/")).content.decode()


# --- what was learned ------------------------------------------------------------------------------


@pytest.fixture
def state(organisation: Organisation) -> ArmState:
    """Twenty outcomes of polls, every fifth held back."""
    rng = random.Random(3)
    with learning.locked(organisation.pk, is_demo=False, now=NOON, rng=rng) as (policy, _):
        for _index in range(20):
            made = policy.choose(CONTEXT, ["POLL", "HOLD"])
            policy.learn(made.id, 4.0)
        policy.choose(CONTEXT, ["POLL", "HOLD"])
    return ArmState.objects.get(organisation=organisation, is_demo=False)


def test_report_shows_effect_naive_change_and_what_is_missing(
    root: Client, state: ArmState, session: Session
) -> None:
    for index in range(30):
        row = make_intervention(
            session, "learned",
            decision={"propensities": {"POLL": 0.9, "HOLD": 0.1}, "row": {"holdout": 0.5},
                      "context": {"forecast": -5.0}},
        )  # fmt: skip
        sent = index % 2 == 0
        make_outcome(row, was_sent=sent, chance=0.5, value=1.0 if sent else -5.0, change=15.0)
    make_outcome(make_intervention(session, "learned"), missing="contaminated", is_trial=False)

    report = root.get(page(ArmState, f"{state.pk}/change/")).context["report"]

    poll = next(arm for arm in report.arms if arm.kind == "POLL")
    assert report.so_far is not None
    assert report.so_far.effect == pytest.approx(6.0, abs=1.0)
    assert poll.lift is not None
    assert (poll.lift.sent, poll.lift.held) == (15, 15)
    assert poll.before_after == 15.0
    assert poll.propensity == pytest.approx(0.9)
    assert report.missing == {"contaminated": 1}
    assert report.pending == 1
    assert report.coin == pytest.approx(1.0)


def test_policy_is_exported_reset_imported_and_put_back(root: Client, state: ArmState) -> None:
    path = page(ArmState, f"{state.pk}/")
    exported = root.get(f"{path}export/").content

    root.post(f"{path}reset/", {"reason": "a new season"})
    after_reset = ArmState.objects.get(pk=state.pk).policy
    file = SimpleUploadedFile("policy.json", exported)
    root.post(f"{path}import/", {"reason": "it was better", "policy": file})

    assert learning.Policy.from_json(after_reset).deliveries.total() == 0
    assert ArmState.objects.get(pk=state.pk).policy == state.policy == exported.decode()
    first = ArmChange.objects.order_by("pk").first()
    assert first is not None
    assert (first.what, first.reason, first.policy_before) == (
        "reset",
        "a new season",
        state.policy,
    )
    second = ArmChange.objects.get(what="import")
    root.post(page(ArmChange), {"action": "restore", "_selected_action": [second.pk]})
    assert ArmState.objects.get(pk=state.pk).policy == after_reset


@pytest.mark.parametrize(
    ("rest", "data"),
    [
        ("reset/", {"reason": " "}), ("reset/", {}), ("import/", {"reason": "x"}),
        ("import/", {"reason": "x", "policy": b"{}"}), ("import/", {"reason": "x", "policy": b"\xff"}),
        ("import/", {"reason": "x", "policy": b'{"format": 1, "actions": ["POLL"]}'}),
    ],
)  # fmt: skip
def test_change_without_reason_or_policy_is_refused(
    root: Client, state: ArmState, rest: str, data: dict[str, Any]
) -> None:
    if "policy" in data:
        data = {**data, "policy": SimpleUploadedFile("policy.json", data["policy"])}

    answer = root.post(page(ArmState, f"{state.pk}/{rest}"), data)

    assert answer.status_code == 302
    assert ArmState.objects.get(pk=state.pk).policy == state.policy
    assert not ArmChange.objects.exists()


def test_learning_is_not_changed_by_a_link_nor_by_who_may_only_look(
    root: Client, state: ArmState
) -> None:
    looker = make_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_armstate"))
    client = Client()
    client.force_login(looker)
    path = page(ArmState, f"{state.pk}/reset/")

    answers = [root.get(path), client.post(path, {"reason": "x"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert ArmState.objects.get(pk=state.pk).policy == state.policy


# --- experiments, webhooks, costs ----------------------------------------------------------------------


def test_experiment_is_planned_started_and_stopped(
    root: Client, organisation: Organisation
) -> None:
    variants = '[{"key": "a", "settings": {}}, {"key": "b", "settings": {"line": 0.6}}]'
    data = {"organisation": organisation.pk, "name": "Line", "subject": "rule", "kind": "",
            "variants": variants}  # fmt: skip

    refused = root.post(page(Experiment, "add/"), {**data, "variants": '[{"key": "a"}]'})
    root.post(page(Experiment, "add/"), data)
    row = Experiment.objects.get()
    for action in ("start", "stop", "archive"):
        root.post(page(Experiment), {"action": action, "_selected_action": [row.pk]})

    assert refused.status_code == 200
    row.refresh_from_db()
    assert (row.status, row.salt != "", row.started_at is not None) == ("archived", True, True)


def test_webhook_is_made_with_its_secret_shown_once(
    root: Client, organisation: Organisation
) -> None:
    data = {"organisation": organisation.pk, "url": "https://example.org/", "events": []}

    inside = root.post(page(Webhook, "add/"), {**data, "url": "https://10.0.0.1/"})
    answer = root.post(page(Webhook, "add/"), data, follow=True)

    assert inside.status_code == 200
    secret = Webhook.objects.get().secret
    assert secret in answer.content.decode()
    assert secret not in root.get(page(Webhook)).content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Well"), ({"is_active": False}, "Paused"),
        ({"failing_since": NOON}, "Failing since 2026-03-03 12:00"),
        ({"disabled_at": NOON, "disabled_why": "gone"}, "Disabled: gone"),
    ],
)  # fmt: skip
def test_webhook_shows_how_it_fares(root: Client, fields: dict[str, Any], words: str) -> None:
    hook = make_hook(1)
    Webhook.objects.filter(pk=hook.pk).update(**fields)

    assert words in root.get(page(Webhook)).content.decode()


def test_webhook_is_switched_on_pinged_and_its_message_tried_again(root: Client) -> None:
    hook = make_hook(1)
    message = WebhookMessage.objects.get()
    Webhook.objects.update(disabled_at=NOON, disabled_why="gone")

    for action in ("ping", "pause", "switch_on", "ping"):
        root.post(page(Webhook), {"action": action, "_selected_action": [hook.pk]})
    root.post(page(WebhookMessage), {"action": "again", "_selected_action": [str(message.pk)]})

    hook.refresh_from_db()
    message.refresh_from_db()
    assert (hook.is_active, hook.disabled_at) == (True, None)
    assert WebhookMessage.objects.count() == 2
    assert (message.status, message.tries) == ("pending", 0)


def test_costs_are_told_by_model(root: Client) -> None:
    LlmCall.objects.create(
        time=dt.datetime.now(dt.UTC), call=uuid.uuid4(), kind="POLL", model="claude-haiku-5-5",
        outcome="ok", prompt_version="1", cost=2_500_000, latency_ms=900,
    )  # fmt: skip

    text = root.get(page(BudgetWindow)).content.decode()

    assert "claude-haiku-5-5" in text
    assert "0.0025" in text
