"""Erasing one person: every row and word of hers, here and in Valkey; counts and what was learned stay."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import redis
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import F, QuerySet
from django_redis import get_redis_connection

from engagement.intake.shards import shard_of, stream_of
from engagement.intake.valkey import log_client
from engagement.limits.isolated_rows import run_each
from engagement.live import broadcast, frames
from engagement.models import ActKind, Event, Removal, Session, Signal, StreamOffset
from engagement.organisations import audit
from engagement.ticks import hold_still
from interventions.audience.chat.frames import MOST_GONE, news_frame, whole_frame
from interventions.audience.chat.lines import lock
from interventions.audience.chat.settings import rules_of
from interventions.audience.questions import services as questions
from interventions.models import ChatLine, ChatOffset, ChatState, Question, QuestionStatus
from interventions.personal_data import kept_answers, quotes
from interventions.personal_data.inventory import PLACES, Fate, Person, Place, interventions_of
from interventions.personal_data.lease import LEASE, Lease
from interventions.personal_data.redaction import NAMELESS, Said, note_in, said_by

logger = logging.getLogger(__name__)

STRAGGLING: Final = dt.timedelta(minutes=2)
"""For so long after an erasure rows may come of what was on its way."""
_TOLD: Final = ("chat", "feed", "suggestion", "signals")


def count(her: Person) -> dict[str, int]:
    """Return how many rows of each table are hers, by the table's name; those without any are left out."""
    found = {
        place.model._meta.label: place.rows(her).count()
        for place in PLACES
        if place.fate != Fate.REWORDED
    }
    return {name: number for name, number in found.items() if number}


def erase(her: Person, *, who: str, now: dt.datetime) -> dict[str, int]:
    """Erase a person; return what went, by the table's name, and "quotes" of hers.

    who: a key's or an operator's name for the audit log, "" for herself; nothing of hers stands there.
    Her tokens end, pages stop to show her words, votes and upvotes stay as counts of nobody. What is on its
    way makes no rows. Erasing nobody changes nothing.

    In steps, each a short transaction: first she is barred, for which the ticker waits some milliseconds.
    Then nothing of hers is added any more, and what takes long holds nothing. Who is cut off in between is
    followed by `finish`.
    """
    if not _is_known(her):
        return {}
    organisation_id = Event.objects.values_list("organisation_id", flat=True).get(pk=her.event_id)
    audit.note(ActKind.ERASED, who=who, now=now, organisation_id=organisation_id)
    return _erase_all(her, now)


def _erase_all(her: Person, now: dt.datetime) -> dict[str, int]:
    """Bar a person and erase her; done twice, or by two at once, it is the same."""
    lease = Lease(_bars(her), now)
    _bar(her, now)
    _hide(her, now)
    said = said_by(her)
    quoted = quotes.take_out(interventions_of(her), said, now, lease.renew)
    # While her words are in the tables: they tell what is to be taken out of Valkey.
    _forget_in_valkey(her, said, lease)
    went = _clear(her)
    _bars(her).update(erasing_until=None)
    return went | ({"quotes": quoted} if quoted else {})


def _is_known(her: Person) -> bool:
    # From the back: her own row is found at once, her signals are looked through.
    hers = (place.rows(her) for place in reversed(PLACES) if place.fate is not Fate.REWORDED)
    return any(rows.exists() for rows in hers)


def finish(now: dt.datetime) -> int:
    """Clear what came after an erasure, go on with what was cut off, let go of log entries that are read.

    Returns the rows that were cleared.
    """
    left = Removal.objects.filter(erasing_until__lte=now).select_related("session")
    resumed = run_each("erase-on", _of_each(left), lambda row: _go_on(row, now), now, whole=False)
    erased = Removal.objects.filter(is_erased=True)
    shards = {shard_of(pk) for pk in erased.values_list("session_id", flat=True).distinct()}
    late = erased.filter(removed_at__gt=now - STRAGGLING, erasing_until=None)
    rows = _of_each(late.select_related("session"))
    ran = run_each("erase", rows, _clear_again, now, whole=False)
    _let_go(shards)
    return sum(ran.done) + sum(resumed.done)


def _of_each(rows: Iterable[Removal]) -> list[Removal]:
    """Return one row of each person."""
    return list({Person(row.session.event_id, row.actor): row for row in rows}.values())


def _go_on(row: Removal, now: dt.datetime) -> int:
    return sum(_erase_all(Person(row.session.event_id, row.actor), now).values())


def _clear_again(row: Removal) -> int:
    # What came late was received shortly before at the earliest: older signals went with the erasure.
    since = row.removed_at - STRAGGLING
    return sum(_clear(Person(row.session.event_id, row.actor), since).values())


def _delete(rows: QuerySet[Any]) -> int:
    """Delete rows; return how many there were, without those that went with them."""
    return rows.delete()[1].get(rows.model._meta.label, 0)


