"""Smoothness: 300 attendees in real sockets, an attendee's page and three dashboards in Chromium.

500 signals a second arrive. Half the time the suggestion's slot is calm, half of it a poll is being
measured; then the processor is made four times slower. Told are DOM updates a second, main-thread
time per tick, long tasks, what the pages hold, and whether every signal was acknowledged.
BENCH_PAGE_SECONDS sets for how long (60; `--minutes` does).
"""

import datetime as dt
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlsplit

from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from conductor.supervision import processes
from engagement.live import broadcast, frames
from engagement.models import Session
from tests.bench.crowd import SOCKETS, Crowd, crowd_of
from tests.bench.speed import machine, servers
from tests.bench.speed.page import beside
from tests.bench.speed.report import Report
from tests.bench.speed.watched import LONG_MS, Held, Stretch, Watched
from tests.bench.speed.world import World
from tests.dashboard import agent_rooms

DASHBOARDS = 3
WARM_SECONDS = 60
SETTLE_SECONDS = 10
FIRST_SCORE_MS = 90_000
SLOWER = 4
SLOW_SECONDS = 30
# Beats are counted over a stretch with two ends, and a tick may come a little early or late.
UPDATES_BAR = 1.1
GROWTH_BAR = 1.1
"""Heap at the end of a state, of the heap at its beginning; both after a collection. What grows in
the first minutes is what V8 compiles; tests/browser/organizer/test_smooth.py holds that it ends."""


def measure(world: World, report: Report) -> None:
    """Measure with everything running as in production; the chat is open."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("  (no Chromium: smoothness is not measured)")
        return
    # Read before Playwright's loop runs in this thread, where Django refuses every query.
    session = Session.objects.get(pk=world.session_id)
    seconds = float(os.environ.get("BENCH_PAGE_SECONDS", "60"))
    with ExitStack() as stack:
        log = world.folder / "servers.log"
        command = servers.uvicorn("conductor.asgi:application")
        web = stack.enter_context(servers.running("ours", command, log))
        stack.enter_context(beside(processes.ticker(0), log))
        stack.enter_context(beside(processes.worker(), log))
        stack.enter_context(beside(processes.beat(world.folder / "beat-pages"), log))
        crowd = stack.enter_context(crowd_of(world, web.port))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        pages = _opened(world, browser, f"http://127.0.0.1:{web.port}", session.code)
        run = Run(pages, session, seconds)
        run.go()
        browser.close()
    _tell(run, crowd, report)


def _opened(world: World, browser: Browser, url: str, code: str) -> list[Watched]:
    """Open the attendee's page, joined, and the dashboards; each in a context of its own."""
    attendee = Watched(browser, "attendee")
    attendee.page.goto(f"{url}/j/{code}")
    attendee.page.get_by_role("button", name="Join").click()
    attendee.page.get_by_text("You are in").wait_for()
    found = [attendee]
    name, _, value = world.cookie.partition("=")
    host = urlsplit(url).hostname or ""
    for n in range(DASHBOARDS):
        watched = Watched(browser, f"dashboard {n + 1}")
        watched.page.context.add_cookies(
            [{"name": name, "value": value, "domain": host, "path": "/"}]
        )
        watched.page.goto(f"{url}/sessions/{world.session_id}/")
        found.append(watched)
    return found


