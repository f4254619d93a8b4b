"""Measure detectors: `python -m tests.bench.detect [--quick] [--data FOLDER]`.

Made-up sessions with seeds of their own for calibration, for false alarms and for troubles; and,
where a folder with traces is given, real chats with thinned drops, real viewer counts with people
removed, and real meetings. Everybody gets the same budget of false alarms and one threshold for all
audience sizes. Exit code 1 where a bar is missed.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.bench.detect import floor, odd, report
from tests.bench.detect.measure import NAMES, OURS, Plan, replay, simulate

DATA = Path("../shared/data/counts")
QUICK = Plan(hours=8, each=4, passes=1)


def show(title: str, rows: list[str]) -> None:
    """Print one part."""
    print(f"\n== {title}\n" + "\n".join(rows), flush=True)


def main() -> int:
    """Measure and print; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detect", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of it: for a first look")
    parser.add_argument("--ours", action="store_true", help="without the rivals")
    parser.add_argument("--data", type=Path, default=DATA, help=f"folder of traces ({DATA})")
    options = parser.parse_args()
    plan = QUICK if options.quick else Plan()
    names = [OURS] if options.ours else list(NAMES)
    started = time.perf_counter()
    world = simulate(plan, names)
    size = f"{plan.hours} clean hours a size twice, {plan.each} sessions a cell"
    show(f"Simulation, at the thresholds they come with ({size})", report.defaults(world))
    bars, hourly = [], {}
    verdicts = {}
    for budget in report.BUDGETS:
        rows, verdicts[budget] = report.budgeted(world, budget)
        show(f"Simulation, {budget:g} false alarms an hour on the calibration seeds", rows)
    hourly = verdicts[1.0]
    show("Types and severities", report.types(hourly[OURS]) + report.severities(world))
    bars += report.sim_bars(hourly[OURS], verdicts[0.25][OURS])
    bars.append(report.floor_bar(floor.ratio(world, hourly[OURS].threshold)))
    show("Odd sessions, ours as told", odd.rows(max(6, plan.each // 2)))
    if options.data.is_dir():
        real = replay(plan, names, options.data)
        for title, (rows, more) in (
            ("Real chats", report.real_chat(real, hourly)),
            ("Real viewer counts, 1/h crosswise", report.real_presence(real)),
            ("Real classes", report.real_classes(real)),
        ):
            show(title, rows)
            bars += more
    else:
        print(f"\n(no folder {options.data}: real traces are left out)")
    rows, more = report.costs(names)
    show("Cost", rows)
    bars += more
    show("Bars", report.judged(bars))
    print(f"\n{time.perf_counter() - started:.0f} s")
    return int(any(bar.verdict == "FAIL" for bar in bars))


if __name__ == "__main__":
    sys.exit(main())
