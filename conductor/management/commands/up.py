"""`manage.py up`: the whole product on one machine."""

import os
import subprocess
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conductor.embedded.process import EmbeddedError, free_port, locked, read_number
from conductor.supervisor import Child, Supervisor

HELP = """Run the whole product on this machine: embedded PostgreSQL and Valkey (unless
DATABASE_URL and REDIS_URL are set), migrations, web, worker, one ticker per shard, beat.

Ctrl-C stops everything. Data stays in CONDUCTOR_HOME (var/ by default); the next start is quick.
With --demo it also makes a demo organisation with a login and a live session with a simulated
audience, and prints where to look."""
FIRST_PORT = 8000


class Command(BaseCommand):
    help = HELP

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        """Keep the line breaks of the help text."""
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"),
                            help="address to listen on (default 127.0.0.1)")  # fmt: skip
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "0")),
                            help="port of the web server (default: 8000 or the next free one)")  # fmt: skip
        parser.add_argument("--server", choices=("uvicorn", "daphne"), default="uvicorn",
                            help="ASGI server (uvicorn is about three times faster)")  # fmt: skip
        parser.add_argument("--demo", action="store_true",
                            help="add a demo login and a live session with a simulated audience")  # fmt: skip
        parser.add_argument("--people", type=int, default=240,
                            help="size of the demo audience (default 240)")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Start everything and stay until Ctrl-C."""
        home: Path = settings.CONDUCTOR_HOME
        started = time.monotonic()
        with locked(home / "up"):  # waits for a start that is under way, not for a whole run
            self._refuse_second(home)
            (home / "up" / "pid").write_text(f"{os.getpid()}\n", encoding="ascii")
        environment = self._start_services()
        self._prepare(environment)
        port = self._port(home, options["port"])
        children = _children(options["host"], port, options["server"])
        url = settings.PUBLIC_URL or f"http://{_shown(options['host'])}:{port}"
        if options["demo"]:
            self._demo(environment, url)
            children.append(_demo_audience(url, options["people"]))
        self._say(f"\nReady in {time.monotonic() - started:.1f} s.  Ctrl-C stops everything.\n")
        supervisor = Supervisor(children, environment, self._watch, self._say)
        try:
            supervisor.run()
        finally:
            (home / "up" / "pid").unlink(missing_ok=True)
            self._stop_services()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _refuse_second(self, home: Path) -> None:
        pid = read_number(home / "up" / "pid")
        if pid is None or pid == os.getpid():
            return
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"manage.py" in command.read_bytes():
            raise CommandError(
                f"It runs already here (process {pid}, data in {home}). Stop it first, or set"
                " CONDUCTOR_HOME to another folder."
            )

    def _start_services(self) -> dict[str, str]:
        environment = {"CONDUCTOR_HOME": str(settings.CONDUCTOR_HOME), "PYTHONUNBUFFERED": "1"}
        try:
            if not os.environ.get("DATABASE_URL"):
                self._say("PostgreSQL …")
                settings.EMBEDDED.postgres.ensure()
            if not os.environ.get("REDIS_URL"):
                self._say("Valkey …")
                settings.EMBEDDED.valkey.ensure()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        return environment

    def _stop_services(self) -> None:
        if not os.environ.get("REDIS_URL"):
            settings.EMBEDDED.valkey.stop()
        if not os.environ.get("DATABASE_URL"):
            settings.EMBEDDED.postgres.stop()
        self._say("Stopped.")

    def _watch(self) -> None:
        """Start an embedded server again that was killed."""
        try:
            if not os.environ.get("DATABASE_URL") and not settings.EMBEDDED.postgres.answers():
                self._say("PostgreSQL does not answer; starting it again")
                settings.EMBEDDED.postgres.ensure()
            if not os.environ.get("REDIS_URL") and not settings.EMBEDDED.valkey.answers():
                self._say("Valkey does not answer; starting it again")
                settings.EMBEDDED.valkey.ensure()
        except EmbeddedError as error:
            self._say(str(error))

    def _prepare(self, environment: dict[str, str]) -> None:
        self._say("Database …")
        _manage(environment, "migrate", "--verbosity", "0")
        _manage(environment, "collectstatic", "--noinput", "--verbosity", "0")

    def _port(self, home: Path, asked: int) -> int:
        """Take the asked port, or the one of last time, or the first free one from 8000 on."""
        file = home / "web-port"
        if asked:
            port = asked
        else:
            wanted = read_number(file) or FIRST_PORT
            port = next(
                (each for each in range(wanted, wanted + 100) if free_port(each) == each),
                free_port(None),
            )
        file.write_text(f"{port}\n", encoding="ascii")
        return port

    def _demo(self, environment: dict[str, str], url: str) -> None:
        _manage(environment, "demo", "--url", url)


def _shown(host: str) -> str:
    return "localhost" if host in {"0.0.0.0", "127.0.0.1", "::"} else host  # noqa: S104


def _manage(environment: dict[str, str], *words: str) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR, env={**os.environ, **environment}, check=False, timeout=600,
    )  # fmt: skip
    if done.returncode:
        raise CommandError(f"manage.py {words[0]} failed (exit {done.returncode}).")