class Run:
    """The stretches of one measurement: calm, measuring, and measuring on a slow processor."""

    def __init__(self, pages: list[Watched], session: Session, seconds: float) -> None:
        self.pages = pages
        self.session = session
        self.seconds = seconds
        self.held: list[list[Held]] = []
        self.stretches: list[tuple[str, list[Stretch]]] = []

    def go(self) -> None:
        """Watch; takes `seconds` and about a minute."""
        for each in self.pages[1:]:
            each.page.locator("#score [data-score]").wait_for(timeout=FIRST_SCORE_MS)
        time.sleep(WARM_SECONDS)
        for each in self.pages:
            each.count()
        self._hold()
        self._watch("calm", self.seconds / 2)
        self._hold()
        beside_loop(self._begin_measuring)
        time.sleep(SETTLE_SECONDS)
        self._hold()
        self._watch("measuring", self.seconds / 2)
        self._hold()
        for each in self.pages:
            each.throttle(SLOWER)
        self._watch(f"measuring, {SLOWER}× slower", SLOW_SECONDS)

    def _hold(self) -> None:
        self.held.append([each.held() for each in self.pages])

    def _watch(self, name: str, seconds: float) -> None:
        marks = [each.mark() for each in self.pages]
        time.sleep(seconds)
        pairs = zip(self.pages, marks, strict=True)
        self.stretches.append((name, [each.since(mark) for each, mark in pairs]))

    def _begin_measuring(self) -> None:
        """A poll went out: its card counts down and its progress grows."""
        now = dt.datetime.now(dt.UTC)
        closes = now + dt.timedelta(seconds=self.seconds + SLOW_SECONDS)
        row = agent_rooms.make(self.session, now, "delivered", closes_at=closes)
        agent_rooms.deliver(row, now, SOCKETS)
        agent_rooms.vote(row, (21, 9, 4), now)
        told = frames.text("event", name="suggestion")
        broadcast.publish([(self.session.pk, broadcast.HOST, told)])


def beside_loop(work: Callable[[], None]) -> None:
    """Run something that asks the database, outside the thread of Playwright's loop."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def _tell(run: Run, crowd: Crowd, report: Report) -> None:
    rate = crowd.sent / crowd.seconds
    report.table(
        f"{SOCKETS} attendees, {rate:.0f} signals/s, {run.seconds:.0f} s; "
        f"main thread per tick of 5 s; load {machine.load():.1f}",
        ["page", "DOM updates/s", "main thread ms", "script", "layout", f"tasks > {LONG_MS} ms"],
        [
            [
                f"{page.name}, {name}",
                f"{s.updates:.2f}",
                *(f"{each:.1f}" for each in (s.task_ms, s.script_ms, s.layout_ms)),
                s.long,
            ]
            for name, stretches in run.stretches
            for page, s in zip(run.pages, stretches, strict=True)
        ],
    )
    columns = list(zip(*run.held, strict=True))
    report.table(
        "What the pages hold after a collection: calm from … to, measuring from … to",
        ["page", "heap MB", "DOM nodes", "listeners"],
        [
            [
                page.name,
                " → ".join(f"{each.megabytes:.2f}" for each in held),
                " → ".join(str(each.nodes) for each in held),
                " → ".join(str(each.listeners) for each in held),
            ]
            for page, held in zip(run.pages, columns, strict=True)
        ],
    )
    print(f"  sockets closed: {crowd.closed}; signals refused: {crowd.refused}")
    _judge(run, crowd, report)


def _judge(run: Run, crowd: Crowd, report: Report) -> None:
    # At a quarter of the speed a beat may come late and the next one in time.
    full = [stretches for name, stretches in run.stretches[:2]]
    attendee = max(each[0].updates for each in full)
    dashboards = max(s.updates for each in full for s in each[1:])
    report.bar("DOM updates/s, attendee", attendee, UPDATES_BAR, at_least=False)
    report.bar("DOM updates/s, dashboards", dashboards, UPDATES_BAR, at_least=False)
    calm_first, calm_last, first, last = run.held
    growth = max(
        after.megabytes / before.megabytes
        for pairs in (zip(calm_first, calm_last, strict=True), zip(first, last, strict=True))
        for before, after in pairs
    )
    what = "heap at the end ÷ at the beginning of a state, worst page"
    report.bar(what, growth, GROWTH_BAR, at_least=False)
    share = crowd.accepted / max(1, crowd.sent)
    report.bar("signals acknowledged ÷ sent", share, 1.0, at_least=True)
