"""What a page in Chromium does: main thread, changes of its document, long tasks, what it holds."""

import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

TICK_SECONDS = 5
LONG_MS = 50
# One update is what changes between two frames. Batches of mutations would count one touch of the
# document as several where it comes in several steps.
COUNTING = """
  window.bench = {updates: 0, long: []};
  let isOpen = false;
  new MutationObserver(() => {
    if (isOpen) return;
    isOpen = true;
    window.bench.updates += 1;
    requestAnimationFrame(() => { isOpen = false; });
  }).observe(document.documentElement,
    {subtree: true, childList: true, characterData: true, attributes: true});
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) window.bench.long.push(each.duration);
  }).observe({type: "longtask"});
"""


@dataclass(frozen=True)
class Held:
    """What a page holds after a collection."""

    megabytes: float
    nodes: int
    listeners: int


@dataclass(frozen=True)
class Stretch:
    """What a page did in a stretch of time."""

    task_ms: float
    script_ms: float
    layout_ms: float
    updates: float
    long: int


class Watched:
    """One page in a context of its own; times are of its main thread's processor, per tick."""

    def __init__(self, browser: Browser, name: str) -> None:
        self.name = name
        self.page: Page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self.session: CDPSession = self.page.context.new_cdp_session(self.page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def count(self) -> None:
        """Begin to count changes and long tasks."""
        self.page.evaluate(COUNTING)

    def throttle(self, times: int) -> None:
        """Make the processor so many times slower."""
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def held(self) -> Held:
        """Collect twice (scripts let go of nodes, then nodes are let go of), say what is left."""
        for _ in range(2):
            self.session.send("HeapProfiler.collectGarbage")
        found = self._metrics()
        return Held(
            found["JSHeapUsedSize"] / 1e6, int(found["Nodes"]), int(found["JSEventListeners"])
        )

    def mark(self) -> dict[str, float]:
        """Return the counters so far, to give to `since`."""
        said: dict[str, Any] = self.page.evaluate(
            "({updates: window.bench.updates, long: window.bench.long.length})"
        )
        return {**self._metrics(), **said, "at": time.monotonic()}

    def since(self, then: dict[str, float]) -> Stretch:
        """Return what happened since a mark."""
        now = self.mark()
        gone = {name: now[name] - then[name] for name in now}
        ticks = gone["at"] / TICK_SECONDS
        styles = gone["LayoutDuration"] + gone["RecalcStyleDuration"]
        return Stretch(
            task_ms=gone["TaskDuration"] * 1000 / ticks,
            script_ms=gone["ScriptDuration"] * 1000 / ticks,
            layout_ms=styles * 1000 / ticks,
            updates=gone["updates"] / gone["at"],
            long=int(gone["long"]),
        )

    def _metrics(self) -> dict[str, float]:
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return {each["name"]: float(each["value"]) for each in metrics}
