"""Checks that no tool makes: migrations, paths of a machine, names that were given up."""

import os
import re
import subprocess
import sys
from pathlib import Path

import django
from django.core.management import call_command

# A path that only one machine has, or a registry's host.
LOCAL = re.compile(rb"(?<![\w.])/(?:home|root|Users)/\w+/|file:///opt/")

# Each said the same as another name, or nothing; CONTRIBUTING has the words that stayed.
GIVEN_UP = re.compile(
    r"(?:class |import |: |-> |, )Rooms?\b(?! [a-z])|\b(?:LiveRoom|RoomWindows|rooms_of|live_rooms|HeldBack"
    r"|HELD_BACK|AgentMode|picture_of|KIND_NAMES|doorkeeping)\b|[Oo]rganiser|\bheld_back=|\.held_back\b"
)
SAYS_THEM = (
    "tests/", "locale/", "interventions/text_checks/swearing/",
    "interventions/text_checks/impersonation.py", "interventions/api/serializers.py",
)  # fmt: skip
"""Where they are data: words of people, migrations, names in the API that clients know."""


def local_paths() -> list[str]:
    """Return the committed text files that name a path of somebody's machine."""
    names = subprocess.run(
        ["git", "ls-files", "-z", ":!static/vendor"], capture_output=True, check=True
    ).stdout.split(b"\0")
    found = []
    for name in filter(None, names):
        if os.path.exists(name):
            with open(name, "rb") as handle:
                if LOCAL.search(handle.read()):
                    found.append(name.decode())
    return [name for name in found if name != "tests/tools/checks.py"]


def given_up() -> list[str]:
    """Return the lines of product and docs that bring back a name that was given up."""
    names = subprocess.run(
        ["git", "ls-files", "*.py", "*.html", "*.js", "*.toml", "*.txt", "docs/*.md", "README.md"],
        capture_output=True, check=True, text=True,
    ).stdout.split()  # fmt: skip
    return [
        f"{name}:{number}: {found[0]} is a name that was given up"
        for name in names
        if not name.startswith(SAYS_THEM) and "/migrations/" not in name and Path(name).exists()
        for number, line in enumerate(Path(name).read_text(encoding="utf-8").splitlines(), 1)
        if (found := GIVEN_UP.search(line))
    ]


def main() -> int:
    """Run the checks; return the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    call_command("makemigrations", check=True, dry_run=True)
    found = [f"{name}: names a path of one machine" for name in local_paths()] + given_up()
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
