"""One POST to one address that is looked at before; knows nothing of rows."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from interventions.notifications.addresses import PORTS, AddressError, Target, resolve

TIMEOUT_SECONDS: Final = 15.0
"""For everything together: a server that answers a byte at a time holds nobody longer."""


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


class _ToAddress(http.client.HTTPConnection):
    """Connects to the target's address; the name stays in the Host header and in the certificate."""

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self._target = target
        # What the Host header leaves out.
        self.default_port = PORTS["https" if target.is_secure else "http"]

    def connect(self) -> None:
        """Open the connection, with TLS where the address says https."""
        self.sock = socket.create_connection(
            (self._target.address, self._target.port), self.timeout
        )
        if self._target.is_secure:
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self._target.host
            )


def send(
    url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, is_ours: bool = False
) -> Answer:
    """Post to an address, which is resolved and looked at; any 2xx is taken, nothing is raised.

    is_ours: an operator wrote the address, it may be inside.
    """
    started = time.monotonic()
    try:
        target = resolve(url, may_be_private=is_ours or settings.WEBHOOK_ALLOW_PRIVATE)
        # A name server may take its time: what is left is for the rest.
        status = post(target, body, headers, timeout=seconds - (time.monotonic() - started))
    except AddressError as error:
        return Answer(error=f"{error.code}: {error}")
    except ssl.SSLError as error:
        return Answer(error=f"certificate: {error.reason or error}")
    except TimeoutError:
        return LATE
    except (OSError, http.client.HTTPException) as error:
        return Answer(error=f"no_answer: {str(error) or type(error).__name__}")
    return Answer(status, "" if 200 <= status < 300 else f"http_{status}")


def post(
    target: Target, body: bytes, headers: Mapping[str, str], *, timeout: float = TIMEOUT_SECONDS
) -> int:
    """Return the HTTP status of the answer; redirects are answers like others, nothing is followed.

    Raises OSError (timeouts among them) and http.client.HTTPException where no answer came.
    """
    if timeout <= 0:
        raise TimeoutError
    connection = _ToAddress(target, timeout)
    late = threading.Timer(timeout, _cut, (connection,))
    late.daemon = True
    late.start()
    try:
        sent = {
            "content-type": "application/json",
            "user-agent": "Engagement-Conductor/1",
            **headers,
        }
        connection.request("POST", target.path, body, sent)
        return connection.getresponse().status
    finally:
        late.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection that took its time: whoever waits for it gets an error."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
