"""`python -m tests.tools.timescale`: exits 0 when every check passes, or (loudly) where Node is missing."""

import os
import sys
import tempfile
import time

from tests.tools.timescale import server


def main() -> int:
    """Run the checks in a database of their own; return the exit code."""
    if not server.has_node():
        print(
            "*** NO NODE: THE MIGRATIONS WERE NOT CHECKED ON TIMESCALEDB (install nodejs, npm) ***"
        )
        return 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="conductor-") as home, server.timescale() as url:
        print(f"TimescaleDB runs after {time.monotonic() - started:.1f} s")
        os.environ |= {
            "DATABASE_URL": url,
            "CONDUCTOR_HOME": home,
            "LOG_FORMAT": "text",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "tests.tools.timescale.settings",
        }
        import django  # noqa: PLC0415  (the settings read the address just made)

        django.setup()
        from tests.tools.timescale import checks  # noqa: PLC0415

        passed, failed = checks.run()
    print(f"{passed} passed, {failed} failed  ({time.monotonic() - started:.1f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
