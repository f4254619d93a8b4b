"""What we open and close, written into the log of signals, so that what it causes can be told apart.

See `engagement.scoring.caused_signals` for what the marks say. Each has an identity of its own: written
twice, it counts once.
"""

import datetime as dt
import logging
from hashlib import blake2b
from typing import Final

import redis

from engagement.intake.shards import shard_of, stream_of
from engagement.intake.valkey import log_client
from engagement.intake.wire_format import Signal, batch_item, encode_entry
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE, OWN_KEY, SignalKind
from interventions.kinds.content import Content
from interventions.kinds.declaration import Answer
from interventions.kinds.registry import declaration_of
from interventions.models import Intervention

logger = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 120
"""A first message within this time after we asked for one is an answer to us."""
_OPENED, _CLOSED = 1, 2
_MARKS: Final = 4


def poll_key(intervention_id: int) -> str:
    """Return what our poll is called in the log."""
    return f"{OWN_KEY}{intervention_id}"


def opened(intervention: Intervention, now: dt.datetime) -> bool:
    """Write that it opens. False where the log is away; nothing is written then."""
    kind, text = _opening(intervention)
    return _write(intervention, kind, text, _OPENED, now)


def closed(intervention: Intervention, now: dt.datetime) -> bool:
    """Write that a poll of ours closed; others end by their time. False where the log is away."""
    if declaration_of(intervention.kind).answer is not Answer.OPTION:
        return True
    key = poll_key(intervention.pk)
    return _write(intervention, SignalKind.POLL_CLOSE, key, _CLOSED, now)


def vote_signal(
    session_id: int, intervention_id: int, is_team: bool, actor: int, option: int, at: dt.datetime
) -> Signal:
    """Return the signal of an answer that a person gave at `at`; made twice, it counts once."""
    if is_team:
        kind, text = SignalKind.PROMPT, f"join:{intervention_id}:{option}"
    else:
        kind, text = SignalKind.VOTE, f"{poll_key(intervention_id)}:{option}"
    moment = _microseconds(at)
    name = f"{intervention_id}:{actor}:{option}:{moment}".encode()
    seq = int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True) | -(1 << 63)
    return Signal(session_id, moment, moment, int(kind), actor, INDUCED_SOURCE, seq, text)


def _opening(intervention: Intervention) -> tuple[SignalKind, str]:
    content = Content.from_json(intervention.content)
    if declaration_of(content.kind).answer is Answer.OPTION:
        return SignalKind.POLL_OPEN, poll_key(intervention.pk)
    seconds = content.seconds or ANSWER_SECONDS
    return SignalKind.PROMPT, f"{_word(content)}:{intervention.pk}:{seconds}"


def _word(content: Content) -> str:
    kind = declaration_of(content.kind)
    if kind.answer is Answer.TEAM:
        return "team"
    return "chat" if kind.makes_write(content.text) else "note"


def _write(
    intervention: Intervention, kind: SignalKind, text: str, mark: int, now: dt.datetime
) -> bool:
    moment = _microseconds(now)
    # Small and negative: identities made from names are far below (see `engagement.intake.pseudonyms`).
    seq = -(intervention.pk * _MARKS + mark)
    session_id = intervention.session_id
    signal = Signal(session_id, moment, moment, int(kind), 0, INDUCED_SOURCE, seq, text)
    entry = encode_entry([batch_item(session_id, moment, [signal])])
    try:
        log_client().xadd(stream_of(shard_of(session_id)), {b"b": entry})
    except redis.RedisError as error:
        logger.warning("intervention %s was not marked in the log: %s", intervention.pk, error)
        return False
    return True


def _microseconds(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
