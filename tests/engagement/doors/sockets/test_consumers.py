"""Attendees and integrations at their sockets: every signal once, every mistake named."""

import json
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from conductor.asgi import application
from engagement.models import ApiKey, Session, SessionStatus
from engagement.organisations import api_keys
from engagement.sessions.attendee_tokens import Pass, issue
from engagement.vocabulary.signal_kinds import SignalKind
from tests.conftest import NOON
from tests.support.factories import make_organisation, make_session
from tests.support.log import logged
from tests.support.sockets import HOST, actor_named, attendee_path, change, opened, until

pytestmark = pytest.mark.django_db(transaction=True)


def frame(n: int, *signals: list[Any]) -> dict[str, Any]:
    return {"id": n, "s": list(signals) or [["reaction", "clap", 0]]}


@pytest.fixture(autouse=True)
def _nothing_to_show(settings: Any) -> None:
    """What a page is shown when it comes is made by what stands above the sockets."""
    settings.SNAPSHOTS = {}


@pytest.fixture
def session(db: None) -> Session:
    return make_session()


@pytest.fixture
def key(session: Session) -> tuple[ApiKey, str]:
    return api_keys.make_key(session.event.organisation, "bridge")


@pytest.fixture
def sibling(session: Session) -> Session:
    return make_session(session.event, title="The other room")


@pytest.fixture
def planned(session: Session) -> Session:
    return make_session(session.event, status=SessionStatus.PLANNED)


@pytest.fixture
def over(session: Session) -> Session:
    return make_session(session.event, status=SessionStatus.ENDED)


@pytest.fixture
def foreign_key(db: None) -> str:
    return api_keys.make_key(make_organisation("Elsewhere"), "theirs")[1]


@pytest.fixture
def reading_key(session: Session) -> str:
    return api_keys.make_key(session.event.organisation, "reader", frozenset({"read"}))[1]


# --- attendees


async def test_frame_is_acknowledged_when_it_is_in_the_log(web, valkey, session):
    async with opened(attendee_path(session)) as ann:
        await ann.send(frame(1, ["chat", "hello", 0], ["reaction", "clap", 10]))

        assert await ann.hear() == {"a": 1}

    signals = logged(valkey)
    assert [(s.kind, s.text) for s in signals] == [
        (SignalKind.CHAT, "hello"),
        (SignalKind.REACTION, "clap"),
    ]
    assert {s.actor for s in signals} == {actor_named(session)}
    assert {s.session_id for s in signals} == {session.pk}


async def test_acknowledgement_is_cumulative(web, valkey, session):
    async with opened(attendee_path(session)) as ann:
        for n in range(1, 101):
            await ann.send(frame(n))
        heard = [0]
        while heard[-1] < 100:
            heard.append((await ann.hear())["a"])

    assert heard == sorted(heard)
    assert len(logged(valkey)) == 100


async def test_frame_sent_again_has_the_same_identity(web, valkey, session):
    for _ in range(2):
        async with opened(attendee_path(session)) as ann:
            await ann.send(frame(5))
            await ann.hear()

    first, again = logged(valkey)
    assert (first.source, first.seq) == (again.source, again.seq)


async def test_two_people_with_one_client_id_have_identities_of_their_own(web, valkey, session):
    for name in ("ann", "bob"):
        async with opened(attendee_path(session, name)) as person:
            await person.send(frame(5))
            await person.hear()

    first, other = logged(valkey)
    assert first.source != other.source


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{", "malformed"),
        ('"hello"', "malformed"),
        ("null", "malformed"),
        (json.dumps({"id": 1, "s": [["dance", "x", 0]]}), "unknown_kind"),
        (json.dumps({"id": 1, "s": [["chat", "x" * 501, 0]]}), "bad_value"),
        (json.dumps({"id": 1, "s": [["reaction", "x", 0]] * 51}), "bad_signal_count"),
        (json.dumps({"id": 1, "s": [["chat", "x", 90_000_000]]}), "bad_age"),
        ("x" * 20_000, "frame_too_large"),
        ("x" * 10_000_000, "frame_too_large"),
    ],
)
async def test_mistake_is_named_and_nobody_else_is_touched(web, valkey, session, said, code):
    async with opened(attendee_path(session)) as ann, opened(attendee_path(session, "bob")) as bob:
        await ann.send(said)

        problem = await ann.hear()
        await ann.send(frame(2))
        await bob.send(frame(1))
        assert await ann.hear() == {"a": 2}
        assert await bob.hear() == {"a": 1}
    assert problem["error"]["code"] == code
    assert problem["error"]["category"] == "validation"
    assert problem["error"]["request_id"]
    assert len(logged(valkey)) == 2


