"""Signals as they stand in the log, written by the wire's own functions."""

from collections.abc import Iterable, Sequence

import redis

from engagement.intake.shards import shard_of, stream_of
from engagement.intake.wire_format import (
    Signal,
    attendee_item,
    batch_item,
    encode_entry,
    presence_item,
)
from engagement.vocabulary.clock import tick_start
from engagement.vocabulary.signal_kinds import SignalKind

Said = tuple[SignalKind, int, str]


def moment_us(tick: int, seconds: float = 1.0) -> int:
    """Return a moment within a tick, in microseconds."""
    return int((tick_start(tick) + seconds) * 1_000_000)


class Log:
    """Writes entries as the doors do; `seq` rises by itself."""

    def __init__(self, client: "redis.Redis[bytes]") -> None:
        self.client = client
        self.seq = 0

    def batch(
        self, session_id: int, tick: int, said: Iterable[Said], age_seconds: float = 0
    ) -> list[Signal]:
        """Add what integrations said in a tick; returns the signals."""
        received = moment_us(tick)
        signals = []
        for kind, actor, text in said:
            self.seq += 1
            signals.append(
                Signal(
                    session_id, received, received - int(age_seconds * 1_000_000), int(kind),
                    actor, 7, -self.seq, text,
                )
            )  # fmt: skip
        self.again(signals)
        return signals

    def again(self, signals: Sequence[Signal]) -> None:
        """Add signals as they are (a resend)."""
        first = signals[0]
        self.add(batch_item(first.session_id, first.received_us, signals), first.session_id)

    def frame(self, session_id: int, tick: int, actor: int, raw: str) -> None:
        """Add an attendee's frame."""
        self.add(attendee_item(session_id, moment_us(tick), actor, actor, raw), session_id)

    def here(
        self, session_id: int, tick: int, actors: Sequence[int], process: str = "web-1"
    ) -> None:
        """Add a web process's report of who is connected."""
        self.add(presence_item(session_id, moment_us(tick), process, list(actors)), session_id)

    def hears(self, tick: int, process: str = "web-1") -> None:
        """Add a web process's word that it hears, in every stream."""
        item = presence_item(0, moment_us(tick), process, ())
        self.client.xadd(stream_of(0), {b"b": encode_entry([item])})

    def add(self, item: object, session_id: int) -> None:
        """Add one item as an entry of its own."""
        self.client.xadd(stream_of(shard_of(session_id)), {b"b": encode_entry([item])})


def people(count: int) -> list[int]:
    """Return so many actors."""
    return list(range(1, count + 1))


def joins(actors: Iterable[int]) -> list[Said]:
    return [(SignalKind.JOIN, actor, "") for actor in actors]


def chats(actors: Iterable[int]) -> list[Said]:
    return [(SignalKind.CHAT, actor, "hello") for actor in actors]
