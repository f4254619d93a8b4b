"""People who come at the same moment, at a real server with few places."""

import concurrent.futures
import contextlib
import http.client
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection

from conductor.supervision.processes import SPARE
from engagement.limits.owner_shares import share_of
from engagement.models import Attendee, Session, SessionStatus
from tests.browser.server import Server
from tests.conftest import NOON
from tests.support.factories import make_event, make_organisation, make_session
from tests.support.waiting import eventually

PEOPLE = 40
PLACES = 3
OURS = share_of(PLACES)
"""All who ask here come from one network."""
ASIDE = 4
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def session() -> Session:
    event = make_event(make_organisation())
    return make_session(event, status=SessionStatus.LIVE, started_at=NOON)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: Session) -> Iterator[Server]:
    monkeypatch.setenv("PAGES_AT_ONCE", str(PLACES))
    monkeypatch.setenv("PAGES_WAIT_SECONDS", "60")
    yield from running(tmp_path)


@pytest.fixture
def impatient(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: Session
) -> Iterator[Server]:
    """A server that lets people wait for a second only."""
    monkeypatch.setenv("PAGES_AT_ONCE", str(PLACES))
    monkeypatch.setenv("PAGES_WAIT_SECONDS", "1")
    yield from running(tmp_path)


def running(folder: Path) -> Iterator[Server]:
    served = Server(folder / "web.log")
    served.start()
    yield served
    served.stop()


def ask(
    server: Server, method: str, path: str, body: str = "", **headers: str
) -> tuple[int, str, dict[str, str]]:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=90)
    try:
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()}
    finally:
        line.close()


def join(server: Server, code: str, name: str) -> list[int]:
    """Open the page of the code and send its form, as a phone does; return the answers' statuses."""
    opened, page, headers = ask(server, "GET", f"/j/{code}")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, page
    cookie = headers["set-cookie"].split(";")[0]
    form = urlencode({"csrfmiddlewaretoken": token[1], "name": name})
    sent, _, _ = ask(
        server, "POST", f"/j/{code}", form,
        **{**FORM, "Cookie": cookie},
    )  # fmt: skip
    return [opened, sent]


def connections_of_others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def test_everybody_who_joins_at_the_same_moment_gets_in(server: Server, session: Session) -> None:
    seen: list[int] = []
    with concurrent.futures.ThreadPoolExecutor(PEOPLE) as crowd:
        asked = [crowd.submit(join, server, session.code, f"Guest {n}") for n in range(PEOPLE)]
        while not all(each.done() for each in asked):
            seen.append(connections_of_others())
            concurrent.futures.wait(asked, 0.05)

    assert [each.result() for each in asked] == [[200, 302]] * PEOPLE
    assert Attendee.objects.filter(event=session.event).count() == PEOPLE
    assert max(seen) <= PLACES + ASIDE


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: Session) -> Iterator[Server]:
    """A server that has files for ten visitors."""
    monkeypatch.setenv("WEB_CONNECTIONS", "10")
    yield from running(tmp_path)


def test_server_without_a_file_left_says_when_to_come_and_lets_in_then(
    crowded: Server, session: Session
) -> None:
    path = f"/j/{session.code}"
    slow = [socket.create_connection(("127.0.0.1", crowded.port)) for _ in range(10)]
    for each in slow:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nname="
        each.sendall(head.encode())
    eventually(lambda: ask(crowded, "GET", path)[0] == 503, "every place is taken")

    page = ask(crowded, "GET", path)
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    line = ask(crowded, "GET", f"/ws/attend/{session.pk}/", **upgrade)
    alive = ask(crowded, "GET", "/health/ping")[0]
    for each in slow:
        each.close()

    assert (page[0], line[0], alive) == (503, 503, 200)
    assert 2 <= int(page[2]["retry-after"]) <= 6
    assert "retry-after" in line[2]
    eventually(lambda: ask(crowded, "GET", path)[0] == 200, "there is a place again")


def test_connections_of_one_host_that_say_nothing_leave_others_in(crowded: Server) -> None:
    silent = [
        socket.create_connection(("127.0.0.1", crowded.port), source_address=("127.0.0.2", 0))
        for _ in range(10 + SPARE + 20)
    ]
    refused = [each for each in silent[-20:] if each.recv(100).startswith(b"HTTP/1.1 503 ")]

    page = ask(crowded, "GET", "/login/")[0]
    for each in silent:
        each.close()

    assert (len(refused), page) == (20, 200)


@contextlib.contextmanager
def sessions_locked() -> Iterator[None]:
    """Somebody else holds the table: every page that reads it keeps its place until the end."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("lock table engagement_session in access exclusive mode")
        yield
        other.rollback()


def pages_waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
        return int(cursor.fetchone()[0])


def test_whoever_finds_no_place_is_told_when_to_come_back_and_gets_in_then(
    impatient: Server, session: Session
) -> None:
    path = f"/j/{session.code}"
    with concurrent.futures.ThreadPoolExecutor(PEOPLE) as crowd:
        with sessions_locked():
            first = [crowd.submit(ask, impatient, "GET", path) for _ in range(OURS)]
            eventually(lambda: pages_waiting() == OURS, "every place that one network has is taken")
            page = ask(impatient, "GET", path, **{"Accept-Language": "de-AT,de;q=0.9"})
            form = ask(impatient, "POST", path, "name=Mara", **FORM)
            api = ask(impatient, "GET", "/api/v1/sessions/")
            alive = ask(impatient, "GET", "/health/ping")[0]
        let_in = [each.result()[0] for each in first]
    again = ask(impatient, "GET", path)[0]

    assert [page[0], form[0], api[0]] == [503, 503, 503]
    assert page[2]["refresh"] == page[2]["retry-after"]
    assert 2 <= int(page[2]["retry-after"]) <= 6
    assert 'lang="de"' in page[1]
    assert "refresh" not in form[2]
    assert '<textarea name="name" hidden>\nMara</textarea>' in form[1]
    error = json.loads(api[1])["error"]
    assert (error["code"], error["category"]) == ("busy", "upstream")
    assert (alive, let_in, again) == (200, [200] * OURS, 200)


def test_connections_go_back_when_the_crowd_has_gone(server: Server, session: Session) -> None:
    with concurrent.futures.ThreadPoolExecutor(PEOPLE) as crowd:
        opened = list(crowd.map(lambda _: ask(server, "GET", f"/j/{session.code}")[0], range(200)))
    threads = len(list(Path(f"/proc/{server.pid}/task").iterdir()))

    assert set(opened) == {200}
    # Three lanes, the pool's own, the rooms', Channels' one: not one for each who came.
    assert threads < 25
    eventually(lambda: connections_of_others() <= 2, "all but the last have gone back", 60)


def test_slow_readers_keep_no_place_and_no_connection(server: Server, session: Session) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(PLACES * 4)]
    for each in slow:
        # Asks, takes nothing of the answer, and asks for more: what it is sent does not fit.
        each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        each.sendall(f"GET /j/{session.code} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 60)
    writers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(PLACES * 4)]
    for each in writers:
        head = (
            f"POST /j/{session.code} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nname="
        )
        each.sendall(head.encode())

    assert ask(server, "GET", f"/j/{session.code}")[0] == 200

    for each in [*slow, *writers]:
        each.close()
