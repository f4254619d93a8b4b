"""What one person may say in a session, on however many pages and connections: signals, lines, questions."""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import Final

from django.conf import settings

from engagement.doors.admission.signal_admission import too_fast
from engagement.intake.wire_format import Chat, Question
from engagement.limits.token_bucket import Bucket

BURST_SECONDS: Final = 20
"""A person may send, at once, the signals of this many seconds: she may have been offline."""
MOST_PEOPLE: Final = 50_000
"""People whose pace is remembered, per process: who said nothing for longest is forgotten first."""
_WORDS: Final = {Chat: "CHAT_LINES_PER_MINUTE", Question: "QUESTIONS_PER_MINUTE"}
OTHER: Final = object
"""The kind of a signal that counts as one signal only."""


class PersonBudget:
    """The buckets of each person of each session, in one web process: n processes give up to n shares."""

    def __init__(self) -> None:
        self._people: OrderedDict[tuple[int, int], dict[type, Bucket]] = OrderedDict()

    def take(self, session_id: int, actor: int, kinds: Iterable[type], now: float) -> None:
        """Count a frame's signals by their types there, all or none. now: seconds, of a steady clock.

        Raises a rate limit that says when there is room for all. A frame that is more than a whole bucket
        (many lines, written while offline) costs all of it: it is let in when nothing else was said.
        """
        wanted: Counter[type] = Counter(kinds)
        amounts: dict[type, int] = {kind: wanted[kind] for kind in _WORDS if wanted[kind]}
        amounts[OTHER] = wanted.total()
        buckets = self._of((session_id, actor), now)
        taken = [
            (buckets[kind], min(amount, buckets[kind].most)) for kind, amount in amounts.items()
        ]
        if waits := [
            bucket.seconds_until(amount) for bucket, amount in taken if not bucket.has(amount, now)
        ]:
            raise too_fast(max(waits))
        for bucket, amount in taken:
            bucket.take(amount, now)

    def _of(self, person: tuple[int, int], now: float) -> dict[type, Bucket]:
        found = self._people.get(person)
        if found is None:
            found = self._people[person] = _buckets(now)
            if len(self._people) > MOST_PEOPLE:
                self._people.popitem(last=False)
        self._people.move_to_end(person)
        return found


def _buckets(now: float) -> dict[type, Bucket]:
    rate = settings.SOCKET_SIGNALS_PER_SECOND
    found: dict[type, Bucket] = {OTHER: Bucket(rate, rate * BURST_SECONDS, now)}
    for kind, name in _WORDS.items():
        most = getattr(settings, name)
        found[kind] = Bucket(most / 60, most, now)
    return found
