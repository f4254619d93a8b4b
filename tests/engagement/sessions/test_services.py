"""Writes: each one changes what it says, tells the pages after the commit, and refuses a second time."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from engagement.live import broadcast
from engagement.models import (
    Event,
    Membership,
    Organisation,
    Role,
    Session,
    SessionStatus,
)
from engagement.sessions import services
from engagement.vocabulary.errors import Category, ProblemError
from engagement.vocabulary.modes import Mode
from tests.conftest import NOON
from tests.support.factories import make_anomaly, make_event, make_session
from tests.support.waiting import eventually

TICK = int(NOON.timestamp()) // 5

pytestmark = pytest.mark.django_db


class Heard:
    """What was said on the bus since this was made."""

    def __init__(self, client: "redis.Redis") -> None:
        self.channel = client.pubsub(ignore_subscribe_messages=True)
        self.channel.subscribe(broadcast.BUS)
        self.channel.get_message(timeout=2)

    def frames(self) -> list[tuple[int, str, dict[str, Any]]]:
        """Return the frames of the next message: session, audience, what it says."""
        message = eventually(lambda: self.channel.get_message(timeout=0.1), "a message on the bus")
        return [
            (number, audience, json.loads(text))
            for number, audience, text in broadcast.read(message["data"])
        ]

    def is_silent(self) -> bool:
        return self.channel.get_message(timeout=0.1) is None


@pytest.fixture
def heard(valkey: "redis.Redis") -> Iterator[Heard]:
    found = Heard(valkey)
    yield found
    found.channel.close()


def said_to_everybody(session: Session, name: str) -> list[tuple[int, str, str]]:
    return [(session.pk, audience, name) for audience in broadcast.AUDIENCES]


def names(frames: list[tuple[int, str, dict[str, Any]]]) -> list[tuple[int, str, str]]:
    assert {frame["type"] for _, _, frame in frames} == {"event"}
    return [(number, audience, frame["name"]) for number, audience, frame in frames]


# --- sessions ----------------------------------------------------------------------------------


def test_planned_session_goes_live_and_everybody_hears_of_it(
    heard: Heard, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    session = make_session(status=SessionStatus.PLANNED)

    with django_capture_on_commit_callbacks(execute=True):
        services.start_session(session=session, now=NOON)

    assert (session.status, session.started_at) == (SessionStatus.LIVE, NOON)
    assert names(heard.frames()) == said_to_everybody(session, "session")


def test_change_of_a_session_is_no_start_and_no_end(
    heard: Heard, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    session = make_session()

    with django_capture_on_commit_callbacks(execute=True):
        services.change_session(session=session, title="Another title")

    # "session" is what pages of people take for the start, and then for the end.
    assert names(heard.frames()) == said_to_everybody(session, "settings")


def test_nobody_hears_of_a_start_that_was_rolled_back(
    heard: Heard, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    session = make_session(status=SessionStatus.PLANNED)

    with (
        django_capture_on_commit_callbacks(execute=True),
        contextlib.suppress(KeyError),
        transaction.atomic(),
    ):
        services.start_session(session=session, now=NOON)
        raise KeyError

    assert heard.is_silent()
    assert Session.objects.get().status == SessionStatus.PLANNED


@pytest.mark.parametrize("status", [SessionStatus.LIVE, SessionStatus.ENDED])
def test_session_is_started_once(status: SessionStatus) -> None:
    session = make_session(status=status)
    started_at = session.started_at

    with pytest.raises(ProblemError) as refused:
        services.start_session(session=session, now=NOON)

    assert (refused.value.category, refused.value.code) == (
        Category.CONFLICT,
        "session_not_planned",
    )
    assert Session.objects.get().started_at == started_at


def test_live_session_ends_with_its_open_anomalies(
    heard: Heard, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    session = make_session()
    still_open = make_anomaly(session, TICK - 9)
    closed = make_anomaly(session, TICK - 90, resolved_at=NOON.replace(hour=11))
    elsewhere = make_anomaly(make_session(), TICK - 9)

    with django_capture_on_commit_callbacks(execute=True):
        services.end_session(session=session, now=NOON)

    for anomaly in (still_open, closed, elsewhere):
        anomaly.refresh_from_db()
    assert (session.status, session.ended_at) == (SessionStatus.ENDED, NOON)
    assert still_open.resolved_at == NOON
    assert closed.resolved_at == NOON.replace(hour=11)
    assert elsewhere.resolved_at is None
    assert names(heard.frames()) == said_to_everybody(session, "session")


@pytest.mark.parametrize("status", [SessionStatus.PLANNED, SessionStatus.ENDED])
def test_only_a_live_session_ends(status: SessionStatus) -> None:
    session = make_session(status=status)
    anomaly = make_anomaly(session, TICK)

    with pytest.raises(ProblemError) as refused:
        services.end_session(session=session, now=NOON)

    anomaly.refresh_from_db()
    assert (refused.value.category, refused.value.code) == (Category.CONFLICT, "session_not_live")
    assert anomaly.resolved_at is None


def test_stale_copy_of_a_session_does_not_end_it_twice() -> None:
    session = make_session()
    stale = Session.objects.get()
    services.end_session(session=session, now=NOON)

    with pytest.raises(ProblemError):
        services.end_session(session=stale, now=NOON.replace(hour=13))

    assert Session.objects.get().ended_at == NOON


def test_mode_of_the_agent_is_stored_and_told(
    heard: Heard, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    session = make_session()

    with django_capture_on_commit_callbacks(execute=True):
        services.set_agent_mode(session=session, mode=Mode.SEMI_AUTO)

    assert session.agent_mode == Session.objects.get().agent_mode == Mode.SEMI_AUTO
    assert names(heard.frames()) == said_to_everybody(session, "mode")


def test_work_is_done_while_the_bus_is_away(
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    broadcast._bus.cache_clear()
    session = make_session(status=SessionStatus.PLANNED)

    try:
        with django_capture_on_commit_callbacks(execute=True):
            services.start_session(session=session, now=NOON)
    finally:
        broadcast._bus.cache_clear()

    assert Session.objects.get().status == SessionStatus.LIVE
    assert "the bus is away, 4 frames were not sent" in caplog.text


# --- anomalies ---------------------------------------------------------------------------------


def test_first_to_acknowledge_an_anomaly_stays(
    heard: Heard,
    owner: User,
    viewer: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    anomaly = make_anomaly(make_session(), TICK)

    with django_capture_on_commit_callbacks(execute=True):
        services.acknowledge(anomaly=anomaly, by=owner, now=NOON)
    told = names(heard.frames())
    with django_capture_on_commit_callbacks(execute=True):
        services.acknowledge(anomaly=anomaly, by=viewer, now=NOON.replace(hour=13))

    anomaly.refresh_from_db()
    assert (anomaly.acknowledged_by, anomaly.acknowledged_at) == (owner, NOON)
    assert told == said_to_everybody(anomaly.session, "anomaly")
    assert heard.is_silent()


# --- organisations and events ------------------------------------------------------------------


def test_organisation_begins_with_its_owner() -> None:
    user = User.objects.create_user("ada")

    organisation = services.create_organisation(name="Workshop GmbH", owner=user)

    membership = Membership.objects.get()
    assert (membership.organisation, membership.user) == (organisation, user)
    assert membership.role == Role.OWNER


def test_event_belongs_to_its_organisation(organisation: Organisation) -> None:
    event = services.create_event(
        organisation=organisation, now=NOON, title="Autumn", language="de"
    )

    assert Event.objects.get() == event
    assert (event.organisation, event.language) == (organisation, "de")
    assert event.salt != make_event(organisation).salt
