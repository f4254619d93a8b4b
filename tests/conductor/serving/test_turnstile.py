"""So many at once, so many waiting, so long; and what a slow client cannot keep from others."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from conductor import urls
from conductor.serving.overload_responses import LATEST, SOONEST
from conductor.serving.page_threads import Handler
from conductor.serving.request_bodies import BODY_MOST
from engagement.limits import body_space
from engagement.limits.concurrency_limit import Places
from engagement.limits.costly_answers import put_off
from engagement.limits.waiting_places import Turns
from tests.support.factories import make_user
from tests.support.logins import signed_in
from tests.support.sockets import PATIENCE

go_on = threading.Event()
inside: list[int] = []
may_end: dict[int, threading.Event] = {}
made: list[int] = []


def page(request: HttpRequest) -> HttpResponse:
    inside.append(1)
    assert go_on.wait(PATIENCE)
    return HttpResponse(f"{request.method} {len(request.body)}")


def report(request: HttpRequest, organisation: int) -> HttpResponse:
    """A page that is costly to make; each organisation's stops where the test says."""
    if (later := put_off(request, organisation)) is not None:
        return later
    made.append(organisation)
    assert may_end[organisation].wait(PATIENCE)
    return HttpResponse(f"report {len(request.body)}")


def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError("broken")


async def news(request: HttpRequest) -> StreamingHttpResponse:
    async def said() -> Any:
        yield b"one"
        await asyncio.Event().wait()

    return StreamingHttpResponse(said())


