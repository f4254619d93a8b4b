"""Locking the room, and asking for the words on its screen: who is in stays. One click either way."""

import datetime as dt
import secrets

from django.contrib.auth.models import User
from django.db import transaction

from engagement.doors.admission.join_words import SECRET_BYTES
from engagement.live import broadcast, frames
from engagement.models import Session, SessionStatus
from engagement.vocabulary.errors import conflict
from interventions.models import AgentChange

CHANGES = ("mode", "feed")
"""What organizers' pages fetch again: the buttons of the session, and who pressed them."""


def set_locked(
    session: Session, is_locked: bool, *, by: User | None, who: str, now: dt.datetime
) -> None:
    """Let nobody new in from now on, or everybody again; `who` stands in the feed and the audit log.

    What is so already is no change. Raises a conflict "session_ended".
    """
    if session.status == SessionStatus.ENDED:
        raise conflict("session_ended", "This session is over.")
    with transaction.atomic():
        at = now if is_locked else None
        moved = Session.objects.filter(pk=session.pk, locked_at__isnull=is_locked).update(
            locked_at=at
        )
        if moved:
            what = "lock" if is_locked else "unlock"
            AgentChange.objects.create(session=session, at=now, what=what, user=by, who=who)
            _tell(session.pk)
    session.refresh_from_db(fields=["locked_at"])


def set_asks_word(
    session: Session, asks: bool, *, by: User | None, who: str, now: dt.datetime
) -> None:
    """Ask joiners for the words on the screen from now on, or no more; who is in stays.

    Each time it is switched on there are other words and another link. What is so already is no change.
    Raises a conflict "session_ended".
    """
    if session.status == SessionStatus.ENDED:
        raise conflict("session_ended", "This session is over.")
    with transaction.atomic():
        secret = secrets.token_bytes(SECRET_BYTES) if asks else None
        moved = Session.objects.filter(pk=session.pk, door_secret__isnull=asks).update(
            door_secret=secret
        )
        if moved:
            what = "word" if asks else "noword"
            AgentChange.objects.create(session=session, at=now, what=what, user=by, who=who)
            _tell(session.pk)
    session.refresh_from_db(fields=["door_secret"])


def _tell(session_id: int) -> None:
    told = [(session_id, broadcast.HOST, frames.text("event", name=name)) for name in CHANGES]
    transaction.on_commit(lambda: broadcast.publish_or_log(told))
