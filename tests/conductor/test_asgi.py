"""The ASGI application: which door takes what, and what happens when the server stops."""

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from conductor.asgi import application
from engagement.doors.admission.known_sessions import KnownSession
from engagement.doors.web_process import web as shared_web
from tests.support.log import items


async def test_lifespan_writes_what_waits_when_the_server_stops(web, valkey):
    lifespan = ApplicationCommunicator(application, {"type": "lifespan"})
    await lifespan.send_input({"type": "lifespan.startup"})
    started = await lifespan.receive_output(5)
    web.attendance.enter(KnownSession(1, "live", b"salt", 1), 7)

    await lifespan.send_input({"type": "lifespan.shutdown"})
    stopped = await lifespan.receive_output(10)
    await lifespan.wait()

    assert started == {"type": "lifespan.startup.complete"}
    assert stopped == {"type": "lifespan.shutdown.complete"}
    assert [item[4] for item in items(valkey) if item[1] == 1] == [[]]
    assert shared_web() is not web


@pytest.mark.parametrize("path", ["/health/ping", "/api/v1/sessions/x/signals/"])
async def test_every_other_path_is_djangos(web, path):
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    request = ApplicationCommunicator(application, scope)
    await request.send_input({"type": "http.request", "body": b""})

    answer = await request.receive_output(10)
    await request.wait(10)

    assert answer["status"] == (200 if path == "/health/ping" else 404)
