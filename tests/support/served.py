"""A real server on a port of its own, with our protocols in front of an application of the test's."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[..., Coroutine[Any, Any, Streams]]
PATIENCE = 10.0


@asynccontextmanager
async def served(
    application: Any, http: Any, **options: Any
) -> AsyncIterator[tuple[Connect, ServerState]]:
    """Yield what opens a connection (`host`: from which address) and what the server holds."""
    config = Config(application, log_level="critical", lifespan="off", **options)
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: http(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    writers = []

    async def open_one(host: str = "127.0.0.1") -> Streams:
        streams = await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))
        writers.append(streams[1])
        return streams

    yield open_one, state
    for writer in writers:
        writer.close()
    server.close()
    await asyncio.gather(*state.tasks)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Return all until the server closes."""
    return await asyncio.wait_for(reader.read(), PATIENCE)
