"""Sessions as tables of counts: CSV, one row per 5 s tick.

Columns, all optional: `tick`, `chat`, `reactions`, `votes`, `present` (or `concurrent_viewers`),
`joins`, `leaves`; each also in the singular; others are passed over. Without `present` the joins
and leaves are added up; without those either, nobody tells who is here. Without `leaves` only net
losses are seen. Where `tick` jumps forward, nothing happened in between.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from engagement.detection.base import DetectorTick

_NAMES: Final = {
    "tick": ("tick",),
    "chat": ("chat", "chats"),
    "reactions": ("reactions", "reaction"),
    "votes": ("votes", "vote"),
    "present": ("present", "concurrent_viewers"),
    "joins": ("joins", "join"),
    "leaves": ("leaves", "leave"),
}
GAP_MOST: Final = 17_280
"""A jump of more ticks (a day) is taken for a mistake."""


class TableError(ValueError):
    """The table cannot be read; the text names the line."""


class _Columns(NamedTuple):
    tick: str | None
    chat: str | None
    reactions: str | None
    votes: str | None
    present: str | None
    joins: str | None
    leaves: str | None

    @classmethod
    def of(cls, header: list[str]) -> "_Columns":
        plain = {name.strip().lower(): name for name in header}
        found = {
            field: next((plain[name] for name in names if name in plain), None)
            for field, names in _NAMES.items()
        }
        if not any(column for field, column in found.items() if field != "tick"):
            wanted = ", ".join(name for name in _NAMES if name != "tick")
            raise TableError(f"line 1: none of the columns {wanted}")
        return cls(**found)


class _Rows:
    """Turns rows into ticks; keeps the tick number and who is here."""

    def __init__(self, columns: _Columns) -> None:
        self._columns = columns
        self._present = 0
        self._next: int | None = None
        self._presence_known = bool(columns.present or columns.joins or columns.leaves)

    def read(self, row: dict[str, str | None], line: int) -> Iterator[tuple[int, DetectorTick]]:
        number = self._number(row, line)
        first = number if self._next is None else self._next
        if not 0 <= number - first <= GAP_MOST:
            raise TableError(f"line {line}: tick {number} after tick {first - 1}")
        for missing in range(first, number):
            yield missing, self._tick(0, 0, 0, 0, 0)
        self._next = number + 1
        columns = self._columns
        joins, leaves = _count(row, columns.joins, line), _count(row, columns.leaves, line)
        self._come_and_go(row, joins, leaves, line)
        yield (
            number,
            self._tick(
                _count(row, columns.chat, line),
                _count(row, columns.reactions, line),
                _count(row, columns.votes, line),
                joins,
                leaves,
            ),
        )

    def _number(self, row: dict[str, str | None], line: int) -> int:
        column = self._columns.tick
        if column is None or not (row.get(column) or "").strip():
            return self._next or 0
        return _count(row, column, line)

    def _come_and_go(self, row: dict[str, str | None], joins: int, leaves: int, line: int) -> None:
        column = self._columns.present
        if column is None:
            self._present = max(0, self._present + joins - leaves)
        elif (row.get(column) or "").strip():
            self._present = _count(row, column, line)

    def _tick(self, chat: int, reactions: int, votes: int, joins: int, leaves: int) -> DetectorTick:
        return DetectorTick(
            chat=chat,
            reactions=reactions,
            votes=votes,
            present=self._present,
            presence_known=self._presence_known,
            joins=joins,
            leaves=leaves,
            leaves_known=self._columns.leaves is not None,
        )


def read_ticks(lines: Iterable[str]) -> Iterator[tuple[int, DetectorTick]]:
    """Read a table: tick number and counts of each tick. Raises TableError where it is wrong."""
    rows = csv.DictReader(lines)
    try:
        session = _Rows(_Columns.of(list(rows.fieldnames or ())))
        for row in rows:
            yield from session.read(row, rows.line_num)
    except csv.Error as error:
        raise TableError(f"line {rows.line_num}: {error}") from error


def _count(row: dict[str, str | None], column: str | None, line: int) -> int:
    """A count of a row; an empty field is 0."""
    text = (row.get(column) or "").strip() if column is not None else ""
    if not text:
        return 0
    try:
        value = float(text)
        count = int(value)
    except (ValueError, OverflowError):
        raise TableError(f"line {line}: {column} is no number: {text[:40]!r}") from None
    if count < 0 or count != value:
        raise TableError(f"line {line}: {column} is no count: {text[:40]!r}")
    return count
