"""One POST to one address that was looked at before; knows nothing of rows."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import Final

from interventions.notifications.addresses import PORTS, Target

TIMEOUT_SECONDS: Final = 15.0
"""For everything together: a server that answers a byte at a time holds nobody longer."""


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
