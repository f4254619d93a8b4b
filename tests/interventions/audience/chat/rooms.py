"""What people say in the log, and what their pages are told."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis

from engagement.intake.wire_format import Signal, attendee_item, batch_item, encode_entry
from engagement.live.broadcast import BUS, read
from engagement.models import Attendee, Session
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.audience.chat import settings as chat_settings
from interventions.models import ChatLine, ChatMode, ChatState
from tests.conftest import NOON

ANN, BEN, CLEO = 11, 12, 13
SHARD = 0


def say(
    valkey: "redis.Redis",
    session: Session,
    text: str,
    actor: int = ANN,
    n: int | None = None,
    at: dt.datetime = NOON,
) -> None:
    """Write what the attendee's socket writes; `n` is the number of the page's frame."""
    number = valkey.incr("test:frames") if n is None else n
    raw = json.dumps({"id": number, "s": [["reaction", "clap", 0], ["chat", text, 0]]})
    item = attendee_item(session.pk, microseconds(at), 100 + actor, actor, raw)
    valkey.xadd(f"sig:{SHARD}", {"b": encode_entry([item])})


def send(valkey: "redis.Redis", session: Session, text: str, at: dt.datetime = NOON) -> None:
    """Write what an integration's message is in the log."""
    moment = microseconds(at)
    seq = -int(valkey.incr("test:ids"))
    signal = Signal(session.pk, moment, moment, int(SignalKind.CHAT), 77, 7, seq, text)
    valkey.xadd(f"sig:{SHARD}", {"b": encode_entry([batch_item(session.pk, moment, [signal])])})


def microseconds(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def moderate(session: Session, mode: ChatMode, *, with_platforms: bool = False) -> None:
    chat_settings.set_for_session(session, mode, with_platforms, NOON - dt.timedelta(minutes=5))


def named(session: Session, name: str, actor: int = ANN) -> None:
    Attendee.objects.create(event=session.event, actor=actor, name=name)


def states() -> list[tuple[str, str, str]]:
    """Text, state and reason of every line."""
    return list(ChatLine.objects.order_by("pk").values_list("text", "state", "why"))


def make_line(session: Session, text: str = "Good point", **fields: Any) -> ChatLine:
    values: dict[str, Any] = {
        "source": 7, "seq": ChatLine.objects.count(), "actor": ANN, "said_at": NOON,
        "state": ChatState.SHOWN, **fields,
    }  # fmt: skip
    if values["state"] == ChatState.SHOWN:
        values.setdefault("shown_at", NOON)
    return ChatLine.objects.create(session=session, text=text, **values)


@contextmanager
def listening(valkey: "redis.Redis") -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Collect the frames that are published until the end of the block: audience and content."""
    heard: list[tuple[str, dict[str, Any]]] = []
    with valkey.pubsub() as ears:  # type: ignore[no-untyped-call]
        ears.subscribe(BUS)
        ears.get_message(timeout=5)
        yield heard
        while message := ears.get_message(timeout=0.2):
            heard += [(to, json.loads(text)) for _, to, text in read(message["data"])]


def told(
    heard: list[tuple[str, dict[str, Any]]], audience: str = "attendee"
) -> list[dict[str, Any]]:
    """The frames for one audience."""
    return [frame for to, frame in heard if to == audience]