async def test_binary_message_is_refused(web, session):
    async with opened(attendee_path(session)) as ann:
        await ann.send_bytes(b"\x00\xff")

        assert (await ann.hear())["error"]["code"] == "binary_frame"


async def test_socket_that_never_learns_is_closed(web, session):
    async with opened(attendee_path(session)) as ann:
        for _ in range(51):
            await ann.send("{")

        for _ in range(51):
            assert (await ann.hear())["error"]["code"] == "malformed"
        assert await ann.closed_with() == 4400


async def refused(path: str, headers: list[tuple[bytes, bytes]] | None = None) -> tuple[str, int]:
    """Code of the error a socket opens with, and of its closing."""
    async with opened(path, headers) as nobody:
        code = (await nobody.hear())["error"]["code"]
        return code, await nobody.closed_with()


async def test_token_is_needed(web, session):
    path = f"/ws/attend/{session.pk}/?client=tab"

    assert await refused(path) == ("token_missing", 4401)
    assert await refused(f"{path}&token=ab:cd:ef") == ("token_invalid", 4401)
    assert await refused(f"{path}&token={'x' * 5000}") == ("token_invalid", 4401)


async def test_token_of_another_session_is_refused(web, session, sibling):
    token = issue(Pass(sibling.pk, 5, True))

    code = await refused(f"/ws/attend/{session.pk}/?token={token}&client=tab")

    assert code == ("token_other_session", 4401)


async def test_token_expires(web, session, monkeypatch):
    path = attendee_path(session)
    monkeypatch.setattr("engagement.sessions.attendee_tokens.LIFETIME", -1)

    assert await refused(path) == ("token_expired", 4401)


async def test_client_id_is_needed(web, session):
    path = attendee_path(session, client="")

    assert await refused(path) == ("client_missing", 4400)
    assert await refused(attendee_path(session, client="c" * 65)) == ("client_missing", 4400)


async def test_session_that_is_over_lets_nobody_in(web, over):
    assert await refused(attendee_path(over)) == ("session_ended", 4409)


async def test_session_that_does_not_exist_is_said(web, session):
    path = attendee_path(session)
    await change(Session.objects.filter(pk=session.pk))

    assert await refused(path) == ("session_unknown", 4404)


async def test_planned_session_lets_people_wait_but_hears_nothing(web, valkey, planned):
    async with opened(attendee_path(planned)) as ann:
        await ann.send(frame(1))

        assert (await ann.hear())["error"]["code"] == "session_not_live"
        await change(
            Session.objects.filter(pk=planned.pk),
            status=SessionStatus.LIVE,
            started_at=planned.created_at,
        )
        await web.sessions.refresh()
        await ann.send(frame(2))
        assert await ann.hear() == {"a": 2}


async def test_session_that_ends_stops_hearing(web, valkey, session):
    async with opened(attendee_path(session)) as ann:
        await until(lambda: web.hub.sockets() == 1)
        await change(
            Session.objects.filter(pk=session.pk),
            status=SessionStatus.ENDED,
            ended_at=session.started_at,
        )
        await web.sessions.refresh()
        await ann.send(frame(1))

        problem = await ann.hear()
    assert problem["error"]["code"] == "session_ended"
    assert problem["id"] == 1
    assert logged(valkey) == []


async def test_person_who_opted_out_is_present_and_not_heard(web, valkey, session):
    async with opened(attendee_path(session, counts=False)) as ann:
        await ann.send(frame(1, ["chat", "private", 0]))

        assert await ann.hear() == {"a": 1}
        assert web.attendance.lines(await web.sessions.known(session.pk), actor_named(session)) == 1
    assert logged(valkey) == []


async def test_token_passed_around_ends_at_ten_tabs(web, session):
    path = attendee_path(session)
    tabs = [WebsocketCommunicator(application, path, headers=HOST) for _ in range(10)]
    for tab in tabs:
        await tab.connect()
    await until(lambda: web.hub.sockets() == 10)

    assert await refused(path) == ("token_in_use", 4429)

    for tab in tabs:
        await tab.disconnect()


@pytest.fixture
def slow_pace(settings: Any) -> None:
    settings.SOCKET_SIGNALS_PER_SECOND = 1


async def test_flood_is_told_to_wait_once_and_nothing_behind_it_is_taken(
    web, valkey, session, slow_pace
):
    async with opened(attendee_path(session)) as ann:
        for n in range(1, 41):
            await ann.send(frame(n))
        heard = [await ann.hear(), await ann.hear()]

        said = next(each for each in heard if "error" in each)
        assert (said["error"]["code"], said["error"]["category"]) == ("too_fast", "rate_limit")
        assert said["error"]["retry_after"] >= 1
        assert said["id"] == 21
        assert {"a": 20} in heard
    assert len(logged(valkey)) == 20


