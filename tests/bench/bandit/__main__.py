"""`make bench-bandit`: print the tables. `--runs N` and `--first-seed S` change what is played.

The settings of the policy were chosen on seeds 1000 to 1999; never measure on those.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import random
import sys
import time

from interventions.learning.bandit import Policy
from tests.bench.bandit import report
from tests.bench.bandit.agents import AGENTS, MAB
from tests.bench.bandit.report import BARE, CARRIED, LINTS, OURS, RESET, Played
from tests.bench.bandit.world import WORLDS

SHORT = ("uniform", RESET, CARRIED, LINTS, OURS)
TUNED_ON = range(1000, 2000)
ALL_KINDS = (
    "POLL", "QUIZ", "CHAT_PROMPT", "QUESTION_PROMPT", "NOTIFICATION",
    "GAMIFICATION", "SPEAKER_CUE", "BREAK", "SPOKEN", "HOLD",
)  # fmt: skip


def latency(rounds: int = 300) -> tuple[float, float]:
    """Return the 95th percentiles of choosing and learning with all ten actions, milliseconds."""
    policy, rng = Policy(ALL_KINDS, seed=1), random.Random(1)
    choosing, learning = [], []
    for number in range(rounds):
        if number % 10 == 0:
            policy.new_event()
        start = time.perf_counter()
        decision = policy.choose({"score": rng.uniform(20, 45)}, ALL_KINDS)
        middle = time.perf_counter()
        policy.learn(decision.id, rng.gauss(0, 5))
        choosing.append(middle - start)
        learning.append(time.perf_counter() - middle)
    return tuple(1000 * sorted(times)[int(0.95 * rounds)] for times in (choosing, learning))


def main() -> int:
    """Play everything and print it; a bar that is not met is said in its table."""
    parser = argparse.ArgumentParser(prog="tests.bench.bandit", description=__doc__)
    parser.add_argument("--runs", type=int, default=60, help="runs in the mixed world")
    parser.add_argument("--others", type=int, default=24, help="runs in each other world")
    parser.add_argument("--first-seed", type=int, default=7000)
    options = parser.parse_args()
    if options.first_seed in TUNED_ON:
        print("These seeds chose the settings: the numbers below are flattering.")
    if MAB is None:
        print("MABWiser is not installed: its rows are left out.")
    results: dict[str, dict[str, Played]] = {}
    for world in WORLDS:
        names = [name for name in AGENTS if world == "mixed" or name in SHORT]
        count = options.runs if world == "mixed" else options.others
        seeds = range(options.first_seed, options.first_seed + count)
        results[world] = {name: report.play(world, name, seeds) for name in names}
        print("\n".join(report.regret_table(world, results[world])), flush=True)
    chosen = {name: results["mixed"][name] for name in results["mixed"] if name in (*SHORT, BARE)}
    entries = report.bars(results, latency())
    for lines in (
        report.block_table(chosen),
        report.claim_table(results),
        report.confidence_table(results),
        report.bar_table(entries),
    ):
        print("\n".join(lines), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
