"""The measuring process: Django is set up for the bench's servers, then part by part."""

import os
import sys
import tempfile
import time
from pathlib import Path

import django

django.setup()

from django.conf import settings

from tests.bench.speed import (
    PARTS,
    fanout,
    ingest,
    machine,
    memory,
    neighbours,
    page,
    pages,
    paint,
    servers,
    ticks,
    world,
)
from tests.bench.speed.report import Report


def main(words: list[str]) -> int:
    """Run the parts named; return 1 where a bar is missed."""
    quick = "--quick" in words
    began = time.monotonic()
    print(f"Load average before: {machine.load():.2f}; cores: {len(machine.CORES)}", flush=True)
    bench = Bench(world.made(settings.CONDUCTOR_HOME), quick)
    try:
        for part in PARTS:
            if part in words:
                getattr(bench, part)()
    finally:
        good = bench.report.finish()
    print(f"\nTook {time.monotonic() - began:.0f} s; load average {machine.load():.2f}")
    return 0 if good else 1


class Bench:
    """The parts, each with the time it may take."""

    def __init__(self, here: world.World, quick: bool) -> None:
        self.here = here
        self.report = Report()
        self.quick = quick
        self.npm = Path(tempfile.gettempdir()) / f"engagement-bench-npm-{os.getuid()}"
        self.rounds = 1 if quick else 3
        self.seconds = 1.5 if quick else 2.0
        self.client = servers.build_client(here.folder)

    def ingest(self) -> None:
        """Measure signals accepted."""
        ingest.measure(self.here, self.client, self.report, self.npm, self.rounds, self.seconds)

    def fanout(self) -> None:
        """Measure frames to everybody."""
        rounds = min(self.rounds, 2)
        fanout.measure(self.here, self.client, self.report, self.npm, rounds, self.seconds + 2)

    def rows(self) -> None:
        """Measure signals stored."""
        ticks.measure_rows(self.here, self.report)

    def ticks(self) -> None:
        """Measure what a tick costs."""
        ticks.measure_ticks(self.here, self.report)

    def page(self) -> None:
        """Measure from accepted to seen."""
        page.measure(self.here, self.report)

    def paint(self) -> None:
        """Measure how soon pages are seen on a slow phone."""
        paint.measure(self.here, self.report)

    def pages(self) -> None:
        """Measure how smooth pages stay with many at it."""
        pages.measure(self.here, self.report)

    def neighbours(self) -> None:
        """Measure what a hostile organisation takes from a quiet one."""
        neighbours.measure(self.report, quick=self.quick)

    def memory(self) -> None:
        """Measure what sockets hold."""
        memory.measure(self.here, self.client, self.report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
