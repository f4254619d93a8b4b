"""`python -m tests.browser.shots`: pictures of every page and state into docs/shots (SHOTS_DIR)."""

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    here = Path(__file__).parent
    files = sorted(str(each) for name in ("*shooting.py", "*_shots.py") for each in here.glob(name))
    sys.exit(pytest.main([*files, "-q", *sys.argv[1:]]))
