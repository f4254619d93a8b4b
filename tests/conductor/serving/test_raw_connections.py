"""Connections over which nothing is sent: one network does not hold all that a process accepts."""

from typing import Any

import pytest

from conductor.serving.raw_connections import owner_of
from conductor.serving.request_head_limits import BoundedHeads
from tests.support.served import rest, served
from tests.support.sockets import until

MOST = 10
LOUD, QUIET = "127.0.0.2", "127.0.0.3"


async def well(scope: Any, receive: Any, send: Any) -> None:
    """Answer 200."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def status(connect: Any, host: str) -> bytes:
    reader, writer = await connect(host)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = await rest(reader)
    writer.close()
    return answer[9:12]


async def test_silent_connections_of_one_network_leave_a_fifth_to_others() -> None:
    async with served(well, BoundedHeads, ws="none", limit_concurrency=MOST) as (connect, state):
        held = [await connect(LOUD) for _ in range(8)]
        await until(lambda: len(state.connections) == 8)

        refused = [await rest((await connect(LOUD))[0]) for _ in range(20)]
        other = await status(connect, QUIET)
        for _, writer in held:
            writer.close()
        await until(lambda: not state.connections)
        again = await status(connect, LOUD)

    assert all(b"503 Service Unavailable\r\n" in each for each in refused)
    assert all(b"\r\nretry-after: " in each for each in refused)
    assert (other, again) == (b"200", b"200")


async def test_proxies_of_ours_hold_the_connections_of_everybody(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    async with served(well, BoundedHeads, ws="none", limit_concurrency=MOST) as (connect, state):
        held = [await connect(LOUD) for _ in range(9)]
        await until(lambda: len(state.connections) == 9)
        held.append(await connect(LOUD))
        await until(lambda: len(state.connections) == 10)

        over = await rest((await connect(QUIET))[0])

    assert len(held) == MOST
    assert b" 503 " in over


class Wire:
    """As much of a transport as tells who is connected."""

    def __init__(self, peer: Any) -> None:
        self.peer = peer

    def get_extra_info(self, name: str) -> Any:
        return self.peer if name == "peername" else None


@pytest.mark.parametrize(
    ("peer", "owner"),
    [
        (("198.51.100.1", 5), "198.51.100.1"),
        (("::ffff:198.51.100.1", 5, 0, 0), "198.51.100.1"),
        (("2001:db8:1:2::9%eth0", 5, 0, 0), "2001:db8:1:2::/64"),
    ],
)
def test_connection_is_its_networks(peer: Any, owner: str) -> None:
    assert owner_of(Wire(peer)) == owner  # type: ignore[arg-type]


@pytest.mark.parametrize("peer", [None, "", b"/run/web.sock"])
def test_connection_of_a_file_is_nobody_elses(peer: Any) -> None:
    assert owner_of(Wire(peer)) != owner_of(Wire(peer))  # type: ignore[arg-type]
