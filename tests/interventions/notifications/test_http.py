"""One limit for everything: a receiver that drips bytes, of whatever, holds nobody longer."""

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from interventions.notifications import http
from interventions.notifications.addresses import Target
from tests.interventions.notifications.sink import running

SECONDS = 0.4
"""The limit in these tests; each byte comes long before it."""
BODY = b"x" * 4_000_000
"""More than the buffers of two sockets take."""
Talk = Callable[[socket.socket], None]
RECORD = b"\x16\x03\x03\x3f\xff"
"""The head of a TLS record of a handshake, of 16,383 bytes."""


def drip(peer: socket.socket, first: bytes, again: bytes) -> None:
    """Say something, then a little again and again until nobody listens."""
    peer.sendall(first)
    while True:
        peer.sendall(again)
        time.sleep(SECONDS / 20)


def over_tls(peer: socket.socket, talk: Talk, folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    with context.wrap_socket(peer, server_side=True) as secure:
        talk(secure)


@contextlib.contextmanager
def receiver(talk: Talk) -> Iterator[int]:
    """A server on this machine that treats whoever comes like that; its port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                peer, _ = server.accept()
                with peer, contextlib.suppress(OSError):
                    talk(peer)
                    over.wait(20)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate of 127.0.0.1 that this process trusts."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]),
    )
    now = dt.datetime.now(dt.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "both.pem").write_bytes(private + public)
    (tmp_path / "trusted.pem").write_bytes(public)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    return tmp_path


def post(port: int, body: bytes = b"{}", *, is_secure: bool = False) -> int:
    target = Target(is_secure, "127.0.0.1", port, "127.0.0.1", "/")
    return http.post(target, body, {}, timeout=SECONDS)


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long it takes until something gives up."""
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        work()
    return time.monotonic() - began


HANDSHAKE = partial(drip, first=RECORD, again=b"\2")
HEAD = partial(drip, first=b"HTTP/1.1 2", again=b"0")
FIELDS = partial(drip, first=b"HTTP/1.1 200 OK\r\nx: ", again=b"y")
WAIT = partial(drip, first=b"", again=b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize(
    ("talk", "body", "is_secure"),
    [
        (HANDSHAKE, b"{}", True),
        (HEAD, b"{}", False),
        (FIELDS, b"{}", False),
        (WAIT, b"{}", False),
        (lambda peer: None, b"{}", False),
        (lambda peer: None, BODY, False),
    ],
    ids=["handshake", "status", "headers", "continue", "silence", "reads-nothing"],
)
def test_receiver_that_drips_is_given_up_in_time(talk: Talk, body: bytes, is_secure: bool) -> None:
    with receiver(talk) as port:
        assert seconds_of(lambda: post(port, body, is_secure=is_secure)) < 3 * SECONDS


@pytest.mark.parametrize("talk", [HEAD, FIELDS], ids=["status", "headers"])
def test_receiver_that_drips_inside_of_tls_is_given_up_in_time(talk: Talk, certified: Path) -> None:
    with receiver(partial(over_tls, talk=talk, folder=certified)) as port:
        assert seconds_of(lambda: post(port, is_secure=True)) < 3 * SECONDS


def test_connection_that_nobody_takes_is_given_up_in_time() -> None:
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            each = waiting.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(full.getsockname())

        assert seconds_of(lambda: post(full.getsockname()[1])) < 3 * SECONDS


def test_answer_inside_of_tls_is_taken_and_its_body_not_waited_for(certified: Path) -> None:
    said = partial(drip, first=b"HTTP/1.1 202 Accepted\r\n\r\n", again=b"z")
    with receiver(partial(over_tls, talk=said, folder=certified)) as port:
        assert post(port, is_secure=True) == 202


def test_machine_inside_looks_the_same_whether_closed_or_silent(settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with receiver(lambda peer: None) as silent:
        told = {
            http.send(f"http://127.0.0.1:{each}/", b"{}", {}, seconds=SECONDS)
            for each in (port, silent)
        }

    assert told == {http.INSIDE}


def test_operator_is_told_what_is_wrong_with_an_address_of_hers() -> None:
    with running() as sink:
        url = sink.url

    answer = http.send(url, b"{}", {}, seconds=SECONDS, is_ours=True)

    assert "refused" in answer.error
