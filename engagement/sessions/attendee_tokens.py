"""Attendee tokens: signed, for one session, expiring, with the pseudonym inside. No account.

A token proves who joined; it holds no name. The secret key signs it, so any web process can check
it without asking anybody.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.core import signing
from django.db.models import QuerySet

from engagement.intake.pseudonyms import actor_of
from engagement.limits.rename_pace import RENAMES
from engagement.models import Attendee, Session, SessionStatus
from engagement.models.sessions import CODE_LENGTH, CODE_LETTERS
from engagement.vocabulary.errors import ProblemError, conflict, not_found, unauthenticated

LIFETIME: Final = timedelta(hours=24)
RENEWABLE: Final = timedelta(days=7)
"""How long after it was made a token may be exchanged for a new one of the same person."""
_PURPOSE: Final = "engagement.attendee"
TOKEN_MAX_CHARS: Final = 400


@dataclass(frozen=True, slots=True)
class Pass:
    """What a token says: this person, in this session, heard in the score or not."""

    session_id: int
    actor: int
    counts: bool


def issue(given: Pass) -> str:
    """Return a token for the address of the attendee socket."""
    said = [given.session_id, given.actor, int(given.counts)]
    return signing.dumps(said, salt=_PURPOSE)


def read(token: str, session_id: int, *, lifetime: timedelta | None = None) -> Pass:
    """Return what a token says. Raises an authentication error with the reason as its code."""
    if not token:
        raise unauthenticated("token_missing", "A token is needed; join with the session's code.")
    if len(token) > TOKEN_MAX_CHARS:
        raise unauthenticated("token_invalid", "This token is not ours.")
    try:
        said: Any = signing.loads(token, salt=_PURPOSE, max_age=lifetime or LIFETIME)
        given = Pass(int(said[0]), int(said[1]), bool(said[2]))
    except signing.SignatureExpired:
        raise unauthenticated("token_expired", "This token has expired; join again.") from None
    except (signing.BadSignature, ValueError, LookupError, TypeError):
        raise unauthenticated("token_invalid", "This token is not ours.") from None
    if given.session_id != session_id:
        raise unauthenticated("token_other_session", "This token is for another session.")
    return given


def renewed(token: str, session_id: int) -> str:
    """Return the token while it is good, a new one where it has expired; raises as `read` does.

    Who joined the evening before, or slept over a break, stays who she is.
    """
    try:
        read(token, session_id)
    except ProblemError as problem:
        if problem.code != "token_expired":
            raise
        given = read(token, session_id, lifetime=RENEWABLE)
        if not _row(given).exists():
            raise
        return issue(given)
    return token


def join(
    code: str, name: str = "", before: Pass | None = None, *, counts: bool = True
) -> tuple[Session, str]:
    """Let somebody in by the session's code; return the session and a token.

    `before`: what an earlier token of theirs says; of the same event, they stay the same person,
    called `name` from now on.
    `counts`: False where they do not want to be heard in the score.
    Raises not_found for a wrong code and a conflict for a session that is over or locked.
    """
    wanted = code.strip().upper().replace(" ", "")
    session = (
        Session.objects.select_related("event").filter(code=wanted).first()
        if len(wanted) == CODE_LENGTH and set(wanted) <= set(CODE_LETTERS)
        else None
    )
    if session is None:
        raise not_found("code_unknown", "No session has this code.")
    return session, enter(session, name, before, counts=counts)


def enter(
    session: Session, name: str = "", before: Pass | None = None, *, counts: bool = True
) -> str:
    """Let somebody into a session that was found by its code; as `join` does otherwise.

    A locked room lets nobody in who has no token of this session. Raises conflicts "session_ended",
    "room_locked".
    """
    if session.status == SessionStatus.ENDED:
        raise conflict("session_ended", "This session is over.")
    if session.locked_at is not None:
        raise conflict("room_locked", "The organizers let nobody new in right now.")
    attendee = _attendee(session, name, before, counts)
    return issue(Pass(session.pk, attendee.actor, attendee.counts))


def change(given: Pass, *, counts: bool) -> str:
    """Return a new token for the same person, heard in the score from now on or not."""
    _row(given).update(counts=counts)
    return issue(replace(given, counts=counts))


def rename(given: Pass, name: str) -> None:
    """Call the person so from now on, in every session of the event; "" for no name."""
    _row(given).update(name=name)


def check_renaming(given: Pass, name: str, now: float) -> None:
    """Count a change of name where it is one. now: seconds, of a steady clock. Raises "many_names"."""
    if name != called(given):
        RENAMES.take(given.actor, now)


def called(given: Pass | None) -> str:
    """Return what the person is called, "" where she gave no name or is not known."""
    return "" if given is None else _row(given).values_list("name", flat=True).first() or ""


def is_known(given: Pass) -> bool:
    """Whether the person of a token is still there: who was erased begins anew, as everybody does."""
    return _row(given).exists()


def _row(given: Pass) -> QuerySet[Attendee]:
    return Attendee.objects.filter(event__sessions=given.session_id, actor=given.actor)


def _attendee(session: Session, name: str, before: Pass | None, counts: bool) -> Attendee:
    if before is not None:
        known = Attendee.objects.filter(event_id=session.event_id, actor=before.actor).first()
        if known is not None:
            known.counts, known.name = counts, name
            known.save(update_fields=["counts", "name"])
            return known
    person = f"attendee:{secrets.token_hex(16)}"
    actor = actor_of(bytes(session.event.salt), person)
    return Attendee.objects.create(event_id=session.event_id, actor=actor, name=name, counts=counts)
