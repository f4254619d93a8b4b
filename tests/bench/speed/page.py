"""From accepted to seen: a signal posted at the door until a browser shows it."""

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from conductor.supervision import processes
from tests.bench.speed import servers
from tests.bench.speed.report import Report
from tests.bench.speed.world import World

ROUNDS = 6
SECONDS_BAR = 7.0
PATIENCE_SECONDS = 20.0
PEOPLE = 4_000


def measure(world: World, report: Report) -> None:
    """Measure with everything running as in production: web, ticker, beat, Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("  (no Chromium: accepted → seen is not measured)")
        return
    with ExitStack() as stack:
        log = world.folder / "servers.log"
        web = stack.enter_context(
            servers.running("ours", servers.uvicorn("conductor.asgi:application"), log)
        )
        stack.enter_context(beside(processes.ticker(0), log))
        stack.enter_context(beside(processes.beat(world.folder / "beat"), log))
        url = f"http://127.0.0.1:{web.port}"
        page = stack.enter_context(_opened(world, url, chromium))
        waits = _waits(world, url, page)
    report.table(
        f"Signal accepted → seen in Chromium ({len(waits)} signals; a tick is 5 s)",
        ["median s", "fastest", "slowest"],
        [[f"{median(waits):.2f}", f"{min(waits):.2f}", f"{max(waits):.2f}"]],
    )
    report.bar("accepted → seen, slowest, s", max(waits), SECONDS_BAR, at_least=False)


@contextmanager
def beside(command: list[str], log: Path) -> Iterator[None]:
    """Run one more process of ours until the block ends."""
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=servers.ROOT, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _opened(world: World, url: str, chromium: str) -> Iterator[Page]:
    name, _, value = world.cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        host = urlsplit(url).hostname or ""
        context.add_cookies([{"name": name, "value": value, "domain": host, "path": "/"}])
        page = context.new_page()
        page.goto(f"{url}/sessions/{world.session_id}/")
        yield page
        browser.close()


def _waits(world: World, url: str, page: Page) -> list[float]:
    """Post a head count that nobody else reports; wait until the page says it."""
    waits = []
    for n in count(1):
        people = PEOPLE + n
        _post(world, url, people)
        accepted = time.monotonic()
        page.wait_for_function(
            "wanted => document.body.innerText.replaceAll(/[,.\\u202f]/g, '').includes(wanted)",
            arg=str(people),
            timeout=PATIENCE_SECONDS * 1000,
            polling=20,
        )
        waits.append(time.monotonic() - accepted)
        if n == ROUNDS:
            return waits
        # Signals come at any moment of a tick.
        time.sleep(1.3)
    return waits


def _post(world: World, url: str, people: int) -> None:
    body = f'{{"signals":[{{"kind":"count","number":{people}}}]}}'
    request = urllib.request.Request(
        f"{url}/api/v1/sessions/{world.session_id}/signals/",
        data=body.encode(),
        headers={"Authorization": f"Bearer {world.key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        if answer.status != 202:
            raise SystemExit(f"The door answered {answer.status}.")
