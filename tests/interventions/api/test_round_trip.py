"""Whoever reads an object, and sends the whole of it back, has changed nothing."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from engagement.models import Organisation, Session
from interventions.api.views.exports import description
from interventions.audience.demo.starting import LIMITS
from interventions.models import AgentSettings, Intervention, Question, Webhook
from interventions.notifications.webhooks import services as webhooks
from tests.conftest import NOON
from tests.interventions.api.cast import Caller, make_intervention
from tests.support.factories import make_event, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
WRITTEN = {
    path: operations
    for path, operations in description()["paths"].items()
    if {"put", "patch"} & set(operations)
}
AGENDA = [
    {"title": "Talk ", "minutes": 35},
    {"title": "Break", "minutes": 10, "quiet": True},
    {"title": "Q&A", "minutes": 15, "activity": 0.5, "quiet": False},
]


@pytest.fixture
def caller(organisation: Organisation) -> Caller:
    return Caller(organisation)


@pytest.fixture
def world(organisation: Organisation) -> dict[str, list[int]]:
    """Objects in every state we know of, by the first part of their address."""
    event = make_event(organisation)
    plain = make_session(event)
    odd = make_session(
        event, title=" Two blanks ", brief="One\r\n\n\ttwo \n \n", agenda=AGENDA, external_id="",
        time_zone="America/Sao_Paulo", starts_at=NOON + dt.timedelta(microseconds=123_456),
        agent_mode="semi_auto",
    )  # fmt: skip
    demo = make_session(event, is_demo=True, is_sandboxed=True, agent_mode="auto")
    ended = make_session(event, status="ended", external_id="room-1")
    AgentSettings.objects.create(
        session=demo, limits=LIMITS, countdown_seconds=8, expiry_seconds=30, is_measured=False
    )
    AgentSettings.objects.create(
        session=odd, line=0.5, kind_modes={"POLL": "auto"}, forbidden=["BREAK", "QUIZ"],
        limits={"per_hour": 3, "warmup_seconds": 0}, stopped_at=NOON,
    )  # fmt: skip
    for session in (odd, demo):
        make_intervention(session, "countdown", acts_at=NOON + dt.timedelta(days=36_500))
    return {
        "events": [event.pk],
        "sessions": [each.pk for each in (plain, odd, demo, ended)],
        "questions": [_ask(odd, number, status) for number, status in enumerate(STATES)],
        "webhooks": [hook.pk for hook in _hooks(organisation)],
    }


STATES = ("open", "answered", "hidden", "held")


def _ask(session: Session, number: int, status: str) -> int:
    return Question.objects.create(
        session=session, source=1, seq=number, actor=5, text="Why? ", asked_at=NOON, status=status,
        answered_at=NOON if status == "answered" else None, why="first" if status == "held" else "",
    ).pk  # fmt: skip


def _hooks(organisation: Organisation) -> Iterator[Webhook]:
    for fields in (
        {},
        {"is_active": False, "event_types": ["outcome.measured", "session.started"]},
        {"failing_since": NOON},
        {"failing_since": NOON, "disabled_at": NOON, "disabled_why": "failing_for_days"},
        {"is_active": False, "disabled_at": NOON, "disabled_why": "gone", "old_secret": "whsec_BB"},
    ):
        yield Webhook.objects.create(
            organisation=organisation, url="https://example.org/", secret="whsec_AAAA",
            created_at=NOON, **fields,
        )  # fmt: skip


def rows() -> dict[str, str]:
    """A mark of each table's rows, apart from the note when a key was used."""
    marks = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == "engagement_apikey":
                continue
            name = connection.ops.quote_name(table)
            cursor.execute(f"select md5(string_agg(t::text, '|' order by t::text)) from {name} t")
            marks[table] = cursor.fetchone()[0]
    return marks


def addresses(path: str, world: dict[str, list[int]]) -> list[str]:
    _, _, _, first, rest = path.split("/", 4)
    return [f"{first}/{rest.replace('{id}', str(pk))}" for pk in world[first]]


@pytest.mark.parametrize("path", WRITTEN)
def test_what_can_be_written_can_be_read(path: str) -> None:
    assert "get" in WRITTEN[path]


