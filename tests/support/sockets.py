"""What tests of sockets and of the signals door need: one web process per test, and dialogues."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.testing import WebsocketCommunicator
from django.db import connection
from django.db.models import QuerySet

from conductor.asgi import application
from engagement.intake.pseudonyms import actor_of
from engagement.models import Session
from engagement.sessions.attendee_tokens import Pass, issue

PATIENCE = 15.0
QUIET = 0.15
HOST = [(b"host", b"testserver"), (b"origin", b"http://testserver")]


def actor_named(session: Session, name: str = "ann") -> int:
    return actor_of(bytes(session.event.salt), name)


def attendee_path(
    session: Session, name: str = "ann", client: str = "tab-1", counts: bool = True
) -> str:
    token = issue(Pass(session.pk, actor_named(session, name), counts))
    return f"/ws/attend/{session.pk}/?token={token}&client={client}"


class Dialogue:
    """One socket, as its client sees it."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator

    async def send(self, said: Any) -> None:
        text = said if isinstance(said, str) else json.dumps(said)
        await self.communicator.send_to(text_data=text)

    async def send_bytes(self, data: bytes) -> None:
        await self.communicator.send_to(bytes_data=data)

    async def hear(self) -> Any:
        frame = await self.communicator.receive_output(PATIENCE)
        assert frame["type"] == "websocket.send", frame
        return json.loads(frame["text"])

    async def hears_nothing(self) -> bool:
        return await self.communicator.receive_nothing(QUIET, 0.01)

    async def answers(self) -> bool:
        """Whether the line is alive: it answers a ping, whatever was said before."""
        await self.send({"ping": 7})
        while (said := await self.hear()) != {"pong": 7}:
            assert "error" not in said, said
        return True

    async def ended_with(self) -> tuple[str, int]:
        """The code of the error that ends the line, and of its closing."""
        while "error" not in (said := await self.hear()):
            pass
        return said["error"]["code"], await self.closed_with()

    async def closed_with(self) -> int:
        message = await self.communicator.receive_output(PATIENCE)
        assert message["type"] == "websocket.close", message
        return message["code"]


@asynccontextmanager
async def opened(
    path: str, headers: list[tuple[bytes, bytes]] | None = None
) -> AsyncIterator[Dialogue]:
    """An accepted socket; closed by the client at the end."""
    communicator = WebsocketCommunicator(
        application, path, headers=HOST if headers is None else headers
    )
    accepted, code = await communicator.connect(PATIENCE)
    assert accepted, code
    try:
        yield Dialogue(communicator)
    finally:
        await communicator.disconnect()


async def until(condition: Any) -> None:
    """Let the loop turn until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 -- conditions of other people's objects
            await asyncio.sleep(0.005)


async def change(rows: QuerySet[Any], **fields: Any) -> None:
    """Update rows, or delete them where no fields are given, in a thread that keeps no connection."""

    def work() -> None:
        try:
            rows.update(**fields) if fields else rows.delete()
        finally:
            connection.close()

    await asyncio.to_thread(work)
