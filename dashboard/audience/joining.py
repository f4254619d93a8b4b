"""How people get in: the link, the code as it is read aloud, the QR picture."""

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from typing import Final
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from dashboard.audience.lan_address import in_network, is_own
from dashboard.audience.typed_codes import bare, look_alikes, meant
from engagement.doors.admission import join_words
from engagement.doors.request_context import public
from engagement.limits.client_networks import request_network
from engagement.limits.guess_limit import CODES
from engagement.models import Session
from engagement.sessions import attendee_tokens
from engagement.vocabulary.errors import ProblemError

PASS: Final = "pass-"  # noqa: S105 - the name of a cookie
"""The cookie of somebody who is in, before the number of the session."""
FOR_PHONES: Final = "HOST=0.0.0.0 make run"
"""Starts a local trial so that phones in the same network reach it."""


@dataclass(frozen=True, slots=True)
class Join:
    """What to show: the whole address, its short form for typing, the code in two groups.

    `is_local`: phones cannot reach it. `command` starts it so that they can, `near` is where they find
    it then; both empty where we cannot know.
    """

    url: str
    host: str
    code: str
    is_local: bool = False
    command: str = ""
    near: str = ""


def join_link(request: HttpRequest, session: Session) -> Join:
    """Return how to join; see `public` for the address."""
    url = public(request, reverse("attendee", args=[session.code]))
    where = urlsplit(url)
    join = Join(url, where.netloc + reverse("attendee-code"), spaced(session.code))
    if not is_own(where.hostname or ""):
        return join
    if not settings.EMBEDS_POSTGRES:
        return replace(join, is_local=True)
    address = in_network()
    near = f"http://{address}:{where.port or 80}{reverse('attendee-code')}" if address else ""
    return replace(join, is_local=True, command=FOR_PHONES, near=near)


def words_now(session: Session, now: float) -> dict[str, str | int]:
    """Return the words that joiners type at a moment (Unix seconds), "" where none are asked for."""
    secret = bytes(session.door_secret or b"")
    word = join_words.word_at(secret, session.language, now) if secret else ""
    return {"word": word, "seconds_left": join_words.seconds_left(now)}


def ticket_link(request: HttpRequest, session: Session) -> str:
    """Return the link for people without the screen; "" where no words are asked for."""
    if session.door_secret is None:
        return ""
    ticket = join_words.ticket(bytes(session.door_secret))
    return public(request, f"{reverse('attendee', args=[session.code])}?in={ticket}")


def spaced(code: str) -> str:
    """Split a code in two so that it can be read aloud: "K74QPX" is "K74 QPX"."""
    half = (len(code) + 1) // 2
    return f"{code[:half]}\N{NO-BREAK SPACE}{code[half:]}"


def session_of(typed: str) -> Session | None:
    """Return the session whose code somebody typed or pasted, also misread where that is unambiguous."""
    codes = meant(typed)
    known = Session.objects.select_related("event").filter
    found = {session.code: session for session in known(code__in=codes)}
    for code in codes:
        if code in found:
            return found[code]
    guesses = [guess for code in codes for guess in look_alikes(code)]
    similar = list(known(code__in=guesses)[:2]) if guesses else []
    return similar[0] if len(similar) == 1 else None


def session_asked(request: HttpRequest, typed: str) -> Session | None:
    """Return the session of a code that somebody tries.

    None too where her network tried too many wrong ones, unless she is in this session already.
    """
    if guesses_wait(request, typed):
        return _joined_before(request, typed)
    network, now = request_network(request), time.monotonic()
    session = session_of(typed)
    if session is not None:
        CODES.right(network, session.code, now)
    elif typed.strip():
        CODES.wrong(network, now)
    return session


def _joined_before(request: HttpRequest, typed: str) -> Session | None:
    if not any(name.startswith(PASS) for name in request.COOKIES):
        return None
    session = session_of(typed)
    if session is None:
        return None
    token = request.COOKIES.get(f"{PASS}{session.pk}", "")
    return None if pass_in(token, session.pk) is None else session


def pass_in(token: str, session_id: int) -> attendee_tokens.Pass | None:
    """Return what a token says, None where it is not good for this session."""
    try:
        return attendee_tokens.read(token, session_id)
    except ProblemError:
        return None


def guesses_wait(request: HttpRequest, typed: str) -> int:
    """Return the whole seconds until somebody may try a code, 0 where she may now."""
    network = request_network(request)
    return ceil(CODES.wait(network, bare(typed), time.monotonic()))


@lru_cache(maxsize=256)
def qr_svg(url: str) -> SafeString:
    """Return the QR picture as SVG, dark on white: inverted ones fail on many scanners."""
    picture = segno.make(url, error="m", micro=False).svg_inline(
        dark="#1b1a17", light="#ffffff", border=3, omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(picture)  # noqa: S308 - made by segno of our own address, percent-encoded
