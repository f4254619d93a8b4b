"""`python -m tests.browser.shots`: pictures of every page and state into docs/shots (SHOTS_DIR)."""

import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    files = (str(Path(__file__).with_name(name)) for name in ("shooting.py", "agent_shooting.py"))
    sys.exit(pytest.main([*files, "-q", *sys.argv[1:]]))
