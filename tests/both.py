"""`make test`: the tests in two processes side by side, each with servers of its own.

Those that drive a browser take about as long as all others together. What the others say is shown as
it comes, what the browser's say when both are done. Words after the command go to both.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[1]
BROWSER = "browser"
NOTHING_TO_RUN = 5
"""pytest's answer where a selection is empty: of the two halves, one may be."""


def start(
    half: str, marks: str, words: list[str], output: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    """Start pytest on a half, with a home of its own."""
    home = os.environ.get("CONDUCTOR_TEST_HOME") or str(PROJECT / "var" / "test")
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-m", marks, *words], cwd=PROJECT,
        env={**os.environ, "CONDUCTOR_TEST_HOME": f"{home}-{half}"},
        stdout=output, stderr=subprocess.STDOUT if output else None,
    )  # fmt: skip


def main(words: list[str]) -> int:
    """Run both halves; 0 where both are green and at least one test ran."""
    with tempfile.TemporaryFile() as said:
        browser = start("browser", BROWSER, words, said)
        try:
            others = start("others", f"not {BROWSER}", words, None)
            codes = [others.wait(), browser.wait()]
        except KeyboardInterrupt:
            browser.wait()
            return 130
        said.seek(0)
        print("\n--- those that drive a browser", flush=True)
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    ran = [code for code in codes if code != NOTHING_TO_RUN]
    return max(ran, default=NOTHING_TO_RUN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
