"""What organizers set for the chat of an event or of one session, and what holds where."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Q

from engagement.live import broadcast
from engagement.models import Event, Session, SessionStatus
from interventions.audience.chat.frames import whole_frame
from interventions.audience.chat.rules import Rules
from interventions.models import ChatMode, ChatSettings


def rules_of_all(sessions: Mapping[int, int]) -> dict[int, Rules]:
    """Return what holds, by session (one query). `sessions`: the event of each session."""
    rows = ChatSettings.objects.filter(
        Q(session_id__in=sessions) | Q(event_id__in=set(sessions.values()))
    )
    own = {row.session_id: row for row in rows if row.session_id is not None}
    shared = {row.event_id: row for row in rows if row.event_id is not None}
    return {pk: _holds(own.get(pk), shared.get(event)) for pk, event in sessions.items()}


def _holds(own: ChatSettings | None, shared: ChatSettings | None) -> Rules:
    row = own if own is not None and own.mode else shared
    since = max(
        (each.open_since for each in (own, shared) if each and each.open_since), default=None
    )
    if row is None:
        return Rules(since=since)
    return Rules(ChatMode(row.mode), row.with_platforms, since)


def rules_of(session: Session) -> Rules:
    """Return what holds for one session (one query)."""
    return rules_of_all({session.pk: session.event_id})[session.pk]


def event_rules(event: Event) -> Rules:
    """Return what holds for the sessions of an event that have nothing of their own."""
    return rules_of_all({0: event.pk})[0] if event.pk else Rules()


def set_for_session(
    session: Session, mode: ChatMode | None, with_platforms: bool, now: dt.datetime
) -> None:
    """Store what holds for one session (None: what its event says); open pages follow at once."""
    before = rules_of(session)
    with transaction.atomic():
        row = _row(session=session)
        row.mode, row.with_platforms = mode or "", with_platforms
        row.save()
        _opened(row, before, rules_of(session), now)
        broadcast_settings([session], now)


def set_for_event(event: Event, mode: ChatMode, with_platforms: bool, now: dt.datetime) -> None:
    """Store what holds for an event's sessions; those with settings of their own keep them."""
    before = event_rules(event)
    if (before.mode, before.with_platforms) == (mode, with_platforms):
        return
    with transaction.atomic():
        row = _row(event=event)
        row.mode, row.with_platforms = mode, with_platforms
        row.save()
        _opened(row, before, event_rules(event), now)
        live = Session.objects.filter(event=event, status=SessionStatus.LIVE)
        broadcast_settings(live.select_related("event"), now)


def _row(**of: Event | Session) -> ChatSettings:
    return ChatSettings.objects.filter(**of).first() or ChatSettings(**of)


def _opened(row: ChatSettings, before: Rules, after: Rules, now: dt.datetime) -> None:
    """What was written while nobody else saw it stays so when others see what comes."""
    if after.is_open and not before.is_open:
        row.open_since = now
        row.save(update_fields=["open_since"])


def broadcast_settings(sessions: Iterable[Session], now: dt.datetime) -> None:
    """Send the pages of these sessions what the chat is now, after the commit."""
    frames = [
        (session.pk, broadcast.ATTENDEE, whole_frame(session, rules_of(session), now))
        for session in sessions
    ]
    transaction.on_commit(lambda: broadcast.publish_or_log(frames))
