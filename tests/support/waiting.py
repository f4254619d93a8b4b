"""Waiting for another process: as short as it can be, never longer than its deadline."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

PATIENCE: Final = 4
"""How many times slower than asked for a machine may be: one that runs tests side by side, for others
too, has been. Costs nothing where the condition comes true."""


def eventually(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Return what `condition` returns as soon as it is true.

    Fails the test after `seconds` (of an idle machine: PATIENCE times as many are waited).
    """
    deadline = time.monotonic() + seconds * PATIENCE
    nobody_sets_this = threading.Event()
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        nobody_sets_this.wait(0.02)


def is_open(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def somebody_listens_on(port: int) -> Iterator[int]:
    """Take a port as another program would, as soon as it is free (0: any); lend its number."""
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        def bound() -> bool:
            with contextlib.suppress(OSError):
                stranger.bind(("127.0.0.1", port))
                return True
            return False

        eventually(bound, f"port {port} is free")
        stranger.listen()
        yield int(stranger.getsockname()[1])