urlpatterns = [
    path("page/", page), path("report/<int:organisation>/", report),
    path("breaks/", breaks), path("news/", news), path("health/ping", page),
    path("static/x", page), path("login/", csrf_exempt(page)), *urls.urlpatterns,
]  # fmt: skip
handler500 = urls.handler500
pytestmark = pytest.mark.urls("tests.conductor.serving.test_turnstile")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Pages answer when the test says so, and in any case at its end."""
    go_on.clear()
    inside.clear()
    made.clear()
    may_end.update({number: threading.Event() for number in range(1, 10)})
    yield
    for event in (go_on, *may_end.values()):
        event.set()


class Client:
    """One request: what it is answered, and how slowly it reads and writes."""

    def __init__(self, door: Handler, where: str = "/page/", **how: Any) -> None:
        self.where, self.how = where, how
        self.said: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self.reads = asyncio.Event()
        if not how.get("is_slow"):
            self.reads.set()
        self.task = asyncio.create_task(door(self.scope(), self.receive, self.send))
        self.parts = list(how.get("parts", [b""]))

    def scope(self) -> dict[str, Any]:
        return {
            "type": "http", "method": self.how.get("method", "GET"), "path": self.where,
            "query_string": b"", "client": (self.how.get("network", "192.0.2.1"), 9),
            "headers": [(b"host", b"localhost"), *self.how.get("headers", [])],
        }  # fmt: skip

    async def receive(self) -> dict[str, Any]:
        if self.parts:
            part = self.parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self.parts)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self.said.append(message)

    @property
    def status(self) -> int:
        return int(self.said[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.said)


def door_of(
    at_once: int, waiting: int = 100, seconds: float = PATIENCE, of_one: int = 100
) -> Handler:
    """of_one: how many places to work and to wait a network may have."""
    return Handler(Turns(at_once, waiting, seconds, of_one=of_one, waiting_of_one=of_one))


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 -- conditions of other threads
            await asyncio.sleep(0.005)


async def answered(*clients: Client) -> list[int]:
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(each.task for each in clients))
    return [each.status for each in clients]


async def test_crowd_is_served_a_few_at_a_time_and_nobody_is_sent_away() -> None:
    door = door_of(at_once=3)
    crowd = [Client(door) for _ in range(40)]

    await until(lambda: len(inside) == 3 and door.pages.waits_in_all == 37)
    go_on.set()

    assert await answered(*crowd) == [200] * 40


async def test_whoever_finds_the_queue_full_is_told_at_once() -> None:
    door = door_of(at_once=2, waiting=3)
    let_in = [Client(door) for _ in range(5)]
    await until(lambda: len(inside) == 2 and door.pages.waits_in_all == 3)

    refused = [Client(door) for _ in range(4)]

    assert await answered(*refused) == [503] * 4
    go_on.set()
    assert await answered(*let_in) == [200] * 5


async def test_network_that_asks_for_many_pages_leaves_others_a_place() -> None:
    door = door_of(at_once=3, of_one=2)
    loud = [Client(door) for _ in range(4)]
    await until(lambda: len(inside) == 2 and door.pages.waits_in_all == 2)

    quiet = Client(door, network="198.51.100.7")
    await until(lambda: len(inside) == 3)
    refused = Client(door)

    assert await answered(refused) == [503]
    go_on.set()
    assert await answered(quiet, *loud) == [200] * 5


@pytest.mark.parametrize(
    "networks",
    [
        ("192.0.2.1", "198.51.100.7"),
        (None, "192.0.2.1"),
        ("2001:db8:1:1::/64", "2001:db8:1:2::/64"),
    ],
)
async def test_networks_take_turns_at_pages(networks: tuple[str | None, str]) -> None:
    turns = Turns(1, 100, PATIENCE, waiting_of_one=100)
    order: list[str | None] = []

    async def ask(network: str | None) -> None:
        assert await turns.enter(network, PATIENCE)
        order.append(network)
        await asyncio.sleep(0)
        turns.leave(network)

    one, other = networks
    await asyncio.gather(*(ask(each) for each in (one, one, one, other, other)))

    assert order == [one, other, one, other, one]


async def test_networks_of_one_site_take_the_turns_of_one_and_leave_others_places() -> None:
    turns = Turns(20, 200, PATIENCE, of_one=2, waiting_of_one=10)
    many = [f"2001:db8:1:{n:x}::/64" for n in range(300)]
    quiet = [f"198.51.100.{n}" for n in range(20)]
    order: list[str] = []
    over = asyncio.Event()

    async def ask(network: str) -> bool:
        if not await turns.enter(network, PATIENCE):
            return False
        order.append(network)
        await over.wait()
        turns.leave(network)
        return True

    loud = [asyncio.ensure_future(ask(each)) for each in many]
    await until(lambda: len(order) == 16 and turns.waits_in_all == 80)
    others = [asyncio.ensure_future(ask(each)) for each in quiet]
    await until(lambda: len(order) == 20)
    over.set()

    # Sixteen of twenty places, eighty who wait; the others are told so, and who is quiet waits for four.
    assert [await each for each in loud].count(True) == 96
    assert all([await each for each in others])
    assert set(order[16:20]) <= set(quiet)
    assert set(quiet) <= set(order[16:60])


async def test_turn_of_who_gave_up_in_the_same_moment_goes_to_the_next() -> None:
    turns = Turns(1, 100, PATIENCE, waiting_of_one=100)
    assert await turns.enter("a", PATIENCE)
    gone, waits = (asyncio.ensure_future(turns.enter(each, PATIENCE)) for each in "bc")
    await until(lambda: turns.waits_in_all == 2)

    gone.cancel()
    turns.leave("a")

    assert await waits
    assert gone.cancelled() or gone.done()
    turns.leave("c")
    assert await turns.enter("d", PATIENCE)


async def test_whoever_waits_too_long_is_told_and_leaves_the_queue() -> None:
    door = door_of(at_once=1, seconds=0.05)
    first = Client(door)
    await until(lambda: inside)

    late = Client(door)

    assert await answered(late) == [503]
    assert door.pages.waits_in_all == 0
    go_on.set()
    assert await answered(first, Client(door)) == [200, 200]


@pytest.mark.parametrize("where", ["/health/ping", "/static/x"])
async def test_probes_and_files_of_a_page_go_past_the_crowd(where: str) -> None:
    door = door_of(at_once=1, waiting=0)
    crowd = Client(door)
    await until(lambda: inside)

    other = Client(door, where)
    await until(lambda: len(inside) == 2)

    go_on.set()
    assert await answered(crowd, other) == [200, 200]


async def test_whoever_goes_while_waiting_is_not_worked_for() -> None:
    door = door_of(at_once=1)
    first, left, last = Client(door), Client(door), Client(door)
    await until(lambda: inside and door.pages.waits_in_all == 2)

    left.gone.set()
    await until(left.task.done)
    go_on.set()

    assert await answered(first, last) == [200, 200]
    assert (left.said, len(inside)) == ([], 2)


async def test_page_that_breaks_or_is_cancelled_gives_its_place_back() -> None:
    door = door_of(at_once=1)
    first, cancelled = Client(door), Client(door)
    await until(lambda: inside and door.pages.waits_in_all == 1)

    cancelled.task.cancel()
    go_on.set()

    assert await answered(first, Client(door, "/breaks/"), Client(door)) == [200, 500, 200]


async def test_slow_readers_and_writers_keep_nobody_out() -> None:
    door = door_of(at_once=1)
    go_on.set()
    readers = [Client(door, is_slow=True) for _ in range(3)]
    writer = Client(door, method="POST", parts=[])
    await until(lambda: len(inside) == 3)

    assert await answered(Client(door)) == [200]
    for each in readers:
        each.reads.set()
    assert await answered(*readers) == [200] * 3
    writer.gone.set()
    await writer.task


async def test_stream_holds_no_place_and_ends_when_its_reader_goes() -> None:
    door = door_of(at_once=1)
    stream = Client(door, "/news/")
    await until(lambda: b"one" in stream.body)

    go_on.set()
    assert await answered(Client(door)) == [200]
    stream.gone.set()
    await asyncio.wait_for(stream.task, PATIENCE)


MB = 1024 * 1024


def sent(door: Handler, size: int, where: str = "/page/", **how: Any) -> Client:
    """Post so many bytes."""
    parts = [b"x" * min(MB, size - at) for at in range(0, size, MB)]
    return Client(door, where, method="POST", parts=parts, **how)


def cookie_of(user: User) -> list[tuple[bytes, bytes]]:
    client = signed_in(user)[1]
    return [(b"cookie", client.cookies[settings.SESSION_COOKIE_NAME].OutputString().encode())]


@pytest.fixture
def people(transactional_db: None) -> dict[str, list[tuple[bytes, bytes]]]:
    """Cookies of who is staff, who is not, and who is nobody."""
    name = settings.SESSION_COOKIE_NAME.encode()
    return {
        "staff": cookie_of(make_user("olga", is_staff=True)),
        "person": cookie_of(make_user("ana")),
        "forged": [(b"cookie", name + b"=" + b"x" * 32)],
        "nobody": [],
    }


@pytest.mark.parametrize(
    ("who", "where", "size", "status"),
    [
        # Read, and then refused by Django: it has no token.
        ("staff", "/admin/", BODY_MOST, 403),
        ("staff", "/admin/", BODY_MOST + 1, 413),
        ("staff", "/page/", 2 * MB + 1, 413),
        ("person", "/admin/", 2 * MB, 403),
        ("person", "/admin/", 2 * MB + 1, 413),
        ("forged", "/admin/", 2 * MB + 1, 413),
        ("nobody", "/admin/", 2 * MB + 1, 413),
        ("nobody", "/page/", 2 * MB, 403),
        ("nobody", "/page/", 2 * MB + 1, 413),
    ],
)
async def test_body_has_a_most_and_staff_who_are_signed_in_have_more(
    people: dict[str, Any], who: str, where: str, size: int, status: int
) -> None:
    go_on.set()

    assert await answered(sent(door_of(1), size, where, headers=people[who])) == [status]
    assert body_space.SPACE.taken == 0


async def test_bodies_of_one_network_leave_others_room_and_all_have_a_most_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space = Places(3_000, 2_000)
    monkeypatch.setattr(body_space, "SPACE", space)
    door = door_of(at_once=1)
    held = [sent(door, 1_000, "/login/") for _ in range(2)]
    await until(lambda: space.taken == 2_000)

    own = sent(door, 100, "/login/")
    other = sent(door, 900, "/login/", network="198.51.100.7")
    await until(lambda: space.taken == 2_900)
    late = sent(door, 200, network="198.51.100.8", headers=[(b"accept", b"application/json")])

    assert await answered(own, late) == [429, 503]
    assert json.loads(late.body)["error"]["code"] == "busy"
    assert dict(own.said[0]["headers"])[b"Retry-After"]
    assert b"organisation or network waits already</h1>" in own.body
    go_on.set()
    assert await answered(other, *held) == [200] * 3
    assert space.taken == 0


@pytest.mark.parametrize(
    "parameter",
    [
        b"a*=klingon''x%61", b"a*=idna''x%61", b"a*0*=punycode''%61; a*1*=%ff",
        b"charset*=utf-8''punycode", b"a*=punycode''%61-" + b"a" * 60_000,
    ],
)  # fmt: skip
async def test_media_type_that_names_a_codec_is_refused_before_django_reads_it(
    parameter: bytes,
) -> None:
    go_on.set()
    door = door_of(at_once=1)
    staff = (b"cookie", f"{settings.SESSION_COOKIE_NAME}=x".encode())
    odd = [(b"content-type", b"text/plain; " + parameter), staff]
    usual = [(b"content-type", b"multipart/form-data; boundary=x; charset=utf-8")]

    # Of a page, of one whose body may be large, of one that waits by itself.
    for where in ("/page/", "/admin/", "/login/"):
        assert await answered(sent(door, 3 * MB, where, headers=odd)) == [400]
    assert await answered(sent(door, 10, "/login/", headers=usual)) == [200]
    assert not inside[1:]


async def test_password_of_a_network_with_too_many_that_wait_is_not_even_read() -> None:
    door = door_of(at_once=12)
    tries = [Client(door, "/login/", method="POST", parts=[b"x"]) for _ in range(41)]
    await until(lambda: door.passwords.waits_in_all == 40)

    refused = Client(door, "/login/", method="POST", parts=[b"x"])

    assert await answered(refused) == [503]
    assert refused.parts == [b"x"]
    go_on.set()
    await answered(*tries)


def reports(door: Handler, organisation: int, many: int, **how: Any) -> list[Client]:
    return [Client(door, f"/report/{organisation}/", **how) for _ in range(many)]


async def test_organisation_that_asks_for_many_reports_keeps_no_other_waiting() -> None:
    door = door_of(at_once=12)
    hostile = reports(door, 1, 20)
    await until(lambda: made == [1] and door.costly.waits(1) == 19)

    [quiet] = reports(door, 2, 1)
    may_end[2].set()
    pages = [Client(door) for _ in range(11)]
    go_on.set()

    assert await answered(quiet, *pages) == [200] * 12
    assert made == [1, 2]
    may_end[1].set()
    assert await answered(*hostile) == [200] * 20
    assert made == [1, 2, *[1] * 19]


async def test_organisations_take_turns_at_reports() -> None:
    door = door_of(at_once=6)
    first = reports(door, 1, 3)
    await until(lambda: made == [1] and door.costly.waits(1) == 2)
    others = [each for number in (2, 3) for each in reports(door, number, 2)]
    await until(lambda: door.costly.waits(2) == 2 and door.costly.waits(3) == 2)

    for event in may_end.values():
        event.set()

    assert await answered(*first, *others) == [200] * 7
    assert made == [1, 2, 3, 1, 2, 3, 1]


async def test_organisation_that_waits_for_too_many_reports_is_told_when_to_come_again() -> None:
    door = door_of(at_once=12)
    let_in = reports(door, 1, 21)
    await until(lambda: door.costly.waits(1) == 20)

    page, api = reports(door, 1, 1), reports(door, 1, 1, headers=[(b"accept", b"application/json")])

    assert await answered(*page, *api) == [429, 429]
    assert b"Your organisation is waiting for many reports" in page[0].body
    error = json.loads(api[0].body)["error"]
    assert (error["category"], error["code"]) == ("rate_limit", "too_much_at_once")
    headers = dict(page[0].said[0]["headers"])
    assert SOONEST <= int(headers[b"Retry-After"]) <= LATEST
    assert SOONEST <= error["retry_after"] <= LATEST
    may_end[1].set()
    assert await answered(*let_in) == [200] * 21


async def test_report_that_is_waited_for_too_long_is_busy_and_its_place_is_free_again() -> None:
    door = door_of(at_once=12, seconds=0.2)
    first = reports(door, 1, 1)
    await until(lambda: made == [1])

    late, gone = reports(door, 1, 1), reports(door, 1, 1)
    gone[0].gone.set()

    assert await answered(*late) == [503]
    await until(gone[0].task.done)
    assert door.costly.waits(1) == 0
    may_end[1].set()
    assert await answered(*first, *reports(door, 1, 2)) == [200] * 3


async def test_what_is_sent_is_answered_without_a_turn() -> None:
    door = door_of(at_once=12)
    first = reports(door, 1, 1)
    await until(lambda: made == [1])
    may_end[1].set()

    assert await answered(Client(door, "/report/1/", method="POST", parts=[b"x" * 7])) == [403]
    assert await answered(*first) == [200]


async def test_tries_of_passwords_take_one_place_of_the_pages_however_many_networks_send_them() -> (
    None
):
    door = door_of(at_once=12)
    tries = [
        Client(door, "/login/", method="POST", network=f"192.0.{n % 3}.1", parts=[b"x"])
        for n in range(36)
    ]
    await until(lambda: inside == [1] and door.passwords.waits_in_all == 35)

    pages = [Client(door, network="192.0.9.1") for _ in range(11)]
    await until(lambda: len(inside) == 12)
    form = Client(door, "/login/", network="192.0.9.2")
    go_on.set()

    assert await answered(form, *pages) == [200] * 12
    assert await answered(*tries) == [200] * 36


async def test_network_that_sends_more_passwords_than_may_wait_is_told_to_come_again() -> None:
    door = door_of(at_once=12)
    tries = [Client(door, "/login/", method="POST", parts=[b"x"]) for _ in range(41)]
    await until(lambda: door.passwords.waits_in_all == 40)

    assert await answered(Client(door, "/login/", method="POST", parts=[b"x"])) == [503]
    other = Client(door, "/login/", method="POST", network="192.0.9.1", parts=[b"x"])
    await until(lambda: door.passwords.waits_in_all == 41)
    go_on.set()
    await answered(other, *tries)
