"""The supervisor, on real child processes."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor.embedded.process import read_number
from conductor.supervision.supervisor import LONGEST_PAUSE, Child, Supervisor
from tests.support.waiting import eventually

pytestmark = pytest.mark.processes


def python(code: str, *words: object) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code), *map(str, words)]


STAYS = """
import os, signal, sys
open(sys.argv[1], "w").write(str(os.getpid()))
signal.pause()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + STAYS


class Running:
    """A supervisor in the main thread, with a watch that decides when it has seen enough."""

    def __init__(self, *children: Child, **options: float) -> None:
        self.said: list[str] = []
        self.supervisor = Supervisor(list(children), {"MARK": "ours"}, self.said.append, **options)

    def until(self, seen: Callable[[], bool]) -> None:
        """Run until `seen` is true (looked at from another thread), then ask it to stop."""
        outcome: list[BaseException] = []

        def look() -> None:
            try:
                eventually(seen, "what the test waits for")
            except AssertionError as error:
                outcome.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

        looker = threading.Thread(target=look)
        looker.start()
        self.supervisor.run()
        looker.join()
        if outcome:
            raise outcome[0]


def alive(pid: int | None) -> bool:
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    return True


def test_supervisor_stops_its_children_when_told_to(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    running = Running(Child("stays", python(STAYS, file)))

    running.until(lambda: read_number(file) is not None)

    assert not alive(read_number(file))
    assert running.said == []


def test_supervisor_gives_back_the_signals_it_took(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    file = tmp_path / "pid"

    Running(Child("stays", python(STAYS, file))).until(lambda: read_number(file) is not None)

    assert signal.getsignal(signal.SIGTERM) == before


def test_child_that_dies_is_started_again(tmp_path: Path) -> None:
    file = tmp_path / "starts"
    child = Child("dies", python("import sys; open(sys.argv[1], 'a').write('x'); exit(7)", file))
    running = Running(child)

    running.until(lambda: file.exists() and len(file.read_text()) >= 2)

    assert running.said[0] == "dies stopped (exit 7); starting it again in 0.5 s"
    assert child.pause > 0.5


def test_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    first: list[int] = []

    def killed_and_back() -> bool:
        pid = read_number(file)
        if pid is None:
            return False
        if not first:
            first.append(pid)
            os.kill(pid, signal.SIGKILL)
        return pid != first[0]

    running = Running(Child("stays", python(STAYS, file)))

    running.until(killed_and_back)

    assert running.said == ["stays stopped (SIGKILL); starting it again in 0.5 s"]


def test_pause_between_starts_doubles_up_to_half_a_minute() -> None:
    child = Child("dies", ["/bin/false"])
    supervisor = Supervisor([child], {}, lambda text: None)
    pauses = []

    for now in range(0, 100, 10):
        child.started = now
        supervisor._after_death(child, 1, now + 1)
        pauses.append(child.resume_at - now - 1)

    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert max(pauses) == pauses[-1] == LONGEST_PAUSE


def test_child_that_ran_long_starts_again_at_once() -> None:
    child = Child("web", ["/bin/false"], pause=LONGEST_PAUSE, started=0.0)

    Supervisor([child], {}, lambda text: None)._after_death(child, 1, 61.0)

    assert child.resume_at == 61.5


def test_child_that_ends_well_and_once_ends_the_supervisor(tmp_path: Path) -> None:
    file = tmp_path / "ran"
    child = Child("once", python("import sys; open(sys.argv[1], 'a').write('x')", file), once=True)
    said: list[str] = []

    Supervisor([child], {}, said.append).run()

    assert file.read_text() == "x"
    assert said == []


def test_child_gets_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "mark"
    code = "import os, sys; open(sys.argv[1], 'w').write(os.environ['MARK'])"

    Running(Child("once", python(code, file), once=True)).supervisor.run()

    assert file.read_text() == "ours"


def test_child_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    running = Running(Child("stubborn", python(STUBBORN, file)), stop_seconds=0.3)

    running.until(lambda: read_number(file) is not None)

    assert not alive(read_number(file))
    assert running.said == ["stubborn does not stop; killing it"]


def test_watch_is_called_and_may_restart_the_children(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    pids: list[int] = []
    running = Running(Child("stays", python(STAYS, file)))

    def watch() -> None:
        pid = read_number(file)
        if pid is not None and not pids:
            pids.append(pid)
            running.supervisor.restart()

    running.supervisor.watch = watch

    running.until(lambda: bool(pids) and read_number(file) not in {None, pids[0]})

    assert len(running.said) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the children on Linux only")
def test_children_stop_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = """
        import sys
        from conductor.supervision.supervisor import Child, Supervisor
        child = Child("stays", [sys.executable, "-c", sys.argv[1], sys.argv[2]])
        Supervisor([child], {}, print).run()
    """
    supervisor = subprocess.Popen(python(code, STAYS, file))
    pid = eventually(lambda: read_number(file), "the child runs")

    supervisor.kill()
    supervisor.wait()

    assert eventually(lambda: not alive(pid), "the child has stopped")
