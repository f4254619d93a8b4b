"""What both embedded servers need: a lock, a free port, a private file, a look at a process."""

import base64
import contextlib
import fcntl
import hmac
import os
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = 0
OWNER_ONLY: Final = 0o700
OTHERS: Final = 0o077
"""The rights of everybody else; what servers and folders of ours leave out (umask)."""


class EmbeddedError(RuntimeError):
    """An embedded server could not be started; the message says why and what to do."""


def private_folder(folder: Path) -> None:
    """Make a folder that nobody else can look into, also of one that is there and ours.

    Raises EmbeddedError where it is somebody else's, who could read and change what we keep there.
    """
    try:
        folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    except FileExistsError:
        raise EmbeddedError(f"{folder} is no folder.") from None
    found, ours = folder.stat(), os.geteuid()
    # A link that somebody put there may lead anywhere of ours.
    if found.st_uid != ours or folder.lstat().st_uid not in (ours, ROOT):
        raise EmbeddedError(
            f"{folder} belongs to somebody else, and secrets and data would be kept there. Run this as"
            " that user, or set CONDUCTOR_HOME to a folder of your own."
        )
    if found.st_mode & OTHERS:
        folder.chmod(OWNER_ONLY)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two processes never start the same server twice."""
    private_folder(folder)
    with (folder / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold the folder for as long as the block runs; False where another process holds it.

    The kernel lets go of it with the process, so a kill -9 leaves nothing stale behind.
    """
    private_folder(folder)
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def free_port(preferred: int | None, patience: float = 0.0) -> int:
    """Return `preferred` if nobody listens there on the loopback, else any free port.

    `patience` (seconds) is for a port of ours: a killed server's threads hold it for a moment.
    """
    deadline = time.monotonic() + patience
    while preferred is not None:
        if _bound(preferred) is not None:
            return preferred
        if time.monotonic() >= deadline:
            break
        time.sleep(0.02)
    port = _bound(0)
    if port is None:
        raise EmbeddedError("No free port on 127.0.0.1.")
    return port


def _bound(port: int) -> int | None:
    """Return the port that a bind gave, or None where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    return None


def read_number(path: Path) -> int | None:
    """Return the whole number a small file begins with, or None where there is none.

    What stands behind it may be in any encoding: PostgreSQL's pid file names its folder.
    """
    try:
        return int(path.read_bytes().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def private_secret(path: Path) -> str:
    """Return the file's secret; the first call makes one that only its owner can read.

    Raises EmbeddedError where the folder is somebody else's.
    """
    private_folder(path.parent)
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    # Written whole, then linked: of several processes that start at once the first one's counts,
    # and nobody reads half of it.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii"
    ) as handle:
        handle.write(secrets.token_urlsafe(32) + "\n")
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text(encoding="ascii").strip()


def derived_secret(secret: str, purpose: str) -> str:
    """Return 32 bytes made of a secret, base64url as `private_secret`: the same wherever that is."""
    made = hmac.digest(secret.encode(), purpose.encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode("ascii")


def runs_in(pid: int, folder: Path) -> bool:
    """Whether a live (not zombie) process of that number works in that folder.

    A pid alone proves nothing: after a crash or a reboot another process may have it.
    Where /proc is missing (macOS) the pid is all there is.
    """
    if not Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            return True
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
        return state != b"Z" and _works_in(pid, folder)
    except OSError:
        return False


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder
    except PermissionError:  # of another user, in a container: its command line is open to all
        return str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
