import datetime as dt
import time

import pytest
from django.urls import reverse

from dashboard.sessions.sources import SourcesPage, State, target_of
from dashboard.sessions.sources_wording import advice, source_name, state_icon
from engagement.models import SessionStatus, Signal, SignalSource
from engagement.organisations import api_keys
from engagement.vocabulary.signal_kinds import OWN_SOURCE, SignalKind
from interventions.models import Webhook
from tests.conftest import NOON
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation))


def say(session, seconds_ago, *, seq=1, source=77):
    Signal.objects.create(
        session=session, received_at=NOON - seconds_ago * SECOND, occurred_at=NOON, tick=1,
        kind=SignalKind.CHAT, actor=5, source=source, seq=seq,
    )  # fmt: skip


def heard(session, key, seconds_ago, **fields):
    return SignalSource.objects.create(
        session=session, name=f"key:{key.pk}", api_key=key,
        heard_at=NOON - seconds_ago * SECOND, **fields,
    )  # fmt: skip


def test_own_page_counts_the_frames_of_attendees_only(session):
    say(session, 4)
    say(session, 5, seq=2)
    say(session, 3, seq=3, source=OWN_SOURCE)
    say(session, 2, seq=-9)

    line = SourcesPage(session, NOON).pages

    assert (line.state, line.accepted) == (State.WELL, 2)
    assert line.heard_at == NOON - 4 * SECOND


@pytest.mark.parametrize(
    ("seconds", "refused", "status", "state"),
    [
        (10, None, SessionStatus.LIVE, State.WELL),
        (90, None, SessionStatus.LIVE, State.QUIET),
        (10, 100, SessionStatus.LIVE, State.REFUSED),
        (10, 400, SessionStatus.LIVE, State.WELL),
        (90, 100, SessionStatus.ENDED, State.OVER),
    ],
)
def test_source_has_the_state_a_person_would_give_it(session, seconds, refused, status, state):
    session.status = status
    key, _ = api_keys.make_key(session.event.organisation, "Zoom bridge")
    refused_at = None if refused is None else NOON - refused * SECOND
    heard(
        session, key, seconds, accepted=9, refused=1, refused_at=refused_at, refused_because="No."
    )

    (line,) = SourcesPage(session, NOON).others

    assert line.state == state
    assert source_name(line) == "Zoom bridge"
    assert ("No." in advice(line)) == (state == State.REFUSED)


def test_keys_that_never_sent_anything_here_are_named(session):
    used, _ = api_keys.make_key(session.event.organisation, "used")
    api_keys.make_key(session.event.organisation, "unused")
    api_keys.make_key(session.event.organisation, "reads only", frozenset({"read"}))
    heard(session, used, 5)

    lines = SourcesPage(session, NOON).others

    assert [(line.name, line.state) for line in lines] == [
        ("used", State.WELL),
        ("unused", State.NEVER),
    ]


def test_webhook_is_named_by_its_host_and_says_since_when_it_fails(organisation):
    hook = Webhook.objects.create(
        organisation=organisation, url="https://hooks.example.org/secret-path", created_at=NOON,
        failing_since=NOON,
    )  # fmt: skip

    failing = target_of(hook)
    hook.disabled_at = NOON
    off = target_of(hook)

    assert (failing.name, failing.state, failing.since) == ("hooks.example.org", "failing", NOON)
    assert off.state == State.OFF
    assert [state_icon(each.state) for each in (failing, off)] == ["diamond", "diamond"]


def test_page_is_for_organizers_and_renews_itself(
    client, owner, viewer, stranger, session, time_machine
):
    time_machine.move_to(NOON, tick=False)
    say(session, 4)
    url = reverse("session-sources", args=[session.pk])
    answers = {}
    for person in (owner, viewer, stranger):
        client.force_login(person)
        answers[person.username] = client.get(url)
    client.force_login(owner)
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert {name: each.status_code for name, each in answers.items()} == {
        "alice": 200,
        "vera": 403,
        "charlie": 404,
    }
    assert "Our attendee page" in part
    assert "4 s ago" in part
    assert "<html" not in part


def test_page_says_how_people_are_connected(client, owner, organisation, valkey):
    session = make_session(make_event(organisation))
    valkey.hset(f"ways:{session.pk}", "web-1", f"{time.time():.0f} 1 2")
    client.force_login(owner)

    html = client.get(reverse("session-sources", args=[session.pk])).content.decode()

    assert "1 person is connected by WebSocket" in html
    assert "2 by HTTP, because something on the way lets no WebSocket through" in html
