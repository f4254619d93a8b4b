"""The tables: how much is lost, what is claimed, what is shown, and which bars are met."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan
from statistics import fmean

from tests.bench.bandit import measures
from tests.bench.bandit.agents import AGENTS, Agent
from tests.bench.bandit.measures import Claim, Shown
from tests.bench.bandit.runs import Row, run
from tests.bench.bandit.world import WORLDS

OURS = "ours"
BARE = "ours, no hold-out, no floors"
CARRIED = "before/after, carried"
RESET = "before/after, reset"
LINTS = "MABWiser LinTS(0.3)"


@dataclass
class Played:
    """All runs of one agent in one world, reduced to what the tables need."""

    regrets: list[float] = field(default_factory=list)
    blocks: list[list[float]] = field(default_factory=list)
    harmful: list[float] = field(default_factory=list)
    naive: list[Claim] = field(default_factory=list)
    headline: list[Claim] = field(default_factory=list)
    arms: list[Claim] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    looked: list[bool] = field(default_factory=list)
    replays: bool = True
    seconds: float = 0.0

    def add(self, rows: Sequence[Row], agent: Agent) -> None:
        """Take in one run."""
        self.regrets.append(measures.regret(rows))
        self.blocks.append(measures.regret_by_block([rows]))
        self.harmful.append(measures.harmful([rows]))
        self.naive.append(measures.before_after(rows))
        self.shown += measures.shown(rows)
        if rows[0].decision is None:
            return
        claim = measures.headline(rows)
        self.headline += [claim] if claim is not None else []
        self.arms += measures.per_arm(rows, agent)
        self.looked.append(measures.claimed_while_looking(rows))
        self.replays = self.replays and measures.replays(rows)


def play(world: str, name: str, seeds: range) -> Played:
    """Play one agent in one world over all seeds."""
    played = Played()
    for seed in seeds:
        start = time.process_time()
        rows, agent = run(WORLDS[world], AGENTS[name], seed)
        played.seconds += time.process_time() - start
        played.add(rows, agent)
    return played


def regret_table(world: str, results: dict[str, Played]) -> list[str]:
    """Return the regret of every agent in one world, in points over 30 events."""
    base = results[CARRIED].regrets
    lines = [f"### {world}: regret over 30 events, points (lower is better)", ""]
    lines += ["| policy | regret | against before/after, carried | harmful |", "|---|---|---|---|"]
    for name, played in results.items():
        value, low, high = measures.ratio(played.regrets, base)
        lines.append(
            f"| {name} | {fmean(played.regrets):.0f} ± {measures.spread(played.regrets):.0f} | "
            f"{value:.2f} [{low:.2f}, {high:.2f}] | {100 * fmean(played.harmful):.0f} % |"
        )
    return [*lines, ""]


def block_table(results: dict[str, Played]) -> list[str]:
    """Return how regret per decision falls from event to event."""
    lines = ["### mixed: regret per decision in event 1, 2-5, 6-10, 11-30", ""]
    lines += ["| policy | 1 | 2-5 | 6-10 | 11-30 |", "|---|---|---|---|---|"]
    for name, played in results.items():
        means = [fmean(values) for values in zip(*played.blocks, strict=True)]
        lines.append(f"| {name} | " + " | ".join(f"{mean:.2f}" for mean in means) + " |")
    return [*lines, ""]


def claim_row(world: str, name: str, claims: Sequence[Claim]) -> str:
    """Return one row of the claims table."""
    said, true = fmean(c.effect for c in claims), fmean(c.truth for c in claims)
    covers, width = fmean(c.covers for c in claims), fmean(c.high - c.low for c in claims)
    numbers = f"{said:+.2f} | {true:+.2f} | {said - true:+.2f} | {covers:.3f} | {width:.1f}"
    return f"| {world} | {name} | {numbers} |"


def claim_table(results: dict[str, dict[str, Played]]) -> list[str]:
    """Return what is claimed beside what is true, with the coverage of 95 % intervals."""
    lines = ["### What is claimed, and what is true (points; coverage of 95 % intervals)", ""]
    lines += [
        "| world | estimate | said | true | bias | coverage | width |",
        "|---|---|---|---|---|---|---|",
    ]
    for world, agents in results.items():
        lines.append(claim_row(world, "before/after", agents[CARRIED].naive))
        lines.append(claim_row(world, "ours: sent or held back", agents[OURS].headline))
        lines.append(claim_row(world, "ours: posterior per action", agents[OURS].arms))
    return [*lines, ""]


def confidence_table(results: dict[str, dict[str, Played]]) -> list[str]:
    """Return what the 75 % gate lets pass, and how calibrated confidence is."""
    lines = ["### Confidence and the 75 % gate", ""]
    lines += ["| world | policy | passes | of those worth it | ECE | claimed while looking |"]
    lines += ["|---|---|---|---|---|---|"]
    for world, agents in results.items():
        for name in (CARRIED, OURS):
            played = agents[name]
            passes, precision = measures.gate(played.shown)
            error = measures.calibration_error(played.shown)
            looked = f"{100 * fmean(played.looked):.0f} %" if played.looked else "-"
            worth = "-" if isnan(precision) else f"{precision:.2f}"
            lines.append(f"| {world} | {name} | {passes:.2f} | {worth} | {error:.3f} | {looked} |")
    said = " ".join(
        f"{one:.2f}→{two:.2f}" for one, two, _ in measures.calibration(results["mixed"][OURS].shown)
    )
    return [*lines, "", f"Said → true in mixed: {said}", ""]


@dataclass(frozen=True)
class Bar:
    """One bar: what, the number measured, and whether it is met."""

    what: str
    bar: str
    value: str
    is_met: bool


def _ratio_bar(what: str, most: float, ours: Played, theirs: Played | None) -> Bar:
    if theirs is None:
        return Bar(what, f"≤ {most:.2f}", "not installed", is_met=False)
    value, low, high = measures.ratio(ours.regrets, theirs.regrets)
    return Bar(what, f"≤ {most:.2f}", f"{value:.2f} [{low:.2f}, {high:.2f}]", value <= most)


def bars(results: dict[str, dict[str, Played]], latency: tuple[float, float]) -> list[Bar]:
    """Return every bar with its verdict."""
    mixed, null = results["mixed"], results["null"]
    ours, worlds = mixed[OURS], [agents[OURS] for agents in results.values()]
    bias = max(abs(fmean(c.effect - c.truth for c in played.headline)) for played in worlds)
    covers = fmean(claim.covers for played in worlds for claim in played.headline)
    arms = min(fmean(claim.covers for claim in played.arms) for played in worlds)
    looked = fmean(null[OURS].looked)
    precision, passes = measures.gate(ours.shown)[1], measures.gate(null[OURS].shown)[0]
    errors = [measures.calibration_error(results[w][OURS].shown) for w in ("mixed", "weak")]
    lints, bare = mixed.get(LINTS), mixed[BARE]
    return [
        _ratio_bar("regret / before/after carried, mixed", 0.92, ours, mixed[CARRIED]),
        _ratio_bar("regret / before/after reset, mixed", 0.70, ours, mixed[RESET]),
        _ratio_bar("regret / MABWiser LinTS, mixed", 1.00, ours, lints),
        _ratio_bar("the same without hold-out and floors", 0.90, bare, lints),
        _ratio_bar("regret / before/after carried, null", 0.75, null[OURS], null[CARRIED]),
        Bar("bias of the headline effect, worst world", "≤ 0.30", f"{bias:.2f}", bias <= 0.30),
        Bar("coverage of its 95 % interval", "0.92-0.98", f"{covers:.3f}", 0.92 <= covers <= 0.98),
        Bar("coverage per action, worst world", "≥ 0.90", f"{arms:.3f}", arms >= 0.90),
        Bar("null: effect claimed while looking", "≤ 0.05", f"{looked:.2f}", looked <= 0.05),
        Bar("gate: worth it in mixed", "≥ 0.93", f"{precision:.2f}", precision >= 0.93),
        Bar("gate: passes in null", "≤ 0.08", f"{passes:.2f}", passes <= 0.08),
        Bar(
            "ECE in mixed, weak",
            "≤ 0.10",
            ", ".join(f"{e:.3f}" for e in errors),
            max(errors) <= 0.1,
        ),
        Bar("rows replay and sum to one", "all", str(ours.replays), ours.replays),
        Bar(
            "choose, learn: p95 in ms",
            "< 10",
            "{:.1f}, {:.1f}".format(*latency),
            max(latency) < 10.0,
        ),
    ]


def bar_table(entries: Sequence[Bar]) -> list[str]:
    """Return the bars as a table."""
    lines = ["### Bars", "", "| measure | bar | measured | |", "|---|---|---|---|"]
    for entry in entries:
        met = "pass" if entry.is_met else "FALLS SHORT"
        lines.append(f"| {entry.what} | {entry.bar} | {entry.value} | {met} |")
    return [*lines, ""]
