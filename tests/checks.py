"""Checks that no tool makes: migrations are complete, no path of a machine is committed."""

import os
import re
import subprocess
import sys

import django
from django.core.management import call_command

# A path that only one machine has, or a registry's host.
LOCAL = re.compile(rb"(?<![\w.])/(?:home|root|Users)/\w+/|file:///opt/")


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
    return [name for name in found if name != "tests/checks.py"]


def main() -> int:
    """Run the checks; return the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    call_command("makemigrations", check=True, dry_run=True)
    found = local_paths()
    for name in found:
        print(f"{name}: names a path of one machine")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
