"""Pages that get no socket through: they ask and speak by HTTP, and are as present as the others."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.testing import ApplicationCommunicator

from conductor.asgi import application
from engagement.doors.connected.attendance import MOST_LINES
from engagement.doors.connected.long_polling_people import AWAY_SECONDS
from engagement.doors.connected.transports import Ways, ways_of
from engagement.doors.http.long_polling import FRAMES_MOST, SHORT_SECONDS
from engagement.limits.concurrency_limit import Places
from engagement.live import broadcast
from engagement.live.recent_messages import FORGET_SECONDS, MOST_MESSAGES
from engagement.models import Session, SessionStatus
from engagement.sessions.attendee_tokens import Pass, issue
from tests.support.factories import make_session
from tests.support.log import logged
from tests.support.sockets import PATIENCE, actor_named, attendee_path, opened, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_snapshots(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page is shown when it comes is made by what stands above; who moves does not wait."""
    settings.SNAPSHOTS = {}
    monkeypatch.setattr("engagement.doors.http.long_polling.MOVED_SECONDS", 0.0)


@pytest.fixture
def session(db: None) -> Session:
    return make_session()


@pytest.fixture
def planned(session: Session) -> Session:
    return make_session(session.event, status=SessionStatus.PLANNED)


@pytest.fixture
def over(session: Session) -> Session:
    return make_session(session.event, status=SessionStatus.ENDED)


class Page:
    """The page of somebody who asks."""

    def __init__(
        self, session: Session, name: str = "ann", client: str = "tab-1", *, counts: bool = True
    ) -> None:
        self.session = session
        self.client = client
        self.token = issue(Pass(session.pk, actor_named(session, name), counts))
        self.after = ""

    def ask(self, hold: int = 0, method: str = "GET", body: bytes = b"") -> ApplicationCommunicator:
        query = urlencode({"client": self.client, "after": self.after, "hold": hold})
        scope = {
            "type": "http",
            "method": method,
            "path": f"/api/v1/attend/{self.session.pk}/line/",
            "query_string": query.encode(),
            "headers": [(b"authorization", f"Bearer {self.token}".encode())],
        }
        asked = ApplicationCommunicator(application, scope)
        assert asked.future, "it is being answered from now on"
        asked.input_queue.put_nowait({"type": "http.request", "body": body})
        return asked

    async def answer(self, asked: ApplicationCommunicator) -> tuple[int, dict[str, Any]]:
        start = await asked.receive_output(PATIENCE)
        body = await asked.receive_output(PATIENCE)
        said = json.loads(body["body"])
        self.after = said.get("next", self.after)
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], said

    async def hear(self, hold: int = 0) -> dict[str, Any]:
        status, said = await self.answer(self.ask(hold))
        assert status == 200, said
        return said

    async def say(self, *frames: Any) -> list[Any]:
        status, said = await self.answer(self.ask(method="POST", body=json.dumps(frames).encode()))
        assert status == 200, said
        return list(said["frames"])


def frame(n: int, *signals: list[Any]) -> dict[str, Any]:
    return {"id": n, "s": list(signals) or [["reaction", "clap", 0]]}


def publish(session: Session, text: str) -> None:
    broadcast.publish([(session.pk, "attendee", text)])


# --- hearing


async def test_first_question_is_answered_at_once_with_what_there_is(web, session):
    async def shown(session_id: int) -> list[str]:
        return ['{"type":"interaction","id":4}']

    web.hub.snapshots["attendee"] = shown

    said = await Page(session).hear(hold=20)

    assert said["fresh"]
    assert said["frames"] == [{"type": "interaction", "id": 4}]


async def test_question_is_held_until_there_is_something_to_tell(web, session):
    page = Page(session)
    await page.hear()
    asked = page.ask(hold=20)
    await until(lambda: web.held.taken == 1)

    publish(session, '{"type":"tally","id":4}')

    assert (await page.answer(asked))[1]["frames"] == [[{"type": "tally", "id": 4}]]
    assert web.held.taken == 0


async def test_what_comes_between_two_questions_is_told_and_a_lost_answer_again(web, session):
    page = Page(session)
    await page.hear()
    before = page.after
    publish(session, '{"type":"tally","id":4}')
    first = await page.hear(hold=20)
    page.after = before

    again = await page.hear(hold=20)

    assert first["frames"] == again["frames"] == [[{"type": "tally", "id": 4}]]
    assert "fresh" not in again


