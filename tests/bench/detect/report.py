"""The tables, and the bars that a change must not fall under."""

from dataclasses import dataclass
from math import isnan
from typing import Final

from engagement.simulation import SIZES, Trouble
from tests.bench.detect import judge
from tests.bench.detect.counting import Tally, per_hour
from tests.bench.detect.measure import DEFAULTS, OURS, Real, Simulated, cost
from tests.bench.detect.worlds import KINDS

BUDGETS: Final = (1.0, 0.25)


@dataclass(frozen=True, slots=True)
class Bar:
    """A number that must reach `fail`, and should reach `aim`; smaller is better where `less`."""

    name: str
    value: float
    fail: float
    aim: float
    less: bool = False

    @property
    def verdict(self) -> str:
        """PASS, "short of aim", or FAIL."""
        sign = -1.0 if self.less else 1.0
        if isnan(self.value) or sign * self.value < sign * self.fail - 1e-9:
            return "FAIL"
        return "PASS" if sign * self.value >= sign * self.aim - 1e-9 else "pass, short of aim"


def line(name: str, *cells: str, width: int = 12) -> str:
    """One row of a table."""
    return f"{name:<18}" + "".join(f"{cell:>{width}}" for cell in cells)


def cell(tally: Tally) -> str:
    """Recall and delays: 93%±3 10/25s."""
    if not tally.total:
        return "-"
    share = f"{100 * tally.recall:.0f}±{100 * tally.error:.0f}"
    return share if not tally.delays else f"{share} {tally.delay():.0f}/{tally.slowest():.0f}"


def defaults(world: Simulated) -> list[str]:
    """Everybody at the threshold it comes with."""
    rows = [line("", "threshold", "FA/h small", "medium", "large", "in alarm", "macro")]
    for name in world.said:
        v = judge.at_threshold(world, name, DEFAULTS[name])
        rows.append(
            line(
                name,
                f"{v.threshold:.2f}",
                *(f"{v.storms[size]:.2f}" for size in SIZES),
                f"{v.above:.1%}",
                f"{v.macro:.1%}",
            )
        )
    return rows


def budgeted(world: Simulated, budget: float) -> tuple[list[str], dict[str, judge.Verdict]]:
    """Everybody at the same budget of false alarms."""
    verdicts = {name: judge.at_budget(world, name, budget) for name in world.said}
    rows = [line("", "threshold", "FA/h S/M/L", "crossings", "in alarm", "macro", "10s", "15s")]
    for name, v in verdicts.items():
        rows.append(
            line(
                name,
                f"{v.threshold:.3f}",
                "/".join(f"{v.storms[size]:.1f}" for size in SIZES),
                "/".join(f"{v.crossings[size]:.1f}" for size in SIZES),
                f"{v.above:.2%}",
                f"{100 * v.macro:.1f}±{100 * v.macro_error:.1f}",
                f"{v.severe.within(10):.0%}",
                f"{v.severe.within(15):.0%}",
            )
        )
    rows += ["", "recall % ± standard error, median/p90 delay in s; medium and large, then small"]
    for sizes in (("medium", "large"), ("small",)):
        rows.append(line("", *(kind.name for kind in KINDS), width=15))
        for name, v in verdicts.items():
            cells = (cell(v.pooled(kind.name, sizes)) for kind in KINDS)
            rows.append(line(name, *cells, width=15))
    return rows, verdicts


def types(v: judge.Verdict) -> list[str]:
    """How often a trouble that was found was called by its name."""
    told = (f"{trouble.value} {v.accuracy(trouble):.2f}" for trouble in Trouble)
    return ["ours, type given a hit: " + ", ".join(told)]


def severities(world: Simulated) -> list[str]:
    """Ours as an organizer hears it, on held-out hours."""
    rows = []
    for size in SIZES:
        said = [s for s, t in zip(world.said[OURS][1], world.clean, strict=True) if t.size == size]
        told = judge.told_per_hour(said)
        rows.append(f"{size}: {told.warnings:.2f} alarms/h, {told.critical:.2f} CRITICAL/h")
    return ["ours as told (Watch), held out: " + "; ".join(rows)]


def real_chat(real: Real, sim: dict[str, judge.Verdict]) -> tuple[list[str], list[Bar]]:
    """Thinned chats: each half judged at the threshold that the other half gave."""
    bars, rows = [], []
    kinds = [kind for kind in real.passes if kind.startswith(("drop", "decline"))]
    for budget in (0.5, 1.5):
        rows += ["", f"{budget}/h: each half judged at the threshold that the other half gave"]
        rows.append(line("", "FA/h", *kinds, width=15))
        for name in sim:
            seen = judge.crossed(real, name, "chats", kinds, budget)
            cells = seen.found
            shown = (cell(tally) for tally in cells.values())
            rows.append(line(name, f"{seen.false_per_hour:.2f}", *shown, width=15))
            if name == OURS:
                bars += _chat_bars(budget, cells)
    rows += [
        "",
        "all of each trace, FA/h: at the simulation's 1/h threshold, in meetings, by default",
    ]
    for name, v in sim.items():
        false = per_hour(judge.courses(real.said[name]["chats"]), v.threshold)
        quiet = per_hour(judge.courses(real.said[name]["meetings"]), v.threshold)
        usual = per_hour(judge.courses(real.said[name]["chats"]), DEFAULTS[name])
        rows.append(line(name, f"{false:.2f}", f"{quiet:.2f}", f"{usual:.2f}"))
        if name == OURS:
            bars.append(Bar("B real chat FA/h at the 1/h setting", false, 2.0, 1.2, less=True))
            bars.append(Bar("D meetings FA/h", quiet, 0.2, 0.0, less=True))
    return rows, bars