def _hide(her: Person, now: dt.datetime) -> None:
    """Show what she wrote to nobody, and tell the pages: whoever read it before sees that it is gone.

    Under the lock of each chat, as whoever adds lines and questions, or writes what quotes them.
    """
    for session in her.sessions.select_related("event").order_by("pk"):
        of = {"session": session, "actor": her.actor}
        with transaction.atomic():
            lock(session.pk)
            lines = ChatLine.objects.filter(**of).exclude(state=ChatState.HIDDEN)
            gone = list(lines.values_list("pk", flat=True))
            lines.update(state=ChatState.HIDDEN, decided_at=now, is_news=False)
            asked = Question.objects.filter(**of).exclude(status=QuestionStatus.HIDDEN)
            asked.update(status=QuestionStatus.HIDDEN, decided_at=now)
            _tell(session, gone, now)


def _clear(her: Person, since: dt.datetime | None = None) -> dict[str, int]:
    """Take her rows away, or her number from those that are counts; return how many, by table.

    since: of signals only those received from then on, which are found by their key.
    """
    went: Counter[str] = Counter()
    sessions = sorted(her.sessions.values_list("pk", flat=True))
    for place in PLACES:
        with transaction.atomic():
            if place.model in (ChatLine, Question):
                for pk in sessions:
                    lock(pk)
            went[place.model._meta.label] += _clear_place(place, her, since)
    return {name: number for name, number in went.items() if number}


def _clear_place(place: Place, her: Person, since: dt.datetime | None) -> int:
    rows = place.rows(her)
    if place.fate is Fate.NOBODYS:
        # The row's own number is nobody's pseudonym, and no other row of its kind has it.
        return rows.update(actor=F("pk"))
    if place.fate is Fate.GONE:
        is_late = place.model is Signal and since is not None
        return _delete(rows.filter(received_at__gte=since) if is_late else rows)
    if place.model is LogEntry:
        rows.update(object_repr=NAMELESS, change_message="")
    if place.model is Removal:
        # Where she was removed she stays removed, without a name: erasing is no way back in.
        rows.update(name="")
    return 0


def _bars(her: Person) -> QuerySet[Removal]:
    return Removal.objects.filter(session__event=her.event_id, actor=her.actor)


def removed_from(her: Person) -> set[int]:
    """Return the sessions from which organizers removed her."""
    found = Removal.objects.filter(session__event=her.event_id, actor=her.actor, is_erased=False)
    return set(found.values_list("session_id", flat=True))


def _bar(her: Person, now: dt.datetime) -> None:
    """Note whose tokens end; the number in them is all that is kept, until they would have expired.

    The ticker makes no rows meanwhile, and a tick that begins then knows of it: one shard after the other,
    so that none waits for another's tick.
    """
    by_shard: dict[int, list[int]] = {}
    for pk in her.sessions.values_list("pk", flat=True):
        by_shard.setdefault(shard_of(pk), []).append(pk)
    for pks in by_shard.values():
        bars = [
            Removal(session_id=pk, actor=her.actor, is_erased=True, removed_at=now) for pk in pks
        ]
        with transaction.atomic():
            hold_still(pks[0])
            Removal.objects.bulk_create(bars, ignore_conflicts=True)
            _bars(her).filter(session__in=pks).update(erasing_until=now + LEASE)


def _tell(session: Session, gone: list[int], now: dt.datetime) -> None:
    questions.broadcast_questions(session.pk)
    told = [(session.pk, broadcast.HOST, frames.text("event", name=name)) for name in _TOLD]
    if len(gone) > MOST_GONE:
        text = whole_frame(session, rules_of(session), now)
        told.append((session.pk, broadcast.ATTENDEE, text))
    elif gone:
        text = news_frame([], gone, bytes(session.event.salt), now)
        told.append((session.pk, broadcast.ATTENDEE, text))
    transaction.on_commit(lambda: broadcast.publish_or_log(told))


# --- Valkey


def _forget_in_valkey(her: Person, said: Said, lease: Lease) -> None:
    """Take her out of what Valkey remembers; while it is away nothing of it can be read either."""
    sessions = list(her.sessions.values_list("pk", "language"))
    try:
        bus = get_redis_connection("default")
        for pk, _ in sessions:
            bus.zrem(f"here:{pk}", str(her.actor))
        note = note_in(sessions[0][1]) if sessions else ""
        kept_answers.take_out(bus, [pk for pk, _ in sessions], said, note, lease.renew)
    except redis.RedisError as error:
        logger.warning("an erasure has left kept answers to expire by themselves: %s", error)
    _let_go({shard_of(pk) for pk, _ in sessions})


def _let_go(shards: set[int]) -> None:
    """Take those entries out of the log that the ticker and the chat have read, to the last one.

    The ticker lets go of them in blocks, which is cheaper and leaves up to a hundred behind.
    """
    for shard in shards:
        read = _read_by_all(shard)
        try:
            if read is not None:
                log_client().xtrim(stream_of(shard), minid=read, approximate=False)
        except redis.RedisError as error:
            logger.warning("the log of shard %s was not trimmed: %s", shard, error)


def _read_by_all(shard: int) -> str | None:
    """Return the id after the last entry that nobody needs any more; None where that is not known."""
    offsets = [
        *StreamOffset.objects.filter(shard=shard).values_list("entry_id", flat=True),
        *ChatOffset.objects.filter(shard=shard).values_list("entry_id", flat=True),
    ]
    if not offsets:
        return None
    moment, _, n = min(offsets, key=lambda each: [int(part) for part in each.split("-")]).partition(
        "-"
    )
    return f"{moment}-{int(n or 0) + 1}"
