"""How it is for people right now: of each, the last word of five minutes."""

import datetime as dt
from collections import Counter
from typing import Final

from django.db import connection

from engagement.sessions.removed_people import out_of
from engagement.vocabulary.signal_kinds import PULSE_WORDS, SignalKind

WINDOW: Final = dt.timedelta(minutes=5)


def counts(session_id: int, now: dt.datetime) -> dict[str, int]:
    """Return how many people feel how, by the words of `engagement.vocabulary.signal_kinds` (two queries)."""
    out = list(out_of([session_id]).get(session_id, ()))
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (actor) text from engagement_signal where session_id = %s"
            " and received_at > %s and received_at <= %s and kind = %s and actor <> all(%s)"
            " order by actor, received_at desc",
            [session_id, now - WINDOW, now, int(SignalKind.PULSE), out],
        )
        felt = Counter(word for (word,) in cursor.fetchall())
    return {word: felt[word] for word in PULSE_WORDS}
