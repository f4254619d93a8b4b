"""`make test`: the tests in three processes side by side, each with servers of its own.

Those that drive a browser and those that start and kill servers mostly wait, the others compute. What
the others say is shown as it comes, what the rest said when all are done. Words after the command go
to all three.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from conductor.supervision.supervisor import die_with_parent

PROJECT: Final = Path(__file__).resolve().parents[2]
SHOWN: Final = "others"
PARTS: Final = {
    "browser": "browser",
    "processes": "processes and not browser",
    SHOWN: "not (browser or processes)",
}
"""Name of a part to the marks of its tests."""
SLOWEST: Final = ("--durations=12", "--durations-min=3")
"""Told at the end: where the minutes went."""
NOTHING_TO_RUN: Final = 5
"""pytest's answer where a selection is empty: a part may be."""


def start(
    part: str, marks: str, words: list[str], output: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    """Start pytest on a part, with a home of its own."""
    home = os.environ.get("CONDUCTOR_TEST_HOME") or str(PROJECT / "var" / "test")
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-m", marks, *SLOWEST, *words], cwd=PROJECT,
        env={
            **os.environ, "CONDUCTOR_TEST_HOME": f"{home}-{part}",
            # Importing the project names its own settings; ours go before.
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        },
        stdout=output, stderr=subprocess.STDOUT if output else None, preexec_fn=_begin,
        # Ctrl-C at the terminal reaches us alone; we hand it on, once.
        start_new_session=True,
    )  # fmt: skip


def _begin() -> None:
    """End with us, and by Ctrl-C even where we were started to ignore it."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main(words: list[str]) -> int:
    """Run all parts; 0 where each is green and at least one test ran."""
    # Whoever stops this run stops all of it: by Ctrl-C (which a run in the background would ignore),
    # by SIGTERM, or by killing the `make` above it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if "MAKELEVEL" in os.environ:
        die_with_parent()
    with ExitStack() as files:
        said = {
            part: files.enter_context(tempfile.TemporaryFile()) for part in PARTS if part != SHOWN
        }
        running = {part: start(part, marks, words, said.get(part)) for part, marks in PARTS.items()}
        try:
            codes = [running[part].wait() for part in reversed(PARTS)]
        except KeyboardInterrupt:
            for each in running.values():
                each.send_signal(signal.SIGINT)
            for each in running.values():
                each.wait()
            return 130
        for part, file in said.items():
            file.seek(0)
            print(f"\n--- {part}", flush=True)
            sys.stdout.buffer.write(file.read())
            sys.stdout.flush()
    ran = [code for code in codes if code != NOTHING_TO_RUN]
    return max(ran, default=NOTHING_TO_RUN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
