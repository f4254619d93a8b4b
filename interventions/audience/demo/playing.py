"""Play the demos on, a few seconds at a time: claim the row, say what happens, move the row on."""

from __future__ import annotations

import datetime as dt
import logging
from math import ceil
from typing import Final

import redis
from django.db import transaction

from engagement.intake.pseudonyms import actor_of
from engagement.intake.shards import shard_of, stream_of
from engagement.intake.valkey import log_client
from engagement.intake.wire_format import Signal, batch_item, encode_entry
from engagement.limits.isolated_rows import run_each
from engagement.models import Demo, Event, Session, SessionStatus
from engagement.sessions import services
from engagement.simulation import demo_minute
from engagement.vocabulary.errors import ProblemError
from interventions.audience import signal_log_marks
from interventions.audience.demo.saying import signal_of
from interventions.audience.polls import voting
from interventions.kinds.registry import has_teams, taking_votes
from interventions.models import Delivery, Intervention

logger = logging.getLogger(__name__)
NEAREST: Final = dt.timedelta(seconds=0.5)
"""Beat wakes us every second: the wake-up nearest to its end ends a demo."""
KEPT: Final = dt.timedelta(hours=24)
"""How long somebody may look back on a demo."""


def play(now: dt.datetime) -> int:
    """Play every demo up to `now`, and end those whose minute is over; return how many were moved.

    May run twice at once, late, or be killed anywhere: a demo is played by one at a time, what was
    said twice counts once, and what was not said is said the next time.
    """
    live = Demo.objects.filter(session__status=SessionStatus.LIVE).order_by("pk")
    return sum(run_each("demo", live, lambda row: _moved(row.pk, now), now, whole=False).done)


def clear(now: dt.datetime) -> int:
    """Delete the demos that ended a day ago, with everything they made; return how many."""
    over = Event.objects.filter(
        sessions__demo__ends_at__lt=now - KEPT, sessions__status=SessionStatus.ENDED
    ).distinct()
    return len(run_each("demo-clear", over, lambda row: row.delete(), now).done)


def _moved(pk: int, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            demo = (
                Demo.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("session__event")
                .filter(pk=pk)
                .first()
            )
            return demo is not None and _move(demo, now)
    except redis.RedisError as error:
        logger.warning("demo %s could not be played: %s", pk, error)
    except ProblemError:
        logger.info("somebody was faster", extra={"demo": pk})
    return False


def _move(demo: Demo, now: dt.datetime) -> bool:
    if now >= demo.ends_at - NEAREST:
        services.end_session(session=demo.session, now=now)
        return True
    first, last = (int(_seconds(demo, each)) for each in (demo.played_until, now))
    if last <= first:
        return False
    until = demo.story_at + dt.timedelta(seconds=last)
    made, guests = demo_minute.between(first, last, _answered(demo))
    said = [signal_of(demo.session, demo.story_at, each) for each in made]
    said += _votes(demo, guests, until, now)
    _say(demo.session, said, now)
    demo.played_until = until
    demo.save(update_fields=["played_until"])
    return True


def _seconds(demo: Demo, moment: dt.datetime) -> float:
    """Return a moment in seconds of the story."""
    return (moment - demo.story_at).total_seconds()


def _answered(demo: Demo) -> int | None:
    """Return from which second of the story the room has something that was sent to it."""
    first = Delivery.objects.filter(
        intervention__session=demo.session, sent_at__isnull=False
    ).order_by("sent_at").first()  # fmt: skip
    return None if first is None or first.sent_at is None else ceil(_seconds(demo, first.sent_at))


def _votes(demo: Demo, guests: list[str], until: dt.datetime, now: dt.datetime) -> list[Signal]:
    """Cast the votes that fall due since the last time; return them as signals."""
    open_now = Intervention.objects.filter(
        session=demo.session, closes_at__gt=now, status__in=voting.SENT, kind__in=taking_votes()
    )
    cast = []
    for row in open_now:
        since, to = (_since(row, each) for each in (demo.played_until, until))
        for guest in guests:
            delay, option = demo_minute.vote(
                signal_log_marks.poll_key(row.pk), guest, voting.options_of(row)
            )
            if since <= delay < to:
                cast.append(_vote(demo.session, row, guest, option, now))
    return cast


def _since(row: Intervention, moment: dt.datetime) -> float:
    return (moment - (row.acted_at or moment)).total_seconds()


def _vote(session: Session, row: Intervention, guest: str, option: int, now: dt.datetime) -> Signal:
    actor = actor_of(bytes(session.event.salt), guest)
    given = voting.cast(row.pk, actor, option, now, session_id=session.pk)
    is_team = has_teams(row.kind)
    return signal_log_marks.vote_signal(
        session.pk, row.pk, is_team, given.actor, given.option, voting.given_at(given)
    )


def _say(session: Session, said: list[Signal], now: dt.datetime) -> None:
    """Write signals into the durable log, as a door does."""
    if said:
        entry = encode_entry([batch_item(session.pk, round(now.timestamp() * 1_000_000), said)])
        log_client().xadd(stream_of(shard_of(session.pk)), {b"b": entry})
