"""Signal to page, once, on real services: what an organizer sees is what the audience did."""

import asyncio
import http.cookiejar
import json
import re
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.survival.installation import eventually, installation

pytestmark = pytest.mark.processes
PEOPLE = 12


class Browser:
    """An organizer's browser without JavaScript: cookies, forms, pages."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = http.cookiejar.CookieJar()
        handler = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(handler)

    def get(self, path: str) -> str:
        with self.opener.open(self.url + path, timeout=10) as answer:
            return str(answer.read().decode())

    def log_in(self, username: str, password: str) -> None:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/login/"))
        assert token is not None
        form = {"username": username, "password": password, "csrfmiddlewaretoken": token[1]}
        data = urllib.parse.urlencode(form).encode()
        self.opener.open(self.url + "/login/", data, timeout=10).close()

    def cookie_header(self) -> str:
        return "; ".join(f"{each.name}={each.value}" for each in self.cookies)


def say(url: str, session: int, key: str, signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send signals through the front door; return the results."""
    request = urllib.request.Request(
        f"{url}/api/v1/sessions/{session}/signals/",
        json.dumps({"signals": signals}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return list(json.loads(answer.read())["results"])


async def first_score(url: str, cookies: str) -> dict[str, Any]:
    """Return the first frame of the page's socket that carries a score."""
    origin = url.replace("ws://", "http://").split("/ws/")[0]
    async with websockets.connect(
        url, additional_headers={"Cookie": cookies}, origin=websockets.Origin(origin)
    ) as socket:
        while True:
            frame = json.loads(await asyncio.wait_for(socket.recv(), 60))
            for each in frame if isinstance(frame, list) else [frame]:
                if each.get("type") == "tick" and each.get("score") is not None:
                    return dict(each)


def test_what_the_audience_does_is_what_the_organizer_sees(tmp_path: Path):
    with installation(tmp_path) as made:
        ready = made.prepare(0)
        session, url = ready["session"], f"http://127.0.0.1:{made.port}"
        browser = Browser(url)
        browser.log_in(ready["username"], ready["password"])
        joined = [{"kind": "join", "actor": f"p{i}"} for i in range(PEOPLE)]
        chats = [{"kind": "chat", "actor": f"p{i}", "text": "hello"} for i in range(5)]

        results = say(url, session, ready["key"], joined + chats)
        frame = asyncio.run(
            first_score(f"ws://127.0.0.1:{made.port}/ws/live/{session}/", browser.cookie_header())
        )
        page = eventually(lambda: shown(browser, session), 15, "the page shows a score")

    assert {each["status"] for each in results} == {"accepted"}
    assert frame["present"] == PEOPLE
    assert 0 < frame["score"] <= 100
    assert abs(int(page) - frame["score"]) <= 10


def shown(browser: Browser, session: int) -> str | None:
    """Return the score that the page's fragment shows."""
    fragment = browser.get(f"/sessions/{session}/part/score/")
    found = re.search(r"data-score[^>]*>\s*(\d+)", fragment)
    return found[1] if found else None