@pytest.mark.parametrize("after", ["elsewhere.7", "nonsense", ".", "a.b.c", "x." + "9" * 50])
async def test_who_comes_from_another_process_is_shown_all_there_is(web, session, after):
    page = Page(session)
    await page.hear()
    page.after = after

    assert (await page.hear(hold=20))["fresh"]


async def test_who_is_too_far_behind_is_shown_all_there_is(web, session):
    page = Page(session)
    await page.hear()
    ring = await web.rings.ring(session.pk, "attendee")
    for _ in range(MOST_MESSAGES + 1):
        ring.push({"text": "{}"})

    assert (await page.hear(hold=20))["fresh"]


async def test_ring_that_nobody_asks_for_is_let_go(web, session):
    await Page(session).hear()
    assert web.hub.sockets() == 1

    web.rings.sweep(time.monotonic() + FORGET_SECONDS + 1)

    assert web.hub.sockets() == 0


async def test_who_leaves_a_held_question_is_not_waited_for(web, session):
    page = Page(session)
    await page.hear()
    asked = page.ask(hold=20)
    await until(lambda: web.held.taken == 1)

    asked.input_queue.put_nowait({"type": "http.disconnect"})

    await until(lambda: web.held.taken == 0)
    await asked.wait(PATIENCE)


async def test_process_that_holds_enough_answers_at_once_and_says_when_to_ask(web, session):
    web.held = Places(0, 0)
    page = Page(session)
    await page.hear(hold=20)

    said = await page.hear(hold=20)

    assert said["frames"] == []
    assert said["wait"] == SHORT_SECONDS


async def test_questions_of_one_network_leave_others_some_to_be_held(web, session):
    web.held = Places(3, 2)
    pages = [Page(session, f"p{number}") for number in range(3)]
    for page in pages:
        await page.hear()
    asked = [page.ask(hold=20) for page in pages[:2]]
    await until(lambda: web.held.taken == 2)

    assert (await pages[2].hear(hold=20))["wait"] == SHORT_SECONDS
    assert web.held.take("2001:db8::1")
    publish(session, "{}")
    said = [await page.answer(each) for page, each in zip(pages, asked, strict=False)]
    assert ["wait" in body for _, body in said] == [False, False]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_questions_and_what_is_said_have_a_pace(web, session, method):
    page = Page(session)

    answers = [await page.answer(page.ask(method=method)) for _ in range(60)]

    status, said = answers[-1]
    assert status == 429
    assert said["error"]["code"] == "too_fast"
    assert int(page.headers["retry-after"]) >= 1


# --- speaking


async def test_frames_are_acknowledged_when_they_are_in_the_log(web, valkey, session):
    said = await Page(session).say(frame(1, ["chat", "hello", 0]), frame(2))

    assert said == [{"a": 2}]
    assert [(s.text, s.seq // 1024) for s in logged(valkey)] == [("hello", 1), ("clap", 2)]


async def test_frame_is_the_same_one_by_socket_and_by_http(web, valkey, session):
    async with opened(attendee_path(session)) as ann:
        await ann.send(frame(5))
        await ann.hear()
    await Page(session).say(frame(5))

    by_socket, by_http = logged(valkey)
    assert (by_socket.source, by_socket.seq) == (by_http.source, by_http.seq)


async def test_wrong_frame_is_named_and_the_others_count(web, valkey, session):
    said = await Page(session).say(frame(1), frame(2, ["pulse", "bored", 0]), frame(3))

    assert [each.get("error", {}).get("code", "a") for each in said] == ["bad_value", "a"]
    assert said[-1] == {"a": 3}
    assert len(logged(valkey)) == 2


async def test_what_comes_too_fast_is_not_taken_and_nothing_after_it(web, valkey, session):
    many = [["reaction", "clap", 0]] * 50
    page = Page(session)

    said = await page.say(*[frame(n, *many) for n in range(1, 12)])

    taken, refusal = said
    assert refusal["error"]["retry_after"] >= 1
    assert refusal["id"] == taken["a"] + 1
    assert len(logged(valkey)) == 50 * taken["a"]


async def test_session_that_has_not_begun_takes_nothing(web, valkey, planned):
    (said,) = await Page(planned).say(frame(1))

    assert said["error"]["code"] == "session_not_live"
    assert logged(valkey) == []


async def test_who_opted_out_is_acknowledged_and_not_kept(web, valkey, session):
    said = await Page(session, counts=False).say(frame(1, ["chat", "secret", 0]))

    assert said == [{"a": 1}]
    assert logged(valkey) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b"{}", 400, "malformed"),
        (b"[]", 400, "bad_frame_count"),
        (json.dumps([frame(n) for n in range(FRAMES_MOST + 1)]).encode(), 400, "bad_frame_count"),
        (b"[" + b" " * 200_000 + b"]", 413, "body_too_large"),
    ],
)
async def test_body_that_is_no_list_of_frames_is_refused(web, session, body, status, code):
    page = Page(session)

    answer = await page.answer(page.ask(method="POST", body=body))

    assert (answer[0], answer[1]["error"]["code"]) == (status, code)