@pytest.mark.parametrize(
    ("method", "path"),
    [(name, path) for path, each in WRITTEN.items() for name in ("patch", "put") if name in each],
)
def test_whole_object_sent_back_changes_nothing(
    method: str, path: str, world: dict[str, list[int]], caller: Caller,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    for address in addresses(path, world):
        before, shown = rows(), caller.get(address).json()

        with django_capture_on_commit_callbacks() as told:
            answer = caller.call(method, address, shown)

        assert answer.status_code == 200, answer.content
        assert caller.get(address).json() == shown
        assert rows() == before, address
        assert told == []
        if set(answer.json()) == set(shown):
            assert answer.json() == shown


CHANGES = {
    "events": {"model_reads_audience": True},
    "sessions": {"room": "Hall 2"},
    "sessions/agent": {"line": 0.8},
    "sessions/mode": {"mode": "manual"},
    "sessions/words": {"is_asked": False},
    "questions": {"status": "hidden"},
    "webhooks": {"event_types": ["outcome.measured"]},
}


@pytest.mark.parametrize("path", WRITTEN)
def test_one_field_of_the_whole_object_is_changed_alone(
    path: str, world: dict[str, list[int]], caller: Caller
) -> None:
    change = CHANGES["/".join(part for part in path.split("/")[3:] if part and "{" not in part)]
    method = "patch" if "patch" in WRITTEN[path] else "put"
    for address in addresses(path, world):
        shown = caller.get(address).json()

        answer = caller.call(method, address, {**shown, **change})

        now = caller.get(address).json()
        assert answer.status_code == 200, answer.content
        if path.startswith("/api/v1/questions/"):  # hidden is not answered
            change = {**change, "answered_at": None}
        assert now == {**shown, **change}


@pytest.mark.parametrize("path", WRITTEN)
def test_unknown_field_is_named_and_nothing_is_changed(
    path: str, world: dict[str, list[int]], caller: Caller
) -> None:
    method = "patch" if "patch" in WRITTEN[path] else "put"
    address = addresses(path, world)[0]
    before = rows()

    answer = caller.call(method, address, {**caller.get(address).json(), "titel": "Hall"})

    problem = answer.json()["error"]
    assert (answer.status_code, problem["code"]) == (400, "unknown_field")
    assert problem["field"] == "titel"
    assert rows() == before


def test_unknown_field_of_a_part_is_named_with_its_place(
    world: dict[str, list[int]], caller: Caller
) -> None:
    agenda = [{"title": "Talk", "minutes": 5, "loud": True}]

    answer = caller.call("patch", f"sessions/{world['sessions'][0]}/", {"agenda": agenda})

    problem = answer.json()["error"]
    assert (problem["code"], problem["field"]) == ("unknown_field", "agenda.0.loud")


def test_what_was_read_can_be_added_again(world: dict[str, list[int]], caller: Caller) -> None:
    """A copy is made of what the API shows; numbers and states are given anew."""
    session = caller.get(f"sessions/{world['sessions'][1]}/").json()
    hook = caller.get(f"webhooks/{world['webhooks'][1]}/").json()
    made = caller.post("webhooks/", {"url": "https://example.org/"}).json()

    copies = [caller.post("sessions/", session), caller.post("webhooks/", hook)]
    copies.append(caller.post("webhooks/", made))

    assert [each.status_code for each in copies] == [201, 201, 201]
    assert copies[0].json()["agenda"] == [
        {"title": "Talk", "minutes": 35}, *session["agenda"][1:]
    ]  # fmt: skip
    assert copies[1].json()["event_types"] == hook["event_types"]


def test_words_that_were_read_can_be_approved_and_edited(
    world: dict[str, list[int]], caller: Caller
) -> None:
    row = make_intervention(make_session(make_event(caller.row.organisation)))
    shown = caller.get(f"interventions/{row.pk}/").json()

    edited = caller.post(f"interventions/{row.pk}/edit/", shown)
    approved = caller.post(
        f"interventions/{row.pk}/approve/", caller.get(f"interventions/{row.pk}/").json()
    )

    row.refresh_from_db()
    assert (edited.status_code, approved.status_code) == (200, 200)
    assert (row.status, row.content) == ("approved", shown["content"])


def test_brief_is_kept_as_it_was_written(world: dict[str, list[int]], caller: Caller) -> None:
    address = f"sessions/{world['sessions'][0]}/"

    caller.call("patch", address, {"brief": " One\n two \n"})

    assert caller.get(address).json()["brief"] == " One\n two \n"


def test_any_number_of_sessions_has_no_external_id(
    world: dict[str, list[int]], caller: Caller
) -> None:
    one, _, three, _ = world["sessions"]
    event = Session.objects.get(pk=one).event_id
    body = {"event_id": event, "title": "Talk", "external_id": ""}

    made = [caller.post("sessions/", body).status_code for _ in range(3)]
    changed = [
        caller.call("patch", f"sessions/{pk}/", {"external_id": " "}).status_code
        for pk in (one, three)
    ]

    assert (made, changed) == ([201, 201, 201], [200, 200])
    assert caller.get(f"sessions/{one}/").json()["external_id"] is None


def test_limits_of_a_demo_stay_while_another_is_set(
    world: dict[str, list[int]], caller: Caller
) -> None:
    address = f"sessions/{world['sessions'][2]}/agent/"
    limits = {**caller.get(address).json()["limits"], "per_hour": 2}

    answer = caller.call("patch", address, {"limits": limits})
    moved = caller.call("patch", address, {"limits": {**limits, "outcome_seconds": 1}})

    assert answer.json()["limits"] == {**LIMITS, "per_hour": 2}
    assert moved.status_code == 400


def test_failed_webhook_is_shown_as_off_and_switched_on_by_saying_so(
    world: dict[str, list[int]], caller: Caller
) -> None:
    address = f"webhooks/{world['webhooks'][3]}/"
    shown = caller.get(address).json()

    answer = caller.call("patch", address, {**shown, "is_active": True}).json()

    assert shown["is_active"] is False
    assert (answer["is_active"], answer["disabled_at"], answer["disabled_why"]) == (True, None, "")


def test_a_mode_that_is_left_holds_a_countdown_and_the_same_does_not(
    world: dict[str, list[int]], caller: Caller
) -> None:
    address = f"sessions/{world['sessions'][2]}/mode/"
    row = Intervention.objects.get(session=world["sessions"][2])

    caller.call("put", address, {"mode": "auto"})
    row.refresh_from_db()
    same = row.status
    caller.call("put", address, {"mode": "semi_auto"})
    row.refresh_from_db()

    assert (same, row.status) == ("countdown", "waiting")


def test_service_changes_what_it_is_told(organisation: Organisation) -> None:
    """Switching on is for what is off; a webhook that only fails keeps the note since when."""
    hooks = list(_hooks(organisation))

    for hook in hooks:
        webhooks.change(hook, url=None, event_types=None, is_active=True)

    found = [Webhook.objects.get(pk=hook.pk) for hook in hooks]
    assert [each.disabled_at for each in found] == [None] * 5
    assert [each.failing_since for each in found] == [None, None, NOON, None, None]
