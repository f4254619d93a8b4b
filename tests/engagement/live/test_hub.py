"""From the bus to the sockets: same bytes to all, bounded, paced for attendees."""

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings

from engagement.live import broadcast
from engagement.live.hub import Hub
from engagement.live.outbox import MOST_FRAMES, Outbox, text_message
from tests.support.sockets import until


class Line:
    """The server's side of a socket: takes messages, or blocks like a client that never reads."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.flows = asyncio.Event()
        self.flows.set()
        self.stalled = False
        self.box = Outbox(self._send, self._stall)

    async def _send(self, message: dict[str, Any]) -> None:
        await self.flows.wait()
        self.sent.append(message["text"])

    def _stall(self) -> None:
        self.stalled = True


@pytest.fixture
async def hub(valkey):
    hub = Hub(settings.REDIS_URL)
    yield hub
    await hub.close()


async def joined(hub: Hub, session_id: int = 1, audience: str = "host") -> Line:
    line = Line()
    await hub.join(session_id, audience, line.box)
    await asyncio.wait_for(hub.ready.wait(), 5)
    return line


def publish(*frames: tuple[int, str, str]) -> None:
    broadcast.publish(frames)


async def test_frame_reaches_every_socket_of_its_audience_and_no_other(hub):
    first, second = await joined(hub), await joined(hub)
    elsewhere, stage = await joined(hub, 2), await joined(hub, 1, "stage")

    publish((1, "host", '{"type":"tick"}'), (1, "stage", '{"type":"poll"}'), (2, "host", '"x"'))
    await until(lambda: elsewhere.sent)

    assert first.sent == second.sent == ['{"type":"tick"}']
    assert stage.sent == ['{"type":"poll"}']


async def test_many_frames_arrive_in_order(hub):
    line = await joined(hub)

    publish(*((1, "host", str(n)) for n in range(1200)))
    await until(lambda: len(line.sent) == 1200)

    assert line.sent == [str(n) for n in range(1200)]


async def test_socket_that_left_hears_nothing(hub):
    gone, here = await joined(hub), await joined(hub)

    hub.leave(1, "host", gone.box)
    publish((1, "host", "1"))
    await until(lambda: here.sent)

    assert gone.sent == []
    assert hub.sockets() == 1


async def test_attendees_get_one_message_a_second_with_the_latest_of_each_kind(hub):
    line = await joined(hub, 1, "attendee")

    hub.deliver(1, "attendee", '{"type":"counts","n":1}')
    await until(lambda: line.sent)
    for n in range(2, 30):
        hub.deliver(1, "attendee", f'{{"type":"counts","n":{n}}}')
    hub.deliver(1, "attendee", '{"type":"event","name":"session"}')
    hub.deliver(1, "attendee", "not json")
    first = list(line.sent)
    await until(lambda: len(line.sent) == 2)

    assert [json.loads(text) for text in first] == [[{"type": "counts", "n": 1}]]
    assert json.loads(line.sent[1]) == [
        {"type": "counts", "n": 29},
        {"type": "event", "name": "session"},
    ]


async def test_snapshot_is_made_once_for_all_who_come_together(hub):
    asked = []

    async def snapshot(session_id: int) -> list[str]:
        asked.append(session_id)
        await asyncio.sleep(0)
        return ["a", "b"]

    hub.snapshots["host"] = snapshot

    lines = await asyncio.gather(*(joined(hub) for _ in range(50)))

    assert asked == [1]
    assert all(line.sent == ["a", "b"] for line in lines)


async def test_first_snapshot_of_a_process_is_made_when_it_hears_the_bus(hub):
    heard = []

    async def snapshot(session_id):
        heard.append(hub.ready.is_set())
        return []

    hub.snapshots["host"] = snapshot

    await joined(hub)

    assert heard == [True]


async def test_snapshot_that_fails_leaves_no_socket_behind(hub):
    async def snapshot(session_id: int) -> list[str]:
        raise OSError("away")

    hub.snapshots["host"] = snapshot

    with pytest.raises(OSError, match="away"):
        await hub.join(1, "host", Line().box)

    assert hub.sockets() == 0


async def test_bus_that_was_away_is_said_and_followed_by_a_snapshot(hub, valkey):
    async def snapshot(session_id: int) -> list[str]:
        return ["snapshot"]

    hub.snapshots["host"] = snapshot
    line = await joined(hub)

    valkey.client_kill_filter(_type="pubsub")
    await until(lambda: len(line.sent) == 4)
    publish((1, "host", "after"))
    await until(lambda: len(line.sent) == 5)

    assert line.sent[0] == line.sent[3] == "snapshot"
    degraded, recovered = json.loads(line.sent[1]), json.loads(line.sent[2])
    assert (degraded["type"], degraded["what"]) == ("degraded", "redis")
    assert (recovered["type"], recovered["what"]) == ("recovered", "redis")
    assert line.sent[4] == "after"


async def test_bus_that_is_away_from_the_start_is_said_to_who_comes(valkey):
    hub = Hub("redis://127.0.0.1:1/0")
    await hub.join(1, "host", Line().box)
    await until(lambda: hub.away_since_ms)
    late = Line()

    await hub.join(1, "host", late.box)
    await hub.close()

    assert json.loads(late.sent[0])["type"] == "degraded"


async def test_payload_that_is_not_ours_is_left_out(hub, valkey):
    line = await joined(hub)

    valkey.publish("bus", b"\xff garbage")
    publish((1, "host", "1"))
    await until(lambda: line.sent)

    assert line.sent == ["1"]


# --- the outbox of one socket


async def test_socket_that_does_not_read_keeps_the_latest_frames_only():
    line = Line()
    line.flows.clear()

    for n in range(1000):
        line.box.push(text_message(str(n)))
    for n in range(1000):
        line.box.acknowledge(n)
    line.flows.set()
    await line.box.drain()

    assert line.sent[0] == "0"
    assert line.sent[1] == '{"a":999}'
    assert line.sent[2:] == [str(n) for n in range(1000 - MOST_FRAMES, 1000)]


async def test_socket_that_never_reads_is_let_go(monkeypatch):
    monkeypatch.setattr("engagement.live.outbox.STALL_SECONDS", 0.01)
    line = Line()
    line.flows.clear()

    line.box.push(text_message("1"))
    await until(lambda: line.stalled)
    line.box.push(text_message("2"))
    line.flows.set()
    await asyncio.sleep(0)

    assert line.box.is_gone
    assert line.sent == []


async def test_closed_socket_takes_nothing_and_raises_nothing():
    async def send(message: dict[str, Any]) -> None:
        raise OSError("closed")

    box = Outbox(send, lambda: None)

    box.push(text_message("1"))
    box.acknowledge(1)

    assert box.is_gone


async def test_send_that_fails_after_it_blocked_ends_the_outbox():
    flows = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        await flows.wait()
        raise OSError("closed")

    box = Outbox(send, lambda: None)
    box.push(text_message("1"))

    flows.set()
    await box.drain()

    assert box.is_gone
