"""Embedded servers end with who uses them, whatever ends that: a kill -9 leaves none behind.

Whoever uses a home's servers holds a shared lock on it for life; the kernel takes it away with the
process. A guard, a process of its own that no signal to its maker's group reaches, waits for the
exclusive lock: it gets it when the last user is gone, and stops what still runs. A user who comes
meanwhile waits until that is done.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from conductor.embedded.data_directory import Home

_LOCK = ".users"
START_SECONDS = 30


def use(home: Home) -> None:
    """Hold the home's servers for the rest of this process's life, not of its children's."""
    home.claim()
    fcntl.flock(os.open(home.path / _LOCK, os.O_CREAT | os.O_RDWR, 0o600), fcntl.LOCK_SH)


def watch(home: Home) -> None:
    """Start a guard that stops the home's servers when nobody uses them any more."""
    words = [str(home.path), *([] if home.durable else ["--loose"])]
    # It leaves its parent at once: nobody's child, so that nobody has to bury it.
    subprocess.run(
        [sys.executable, "-m", "conductor.embedded.orphan_guard", *words],
        cwd=Path(__file__).resolve().parents[2], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, check=True, timeout=START_SECONDS,
    )  # fmt: skip


def stop_when_unused(home: Home) -> None:
    """Wait until nobody uses the home's servers, then stop them."""
    with (home.path / _LOCK).open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        home.valkey.stop()
        home.postgres.stop(mode="fast" if home.durable else "immediate")


def main(words: list[str]) -> None:
    """Go into the background and guard the home that is named."""
    home = Home(Path(words[0]), durable="--loose" not in words)
    if os.fork() == 0:
        stop_when_unused(home)


if __name__ == "__main__":
    main(sys.argv[1:])
