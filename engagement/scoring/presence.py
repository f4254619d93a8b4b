"""Who is here: people, not sockets.

Four sources tell us. Integrations and recordings name people who *join* and *leave*; our own web
processes *report* every tick whom they hold a socket for; an embedding page sends *heartbeats*; a
platform that shows nothing else sends a *count*. Several tabs of one person are one person, and a
person who reconnects within the grace has never left.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from engagement.scoring.rolling import RollingPeople

GRACE_TICKS: Final = 3
"""A person in no report for this long (15 s) has left; a process silent for this long holds
nobody."""
HEARTBEAT_TICKS: Final = 12
"""A heartbeat counts as presence for 60 s."""
COUNT_TICKS: Final = 60
"""A platform's number is believed for 5 minutes."""


class Settled(NamedTuple):
    """The outcome of a tick: who came, who went, how many are here.

    `leaves_known` is False where the number comes from a platform's count, whose comings and goings
    nobody names. `known` is False where no presence signal was ever heard. `told_at` is the last
    tick in which any source of presence spoke, None where none ever did.
    """

    joined: list[int]
    left: list[int]
    present: int
    known: bool
    leaves_known: bool
    told_at: int | None = None


class _Report(NamedTuple):
    actors: frozenset[int]
    tick: int


class Presence:
    """Who is here in one session. Actors are 64-bit integers; ticks are given in rising order."""

    __slots__ = (
        "_beats",
        "_count",
        "_count_tick",
        "_explicit",
        "_held",
        "_here",
        "_leaving",
        "_named",
        "_reports",
        "_told_at",
        "_touched",
        "_waved_off",
    )

    def __init__(self) -> None:
        self._here: set[int] = set()
        self._explicit: set[int] = set()
        self._held: set[int] = set()
        self._leaving: dict[int, int] = {}
        self._waved_off: set[int] = set()
        self._reports: dict[str, _Report] = {}
        self._beats = RollingPeople(HEARTBEAT_TICKS)
        self._touched: set[int] = set()
        self._named = False
        self._count = 0
        self._count_tick: int | None = None
        self._told_at: int | None = None

    def joined(self, actor: int, tick: int) -> None:
        """An integration says that this person came; they stay until it says that they left, or until
        the heartbeats cease that it sends of them."""
        self._named = True
        self._told_at = tick
        self._explicit.add(actor)
        self._touched.add(actor)

    def left(self, actor: int, tick: int) -> None:
        """This person left, as of now; only a later join, report or heartbeat brings them back."""
        self._named = True
        self._told_at = tick
        self._explicit.discard(actor)
        self._beats.discard(actor)
        self._leaving.pop(actor, None)
        if actor in self._held:
            self._held.discard(actor)
            self._waved_off.add(actor)
        self._touched.add(actor)

    def heartbeat(self, actor: int, tick: int) -> None:
        """An embedding page says that this person is still here.

        From then on it has to go on saying so: also somebody who was said to have joined.
        """
        self._explicit.discard(actor)
        self._named = True
        self._told_at = tick
        self._beats.add(actor, tick)
        self._touched.add(actor)

    def report(self, process: str, actors: frozenset[int], tick: int) -> None:
        """A web process says who is connected to it; this replaces its earlier report."""
        self._named = True
        self._told_at = tick
        before = self._reports.get(process)
        held_before = before.actors if before is not None else frozenset()
        self._reports[process] = _Report(actors, tick)
        came = actors - held_before
        if self._waved_off:
            came |= actors & self._waved_off
        for actor in came:
            self._hold(actor)
        if before is not None:
            self._let_go(held_before - actors, before.tick)

    def platform_count(self, count: int, tick: int) -> None:
        """A platform says how many are here, without names."""
        self._count = max(0, count)
        self._count_tick = tick
        self._told_at = tick

    def settle(self, tick: int) -> Settled:
        """Close a tick: people whose grace ran out leave, and the news since the last one is told.

        Who came and went within one tick is no news. Where a platform's number is fresh it is the
        number of people here, unless we can name more.
        """
        self._drop_silent_processes(tick)
        self._end_grace(tick)
        self._touched.update(self._beats.expire(tick))
        joined, left = self._news()
        counted = self._count_tick is not None and tick - self._count_tick < COUNT_TICKS
        present = max(len(self._here), self._count) if counted else len(self._here)
        known = counted or self._named
        return Settled(joined, left, present, known, known and not counted, self._told_at)

    def restore(self, tick: int, explicit: Iterable[int] = (), sockets: Iterable[int] = ()) -> None:
        """Start from stored rows: `explicit` joined and never left; `sockets` must be reported
        anew.

        Those known from sockets keep their place for the usual grace, counted from `tick`. Others who are
        here stay.
        """
        self._explicit.update(explicit)
        for actor in sockets:
            self._held.add(actor)
            self._leaving[actor] = tick
        self._here |= self._explicit | self._held
        if self._here:
            self._named = True
            self._told_at = tick

    def forget(self, people: Iterable[int]) -> None:
        """Leave out people who count no more: they have not left, they were never here."""
        gone = frozenset(people)
        for some in (self._here, self._explicit, self._held, self._waved_off, self._touched):
            some -= gone
        for actor in gone:
            self._leaving.pop(actor, None)
            self._beats.discard(actor)
        self._reports = {
            process: report._replace(actors=report.actors - gone)
            for process, report in self._reports.items()
        }

    def people(self) -> frozenset[int]:
        """Those who were here when the last tick settled and whom we can name."""
        return frozenset(self._here)

    def _hold(self, actor: int) -> None:
        self._held.add(actor)
        self._leaving.pop(actor, None)
        self._waved_off.discard(actor)
        self._touched.add(actor)

    def _let_go(self, actors: frozenset[int], seen_tick: int) -> None:
        for actor in actors:
            if any(actor in report.actors for report in self._reports.values()):
                continue
            if actor in self._waved_off:
                self._waved_off.discard(actor)
            elif actor in self._held:
                self._leaving[actor] = max(seen_tick, self._leaving.get(actor, seen_tick))

    def _drop_silent_processes(self, tick: int) -> None:
        silent = [name for name, r in self._reports.items() if tick - r.tick >= GRACE_TICKS]
        for name in silent:
            report = self._reports.pop(name)
            self._let_go(report.actors, report.tick)

    def _end_grace(self, tick: int) -> None:
        over = [actor for actor, seen in self._leaving.items() if tick - seen >= GRACE_TICKS]
        for actor in over:
            del self._leaving[actor]
            self._held.discard(actor)
            self._touched.add(actor)

    def _news(self) -> tuple[list[int], list[int]]:
        joined: list[int] = []
        left: list[int] = []
        for actor in sorted(self._touched):
            is_here = actor in self._explicit or actor in self._held or actor in self._beats
            if is_here and actor not in self._here:
                self._here.add(actor)
                joined.append(actor)
            elif not is_here and actor in self._here:
                self._here.discard(actor)
                left.append(actor)
        self._touched.clear()
        return joined, left