async def test_door_asks_for_a_token_a_session_and_a_client(web, session, over):
    stranger, tabless = Page(session), Page(session, client="")
    stranger.token = ""

    answers = [await page.answer(page.ask()) for page in (stranger, tabless, Page(over))]

    codes = [(status, said["error"]["code"]) for status, said in answers]
    assert codes == [(401, "token_missing"), (400, "client_missing"), (409, "session_ended")]


async def test_other_methods_are_refused(web, session):
    page = Page(session)

    status, said = await page.answer(page.ask(method="PUT"))

    assert (status, said["error"]["code"]) == (405, "method_not_allowed")
    assert page.headers["allow"] == "GET, POST"


# --- presence


async def room_of(web, session):
    return await web.sessions.known(session.pk)


async def test_who_asks_is_present_until_she_is_not_heard_of(web, session):
    await Page(session).hear()
    known = await room_of(web, session)
    here = web.attendance.people(known)

    web.askers.sweep(time.monotonic() + AWAY_SECONDS - 1)
    still = web.attendance.people(known)
    web.askers.sweep(time.monotonic() + AWAY_SECONDS + 1)

    assert (here, still, web.attendance.people(known)) == (1, 1, 0)


async def test_who_waits_for_an_answer_is_present_however_long(web, session):
    page = Page(session)
    await page.hear()
    asked = page.ask(hold=20)
    await until(lambda: web.held.taken == 1)

    web.askers.sweep(time.monotonic() + 1000)

    assert web.attendance.people(await room_of(web, session)) == 1
    asked.input_queue.put_nowait({"type": "http.disconnect"})
    await asked.wait(PATIENCE)


async def test_person_has_a_bounded_number_of_pages_that_ask(web, session):
    pages = [Page(session, client=f"tab-{n}") for n in range(MOST_LINES + 1)]

    answers = [await page.answer(page.ask()) for page in pages]

    assert [status for status, _ in answers] == [200] * MOST_LINES + [429]
    assert answers[-1][1]["error"]["code"] == "token_in_use"


async def test_person_with_a_socket_and_a_page_that_asks_is_one_and_by_socket(web, session):
    await Page(session, client="tab-2").hear()
    await Page(session, "bob").hear()
    async with opened(attendee_path(session)) as ann:
        await ann.send({"ping": 1})
        await ann.hear()

        assert web.attendance.ways() == {session.pk: Ways(1, 1)}


async def test_ways_of_all_processes_are_added_up_while_they_are_fresh(web, valkey, session):
    now = time.time()
    valkey.hset(f"ways:{session.pk}", "web-1", f"{now:.0f} 3 1")
    valkey.hset(f"ways:{session.pk}", "web-2", f"{now:.0f} 2 0")
    valkey.hset(f"ways:{session.pk}", "web-3", f"{now - 60:.0f} 9 9")

    assert await asyncio.to_thread(ways_of, session.pk) == Ways(5, 1)


async def test_process_tells_how_people_are_connected(web, valkey, session):
    await Page(session).hear()

    await web._tell(web.attendance.ways())

    assert await asyncio.to_thread(ways_of, session.pk) == Ways(0, 1)


async def test_one_network_leaves_pages_of_others_a_place_and_gives_back_its_own(
    web, session, monkeypatch
):
    web.askers._places = Places(5, 5, crowded=2)
    monkeypatch.setattr("engagement.doors.http.long_polling.MOVED_SECONDS", 0.0)
    pages = [Page(session, f"p{number}") for number in range(5)]

    statuses = [(await page.answer(page.ask()))[0] for page in pages]
    web.askers.sweep(time.monotonic() + AWAY_SECONDS + 1)
    again = (await pages[4].answer(pages[4].ask()))[0]

    assert (statuses, again) == ([200] * 4 + [503], 200)
