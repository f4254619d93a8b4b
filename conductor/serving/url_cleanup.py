"""Addresses as people write them: with a slash too many, a full stop of the sentence, in capitals."""

import re
from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest
from django.urls import is_valid_path, reverse
from django.utils.encoding import escape_uri_path

from dashboard.audience.joining import session_asked

# What is written or pasted along: slashes, punctuation, blanks, characters without width.
_ALONG: Final = re.compile(
    r"[\s/\\.,;:!?'\"<>()\[\]{}|*`´’‘“”„«»…。，、\u200b-\u200f\u2060\ufeff\xad]+$"
)
LONGEST: Final = 300
"""Characters of a path that somebody may have meant."""
_SLASHES: Final = re.compile(r"/{2,}")
_LEFT_ALONE: Final = ("/api/", "/static/", "/admin/")


def mended(request: HttpRequest) -> str | None:
    """Return the address that was meant by one that leads nowhere, None where there is none."""
    path = request.path
    if request.method not in {"GET", "HEAD"} or path.startswith(_LEFT_ALONE):
        return None
    # Looking for an end takes the square of the length: a head full of commas took half a minute.
    if len(path) > LONGEST:
        return None
    for meant in _variants(path, is_known=request.resolver_match is not None):
        if meant != path and is_valid_path(meant):
            query = request.META.get("QUERY_STRING", "")
            return escape_uri_path(meant) + (f"?{query}" if query else "")
    return None if request.resolver_match is not None else _room(request, path)


def _variants(path: str, *, is_known: bool) -> Iterator[str]:
    """Of an address that leads to a view, only what was written along may be wrong."""
    base = "/" + _ALONG.sub("", _SLASHES.sub("/", path)).lstrip("/")
    yield base
    yield f"{base}/"
    if is_known:
        return
    first, slash, rest = base[1:].partition("/")
    yield f"/{first.lower()}{slash}{rest}"
    yield f"/{first.lower()}{slash}{rest}/"
    yield base.lower()
    yield f"{base.lower()}/"


def _room(request: HttpRequest, path: str) -> str | None:
    """Return the door of the session whose code is the last part: `/K74QPX`, `/join/K74QPX`."""
    session = session_asked(request, _ALONG.sub("", path).rpartition("/")[2])
    return None if session is None else reverse("attendee", args=[session.code])
