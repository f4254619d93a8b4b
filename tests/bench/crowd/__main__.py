"""Measure a crowd: `python -m tests.bench.crowd [SECTION …]`."""

import argparse
import sys
from collections.abc import Callable
from typing import Final

from tests.bench.crowd import coming
from tests.bench.speed import texts
from tests.bench.speed.report import Report


def judge_texts(report: Report) -> None:
    """Print whose words are held that should not be, and shown that should not be."""
    found = texts.counts()
    report.table("Whose words are held", texts.HEADS, [each.row() for each in found])
    heads, *beside = texts.by_language(found)
    report.table("Held that should not be, beside shown that should not be", heads, beside)


SECTIONS: Final[dict[str, Callable[[Report], None]]] = {
    "coming": coming.measure,
    "texts": judge_texts,
}
"""Each prints its tables and judges its bars."""


def main() -> int:
    """Run the sections; 0 where every bar is met."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.crowd", description=__doc__)
    parser.add_argument("sections", nargs="*", default=list(SECTIONS))
    report = Report()
    for name in parser.parse_args().sections:
        SECTIONS[name](report)
    return 0 if report.finish() else 1


if __name__ == "__main__":
    sys.exit(main())
