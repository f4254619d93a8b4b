"""How people get in: the link, the code as it is read aloud, the QR picture."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from engagement.models import Session


@dataclass(frozen=True, slots=True)
class Join:
    """What to show: the whole address, its short form for typing, the code in two groups."""

    url: str
    host: str
    code: str


def join_link(request: HttpRequest, session: Session) -> Join:
    """Return how to join; the address is PUBLIC_URL's, or the one this request came to."""
    path = reverse("attendee", args=[session.code])
    url = settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)
    where = urlsplit(url)
    return Join(url, where.netloc + reverse("attendee-code"), spaced(session.code))


def spaced(code: str) -> str:
    """Split a code in two so that it can be read aloud: "K74QPX" is "K74 QPX"."""
    half = (len(code) + 1) // 2
    return f"{code[:half]}\N{NO-BREAK SPACE}{code[half:]}"


def bare(typed: str) -> str:
    """Undo what people do to a code when they type it: case, spaces, dashes."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


@lru_cache(maxsize=256)
def qr_svg(url: str) -> SafeString:
    """Return the QR picture as SVG, dark on white: inverted ones fail on many scanners."""
    picture = segno.make(url, error="m", micro=False).svg_inline(
        dark="#1b1a17", light="#ffffff", border=3, omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(picture)  # noqa: S308 - made by segno of our own address, percent-encoded
