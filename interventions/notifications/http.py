"""One POST to one address that is looked at before; knows nothing of rows."""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from interventions.notifications.addresses import PORTS, AddressError, Target, resolve

TIMEOUT_SECONDS: Final = 15.0
"""For everything from the connection to the answer's head: a byte at a time, of whatever, is no way round.
A look-up cannot be cut off: what is late for it is given up by `Outbound`, and takes its owner's place."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try to send: the HTTP status where there is one, the code of an error and words on it.

    is_final: it would fail again.
    """

    status: int | None = None
    error: str = ""
    is_final: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return not self.error


LATE: Final = Answer(error="timeout: no answer in time")
INSIDE: Final = Answer(error="no_answer: nobody answers there")
"""Of a machine inside, whether its port is closed, filtered or silent: else a network could be mapped."""


class _Received(io.RawIOBase):
    """What comes on a socket."""

    def __init__(self, line: "_Line") -> None:
        self._line = line

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for some bytes, as long as there is time for everything."""
        return self._line.timed().recv_into(buffer)


class _Line:
    """A socket, of which no wait lasts beyond `until` (of the steady clock), whatever came before it.

    A limit for each wait by itself would begin anew with every byte.
    """

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until = sock, until

    def timed(self) -> socket.socket:
        """Return the socket for one wait. Raises TimeoutError."""
        self._sock.settimeout(_left(self._until))
        return self._sock

    def secure(self, name: str) -> None:
        """Begin TLS with the machine of that name."""
        # The handshake as a whole has the socket's limit: OpenSSL's waits are counted together.
        self._sock = ssl.create_default_context().wrap_socket(self.timed(), server_hostname=name)

    def sendall(self, data: Any) -> None:
        """Send everything (`http.client` calls this, `makefile` and `close`)."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.timed().send(rest) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what comes."""
        return io.BufferedReader(_Received(self))

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


class _ToAddress(http.client.HTTPConnection):
    """Connects to the target's address; the name stays in the Host header and in the certificate."""

    def __init__(self, target: Target, until: float) -> None:
        super().__init__(target.host, target.port)
        self._target, self._until = target, until
        # What the Host header leaves out.
        self.default_port = PORTS["https" if target.is_secure else "http"]

    def connect(self) -> None:
        """Open the connection, with TLS where the address says https."""
        to = (self._target.address, self._target.port)
        line: Any = _Line(socket.create_connection(to, _left(self._until)), self._until)
        self.sock = line  # so that it is closed whatever happens
        if self._target.is_secure:
            line.secure(self._target.host)


def _left(until: float) -> float:
    """Return the seconds until then. Raises TimeoutError where there are none."""
    if (left := until - time.monotonic()) <= 0:
        raise TimeoutError
    return left


def send(
    url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, is_ours: bool = False
) -> Answer:
    """Post to an address, which is resolved and looked at; any 2xx is taken, nothing is raised.

    is_ours: an operator wrote the address, it may be inside.
    """
    until = time.monotonic() + seconds
    try:
        target = resolve(url, may_be_private=is_ours or settings.WEBHOOK_ALLOW_PRIVATE)
    except AddressError as error:
        return Answer(error=f"{error.code}: {error}")
    try:
        # A name server may take its time: what is left is for the rest.
        status = post(target, body, headers, timeout=until - time.monotonic())
    except ssl.SSLError as error:
        return Answer(error=f"certificate: {error.reason or error}")
    except (OSError, http.client.HTTPException) as error:
        return _silence(error) if target.is_public or is_ours else INSIDE
    return Answer(status, "" if 200 <= status < 300 else f"http_{status}")


def _silence(error: Exception) -> Answer:
    if isinstance(error, TimeoutError):
        return LATE
    return Answer(error=f"no_answer: {str(error) or type(error).__name__}")


def post(
    target: Target, body: bytes, headers: Mapping[str, str], *, timeout: float = TIMEOUT_SECONDS
) -> int:
    """Return the HTTP status of the answer; redirects are answers like others, nothing is followed.

    Raises OSError (timeouts among them) and http.client.HTTPException where no answer came.
    """
    connection = _ToAddress(target, time.monotonic() + timeout)
    try:
        sent = {
            "content-type": "application/json",
            "user-agent": "Engagement-Conductor/1",
            **headers,
        }
        connection.request("POST", target.path, body, sent)
        return connection.getresponse().status
    finally:
        connection.close()