async def test_many_connections_of_one_person_have_one_budget(web, valkey, session, slow_pace):
    one, other, bens = (
        attendee_path(session, client="a"), attendee_path(session, client="b"),
        attendee_path(session, "Ben", client="c"),
    )  # fmt: skip
    async with opened(one) as ann, opened(other) as again, opened(bens) as ben:
        for n in range(1, 21):
            await ann.send(frame(n))
        while await ann.hear() != {"a": 20}:
            pass
        # More than comes back while a slow machine does this.
        many = [["reaction", "clap", 0]] * 15
        await again.send(frame(1, *many))
        refused = await again.hear()
        await ben.send(frame(1))

        assert (refused["error"]["code"], refused["id"]) == ("too_fast", 1)
        assert await ben.hear() == {"a": 1}
    async with opened(attendee_path(session, client="d")) as anew:
        await anew.send(frame(1, *many))
        assert (await anew.hear())["error"]["code"] == "too_fast"
    assert len(logged(valkey)) == 21


@pytest.mark.parametrize(
    ("kind", "name"), [("chat", "CHAT_LINES_PER_MINUTE"), ("question", "QUESTIONS_PER_MINUTE")]
)
async def test_lines_and_questions_have_a_pace_of_their_own_and_none_is_lost(
    web, valkey, session, settings, kind, name
):
    setattr(settings, name, 3)
    async with opened(attendee_path(session)) as ann:
        for n in range(1, 5):
            await ann.send(frame(n, [kind, f"number {n}", 0]))
        heard = [await ann.hear(), await ann.hear()]

        said = next(each for each in heard if "error" in each)
        assert (said["id"], said["error"]["code"]) == (4, "too_fast")
        assert 1 <= said["error"]["retry_after"] <= 20
        assert {"a": 3} in heard
        await ann.send(frame(4))
        assert await ann.hear() == {"a": 4}
    assert [signal.text for signal in logged(valkey)] == [
        "number 1",
        "number 2",
        "number 3",
        "clap",
    ]


async def test_flood_that_goes_on_is_closed(web, valkey, session, slow_pace):
    async with opened(attendee_path(session)) as ann:
        for n in range(1, 530):
            await ann.send(frame(n))
        message = await ann.communicator.receive_output(5)
        while message["type"] != "websocket.close":
            message = await ann.communicator.receive_output(5)

        assert message["code"] == 4429


async def test_log_that_is_away_refuses_with_a_time_and_loses_nothing(
    web, valkey, session, settings
):
    settings.SOCKET_SIGNALS_PER_SECOND = 1_000_000
    async with opened(attendee_path(session)) as ann:
        valkey.set("sig:0", "not a stream")
        await ann.send(frame(1))
        problem = await ann.hear()
        await ann.send(frame(2))

        assert await ann.hears_nothing()
        valkey.delete("sig:0")
        heard = None
        while heard != {"a": 1}:
            await ann.send(frame(1))
            heard = await ann.hear()
        await ann.send(frame(2))
        assert await ann.hear() == {"a": 2}
    assert (problem["error"]["code"], problem["id"]) == ("log_away", 1)
    assert problem["error"]["retry_after"] >= 1
    assert len(logged(valkey)) == 2


async def test_copy_of_what_is_in_the_log_is_not_waited_for(web, valkey, session, settings):
    settings.SOCKET_SIGNALS_PER_SECOND = 1_000_000
    async with opened(attendee_path(session)) as ann:
        await ann.send(frame(1))
        await ann.send(frame(2))
        while await ann.hear() != {"a": 2}:
            pass
        valkey.rename("sig:0", "kept")
        valkey.set("sig:0", "not a stream")
        await ann.send(frame(1))
        problem = await ann.hear()
        valkey.rename("kept", "sig:0")

        heard = None
        while heard != {"a": 3}:
            await ann.send(frame(3))
            heard = await ann.hear()
    assert (problem["error"]["code"], problem["id"]) == ("log_away", 3)


async def test_goodbye_is_a_leave_of_the_person(web, valkey, session):
    async with opened(attendee_path(session)) as first, opened(attendee_path(session)) as second:
        await until(lambda: web.hub.sockets() == 2)
        await first.send({"leave": True})
        assert await first.closed_with() == 1000
        await first.communicator.disconnect()
        await until(lambda: web.hub.sockets() == 1)
        await second.send({"leave": True})
        assert await second.closed_with() == 1000
    await web.intake.close()

    [leave] = logged(valkey)
    assert (leave.kind, leave.actor) == (SignalKind.LEAVE, actor_named(session))