def _chat_bars(budget: float, cells: dict[str, Tally]) -> list[Bar]:
    if budget == 0.5:
        fast = Tally()
        fast.add(cells["drop 90%"])
        fast.add(cells["drop 100%"])
        return [
            Bar("B real chat 90 and 100 % drops, 0.5/h", fast.recall, 0.95, 0.99),
            Bar("B their median delay, s", fast.delay(), 10.0, 10.0, less=True),
        ]
    return [
        Bar("B real chat 70 % drops, 1.5/h", cells["drop 70%"].recall, 0.60, 0.75),
        Bar("B real chat 75 % declines, 1.5/h", cells["decline 75%"].recall, 0.70, 0.85),
    ]


def real_presence(real: Real) -> tuple[list[str], list[Bar]]:
    """Viewers removed: each half judged at the threshold that the other half gave."""
    bars = []
    kinds = [kind for kind in real.passes if kind.startswith("exit")]
    rows = [line("", "FA/h", *kinds, width=15)]
    for name in real.said:
        # Below its own warning ours says nothing, whatever budget is left.
        least = DEFAULTS[OURS] if name == OURS else 0.0
        seen = judge.crossed(real, name, "viewers", kinds, 1.0, least)
        cells = seen.found
        shown = (cell(tally) for tally in cells.values())
        rows.append(line(name, f"{seen.false_per_hour:.2f}", *shown, width=15))
        if name == OURS:
            bars = [
                Bar("C real viewers, 30 % exits", cells["exit 30%"].recall, 0.75, 0.92),
                Bar("C real viewers, 50 % exits", cells["exit 50%"].recall, 0.95, 1.0),
            ]
    return rows, bars


def real_classes(real: Real) -> tuple[list[str], list[Bar]]:
    """Ours as told in whole classes: nothing critical before the end, and the exodus by its name."""
    rows, early, exits = [], 0, 0
    for trace, said in zip(real.passes["classes"], real.said[OURS]["classes"], strict=True):
        told = said.course.told
        early += sum(tick < trace.half and severity == "CRITICAL" for tick, _, severity in told)
        exits += any(tick >= trace.half and kind == "MASS_EXIT" for tick, kind, _ in told)
        length = len(trace.ticks)
        shown = ", ".join(f"{kind} {severity} at tick {tick}" for tick, kind, severity in told)
        rows.append(f"{trace.file} ({length} ticks): {shown or 'nothing told'}")
    if not rows:
        return ["none"], []
    share = exits / len(rows)
    return rows, [
        Bar("E class: CRITICAL before its end", float(early), 0.0, 0.0, less=True),
        Bar("E class: exodus told as MASS_EXIT", share, 0.0, 1.0),
    ]


def costs(names: list[str]) -> tuple[list[str], list[Bar]]:
    """CPU, memory, and blindness at the start."""
    rows, bars = [line("", "us/tick", "of 1,000", "KB/session", "blind s")], []
    for name in names:
        each = cost(name)
        many = f"{each.among_many:.1f}" if each.among_many else "-"
        row = f"{each.microseconds:.1f}", many, f"{each.kilobytes:.0f}"
        rows.append(line(name, *row, f"{each.blind_seconds:.0f}"))
        if name == OURS:
            bars = [
                Bar("G us a tick", each.microseconds, 30.0, 15.0, less=True),
                Bar("G us a tick among 1,000 sessions", each.among_many, 30.0, 15.0, less=True),
                Bar("G KB a session", each.kilobytes, 20.0, 16.0, less=True),
                Bar("G blind at the start, s", each.blind_seconds, 150.0, 120.0, less=True),
            ]
    return rows, bars


def sim_bars(hourly: judge.Verdict, quarter: judge.Verdict) -> list[Bar]:
    """The bars of the simulated part."""
    worst = max(hourly.storms.values())
    accuracy = hourly.accuracy
    return [
        Bar("A macro recall at 1/h", hourly.macro, 0.80, 0.88),
        Bar("A macro recall at 0.25/h", quarter.macro, 0.65, 0.75),
        Bar("A severe within 10 s", hourly.severe.within(10), 0.85, 0.92),
        Bar("A severe within 15 s", hourly.severe.within(15), 0.93, 0.98),
        Bar("A held-out FA/h, worst size", worst, 1.3, 1.0, less=True),
        Bar("A type: sudden", accuracy(Trouble.DROP), 0.75, 0.85),
        Bar("A type: exit", accuracy(Trouble.EXIT), 0.95, 0.98),
        Bar("A type: decline", accuracy(Trouble.DECLINE), 0.45, 0.75),
        Bar("A type: low", accuracy(Trouble.LOW), 0.95, 0.98),
    ]


def floor_bar(ratio: float) -> Bar:
    """How far from what anybody could do."""
    return Bar("H delay of 90 and 100 % drops, times floor", ratio, 2.0, 1.5, less=True)


def judged(bars: list[Bar]) -> list[str]:
    """The bars with their verdicts."""
    return [
        f"{bar.name:<42}{bar.value:>9.3f}   {'<=' if bar.less else '>='} {bar.fail:g}"
        f" (aim {bar.aim:g})  {bar.verdict}"
        for bar in bars
    ]
