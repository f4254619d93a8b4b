"""What proxies in front of us did to a request, and the sentence for who set them up."""

import logging
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from engagement.once import warn_once

logger = logging.getLogger(__name__)


def tell(sentence: str) -> None:
    """Log a sentence for the operator, once per process."""
    warn_once(logger, sentence)


def hidden_address(request: HttpRequest) -> str:
    """Say why a form of ours looks like another site's, "" where nothing tells that it is ours."""
    origin = request.META.get("HTTP_ORIGIN") or _origin(request.META.get("HTTP_REFERER", ""))
    here = f"{request.scheme}://{request.get_host()}"
    if request.scheme == "http" and settings.CSRF_COOKIE_SECURE and origin in {"", here}:
        return (
            "BEHIND_TLS_PROXY keeps cookies for https, but this form came over http. Open the page by"
            " https://, let every proxy hand on X-Forwarded-Proto, or set BEHIND_TLS_PROXY=0."
        )
    if origin in {"", "null", here, *settings.CSRF_TRUSTED_ORIGINS}:
        return ""
    return f"This form came from {origin}, and this server takes itself for {here}. {_advice(origin, here)}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _advice(origin: str, here: str) -> str:
    if urlsplit(origin).netloc != urlsplit(here).netloc:
        return (
            f"If {origin} is the address of this installation, set PUBLIC_URL={origin}, or let the"
            " proxy hand on Host."
        )
    if settings.BEHIND_TLS_PROXY:
        return (
            "A proxy on the way overwrites X-Forwarded-Proto: let it trust the one in front, or set"
            f" PUBLIC_URL={origin}."
        )
    return f"A proxy in front speaks https: set BEHIND_TLS_PROXY=1, or PUBLIC_URL={origin}."


def unknown_host(request: HttpRequest) -> str:
    """Say which setting lets the server answer to the host of a request."""
    host = request.META.get("HTTP_HOST", "")[:255]
    return (
        f"This server does not answer to the host {host!r}. If it is one of its names, add it to"
        " ALLOWED_HOSTS or set PUBLIC_URL; if a proxy put it there, let it hand on the Host that the"
        " browser sent."
    )


def look_at(request: HttpRequest) -> None:
    """Tell the operator where the addresses of clients cannot be right."""
    handed_on = request.META.get("HTTP_X_FORWARDED_FOR")
    if handed_on is None:
        return
    count = handed_on.count(",") + 1
    if not settings.TRUSTED_PROXIES:
        tell(
            "A proxy hands on X-Forwarded-For, and TRUSTED_PROXIES is 0: everybody behind it counts as"
            " one client. Set TRUSTED_PROXIES to the number of your proxies."
        )
    elif count < settings.TRUSTED_PROXIES:
        tell(
            f"TRUSTED_PROXIES is {settings.TRUSTED_PROXIES}, but X-Forwarded-For has {count} entries:"
            " clients could make up their address. Set it to the number of proxies that add to it."
        )
