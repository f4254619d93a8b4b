"""The door of attendees on a real server, with what others left in a link, a cookie or a header."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from engagement.models import Session
from tests.browser.server import Server
from tests.support.factories import make_session

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
FOREIGN = 'odd="\\000"; caf\xe9=\xff\x80; =; ;;a; conductor_session="abcdefgh\\000ijkl"'
HEADERS = {"User-Agent": "Caf\xe9 \xff\x80", "Referer": "http://news.example/?utm=caf\xe9"}


@pytest.fixture
def session(transactional_db: None) -> Session:
    return make_session(title="The room")


@pytest.fixture
def server(session: Session, tmp_path: Path) -> Iterator[Server]:
    served = Server(tmp_path / "web.log")
    served.start()
    yield served
    served.stop()


def ask(
    server: Server, method: str, path: str, cookies: str, form: dict[str, str] | None = None
) -> tuple[int, str, dict[str, str]]:
    """Return status, page and the cookies that were set."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    body = urlencode(form) if form else None
    media = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    line.request(method, path, body, {**HEADERS, "Cookie": cookies, **media})
    answer = line.getresponse()
    given = (each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or [])
    page = answer.read().decode()
    line.close()
    return answer.status, page, dict(each.split("=", 1) for each in given)


def test_attendee_comes_in_by_an_old_link_with_foreign_cookies(
    server: Server, session: Session
) -> None:
    path = f"/j/{session.code}?utm_source=caf%E9&x=%00"

    status, page, given = ask(server, "GET", path, FOREIGN)
    assert status == 200
    form = {"csrfmiddlewaretoken": re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[0],
            "name": "Zoë"}  # fmt: skip
    cookies = f"{FOREIGN}; conductor_csrf={given['conductor_csrf']}"
    status, page, given = ask(server, "POST", path, cookies, form)
    assert status in {200, 302}
    status, page, _ = ask(
        server, "GET", path, f"{FOREIGN}; {next(iter(given))}={given.popitem()[1]}"
    )

    assert status == 200
    assert "Zoë" in page
