"""How people get in: the link, the code as it is read aloud, the QR picture."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from dashboard.codes import look_alikes, meant
from engagement.machine import in_network, is_own
from engagement.models import Session

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


def public(request: HttpRequest, path: str) -> str:
    """Return the whole address of a page: PUBLIC_URL's, or the one this request came to."""
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


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


@lru_cache(maxsize=256)
def qr_svg(url: str) -> SafeString:
    """Return the QR picture as SVG, dark on white: inverted ones fail on many scanners."""
    picture = segno.make(url, error="m", micro=False).svg_inline(
        dark="#1b1a17", light="#ffffff", border=3, omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(picture)  # noqa: S308 - made by segno of our own address, percent-encoded
