"""First paint on a slow phone: 150 ms of round trip, 1.6 Mbit/s, a processor four times slower."""

import shutil
from contextlib import ExitStack
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from engagement.models import Session
from tests.bench.speed import servers
from tests.bench.speed.report import Report
from tests.bench.speed.world import World

ROUNDS = 5
SLOWER = 4
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
ATTENDEE_BAR_MS = 1000
SETTLE_MS = 1000
WATCHING = """
  window.bench = {};
  for (const type of ["paint", "largest-contentful-paint"]) {
    new PerformanceObserver((list) => {
      for (const each of list.getEntries()) window.bench[each.name || "largest"] = each.startTime;
    }).observe({type, buffered: true});
  }
"""
SAID = """() => {
  const files = performance.getEntriesByType("resource");
  const page = performance.getEntriesByType("navigation")[0];
  const waits = files.filter((each) => each.renderBlockingStatus === "blocking");
  const bytes = (list) => list.reduce((sum, each) => sum + each.transferSize, 0);
  return {
    first: window.bench["first-contentful-paint"], largest: window.bench.largest,
    page: page.transferSize, waits: waits.length, waitBytes: bytes(waits), all: bytes(files),
  };
}"""


def measure(world: World, report: Report) -> None:
    """Measure pages as production serves them; nothing else runs meanwhile."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("  (no Chromium: first paint is not measured)")
        return
    code = Session.objects.get(pk=world.session_id).code
    with ExitStack() as stack:
        command = servers.uvicorn("conductor.asgi:application")
        log = world.folder / "servers.log"
        web = stack.enter_context(servers.running("ours", command, log))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = _measured(world, browser, f"http://127.0.0.1:{web.port}", code)
        browser.close()
    report.table(
        f"First paint on slow 4G, processor {SLOWER}× slower (median of {ROUNDS}, cold cache)",
        [
            "page",
            "first paint ms",
            "largest ms",
            "page kB",
            "files waited for",
            "their kB",
            "all kB",
        ],
        [
            [
                name,
                f"{said['first']:.0f}",
                f"{said['largest']:.0f}",
                f"{said['page'] / 1e3:.1f}",
                f"{said['waits']:.0f}",
                f"{said['waitBytes'] / 1e3:.1f}",
                f"{said['all'] / 1e3:.1f}",
            ]
            for name, said in found.items()
        ],
    )
    first = found["attendee"]["first"]
    report.bar("first paint of the attendee page, ms", first, ATTENDEE_BAR_MS, at_least=False)


def _measured(world: World, browser: Browser, url: str, code: str) -> dict[str, dict[str, float]]:
    door = f"{url}/j/{code}"
    joined = browser.new_context()
    page = joined.new_page()
    page.goto(door)
    page.get_by_role("button", name="Join").click()
    page.get_by_text("You are in").wait_for()
    attendee: list[Any] = joined.cookies()
    joined.close()
    name, _, value = world.cookie.partition("=")
    host = urlsplit(url).hostname or ""
    organizer: list[Any] = [{"name": name, "value": value, "domain": host, "path": "/"}]
    return {
        "joining": _page(browser, door, []),
        "attendee": _page(browser, door, attendee),
        "dashboard": _page(browser, f"{url}/sessions/{world.session_id}/", organizer, wide=True),
    }


def _page(
    browser: Browser, address: str, cookies: list[Any], *, wide: bool = False
) -> dict[str, float]:
    size = {"width": 1440, "height": 900} if wide else {"width": 390, "height": 844}
    rounds = []
    for _ in range(ROUNDS):
        context = browser.new_context(viewport={"width": size["width"], "height": size["height"]})
        context.add_cookies(cookies)
        rounds.append(_visit(context, address))
        context.close()
    return {name: median(each[name] for each in rounds) for name in rounds[0]}


def _visit(context: BrowserContext, address: str) -> dict[str, float]:
    page = context.new_page()
    page.add_init_script(WATCHING)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLE_MS)
    said: dict[str, float] = page.evaluate(SAID)
    return said
