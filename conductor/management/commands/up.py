"""`manage.py up`: the whole product on one machine."""

import contextlib
import http.client
import os
import subprocess
import tempfile
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conductor.deployment import resource_limits
from conductor.embedded import orphan_guard
from conductor.embedded.postgres import EmbeddedPostgres
from conductor.embedded.process import EmbeddedError, free_port, held, read_number
from conductor.embedded.valkey import EmbeddedValkey
from conductor.supervision import processes
from conductor.supervision.supervisor import Child, Supervisor
from dashboard.audience.joining import FOR_PHONES
from dashboard.audience.lan_address import in_network

HELP = """Run the whole product on this machine: embedded PostgreSQL and Valkey (unless
DATABASE_URL and REDIS_URL are set), migrations, web, worker, one ticker per shard, beat.

Ctrl-C stops everything. Data stays in CONDUCTOR_HOME (var/ by default); the next start is quick.
With --demo it also makes a demo organisation with a login and a live session with a simulated
audience, and prints where to look."""
FIRST_PORT = 8000
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104
OWN_ADDRESSES = ("127.0.0.1", "::1", "localhost")
# Seconds that migrations or collecting static files may take.
PREPARE_SECONDS = 600


class Command(BaseCommand):
    help = HELP
    url = ""
    look_at = ""
    """What the demo prints: where to look. Said when it answers there, not before."""

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        """Keep the line breaks of the help text."""
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--host", default=settings.HOST,
            help="address to listen on (default: HOST, or 127.0.0.1; 0.0.0.0 is every address: "
            "pages then name this machine's own in the network, unless PUBLIC_URL is set)",
        )  # fmt: skip
        parser.add_argument(
            "--port", type=int, default=settings.PORT,
            help="port of the web server (default: PORT, or that of last time, or the first free "
            "one from 8000 on)",
        )  # fmt: skip
        parser.add_argument(
            "--server", choices=processes.SERVERS, default="uvicorn",
            help="ASGI server (default uvicorn, which is about three times faster)",
        )  # fmt: skip
        parser.add_argument(
            "--demo", action="store_true",
            help="add a demo login and a live session with a simulated audience",
        )  # fmt: skip
        parser.add_argument(
            "--people", type=int, default=240, help="size of the demo audience (default 240)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Start everything and stay until Ctrl-C."""
        started = time.monotonic()
        # Somebody watches this terminal; LOG_FORMAT=json is for those who collect.
        os.environ.setdefault("LOG_FORMAT", "text")
        home: Path = settings.CONDUCTOR_HOME
        with (
            self._alone(home),
            self._services(),
            contextlib.ExitStack() as self._claims,
            contextlib.suppress(KeyboardInterrupt),
        ):
            port = self._port(home, options["port"])
            near = _near(port)
            # Listening everywhere is done for phones: pages and QR codes name what they can reach.
            public = settings.PUBLIC_URL or (near if options["host"] in EVERY_ADDRESS else "")
            self.url = public or f"http://{_shown(options['host'])}:{port}"
            children = self._prepare(port, options)
            if not public and near and options["host"] in OWN_ADDRESSES:
                self.look_at += f"  For phones  stop it, {FOR_PHONES}, then open {near}/j/\n"
            environment = {
                "CONDUCTOR_HOME": str(home),
                "PUBLIC_URL": public,
                "HOST": options["host"],  # is one that the pages answer to
                "PYTHONUNBUFFERED": "1",
            }
            supervisor = Supervisor(children, environment, self._say)
            ready = _Readiness(_reached(options["host"]), port, started, self._say, self.look_at)
            self._say("Web server and workers …")
            supervisor.watch = lambda: self._watch(supervisor, ready)
            supervisor.run()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    @contextlib.contextmanager
    def _alone(self, home: Path) -> Iterator[None]:
        settings.EMBEDDED.claim()
        with held(home / "up") as alone:
            if not alone:
                raise CommandError(
                    f"It runs already with the data in {home}. Stop it first, or set"
                    " CONDUCTOR_HOME to another folder."
                )
            yield

    @contextlib.contextmanager
    def _services(self) -> Iterator[None]:
        """Run the embedded servers around the product, whatever ends it."""
        try:
            self._start_services()
            yield
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        finally:
            if settings.EMBEDS_VALKEY:
                settings.EMBEDDED.valkey.stop()
            if settings.EMBEDS_POSTGRES:
                settings.EMBEDDED.postgres.stop()
            self._say("Stopped.")

    def _start_services(self) -> None:
        if settings.EMBEDS_POSTGRES or settings.EMBEDS_VALKEY:
            orphan_guard.use(settings.EMBEDDED)
            orphan_guard.watch(settings.EMBEDDED)
        if settings.EMBEDS_POSTGRES:
            self._say("PostgreSQL …")
            settings.EMBEDDED.postgres.ensure()
        if settings.EMBEDS_VALKEY:
            self._say("Valkey …")
            settings.EMBEDDED.valkey.ensure()

    def _prepare(self, port: int, options: dict[str, Any]) -> list[Child]:
        """Migrate, collect static files, make the demo; return what is to run."""
        self._say("Tables of the database …")
        _manage(*processes.MIGRATE, "--verbosity", "0")
        _manage("health", "connections")
        self._say("Files for browsers …")
        _manage(*processes.COLLECT_STATIC, "--verbosity", "0")
        children = [
            child
            for role in processes.ROLES
            for child in processes.children(
                role, host=options["host"], port=port, server=options["server"],
                shards=settings.SHARDS, schedule=settings.CELERY_BEAT_SCHEDULE_FILENAME,
                connections=min(
                    settings.WEB_CONNECTIONS, resource_limits.open_files(settings.WEB_CONNECTIONS)
                ),
            )
        ]  # fmt: skip
        if options["demo"]:
            self._say("Demo session …")
            admin = ["--with-admin"] if settings.EMBEDS_POSTGRES else []
            self.look_at = _manage("demo", "--url", self.url, *admin)
            # Not by PUBLIC_URL, which a machine behind a proxy may not reach itself.
            near = f"http://{_in_url(_reached(options['host']))}:{port}"
            audience = processes.demo_audience(near, options["people"])
            children.append(Child("demo audience", audience))
        return children

    def _watch(self, supervisor: Supervisor, ready: "_Readiness") -> None:
        """Start an embedded server again that was killed; say once that pages can be opened."""
        embedded = settings.EMBEDDED
        watched: list[tuple[bool, str, EmbeddedPostgres | EmbeddedValkey]] = [
            (settings.EMBEDS_POSTGRES, "PostgreSQL", embedded.postgres),
            (settings.EMBEDS_VALKEY, "Valkey", embedded.valkey),
        ]
        for embeds, name, server in watched:
            if not embeds or server.is_running():
                continue
            before = server.url()
            try:
                self._say(f"{name} does not run; starting it again")
                if server.ensure() != before:  # its port was taken meanwhile
                    supervisor.restart()
            except EmbeddedError as error:
                self._say(str(error))
        ready.look()

    def _port(self, home: Path, asked: int) -> int:
        """Take the asked port, or the one of last time, or the first free one from 8000 on."""
        file = home / "web-port"
        if asked and free_port(asked) != asked:
            raise CommandError(f"Port {asked} is taken by another program.")
        wanted = asked or read_number(file) or FIRST_PORT
        port = next(
            (each for each in range(wanted, wanted + 100) if self._takes(each)),
            free_port(None),
        )
        file.write_text(f"{port}\n", encoding="ascii")
        return port

    def _takes(self, port: int) -> bool:
        """Whether the port is free, and nobody else who is starting wants it.

        The web server listens seconds later; until then the claim is what another `up` sees.
        """
        claim = held(Path(tempfile.gettempdir()) / f"conductor-{os.getuid()}-port-{port}")
        try:
            return self._claims.enter_context(claim) and free_port(port) == port
        except EmbeddedError:  # another user of the machine made the folder before us
            return False


class _Readiness:
    """Says once that the web server answers, and how long that took."""

    def __init__(
        self, host: str, port: int, started: float, say: Callable[[str], None], look_at: str
    ) -> None:
        self.host, self.port, self.started, self.say, self.look_at = (
            host, port, started, say, look_at,
        )  # fmt: skip
        self.said = False

    def look(self) -> None:
        if self.said or not _answers(self.host, self.port):
            return
        self.said = True
        seconds = time.monotonic() - self.started
        self.say(f"\nReady in {seconds:.1f} s.  Ctrl-C stops everything.\n{self.look_at}")


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/health/ping")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reached(host: str) -> str:
    """Return the address at which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _near(port: int) -> str:
    """Return the address at which phones in the same network reach a server that listens everywhere."""
    address = in_network()
    return f"http://{address}:{port}" if address else ""


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _shown(host: str) -> str:
    reached = _reached(host)
    return "localhost" if reached in {"127.0.0.1", "::1"} else _in_url(reached)


def _manage(*words: str) -> str:
    """Run a command and return what it prints. Raises CommandError where it fails."""
    done = subprocess.run(  # noqa: S603
        processes.manage(*words), stdout=subprocess.PIPE, text=True,
        cwd=settings.BASE_DIR, env={**os.environ, "CONDUCTOR_HOME": str(settings.CONDUCTOR_HOME)},
        check=False, timeout=PREPARE_SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise CommandError(f"manage.py {words[0]} failed (exit {done.returncode}).\n{done.stdout}")
    return done.stdout
