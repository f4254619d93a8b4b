"""Keep a handful of child processes running; stop them all when asked.

Children that die are started again, after a pause that doubles up to half a minute. On Linux they
are told to stop by the kernel should the supervisor itself be killed.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A child that ran this long was healthy: its next failure starts from the first pause.
HEALTHY_SECONDS = 60.0
STOP_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Looked up before any fork: between fork and exec nothing may be loaded.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _nothing() -> None:
    """Watch nothing."""


@dataclass
class Child:
    """One process to keep running; `once` children may end by themselves."""

    name: str
    command: list[str]
    once: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    resume_at: float = 0.0

    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None


@dataclass
class Supervisor:
    """Runs children until SIGINT or SIGTERM, or until all of them were `once` and have ended.

    `say` is told in a sentence what happens; `watch` is called about once a second, for what is
    not a child of ours (the embedded servers).
    """

    children: list[Child]
    environment: Mapping[str, str]
    say: Callable[[str], None]
    watch: Callable[[], None] = _nothing
    stop_seconds: float = STOP_SECONDS
    _stopping: bool = field(default=False, init=False)

    def run(self) -> None:
        """Start everything and return when everything has stopped. Main thread only."""
        before = {number: signal.signal(number, self._ask_to_stop) for number in _SIGNALS}
        last_watch = time.monotonic()
        try:
            while not self._stopping and self.children:
                self._tend(time.monotonic())
                if time.monotonic() - last_watch >= 1.0:
                    self.watch()
                    last_watch = time.monotonic()
                time.sleep(0.1)
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def restart(self) -> None:
        """Ask every child to stop; each is started again, with what is then on disk."""
        for child in self.children:
            if child.process is not None and child.is_running():
                child.process.terminate()

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _tend(self, now: float) -> None:
        for child in list(self.children):
            if child.is_running() or now < child.resume_at:
                continue
            if child.process is not None:
                self._after_death(child, child.process.returncode, now)
                continue
            child.process = self._spawn(child)
            child.started = now

    def _after_death(self, child: Child, code: int, now: float) -> None:
        """Say that a child died, and when it is started again."""
        child.process = None
        if child.once and code == 0:
            self.children.remove(child)
            return
        if now - child.started > HEALTHY_SECONDS:
            child.pause = FIRST_PAUSE
        self.say(f"{child.name} stopped ({_how(code)}); starting it again in {child.pause:.1f} s")
        child.resume_at = now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _spawn(self, child: Child) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603  (our own commands)
            child.command,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            # Its own group: Ctrl-C at the terminal reaches the supervisor alone, which stops
            # the children in order.
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def _stop_all(self) -> None:
        running = [
            (child.name, child.process)
            for child in self.children
            if child.is_running() and child.process
        ]
        for _, process in running:
            process.terminate()
        deadline = time.monotonic() + self.stop_seconds
        for name, process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{name} does not stop; killing it")
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)


def _how(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def die_with_parent() -> None:
    """Have the kernel tell this process to stop when its parent is gone; for `preexec_fn`.

    Linux only. It is the parent's thread that counts: call from one that lives as long.
    """
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGTERM)
