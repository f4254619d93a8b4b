"""Smoothness: 300 attendees in real sockets, an attendee's page and three dashboards in Chromium.

500 reactions a second arrive; told are main-thread time per tick, DOM updates a second, heap.
BENCH_PAGE_SECONDS sets for how long (60).
"""

import asyncio
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from conductor import processes
from engagement.models import Session
from tests.bench import servers
from tests.bench.page import beside
from tests.bench.report import Report
from tests.bench.world import World

SOCKETS = 300
DASHBOARDS = 3
REACTIONS_A_SECOND = 500
WARM_SECONDS = 15
TICK_SECONDS = 5
UPDATES_BAR = 1.0
GROWTH_BAR = 1.25
"""Heap after, of the heap before; both after a collection."""
# Batches of changes, as the observer gets them: one for each time the page touched its document.
COUNTING = """
  window.benchUpdates = 0;
  new MutationObserver(() => { window.benchUpdates += 1; })
    .observe(document.documentElement,
      {subtree: true, childList: true, characterData: true, attributes: true});
"""


def measure(world: World, report: Report) -> None:
    """Measure with web, ticker and beat as in production."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("  (no Chromium: smoothness is not measured)")
        return
    # Read before Playwright's loop runs in this thread, where Django refuses every query.
    code = Session.objects.get(pk=world.session_id).code
    seconds = float(os.environ.get("BENCH_PAGE_SECONDS", "60"))
    with ExitStack() as stack:
        log = world.folder / "servers.log"
        command = servers.uvicorn("conductor.asgi:application")
        web = stack.enter_context(servers.running("ours", command, log))
        stack.enter_context(beside(processes.ticker(0), log))
        stack.enter_context(beside(processes.beat(world.folder / "beat-pages"), log))
        crowd = stack.enter_context(_crowd(world, web.port))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        url = f"http://127.0.0.1:{web.port}"
        pages = _opened(world, browser, url, code)
        rows = _watched(pages, seconds)
        browser.close()
    report.table(
        f"{SOCKETS} attendees, {crowd.sent / crowd.seconds:.0f} reactions/s, {seconds:.0f} s",
        ["page", "main thread ms per tick", "DOM updates/s", "heap MB before", "after"],
        [
            [name, f"{task:.1f}", f"{updates:.2f}", f"{before:.2f}", f"{after:.2f}"]
            for name, task, updates, before, after in rows
        ],
    )
    print(f"  sockets that were closed: {crowd.closed}")
    # The main thread has no bar: this is all it did in five seconds (timers, fetches, drawing by
    # software), not the work of one tick.
    report.bar("DOM updates/s on the attendee page", rows[0][2], UPDATES_BAR, at_least=False)
    growth = max(after / before for *_, before, after in rows)
    report.bar("heap after ÷ before, worst page", growth, GROWTH_BAR, at_least=False)


class Crowd:
    """What the sockets sent, and how many were closed on us."""

    def __init__(self) -> None:
        self.sent = self.closed = 0
        self.began = time.monotonic()
        self.over = False

    @property
    def seconds(self) -> float:
        """How long they have been at it."""
        return max(0.001, time.monotonic() - self.began)

    async def run(self, base: str, paths: list[str]) -> None:
        """Hold every socket until it is over."""
        await asyncio.gather(*(self._one(base + path, n) for n, path in enumerate(paths)))

    async def _one(self, address: str, n: int) -> None:
        wait = SOCKETS / REACTIONS_A_SECOND
        await asyncio.sleep(n * 0.01)
        try:
            async with connect(address, origin=None) as socket:
                hearing = asyncio.create_task(_hear(socket))
                number = 0
                while not self.over:
                    number += 1
                    await socket.send(json.dumps({"id": number, "s": [["reaction", "like", 0]]}))
                    self.sent += 1
                    await asyncio.sleep(wait)
                hearing.cancel()
        except (OSError, WebSocketException):
            self.closed += 1


async def _hear(socket: Any) -> None:
    async for _ in socket:
        pass


@contextmanager
def _crowd(world: World, port: int) -> Iterator[Crowd]:
    crowd = Crowd()
    paths = world.attendee_paths[:SOCKETS]
    thread = threading.Thread(
        target=lambda: asyncio.run(crowd.run(f"ws://127.0.0.1:{port}", paths)), daemon=True
    )
    thread.start()
    try:
        yield crowd
    finally:
        crowd.over = True
        thread.join(20)


Watched = tuple[str, Page, CDPSession]


def _opened(world: World, browser: Browser, url: str, code: str) -> list[Watched]:
    """Open the attendee's page, joined, and the dashboards; each in a context of its own."""
    found = [_page(browser, "attendee")]
    page = found[0][1]
    page.goto(f"{url}/j/{code}")
    page.get_by_role("button", name="Join").click()
    page.get_by_text("You are in").wait_for()
    name, _, value = world.cookie.partition("=")
    host = urlsplit(url).hostname or ""
    for n in range(DASHBOARDS):
        watched = _page(browser, f"dashboard {n + 1}")
        watched[1].context.add_cookies(
            [{"name": name, "value": value, "domain": host, "path": "/"}]
        )
        watched[1].goto(f"{url}/sessions/{world.session_id}/")
        found.append(watched)
    return found


def _page(browser: Browser, name: str) -> Watched:
    page = browser.new_context().new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    return name, page, session


def _metrics(watched: Watched) -> tuple[float, float]:
    """Return main-thread seconds so far, and the heap in MB after a collection."""
    _, _, session = watched
    with suppress(Exception):
        session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    found = {each["name"]: each["value"] for each in metrics}
    return found["TaskDuration"], found["JSHeapUsedSize"] / 1e6


def _watched(pages: list[Watched], seconds: float) -> list[tuple[str, float, float, float, float]]:
    time.sleep(WARM_SECONDS)
    before = []
    for each in pages:
        heap = _metrics(each)[1]
        each[1].evaluate(COUNTING)
        # The collection's own work is not the page's.
        before.append((_task(each), heap))
    time.sleep(seconds)
    rows = []
    for each, (task, heap) in zip(pages, before, strict=True):
        spent = _task(each) - task
        updates = each[1].evaluate("window.benchUpdates")
        ticks = seconds / TICK_SECONDS
        rows.append((each[0], spent * 1000 / ticks, updates / seconds, heap, _metrics(each)[1]))
    return rows


def _task(watched: Watched) -> float:
    metrics = watched[2].send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))
