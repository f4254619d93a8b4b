"""Measure everything and judge it: `python -m tests.bench.speed [--quick] [--minutes N] [--only PART …]`.

Traffic stays on 127.0.0.1 and ends by itself. The server under test runs on the first core, the
load generator, Valkey and PostgreSQL on the last; numbers are per CPU-second of the server's
process tree, because rates on a shared machine say more about its neighbours.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from conductor.embedded.data_directory import Home
from tests.bench.speed import PARTS, machine


def main() -> int:
    """Start servers of our own, measure in a process that is set up for them, clean up."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: for a first look")
    parser.add_argument("--minutes", type=float, help="how long the pages are watched (1)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="engagement-bench-"))
    home = Home(folder)
    try:
        with machine.on_core(machine.CLIENT_CORE):
            home.postgres.ensure()
            url = home.valkey.ensure()
        environment = {
            **os.environ,
            "CONDUCTOR_HOME": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.bench.speed.settings",
            "BENCH_REDIS_URL": url,
            "LOG_LEVEL": "ERROR",
        }
        if options.minutes:
            environment["BENCH_PAGE_SECONDS"] = str(options.minutes * 60)
        words = ["--quick"] if options.quick else []
        command = [sys.executable, "-m", "tests.bench.speed.measure", *words, *options.only]
        code = subprocess.run(command, env=environment, check=False).returncode
        log = folder / "servers.log"
        if code and log.exists():
            print(f"The servers said:\n{log.read_text(errors='replace')[-4000:]}")
        return code
    finally:
        home.valkey.stop()
        home.postgres.stop(mode="immediate")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
