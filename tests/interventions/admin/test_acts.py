"""Who came, took away, made keys, changed settings: in the audit log, by name, without secrets."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from engagement.models import Act, Organisation, Session
from engagement.organisations.api_keys import SCOPES, make_key
from engagement.sessions.signal_retention import prune
from interventions.agent.writing.template_library.template_selection import load_library
from interventions.models import AuditRecord, ChatBlock, Experiment, Template, ViewToken
from tests.conftest import NOON
from tests.support.factories import make_event, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session(make_event(organisation), status="planned")


@pytest.fixture
def api(organisation: Organisation) -> dict[str, Any]:
    _, plain = make_key(organisation, "console", SCOPES)
    return {"HTTP_AUTHORIZATION": f"Bearer {plain}", "content_type": "application/json"}


@pytest.fixture
def root() -> Client:
    load_library(NOON)
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def told() -> list[tuple[str, str, str]]:
    """The newest acts last: who, what, detail, as the audit log shows them."""
    rows = AuditRecord.objects.filter(theme="access").order_by("time", "key")
    return list(rows.values_list("who", "subject", "detail"))


def test_coming_and_going_by_both_doors(owner: User) -> None:
    owner.is_staff = True
    owner.save()
    client = Client()
    said = {"username": "alice", "password": "correct horse", "next": "/"}

    for door, way_out in (("login", "logout"), ("admin:login", "logout")):
        client.post(reverse(door), said | {"password": "wrong"}, REMOTE_ADDR="192.0.2.7")
        client.post(reverse(door), said, REMOTE_ADDR="192.0.2.7")
        client.post(reverse(way_out))

    refused = ("alice", "refused", "192.0.2.7 wrong_password")
    once = [refused, ("alice", "signed_in", "192.0.2.7"), ("alice", "signed_out", "")]
    assert told() == once * 2


def test_flood_of_wrong_passwords_is_few_rows_that_say_how_many_there_were(
    owner: User, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)

    def attempt(name: str = "alice") -> None:
        said = {"username": name, "password": "wrong"}
        Client().post(reverse("login"), said, REMOTE_ADDR="192.0.2.7")

    for _ in range(30):
        attempt()
    rows = Act.objects.values_list("who", "organisation__name", "detail").order_by("pk")
    before = list(rows)
    time_machine.shift(dt.timedelta(minutes=10))
    attempt()

    mine = owner.memberships.get().organisation.name
    assert before == [("alice", mine, "192.0.2.7 wrong_password")] * 3
    assert list(rows.all())[3:] == [("alice", mine, "192.0.2.7 wrong_password +27")]


@pytest.mark.parametrize("name", ["hunter2", "ali\0ce", "\udcff", "x" * 500])
def test_name_that_nobody_has_is_not_written_down(owner: User, name: str) -> None:
    data = urlencode({"username": name, "password": "wrong"}, errors="surrogateescape")
    form = "application/x-www-form-urlencoded"

    answers = [
        Client().post(reverse("login"), data, form, REMOTE_ADDR="192.0.2.7") for _ in range(9)
    ]

    assert {each.status_code for each in answers} <= {200, 400, 429}
    rows = set(Act.objects.values_list("who", "detail"))
    assert rows <= {("(unknown name)", "192.0.2.7 wrong_password")}
    assert Act.objects.count() <= 3


def test_session_is_started_changed_and_ended_by_somebody(
    owner: User, session: Session, api: dict[str, Any]
) -> None:
    client = Client()
    client.force_login(owner)
    path = f"/api/v1/sessions/{session.pk}/"

    client.post(reverse("session-start", args=[session.pk]))
    Client().patch(path, {"room": "Hall 2"}, **api)
    Client().patch(path, {"room": "Hall 2"}, **api)
    Client().post(f"{path}end/", **api)
    client.post(reverse("session-end", args=[session.pk]))

    assert told() == [
        ("alice", "started", ""), ("API key console", "settings", "room"),
        ("API key console", "ended", ""),
    ]  # fmt: skip
    assert set(Act.objects.values_list("session", "organisation")) == {
        (session.pk, session.event.organisation_id)
    }


def test_file_that_is_taken_away_is_noted_and_one_that_is_refused_is_not(
    owner: User, stranger: User, session: Session
) -> None:
    for user, table in ((owner, "votes"), (stranger, "votes"), (owner, "secrets")):
        client = Client()
        client.force_login(user)
        client.get(f"/api/v1/sessions/{session.pk}/exports/{table}.csv")

    assert told() == [("alice", "exported", "votes.csv")]


def test_webhooks_and_keys_are_noted_without_what_is_secret(
    organisation: Organisation, api: dict[str, Any]
) -> None:
    url = "https://hooks.example.org/in?token=geheim"
    made = Client().post("/api/v1/webhooks/", {"url": url}, **api).json()
    path = f"/api/v1/webhooks/{made['id']}/"
    Client().patch(path, {"is_active": False}, **api)
    Client().post(f"{path}rotate/", **api)
    Client().delete(path, **api)
    call_command("createapikey", organisation.name, "--name", "badges")

    kinds = [what for _, what, _ in told()]
    assert kinds == ["hook_made", "hook_changed", "hook_changed", "hook_removed", "key_made"]
    assert "geheim" not in str(told())
    assert {who for who, what, _ in told() if what != "key_made"} == {"API key console"}


def test_key_revoked_in_the_administration_is_noted(
    organisation: Organisation, owner: User
) -> None:
    owner.is_staff = owner.is_superuser = True
    owner.save()
    row, _ = make_key(organisation, "old", SCOPES)
    client = Client()
    client.force_login(owner)
    said = {"action": "revoke", "_selected_action": [row.pk]}

    for _ in range(2):
        client.post(reverse("admin:engagement_apikey_changelist"), said)

    assert [(who, what) for who, what, _ in told()] == [("alice", "key_revoked")]


def test_act_outlives_whom_and_what_it_was_about_and_ends_with_the_log(
    owner: User, session: Session, settings: Any
) -> None:
    client = Client()
    client.force_login(owner)
    client.post(reverse("session-start", args=[session.pk]))
    session.delete()
    owner.delete()
    assert [who for who, _, _ in told()] == ["alice"]

    Act.objects.update(at=NOON)
    prune(now=NOON + dt.timedelta(days=settings.LOG_DAYS + 1))

    assert told() == []


def test_chat_agent_screens_and_experiments_are_changed_by_somebody_on_the_pages(
    owner: User, session: Session, organisation: Organisation
) -> None:
    client = Client()
    client.force_login(owner)
    experiment = Experiment.objects.create(
        organisation=organisation, name="Long or short", subject="rule", created_at=NOON,
        variants=[{"key": "a", "settings": {}}, {"key": "b", "settings": {"per_hour": 3}}],
    )  # fmt: skip
    block = ChatBlock.objects.create(session=session, actor=7, blocked_at=NOON)

    client.post(reverse("session-chat-set", args=[session.pk]), {"mode": "all"})
    client.post(reverse("session-chat-unblock", args=[session.pk, block.pk]))
    client.post(reverse("session-screens", args=[session.pk]), {"kind": "stage", "name": "Hall"})
    screen = ViewToken.objects.get()
    client.post(reverse("screen-revoke", args=[session.pk, screen.pk]))
    client.post(reverse("experiment-act", args=[experiment.pk, "archive"]))

    assert [detail for _, _, detail in told()] == [
        "chat: all", "chat: unblocked somebody", f"screen made: {screen.kind} Hall",
        f"screen ended: {screen.pk}", "experiment archive: Long or short",
    ]  # fmt: skip


def test_agent_and_events_are_changed_by_a_key(session: Session, api: dict[str, Any]) -> None:
    path = f"/api/v1/sessions/{session.pk}/agent/"

    Client().patch(path, {"limits": {"per_hour": 3}}, **api)
    Client().post("/api/v1/events/", {"title": "Autumn"}, **api)

    assert told() == [
        ("API key console", "settings", "agent: limits"),
        ("API key console", "settings", "Autumn: made"),
    ]


def test_what_staff_does_with_several_rows_is_in_the_log(root: Client) -> None:
    template = Template.objects.filter(status="approved").first()
    assert template is not None

    root.post(
        reverse("admin:interventions_template_changelist"),
        {"action": "retire", "_selected_action": [template.pk]},
    )

    [entry] = LogEntry.objects.all()
    assert (entry.object_id, entry.action_flag) == (str(template.pk), CHANGE)
