"""The vocabulary of the room: what can be heard, what can go wrong, and how long a text may be.

Plain values without behaviour. The numbers of `SignalKind` are stored in rows and sent on the wire:
they are never reused or renumbered.
"""

from enum import IntEnum, StrEnum, unique
from types import MappingProxyType
from typing import Final

TICK_SECONDS: Final = 5
"""Length of one tick; scores, metrics and detection all live on this clock."""


@unique
class SignalKind(IntEnum):
    """What an attendee, an integration or the platform told us."""

    CHAT = 1
    REACTION = 2
    VOTE = 3
    QUESTION = 4
    UPVOTE = 5
    JOIN = 6
    LEAVE = 7
    PRESENCE_COUNT = 8
    PULSE = 9
    STREAM = 10
    HEARTBEAT = 11
    POLL_OPEN = 12
    POLL_CLOSE = 13
    PROMPT = 14
    """Something of our own opened (see `engagement.scoring.caused_signals`); without a name on the wire,
    so no door can say it."""


WIRE_NAMES: Final = MappingProxyType(
    {
        SignalKind.CHAT: "chat",
        SignalKind.REACTION: "reaction",
        SignalKind.VOTE: "vote",
        SignalKind.QUESTION: "question",
        SignalKind.UPVOTE: "upvote",
        SignalKind.JOIN: "join",
        SignalKind.LEAVE: "leave",
        SignalKind.PRESENCE_COUNT: "count",
        SignalKind.PULSE: "pulse",
        SignalKind.STREAM: "stream",
        SignalKind.HEARTBEAT: "heartbeat",
        SignalKind.POLL_OPEN: "poll_open",
        SignalKind.POLL_CLOSE: "poll_close",
    }
)
"""Short names used in attendee frames, recordings and logs: all that outsiders can say."""

KIND_OF_WIRE_NAME: Final = MappingProxyType({name: kind for kind, name in WIRE_NAMES.items()})

CLOUD_EVENT_TYPES: Final = MappingProxyType(
    {
        SignalKind.CHAT: "ec.signal.chat.message.v1",
        SignalKind.REACTION: "ec.signal.reaction.v1",
        SignalKind.VOTE: "ec.signal.poll.vote.v1",
        SignalKind.QUESTION: "ec.signal.qa.ask.v1",
        SignalKind.UPVOTE: "ec.signal.qa.upvote.v1",
        SignalKind.JOIN: "ec.signal.presence.join.v1",
        SignalKind.LEAVE: "ec.signal.presence.leave.v1",
        SignalKind.PRESENCE_COUNT: "ec.signal.presence.count.v1",
        SignalKind.PULSE: "ec.signal.pulse.v1",
        SignalKind.STREAM: "ec.signal.stream.state.v1",
        SignalKind.HEARTBEAT: "ec.signal.heartbeat.v1",
        SignalKind.POLL_OPEN: "ec.signal.poll.open.v1",
        SignalKind.POLL_CLOSE: "ec.signal.poll.close.v1",
    }
)
"""`type` attribute of the CloudEvents 1.0 envelope."""

KIND_OF_CLOUD_EVENT_TYPE: Final = MappingProxyType(
    {type_name: kind for kind, type_name in CLOUD_EVENT_TYPES.items()}
)

OWN_SOURCE: Final = 0
"""The source of joins and leaves that we worked out ourselves from who is connected."""
INDUCED_SOURCE: Final = -1
"""The source of what we write into the log ourselves; no source of an outsider has this number."""
UPVOTES: Final = "upvotes"
"""The source under which the attendees' door writes the upvotes that it took."""
OWN_KEY: Final = "iv-"
"""Starts the key of our own polls ("iv-12" for intervention 12); no door takes a poll of this name."""

ATTENDEES_OWN: Final = 1
"""`number` of a vote that an attendee's page sent: it counts in an opened poll, and makes none."""

ACTS: Final = frozenset(
    {
        SignalKind.CHAT,
        SignalKind.REACTION,
        SignalKind.VOTE,
        SignalKind.QUESTION,
        SignalKind.UPVOTE,
        SignalKind.PULSE,
    }
)
"""Kinds that make a person *active*: being here is not an act."""

PULSE_WORDS: Final = ("great", "too_fast", "lost", "cant_hear")
STREAM_STATES: Final = ("online", "offline")


@unique
class AnomalyKind(StrEnum):
    """How a room is being lost. Two kinds are not about the audience: the
    source kind says that we are the trouble, the scripted one that a crowd seems to be no people."""

    SUDDEN_DROP = "SUDDEN_DROP"
    GRADUAL_DECLINE = "GRADUAL_DECLINE"
    MASS_EXIT = "MASS_EXIT"
    LOW_ENGAGEMENT = "LOW_ENGAGEMENT"
    SOURCE_SILENT = "SOURCE_SILENT"
    SCRIPTED = "SCRIPTED"


@unique
class Severity(StrEnum):
    """WARNING: about one false alarm an hour. CRITICAL: about one in ten hours."""

    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


CHAT_MAX_CHARS: Final = 500
QUESTION_MAX_CHARS: Final = 300
REACTION_NAME_MAX_CHARS: Final = 16
KEY_MAX_CHARS: Final = 64
"""Longest key of a poll, an option or a question that comes from outside."""
PRESENCE_COUNT_MAX: Final = 10_000_000
"""A platform that reports more people than this is wrong."""
FRAME_MAX_SIGNALS: Final = 50
BATCH_MAX_SIGNALS: Final = 1_000
TEXT_MAX_CHARS: Final = MappingProxyType(
    {
        SignalKind.CHAT: CHAT_MAX_CHARS,
        SignalKind.REACTION: REACTION_NAME_MAX_CHARS,
        SignalKind.VOTE: 2 * KEY_MAX_CHARS + 1,  # "poll:option"
        SignalKind.QUESTION: QUESTION_MAX_CHARS,
        SignalKind.UPVOTE: KEY_MAX_CHARS,
        SignalKind.JOIN: 0,
        SignalKind.LEAVE: 0,
        SignalKind.PRESENCE_COUNT: 0,
        SignalKind.PULSE: max(len(word) for word in PULSE_WORDS),
        SignalKind.STREAM: max(len(word) for word in STREAM_STATES),
        SignalKind.HEARTBEAT: 0,
        SignalKind.POLL_OPEN: KEY_MAX_CHARS,
        SignalKind.POLL_CLOSE: KEY_MAX_CHARS,
        SignalKind.PROMPT: KEY_MAX_CHARS,
    }
)
"""Longest text of each kind, in characters; 0 where a text means nothing."""
