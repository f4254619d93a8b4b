"""Requests that never end their head: refused in time, without touching what others send."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from conductor.serving.request_head_limits import BoundedHeads
from conductor.supervision import processes
from tests.support.served import PATIENCE, Connect, rest, served


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the size of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = str(size).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


class Quick(BoundedHeads):
    seconds = 0.2
    most = 4096


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    async with served(echo, Quick, ws="none") as (open_one, _):
        yield open_one


@pytest.mark.parametrize(
    "sent", [b"", b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: a\r\nx:"]
)
async def test_head_that_never_ends_is_given_up(connect: Connect, sent: bytes) -> None:
    reader, writer = await connect()
    writer.write(sent)

    assert (await rest(reader)).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_one_byte_at_a_time_wins_no_time(connect: Connect) -> None:
    reader, writer = await connect()

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.01)

    dripping = asyncio.create_task(drip())
    answer = await rest(reader)
    dripping.cancel()

    assert b" 408 " in answer or b" 400 " in answer


async def test_head_that_is_too_large_is_refused(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n")
    for n in range(50):
        writer.write(b"x-%d: %s\r\n" % (n, b"y" * 100))

    assert (await rest(reader)).startswith(b"HTTP/1.1 431 ")


async def test_second_request_of_a_connection_has_the_same_limit(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    first = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n0"), PATIENCE)
    writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n")

    assert first.startswith(b"HTTP/1.1 200 OK")
    assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


async def test_large_body_and_requests_one_after_the_other_are_no_head(connect: Connect) -> None:
    reader, writer = await connect()
    body = b"z" * 300_000
    request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    for _ in range(3):
        writer.write(request)
        answer = await asyncio.wait_for(reader.readuntil(b"300000"), PATIENCE)
        assert answer.startswith(b"HTTP/1.1 200 OK")


def test_the_product_is_served_by_it() -> None:
    command = processes.web("127.0.0.1", 8000, connections=50)
    said = dict(itertools.pairwise(command))

    assert said["--http"] == "conductor.serving.request_head_limits:BoundedHeads"
    assert said["--ws"] == "conductor.serving.handshake_limits:BoundedHandshakes"
    assert said["--limit-concurrency"] == str(50 + processes.SPARE)
