"""`python -m tests.browser.shots`: pictures of every page and state into docs/shots (SHOTS_DIR)."""

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main([str(Path(__file__).with_name("shooting.py")), "-q", *sys.argv[1:]]))
