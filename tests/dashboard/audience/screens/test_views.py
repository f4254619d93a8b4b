"""Screens without login: found by their token only, ended at once, and able to look only."""

import datetime as dt

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse
from django.utils import timezone

from engagement.doors.admission.known_sessions import database_away
from engagement.live import broadcast
from engagement.models import Session, SessionStatus
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.audience import pulse_counts, screens
from interventions.kinds import Kind
from interventions.models import ViewKind, ViewToken
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_event, make_session, make_signal
from tests.support.sockets import opened, until

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(organisation):
    return make_session(make_event(organisation), code="K74QPX")


@pytest.mark.parametrize("kind", [ViewKind.STAGE, ViewKind.OVERLAY])
def test_screen_shows_how_to_join_to_whoever_has_its_address(client, session, kind):
    _, token = screens.make(session, kind, NOON)

    response = client.get(reverse(kind.value, args=[token]))

    html = response.content.decode()
    assert "K74\N{NO-BREAK SPACE}QPX" in html
    assert response["Referrer-Policy"] == "no-referrer"


def test_token_opens_its_own_kind_of_screen_only(client, session):
    _, token = screens.make(session, ViewKind.CUE, NOON)

    assert client.get(f"/cue/{token}").status_code == 200
    assert client.get(f"/stage/{token}").status_code == 404
    assert client.get(f"/overlay/{token}").status_code == 404


@pytest.mark.parametrize("token", ["x", "x" * 32, "ü" * 32])
def test_unknown_token_opens_nothing(client, session, token):
    screens.make(session, ViewKind.STAGE, NOON)

    assert client.get(f"/stage/{token}").status_code == 404


def test_token_is_not_kept(session):
    row, token = screens.make(session, ViewKind.STAGE, NOON)

    assert token not in str(ViewToken.objects.values())
    assert screens.find(token, NOON) == row


def test_sound_is_armed_by_a_click_and_anew_after_each_opening(client, session):
    row, token = screens.make(session, ViewKind.STAGE, NOON)
    assert client.post(f"/stage/{token}/arm/").status_code == 204
    row.refresh_from_db()
    assert row.armed_at is not None

    client.get(f"/stage/{token}")

    row.refresh_from_db()
    assert row.armed_at is None


def test_over_session_is_told_on_the_projector(client, organisation):
    session = make_session(
        make_event(organisation), status=SessionStatus.ENDED, ended_at=timezone.now()
    )
    _, token = screens.make(session, ViewKind.STAGE, NOON)

    assert "This session is over" in client.get(f"/stage/{token}").content.decode()


def test_speaker_sees_the_last_word_of_each_person(client, session):
    tick = tick_of(NOON.timestamp())
    for seq, (actor, word) in enumerate([(1, "lost"), (1, "great"), (2, "lost"), (3, "lost")]):
        make_signal(session, tick + seq, seq, kind=SignalKind.PULSE, actor=actor, text=word)

    felt = pulse_counts.counts(session.pk, NOON.replace(minute=1))

    assert felt == {"great": 1, "too_fast": 0, "lost": 2, "cant_hear": 0}
    _, token = screens.make(session, ViewKind.CUE, NOON)
    assert client.get(f"/cue/{token}/pulses/").json().keys() == felt.keys()


def test_organizer_makes_a_screen_and_sees_its_address_once(client, owner, session):
    client.force_login(owner)
    path = reverse("session-screens", args=[session.pk])

    made = client.post(path, {"kind": "stage", "name": "Main hall"}, follow=True).content.decode()
    again = client.get(path).content.decode()

    assert "http://testserver/stage/" in made
    assert "http://testserver/stage/" not in again
    assert "Main hall" in again


def test_ended_screen_leads_nowhere(client, owner, session):
    row, token = screens.make(session, ViewKind.STAGE, NOON)
    client.force_login(owner)

    response = client.post(reverse("screen-revoke", args=[session.pk, row.pk]), follow=True)

    assert "The screen was ended" in response.content.decode()
    assert client.get(f"/stage/{token}").status_code == 404
    assert screens.still_open([row.pk], NOON) == set()
    assert client.post(reverse("screen-revoke", args=[session.pk, row.pk])).status_code == 302


