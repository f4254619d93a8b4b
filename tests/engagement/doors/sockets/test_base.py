"""What all sockets have in common: nobody is kept who does not read, no mistake is silent."""

import asyncio
import json
from typing import Any

import pytest

from engagement.doors.sockets.base import Socket
from engagement.vocabulary.errors import invalid
from tests.support.sockets import until


class Parrot(Socket):
    """Says what it hears; breaks when told to."""

    async def enter(self) -> None:
        if self.query("refuse"):
            raise invalid("refused", "No.", "refuse")

    def hear(self, text: str) -> None:
        if text == "break":
            raise RuntimeError("broken")
        self.send_json({"heard": text, "agent": self.header(b"user-agent")})


class Wire:
    """A server's side of one socket, driven by hand."""

    def __init__(self, query: bytes = b"") -> None:
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.flows = asyncio.Event()
        self.flows.set()
        scope = {"query_string": query, "headers": [(b"user-agent", b"test")]}
        self.put("connect")
        self.task = asyncio.create_task(Parrot()(scope, self.incoming.get, self._send))

    def put(self, kind: str, **fields: Any) -> None:
        self.incoming.put_nowait({"type": f"websocket.{kind}", **fields})

    async def _send(self, message: dict[str, Any]) -> None:
        await self.flows.wait()
        self.sent.append(message)

    def texts(self) -> list[Any]:
        return [json.loads(m["text"]) for m in self.sent if m["type"] == "websocket.send"]


async def test_socket_answers_until_it_is_closed(web):
    wire = Wire()
    wire.put("receive", text="hello")
    wire.put("disconnect", code=1000)

    await wire.task

    assert wire.texts() == [{"heard": "hello", "agent": "test"}]


async def test_refusal_is_said_before_the_socket_closes(web):
    wire = Wire(b"refuse=1")

    await wire.task

    [said] = wire.texts()
    assert (said["error"]["code"], said["error"]["field"]) == ("refused", "refuse")
    assert wire.sent[-1] == {"type": "websocket.close", "code": 4400}


async def test_failure_of_ours_is_said_without_its_reason(web):
    wire = Wire()
    wire.put("receive", text="break")

    await wire.task

    [said] = wire.texts()
    assert (said["error"]["category"], said["error"]["code"]) == ("internal", "internal")
    assert "broken" not in json.dumps(wire.texts())
    assert wire.sent[-1]["code"] == 4500


async def test_socket_that_never_reads_is_let_go(web, monkeypatch):
    wire = Wire()
    await until(lambda: wire.sent)
    monkeypatch.setattr("engagement.live.outbox.STALL_SECONDS", 0.01)
    wire.flows.clear()
    wire.put("receive", text="hello")

    await asyncio.wait_for(wire.task, 5)

    assert wire.texts() == []


async def test_server_that_stops_is_not_mistaken_for_a_stall(web):
    wire = Wire()
    await until(lambda: wire.sent)

    wire.task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await wire.task


async def test_closing_a_socket_the_client_closed_is_no_error(web):
    async def gone(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            raise RuntimeError("closed already")

    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})

    await Parrot()({"query_string": b"refuse=1", "headers": []}, incoming.get, gone)
