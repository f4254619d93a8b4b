"""Erasing one person: every row and word of hers, here and in Valkey; counts and what was learned stay."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections import Counter
from collections.abc import Collection, Iterable
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
from engagement.models import ActKind, Event, Removal, Signal, StreamOffset
from engagement.organisations import audit
from engagement.ticks import hold_still
from interventions.audience.chat.frames import MOST_GONE, news_frame, whole_frame
from interventions.audience.chat.lines import lock
from interventions.audience.chat.settings import rules_of
from interventions.audience.questions import services as questions
from interventions.models import ChatLine, ChatOffset
from interventions.personal_data import quotes
from interventions.personal_data.inventory import PLACES, Fate, Person, interventions_of
from interventions.personal_data.redaction import NAMELESS, Said, note_in, said_by, without

logger = logging.getLogger(__name__)

STRAGGLING: Final = dt.timedelta(minutes=2)
"""For so long after an erasure rows may come of what was on its way."""
_SIGNAL: Final = Signal._meta.label
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
    """
    said = said_by(her)
    # Looking through all signals of an event takes seconds: the ticker does not wait for that.
    since = now - STRAGGLING
    older = _delete(_signals(her).filter(received_at__lt=since))
    with transaction.atomic():
        _hold(her)
        gone_lines = list(
            ChatLine.objects.filter(session__event=her.event_id, actor=her.actor).values_list(
                "session_id", "pk"
            )
        )
        quoted = quotes.take_out(interventions_of(her), said, now)
        removed = removed_from(her)
        went = _clear(her, since)
        if older:
            went[_SIGNAL] = went.get(_SIGNAL, 0) + older
        if went or quoted:
            _bar(her, removed, now)
            organisation_id = Event.objects.values_list("organisation_id", flat=True).get(
                pk=her.event_id
            )
            audit.note(ActKind.ERASED, who=who, now=now, organisation_id=organisation_id)
        _tell(her, gone_lines, now)
    _forget_in_valkey(her, said)
    return went | ({"quotes": quoted} if quoted else {})


def finish(now: dt.datetime) -> int:
    """Clear what came after an erasure, and let go of log entries that are read; return rows cleared."""
    erased = Removal.objects.filter(is_erased=True)
    shards = {shard_of(pk) for pk in erased.values_list("session_id", flat=True).distinct()}
    late = erased.filter(removed_at__gt=now - STRAGGLING).select_related("session")
    by_person = {Person(row.session.event_id, row.actor): row for row in late}
    ran = run_each("erase", by_person.values(), _clear_again, now)
    _let_go(shards)
    return sum(ran.done)


def _clear_again(row: Removal) -> int:
    # What came late was received shortly before at the earliest: older signals went with the erasure.
    since = row.removed_at - STRAGGLING
    return sum(_clear(Person(row.session.event_id, row.actor), since).values())


def _hold(her: Person) -> None:
    """Let neither the ticker nor the chat make rows until this transaction ends."""
    sessions = sorted(her.sessions.values_list("pk", flat=True))
    for pk in {shard_of(pk): pk for pk in sessions}.values():
        hold_still(pk)
    for pk in sessions:
        lock(pk)


def _signals(her: Person) -> QuerySet[Signal]:
    return Signal.objects.filter(session_id__in=her.sessions.values("pk"), actor=her.actor)


def _delete(rows: QuerySet[Any]) -> int:
    """Delete rows; return how many there were, without those that went with them."""
    return rows.delete()[1].get(rows.model._meta.label, 0)


def _clear(her: Person, since: dt.datetime | None = None) -> dict[str, int]:
    """Take her rows away, or her number from those that are counts; return how many, by table.

    since: of signals only those received from then on, which are found by their key.
    """
    went: Counter[str] = Counter()
    for place in PLACES:
        rows = place.rows(her)
        if place.model is Signal and since is not None:
            rows = rows.filter(received_at__gte=since)
        if place.fate is Fate.NOBODYS:
            # The row's own number is nobody's pseudonym, and no other row of its kind has it.
            went[place.model._meta.label] += rows.update(actor=F("pk"))
        elif place.fate is Fate.GONE:
            went[place.model._meta.label] += _delete(rows)
        elif place.model is LogEntry:
            rows.update(object_repr=NAMELESS, change_message="")
    return {name: number for name, number in went.items() if number}


def removed_from(her: Person) -> set[int]:
    """Return the sessions from which organizers removed her."""
    found = Removal.objects.filter(session__event=her.event_id, actor=her.actor, is_erased=False)
    return set(found.values_list("session_id", flat=True))


def _bar(her: Person, removed: Collection[int], now: dt.datetime) -> None:
    """Note whose tokens end; the number in them is all that is kept, until they would have expired.

    Where she was removed she stays removed, without a name: erasing is no way back in.
    """
    Removal.objects.bulk_create(
        (
            Removal(session_id=pk, actor=her.actor, is_erased=pk not in removed, removed_at=now)
            for pk in her.sessions.values_list("pk", flat=True)
        ),
        ignore_conflicts=True,
    )


def _tell(her: Person, gone: Iterable[tuple[int, int]], now: dt.datetime) -> None:
    by_session: dict[int, list[int]] = {}
    for session_id, pk in gone:
        by_session.setdefault(session_id, []).append(pk)
    told: list[broadcast.Frame] = []
    for session in her.sessions.select_related("event"):
        questions.broadcast_questions(session.pk)
        told += [(session.pk, broadcast.HOST, frames.text("event", name=name)) for name in _TOLD]
        lines = by_session.get(session.pk, [])
        if len(lines) > MOST_GONE:
            text = whole_frame(session, rules_of(session), now)
            told.append((session.pk, broadcast.ATTENDEE, text))
        elif lines:
            text = news_frame([], lines, bytes(session.event.salt), now)
            told.append((session.pk, broadcast.ATTENDEE, text))
    transaction.on_commit(lambda: broadcast.publish_or_log(told))


# --- Valkey


def _forget_in_valkey(her: Person, said: Said) -> None:
    """Take her out of what Valkey remembers; while it is away nothing of it can be read either."""
    sessions = list(her.sessions.values_list("pk", "language"))
    try:
        bus = get_redis_connection("default")
        for pk, _ in sessions:
            bus.zrem(f"here:{pk}", str(her.actor))
        _forget_answers(bus, said, note_in(sessions[0][1]) if sessions else "")
    except redis.RedisError as error:
        logger.warning("an erasure has left kept answers to expire by themselves: %s", error)
    _let_go({shard_of(pk) for pk, _ in sessions})


def _forget_answers(bus: Any, said: Said, note: str) -> None:
    """Take her words out of the answers that are kept for repeated requests."""
    for key in bus.scan_iter(match="once:*", count=1_000):
        kept = json.loads(bus.get(key) or "null")
        after = without(kept, said, note)
        if after != kept:
            bus.set(key, json.dumps(after), keepttl=True)


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
