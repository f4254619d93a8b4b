"""Web addresses that end up in a policy for browsers: strict, so that nothing else can ride along."""

import re
from typing import Final
from urllib.parse import urlsplit

MOST_CHARS: Final = 500
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_DEFAULT_PORT: Final = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Return the origin of an http(s) address as browsers write it: "https://a.example".

    A default port is left out, other names than ASCII become punycode. Raises ValueError for
    whatever is no such address.
    """
    if len(url) > MOST_CHARS or any(letter < "!" for letter in url):
        raise ValueError(url)
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode("ascii")
    if parts.scheme not in _DEFAULT_PORT or not _HOST.fullmatch(host) or parts.username is not None:
        raise ValueError(url)
    port = parts.port
    tail = "" if port in (None, _DEFAULT_PORT[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{tail}"


def is_origin(text: str) -> bool:
    """Whether this is an origin exactly as `origin_of` writes it."""
    try:
        return origin_of(text) == text
    except ValueError:
        return False
