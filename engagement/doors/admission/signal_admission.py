"""Whom a door lets in: the key of an integration, the state of a session, the pace of a sender."""

import time
from dataclasses import replace
from math import ceil

from engagement.doors.admission.known_sessions import ENDED, LIVE, Key, KnownSession, KnownSessions
from engagement.limits.guess_limit import KEYS, too_many_wrong_keys
from engagement.organisations import api_keys
from engagement.sessions.attendee_tokens import Pass
from engagement.vocabulary.errors import (
    ProblemError,
    conflict,
    forbidden,
    not_found,
    rate_limited,
    unauthenticated,
)


def sent_key(authorization: str, x_api_key: str) -> str:
    """Return the key a client sent in `Authorization: Bearer` or `X-Api-Key`, "" for none."""
    if authorization[:7].lower() == "bearer ":
        return authorization[7:].strip()
    return x_api_key.strip()


async def admit(
    sessions: KnownSessions, session_id: int, plain: str, network: str
) -> tuple[Key, KnownSession]:
    """Return the key and the live session it may send to. Raises ProblemError: 401, 403, 404, 409, 429.

    A session of another organisation does not exist for a key. network: where it comes from.
    """
    if not plain:
        raise unauthenticated("key_missing", "An API key is needed.")
    now = time.monotonic()
    if wait := KEYS.wait(network, plain, now):
        raise too_many_wrong_keys(wait)
    key = await sessions.key(api_keys.digest(plain), network)
    if key is not None:
        KEYS.right(network, plain, now)
    else:
        KEYS.wrong(network, now)
        raise unauthenticated(
            "unknown_key", "This API key is not known, was revoked or has expired."
        )
    check_key(key)
    known_session = await sessions.known(session_id, network)
    if known_session is None or known_session.organisation_id != key.organisation_id:
        raise not_found("session_unknown", "There is no such session.")
    check_live(known_session)
    return key, known_session


async def person_now(sessions: KnownSessions, known_session: KnownSession, person: Pass) -> Pass:
    """Return who a token says comes, not heard where she opted out since it was made.

    Raises "removed" or "erased" for who is out of the session.
    """
    await sessions.check_in(known_session, person.actor)
    is_heard = person.counts and await sessions.is_heard(known_session, person.actor)
    return replace(person, counts=is_heard)


def check_key(key: Key) -> None:
    """Raise ProblemError where the key may not send signals (any more)."""
    if key.revoked:
        raise unauthenticated("unknown_key", "This API key was revoked.")
    if not key.can_write_signals:
        raise forbidden("scope_missing", "This key may not send signals.")


def key_ended() -> ProblemError:
    """The key that a socket was opened with does not hold any more."""
    return unauthenticated("unknown_key", "This API key was revoked or has expired.")


def session_over() -> ProblemError:
    """The session ended, or was deleted, while a socket was open."""
    return conflict("session_ended", "This session is over.")


def check_live(known_session: KnownSession) -> None:
    """Raise a conflict where the session is not live."""
    if known_session.status == ENDED:
        raise session_over()
    if known_session.status != LIVE:
        raise conflict("session_not_live", "This session has not started.")


def check_pace(key: Key, now: float) -> None:
    """Count one request of the key. Raises a rate limit where it had its share.

    Each web process counts for itself: with n of them a key may have up to n shares.
    """
    if not key.bucket.take(1, now):
        raise too_fast(key.bucket.seconds_until(1))


def too_fast(retry_after: float) -> ProblemError:
    """Somebody sends more than their share; whole seconds, at least one."""
    return rate_limited("too_fast", "Too much at once.", retry_after=max(1, ceil(retry_after)))
