"""Where work runs and what it costs, read from /proc."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]
CLIENT_CORE = CORES[-1]


def pin(pid: int, core: int) -> None:
    """Keep a process (all its threads) on one core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for parent in found:
        for thread in _list(Path(f"/proc/{parent}/task")):
            found += [int(child) for child in _read(thread / "children").split()]
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process tree so far, user and system."""
    total = 0
    for each in tree(pid):
        fields = _read(Path(f"/proc/{each}/stat")).rpartition(")")[2].split()
        if fields:
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process tree, MB."""
    pages = 0
    for each in tree(pid):
        fields = _read(Path(f"/proc/{each}/statm")).split()
        pages += int(fields[1]) if fields else 0
    return pages * PAGE / 1e6


def load() -> float:
    """Return the load average of the last minute."""
    return os.getloadavg()[0]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run this process on one core for a while."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _list(path: Path) -> list[Path]:
    try:
        return list(path.iterdir())
    except OSError:
        return []
