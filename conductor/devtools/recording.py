"""Recordings of sessions: JSON lines, one signal a line after a header line.

    {"recording": 1, "title": "A class", "source": "...", "seconds": 3195.0, "signals": 505}
    {"t": 25.67, "kind": "join", "actor": "p1", "role": "moderator"}
    {"t": 64.10, "kind": "vote", "actor": "p2", "poll": "q1", "option": 2}

The whole format stands in `docs/signals.md`. Kinds that are no signal here (who is talking, say) are
counted and left out, and so is staff: moderators, presenters, speakers and bots are not audience.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from engagement.vocabulary.signal_kinds import KIND_OF_WIRE_NAME

STAFF_ROLES: Final = frozenset(
    {"moderator", "presenter", "host", "cohost", "speaker", "staff", "bot"}
)
LINE_MAX_CHARS: Final = 20_000
EXAMPLE: Final = '{"recording": 1, "title": "A class", "seconds": 3195.0}'
_NEEDS_ACTOR: Final = frozenset(KIND_OF_WIRE_NAME) - {"count", "stream", "poll_open", "poll_close"}


class RecordingError(ValueError):
    """The file is no recording; the text names the line."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line says."""

    title: str
    source: str
    seconds: float
    signals: int


@dataclass(frozen=True, slots=True)
class RecordedSignal:
    """One signal: `t` seconds after the start.

    `kind` is a wire name. `text` is "poll:option" for a vote, the poll's key for polls, the words
    where the recording has them. `number` is a platform's count of people, or how many may vote.
    `line` is where it stands in the file.
    """

    t: float
    kind: str
    actor: str
    role: str = ""
    text: str = ""
    number: int = 0
    line: int = field(default=0, compare=False)


class Signals(Iterator[RecordedSignal]):
    """The signals of a recording in order; `skipped` counts what was left out, by kind or
    "staff"."""

    def __init__(self, lines: TextIO) -> None:
        self.skipped: Counter[str] = Counter()
        self._lines = lines
        self._number = 1
        self._last = 0.0
        self._staff: set[str] = set()

    def __next__(self) -> RecordedSignal:
        try:
            return self._next()
        except (RecordingError, StopIteration):
            self._lines.close()
            raise

    def _next(self) -> RecordedSignal:
        for line in self._lines:
            self._number += 1
            if line.strip():
                signal = self._read(_object(line, self._number))
                if signal is not None:
                    return signal
        raise StopIteration

    def _read(self, data: dict[str, Any]) -> RecordedSignal | None:
        number = self._number
        t = _seconds(data.get("t"), "t", number)
        if t < self._last:
            raise RecordingError(f"line {number}: t goes back from {self._last} to {t}")
        self._last = t
        kind = _text(data, "kind", number)
        if not kind:
            raise RecordingError(f"line {number}: no kind")
        actor, role = _text(data, "actor", number), _text(data, "role", number)
        if role in STAFF_ROLES:
            self._staff.add(actor)
        if kind not in KIND_OF_WIRE_NAME or actor in self._staff:
            self.skipped["staff" if actor in self._staff else kind] += 1
            return None
        if kind in _NEEDS_ACTOR and not actor:
            raise RecordingError(f"line {number}: {kind} without an actor")
        words, count = _words(data, kind, number), _count(data, number)
        return RecordedSignal(t, kind, actor, role, words, count, number)


def read(path: Path) -> tuple[Header, Signals]:
    """Open a recording: its header, and its signals as they are read.

    Raises OSError where the file cannot be opened, RecordingError (here, and while the signals are
    read) where a line is wrong.
    """
    # Editors on Windows put a byte order mark in front.
    lines = path.open(encoding="utf-8-sig", errors="replace")
    try:
        header = _header(_object(lines.readline(LINE_MAX_CHARS), 1))
    except RecordingError:
        lines.close()
        raise
    return header, Signals(lines)


def _header(data: dict[str, Any]) -> Header:
    if data.get("recording") != 1:
        raise RecordingError(f"line 1: a recording begins with a header like {EXAMPLE}")
    signals = data.get("signals", 0)
    if isinstance(signals, bool) or not isinstance(signals, int):
        raise RecordingError("line 1: signals is no whole number")
    seconds = _seconds(data.get("seconds"), "seconds", 1)
    return Header(_text(data, "title", 1), _text(data, "source", 1), seconds, signals)


def _object(line: str, number: int) -> dict[str, Any]:
    if len(line) >= LINE_MAX_CHARS:
        raise RecordingError(f"line {number}: longer than {LINE_MAX_CHARS} characters")
    try:
        data = json.loads(line)
    except ValueError as error:
        raise RecordingError(f"line {number}: not JSON: {error}") from error
    if not isinstance(data, dict):
        raise RecordingError(f"line {number}: not a JSON object")
    return data


def _seconds(value: object, name: str, number: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e7:
        raise RecordingError(f"line {number}: {name} is no number of seconds")
    return float(value)


def _text(data: dict[str, Any], name: str, number: int) -> str:
    value = data.get(name, "")
    if not isinstance(value, str | int):
        raise RecordingError(f"line {number}: {name} is no text")
    return str(value)


def _words(data: dict[str, Any], kind: str, number: int) -> str:
    poll = _text(data, "poll", number)
    if kind == "vote":
        return f"{poll}:{_text(data, 'option', number)}"
    return poll if kind in ("poll_open", "poll_close") else _text(data, "text", number)


def _count(data: dict[str, Any], number: int) -> int:
    value = data.get("number", data.get("count", data.get("eligible", 0)))
    if isinstance(value, bool) or not isinstance(value, int):
        raise RecordingError(f"line {number}: count is no whole number")
    return value