async def test_another_sites_page_cannot_open_a_socket(web, session):
    headers = [(b"host", b"testserver"), (b"origin", b"https://evil.example")]
    communicator = WebsocketCommunicator(application, attendee_path(session), headers=headers)

    assert await communicator.connect() == (False, 4403)


async def test_address_that_does_not_exist_is_refused(web):
    communicator = WebsocketCommunicator(application, "/ws/elsewhere/")

    accepted, _ = await communicator.connect()
    assert not accepted


# --- integrations


def bearer(plain: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"testserver"), (b"authorization", f"Bearer {plain}".encode())]


def event(n: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"m{n}",
        "source": "/zoom/1",
        "type": "ec.signal.chat.message.v1",
        "actor": "zoom:7",
        "data": {"text": f"hello {n}"},
        **fields,
    }


async def test_integration_hears_what_became_of_each_item(web, valkey, session, key):
    async with opened(f"/ws/integrate/{session.pk}/", bearer(key[1])) as bridge:
        await bridge.send(event(1))
        await bridge.send([event(2), event(2), event(3, type="x"), event(4, role="host")])

        assert await bridge.hear() == {
            "frame": 1,
            "results": [{"index": 0, "status": "accepted", "id": "m1"}],
        }
        answer = await bridge.hear()
    assert answer["frame"] == 2
    assert [(r["status"], r.get("code")) for r in answer["results"]] == [
        ("accepted", None),
        ("duplicate", None),
        ("refused", "unknown_kind"),
        ("ignored", "not_audience"),
    ]
    assert [s.text for s in logged(valkey)] == ["hello 1", "hello 2"]


async def test_integration_mistake_is_named_with_its_frame(web, session, key):
    async with opened(f"/ws/integrate/{session.pk}/", bearer(key[1])) as bridge:
        await bridge.send("{")
        await bridge.send([event(n) for n in range(1001)])

        first, second = await bridge.hear(), await bridge.hear()
    assert (first["error"]["code"], first["id"]) == ("malformed", 1)
    assert (second["error"]["code"], second["id"]) == ("too_many_signals", 2)


async def test_integration_needs_a_key_of_the_organisation_with_the_scope(
    web, session, foreign_key, reading_key
):
    path = f"/ws/integrate/{session.pk}/"

    assert await refused(path, HOST) == ("key_missing", 4401)
    assert await refused(path, bearer("ec_wrong")) == ("unknown_key", 4401)
    assert await refused(path, bearer(foreign_key)) == ("session_unknown", 4404)
    assert await refused(path, bearer(reading_key)) == ("scope_missing", 4403)


async def test_revoked_key_stops_at_once(web, session, key):
    async with opened(f"/ws/integrate/{session.pk}/", bearer(key[1])) as bridge:
        await bridge.send(event(1))
        await bridge.hear()
        await change(ApiKey.objects.filter(pk=key[0].pk), revoked_at=session.created_at)
        await web.sessions.refresh()
        await bridge.send(event())

        assert (await bridge.hear())["error"]["code"] == "unknown_key"


async def test_integration_to_a_planned_session_is_refused(web, key, planned):
    code = await refused(f"/ws/integrate/{planned.pk}/", bearer(key[1]))

    assert code == ("session_not_live", 4409)


async def test_ping_is_answered_at_once(web, session):
    async with opened(attendee_path(session)) as ann:
        await ann.send({"ping": 7})

        assert await ann.hear() == {"pong": 7}


@pytest.mark.parametrize("how", ["revoked", "expired", "deleted"])
async def test_socket_of_a_key_ends_with_the_key(web, session, key, how):
    row, plain = key
    async with opened(f"/ws/integrate/{session.pk}/", bearer(plain)) as bridge:
        await bridge.send(event())
        await bridge.hear()
        await web.rights.end_what_is_over()
        past = {"revoked": {"revoked_at": NOON}, "expired": {"expires_at": NOON}}
        mine = ApiKey.objects.filter(pk=row.pk)
        await (mine.adelete() if how == "deleted" else mine.aupdate(**past[how]))

        await web.rights.end_what_is_over()

        assert await bridge.ended_with() == ("unknown_key", 4401)


async def test_sockets_end_with_their_session(web, session, key):
    _, plain = key
    async with (
        opened(attendee_path(session)) as page,
        opened(f"/ws/integrate/{session.pk}/", bearer(plain)) as bridge,
    ):
        assert await page.answers()
        await bridge.send(event())
        await bridge.hear()
        await Session.objects.filter(pk=session.pk).aupdate(
            status=SessionStatus.ENDED, ended_at=timezone.now()
        )

        await web.rights.end_what_is_over()

        assert await page.ended_with() == ("session_ended", 4409)
        assert await bridge.ended_with() == ("session_ended", 4409)
