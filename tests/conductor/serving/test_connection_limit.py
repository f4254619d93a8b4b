"""More people than a process has files for: who is in stays in, who comes is told when to come again."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from conductor.serving.connection_limit import PROBES_OF_ONE, Gate
from tests.support.sockets import until

PAGE = {"type": "http", "method": "GET", "path": "/j/ABCDEF", "headers": []}
SOCKET = {"type": "websocket", "path": "/ws/attend/1/", "headers": []}
RESPONSE = {"extensions": {"websocket.http.response": {}}}


class House:
    """An application whose visitors stay until it is told to let them go."""

    def __init__(self) -> None:
        self.leave = asyncio.Event()
        self.came = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.came += 1
        if scope["path"] not in {"/health/ping", "/metrics"}:
            await self.leave.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def visit(gate: Gate, scope: dict[str, Any]) -> ApplicationCommunicator:
    return ApplicationCommunicator(gate, scope)


async def full_house() -> tuple[Gate, House, list[ApplicationCommunicator]]:
    """Return a gate for two that is full."""
    house = House()
    gate = Gate(house, 2)
    guests = [visit(gate, PAGE) for _ in range(2)]
    for each in guests:
        await each.send_input({"type": "http.request"})
    await until(lambda: house.came == 2)
    return gate, house, guests


async def answered(visitor: ApplicationCommunicator, comes: str) -> tuple[Any, Any]:
    await visitor.send_input({"type": comes})
    return await visitor.receive_output(5), await visitor.receive_output(5)


async def test_who_finds_it_full_is_told_when_to_come_and_gets_in_then():
    gate, house, guests = await full_house()

    start, body = await answered(visit(gate, PAGE), "http.request")
    form = (await answered(visit(gate, {**PAGE, "method": "POST"}), "http.request"))[0]
    house.leave.set()
    inside = [await each.receive_output(5) for each in guests]
    for each in guests:
        await each.receive_output(5)
        await each.wait(5)
    later = (await answered(visit(gate, PAGE), "http.request"))[0]

    headers = dict(start["headers"])
    assert start["status"] == 503
    assert 2 <= int(headers[b"retry-after"]) <= 6
    assert headers[b"refresh"] == headers[b"retry-after"]
    assert b"very busy" in body["body"]
    assert b"refresh" not in dict(form["headers"])
    assert [each["status"] for each in [*inside, later]] == [200, 200, 200]


async def test_program_gets_the_envelope_and_a_probe_its_answer():
    gate, _, _ = await full_house()

    start, body = await answered(visit(gate, {**PAGE, "path": "/api/v1/sessions/"}), "http.request")
    probe = (await answered(visit(gate, {**PAGE, "path": "/health/ping"}), "http.request"))[0]

    assert (start["status"], probe["status"]) == (503, 200)
    assert json.loads(body["body"])["error"]["code"] == "busy"


@pytest.mark.parametrize(
    ("more", "first"), [(RESPONSE, "websocket.http.response.start"), ({}, "websocket.close")]
)
async def test_socket_is_refused_before_it_is_one(more, first):
    gate, house, _ = await full_house()
    socket = visit(gate, {**SOCKET, **more})

    await socket.send_input({"type": "websocket.connect"})
    answer = await socket.receive_output(5)

    assert answer["type"] == first
    assert answer.get("status", 503) == 503
    assert house.came == 2


def of(address: str, **more: Any) -> dict[str, Any]:
    return {**PAGE, "client": (address, 1), **more}


async def come(gate: Gate, *scopes: dict[str, Any]) -> list[ApplicationCommunicator]:
    """Return visitors who stay: whoever is forgotten goes."""
    visitors = [visit(gate, scope) for scope in scopes]
    for each in visitors:
        await each.send_input({"type": "http.request"})
    return visitors


async def test_one_network_leaves_a_fifth_of_the_places_to_others():
    house = House()
    gate = Gate(house, 10)
    loud, quiet = "198.51.100.1", "198.51.100.2"

    guests = await come(gate, *[of(loud)] * 8)
    await until(lambda: house.came == 8)
    more = (await answered(visit(gate, of(loud)), "http.request"))[0]
    guests += await come(gate, of(quiet), of(quiet))
    await until(lambda: house.came == 10)
    full = (await answered(visit(gate, of("198.51.100.3")), "http.request"))[0]

    assert (more["status"], full["status"], len(guests)) == (503, 503, 10)


async def test_one_site_of_many_networks_leaves_a_fifth_of_the_places_to_others():
    house = House()
    gate = Gate(house, 10)

    guests = await come(gate, *[of(f"2001:db8:1:{n}::1") for n in range(8)])
    await until(lambda: house.came == 8)
    more = (await answered(visit(gate, of("2001:db8:1:9::1")), "http.request"))[0]
    guests += await come(gate, of("2001:db8:2::1"), of("198.51.100.2"))
    await until(lambda: house.came == 10)

    assert (more["status"], len(guests)) == (503, 10)


async def test_crowd_behind_one_address_gets_in_as_long_as_there_is_room():
    house = House()
    gate = Gate(house, 10)

    guests = await come(gate, *[of("198.51.100.1")] * 4, *[of("198.51.100.2")] * 5)

    await until(lambda: house.came == len(guests))


@pytest.mark.parametrize(
    "more",
    [
        {"path": "/healthx"},
        {"path": "/health/ping/x"},
        {"path": "/metricsx"},
        {"path": "/health/ping", "method": "POST"},
        {"path": "/health/ping", "headers": [(b"content-length", b"5")]},
        {"path": "/health/ping", "headers": [(b"transfer-encoding", b"chunked")]},
        {"path": "/health/ping", "type": "websocket"},
    ],
)
async def test_what_only_looks_like_a_probe_is_counted(more):
    gate, _, _ = await full_house()
    scope = {**PAGE, **more}

    came = "websocket.connect" if scope["type"] == "websocket" else "http.request"
    visitor = visit(gate, scope)
    await visitor.send_input({"type": came})
    answer = await visitor.receive_output(5)

    assert answer.get("status", 503) == 503


async def test_probe_that_says_that_it_has_no_body_is_one():
    gate, _, _ = await full_house()
    scope = {**PAGE, "path": "/health/ping", "headers": [(b"content-length", b"0")]}

    probe = (await answered(visit(gate, scope), "http.request"))[0]

    assert probe["status"] == 200


async def test_probes_of_one_network_leave_places_to_those_of_others():
    house = House()
    gate = Gate(house, 2)
    scope = {"path": "/health/ready"}
    guests = await come(gate, *[of("198.51.100.1", **scope)] * PROBES_OF_ONE)
    await until(lambda: house.came == PROBES_OF_ONE)

    more = (await answered(visit(gate, of("198.51.100.1", **scope)), "http.request"))[0]
    guests += await come(gate, of("198.51.100.2", **scope))
    await until(lambda: house.came == len(guests))

    assert more["status"] == 503
