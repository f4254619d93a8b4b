"""`make chaos`: kill -9 at random points for minutes, then hold every promise against the rows."""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from conductor.embedded.valkey import EmbeddedValkey
from tests.chaos.judge import STUCK_SECONDS, Line, judge
from tests.chaos.storm import Storm, rage
from tests.survival.installation import PROJECT, Installation, eventually, installation


def run(minutes: float, rooms: int, people: int, seed: int, folder: Path) -> list[Line]:
    """Return the promises with what was seen; prints the table."""
    platform = EmbeddedValkey(folder / "platform", durable=False)
    url = platform.ensure()
    try:
        more = {"PLATFORM_REDIS_URL": url, "PLATFORM_CHANNELS_OUT": "1"}
        with installation(folder, more) as made:
            made_rooms = prepared(made, rooms, people)
            storm = asyncio.run(rage(made, made_rooms, url, minutes * 60, seed))
            eventually(lambda: made.answers("/health/detailed"), 90, "all is well again")
            time.sleep(STUCK_SECONDS)
            found = judge(made, storm)
            show(made, storm, found)
            return found
    finally:
        platform.stop()


def prepared(made: Installation, rooms: int, people: int) -> list[dict[str, object]]:
    """Make the rooms inside the installation."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.prepare", str(rooms), str(people)], cwd=PROJECT,
        env=made.environment, capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    return list(json.loads(done.stdout))


def show(made: Installation, storm: Storm, found: list[Line]) -> None:
    """Print what was done to it and what was seen."""
    with made.database() as database:
        ends = Counter(
            row[0] for row in database.execute("select status from interventions_intervention")
        )
    print(f"kills        {sum(storm.kills.values())}: {dict(storm.kills)}")
    print(f"reconnects   {sum(each.reconnects for each in storm.people)}")
    print(f"suggestions  {sum(ends.values())}: {dict(ends.most_common())}")
    for line in found:
        print(f"{'PASS' if line.holds else 'FAIL'}  {line.promise:42} {line.seen}")


def main() -> int:
    """Run, print, and return 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long things are killed")
    parser.add_argument("--rooms", type=int, default=16)
    parser.add_argument("--people", type=int, default=6, help="in each room")
    parser.add_argument("--seed", type=int, default=1, help="of who is killed when")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        found = run(given.minutes, given.rooms, given.people, given.seed, Path(folder))
    return 0 if all(line.holds for line in found) else 1


if __name__ == "__main__":
    sys.exit(main())