def test_who_only_looks_or_is_a_stranger_makes_no_screen(client, viewer, stranger, session):
    path = reverse("session-screens", args=[session.pk])
    answers = []
    for user in (viewer, stranger):
        client.force_login(user)
        answers.append(client.post(path, {"kind": "stage"}).status_code)

    assert answers == [403, 404]
    assert not ViewToken.objects.exists()


def test_unknown_kind_of_screen_is_not_made(client, owner, session):
    client.force_login(owner)

    path = reverse("session-screens", args=[session.pk])
    assert client.post(path, {"kind": "cinema"}).status_code == 404


def screen_path(token):
    return f"/ws/screen/?token={token}"


@sync_to_async
def prepared(kind, sent=None):
    session = make_session()
    _, token = screens.make(session, kind, timezone.now())
    if sent is not None:
        make_sent(session, sent, text="Slow down a little", at=timezone.now())
    return session, token


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "sent", "heard"),
    [
        (ViewKind.STAGE, Kind.POLL, "POLL"),
        (ViewKind.OVERLAY, Kind.SPOKEN, "SPOKEN"),
        (ViewKind.CUE, Kind.SPEAKER_CUE, "SPEAKER_CUE"),
    ],
)
async def test_screen_is_told_what_is_open_and_noted_as_seen(web, kind, sent, heard):
    _, token = await prepared(kind, sent)

    async with opened(screen_path(token)) as page:
        said = await page.hear()

    assert said["kind"] == heard
    seen = await sync_to_async(ViewToken.objects.get)()
    assert seen.seen_at is not None


@pytest.mark.django_db(transaction=True)
async def test_cue_for_the_speaker_is_not_told_to_the_room(web):
    session, token = await prepared(ViewKind.STAGE, Kind.SPEAKER_CUE)

    async with opened(screen_path(token)) as page:
        web.hub.deliver(session.pk, broadcast.CUE, '{"type":"interaction"}')

        assert await page.hears_nothing()


@pytest.mark.django_db(transaction=True)
async def test_screen_without_a_good_token_is_told_and_closed(web):
    async with opened(screen_path("x" * 32)) as page:
        assert (await page.hear())["error"]["code"] == "screen_unknown"
        assert await page.closed_with() == 4401


@pytest.mark.django_db(transaction=True)
async def test_screen_goes_dark_when_it_is_ended(web, monkeypatch):
    session, token = await prepared(ViewKind.STAGE)

    async with opened(screen_path(token)) as page:
        await until(lambda: web.hub.sockets() == 1)
        row = await sync_to_async(ViewToken.objects.get)()
        await sync_to_async(screens.revoke)(session, row.pk, timezone.now())

        await web.rights.end_what_is_over()

        assert await page.ended_with() == ("screen_unknown", 4401)


@pytest.mark.django_db(transaction=True)
async def test_screen_goes_dark_long_after_the_session(web):
    session, token = await prepared(ViewKind.STAGE)

    async with opened(screen_path(token)) as page:
        await until(lambda: web.hub.sockets() == 1)
        ended = timezone.now() - screens.AFTER_THE_END
        await Session.objects.filter(pk=session.pk).aupdate(
            ended_at=ended + dt.timedelta(minutes=5)
        )
        await web.rights.end_what_is_over()
        assert web.hub.sockets() == 1
        await Session.objects.filter(pk=session.pk).aupdate(ended_at=ended)

        await web.rights.end_what_is_over()

        assert await page.ended_with() == ("screen_unknown", 4401)
    assert await sync_to_async(screens.find)(token, timezone.now()) is None


@pytest.mark.django_db(transaction=True)
async def test_screen_stays_while_it_is_not_ended_even_if_the_database_is_away(web, monkeypatch):
    _, token = await prepared(ViewKind.STAGE)
    async with opened(screen_path(token)) as page:
        assert await page.answers()
        await web.rights.end_what_is_over()

        async def away(question, *given):
            raise database_away()

        monkeypatch.setattr(web.sessions, "ask", away)
        await web.rights.end_what_is_over()

        assert await page.answers()


@pytest.mark.django_db(transaction=True)
async def test_screen_of_a_session_that_is_gone_is_told(web, monkeypatch):
    session, token = await prepared(ViewKind.STAGE)
    row = await sync_to_async(screens.find)(token, timezone.now())
    monkeypatch.setattr(screens, "find", lambda plain, now: row)
    await sync_to_async(session.delete)()

    async with opened(screen_path(token)) as page:
        assert (await page.hear())["error"]["code"] == "session_unknown"
