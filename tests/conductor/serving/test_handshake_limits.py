"""A socket that never becomes one is refused; what came of it gives its place back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from conductor.serving.handshake_limits import BoundedHandshakes
from conductor.serving.request_head_limits import BoundedHeads
from tests.support.served import PATIENCE, Connect, rest, served
from tests.support.sockets import until

UPGRADE = (
    b"Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
PLACES = 4


class House:
    """Accepts sockets, but for those to /wait; answers requests that are let go."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.ended = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.came.append(scope["path"])
        try:
            if scope["path"] == "/wait":
                while (await receive())["type"] not in {"http.disconnect", "websocket.disconnect"}:
                    pass
            elif scope["path"] == "/flood":
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send(
                    {"type": "http.response.body", "body": b"x" * 50_000_000, "more_body": True}
                )
                await send({"type": "http.response.body", "body": b"x"})
            elif scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.accept"})
                while (await receive())["type"] != "websocket.disconnect":
                    pass
        finally:
            self.ended += 1


class Quick(BoundedHandshakes):
    seconds = 0.2


@pytest.fixture
async def house() -> House:
    return House()


@pytest.fixture
async def server(house: House) -> AsyncIterator[tuple[Connect, Any]]:
    async with served(house, BoundedHeads, ws=Quick, limit_concurrency=PLACES) as found:
        yield found


def asking(path: str = "/ws", more: bytes = b"") -> bytes:
    return b"GET %s HTTP/1.1\r\n" % path.encode() + UPGRADE + more + b"\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (asking("/ws?x=" + "a" * 8300), b"414"),
        (asking(more=b"X-A: " + b"a" * 9000 + b"\r\n"), b"431"),
        (asking(more=b"".join(b"X-%d: a\r\n" % n for n in range(200))), b"431"),
        (asking(more=b"Content-Length: 5\r\n"), b"400"),
        (asking(more=b"Content-Length: 5\r\n") + b"12345", b"400"),
        (asking(more=b"Transfer-Encoding: chunked\r\n"), b"400"),
        (asking(more=b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n", b"400"),
        (asking("/ws?x=\xc3\xa4"), b"400"),
        (asking(more=b"X-A: a\x01\r\n"), b"400"),
        (asking("/wait"), b"503"),
    ],
)
async def test_handshake_that_comes_to_nothing_is_refused_and_gives_its_place_back(
    server: tuple[Connect, Any], sent: bytes, status: bytes
) -> None:
    connect, state = server
    for _ in range(PLACES + 1):
        reader, writer = await connect()
        writer.write(sent)
        answer = await rest(reader)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 %s " % status)
        await until(lambda: not state.connections)


async def test_what_is_accepted_stays_and_gives_its_place_back(server, house) -> None:
    connect, state = server
    for _ in range(PLACES + 1):
        reader, writer = await connect()
        writer.write(asking("/ws?x=" + "a" * 8000, b"Content-Length: 0\r\n"))
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        with pytest.raises(TimeoutError):  # longer than a handshake may take
            await asyncio.wait_for(reader.read(1), Quick.seconds * 2)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 101 ")
        await until(lambda: not state.connections)

    await until(lambda: house.ended == PLACES + 1)


@pytest.mark.parametrize("first", ["/wait", "/flood"])
async def test_socket_before_another_answer_is_out_ends_both(server, house, first) -> None:
    connect, state = server
    _, writer = await connect()
    writer.write(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % first.encode())
    await until(lambda: house.came == [first])
    writer.write(asking())

    await until(lambda: house.ended == 1)
    await until(lambda: not state.connections)

    assert house.came == [first]
