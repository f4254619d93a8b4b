"""What proxies in front of us did to a request, and the sentence for who set them up."""

import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override

from engagement.doors.warn_once import warn_once
from engagement.limits.client_networks import is_here

logger = logging.getLogger(__name__)
ASKED_HOST: Final = "conductor.asked_host"
"""Where a probe's own Host is kept, which may be no name of ours."""
_BY_PROXIES: Final = (
    "X_FORWARDED_FOR", "FORWARDED", "VIA", "X_FORWARDED_PROTO", "X_FORWARDED_HOST", "X_FORWARDED_PORT",
    "X_FORWARDED_SERVER", "X_REAL_IP", "X_CLIENT_IP", "X_CLUSTER_CLIENT_IP", "CF_CONNECTING_IP", "CF_RAY",
    "TRUE_CLIENT_IP", "FASTLY_CLIENT_IP", "X_ORIGINAL_FORWARDED_FOR", "X_ENVOY_EXTERNAL_ADDRESS",
    "X_AMZN_TRACE_ID", "X_AZURE_CLIENTIP", "X_CLOUD_TRACE_CONTEXT", "CDN_LOOP",
)  # fmt: skip
"""Headers that browsers do not send and proxies add."""


class ClosedError(Http404):
    """A page that is there, but not for who asks: answered as if it were not, and led nowhere else."""


def log_once(kind: str, sentence: str) -> None:
    """Log a sentence for the operator, once per process."""
    warn_once(logger, kind, sentence)


def told(sentence_of: Callable[[HttpRequest], str], request: HttpRequest) -> str:
    """Log what one of the functions below says of a request, in English; return it as the page says it."""
    with override("en"):
        plain = sentence_of(request)
    if not plain:
        return ""
    log_once(sentence_of.__name__, plain)
    return sentence_of(request)


def hidden_address(request: HttpRequest) -> str:
    """Say why a form of ours looks like another site's, "" where nothing tells that it is ours."""
    origin = request.META.get("HTTP_ORIGIN") or _origin(request.META.get("HTTP_REFERER", ""))
    here = f"{request.scheme}://{request.get_host()}"
    if request.scheme == "http" and settings.CSRF_COOKIE_SECURE and origin in {"", here}:
        return _(
            "BEHIND_TLS_PROXY keeps cookies for https, but this form came over http. Open the page by"
            " https://, let every proxy hand on X-Forwarded-Proto, or set BEHIND_TLS_PROXY=0."
        )
    if origin in {"", "null", here, *settings.CSRF_TRUSTED_ORIGINS}:
        return ""
    came = _("This form came from %(origin)s, and this server takes itself for %(here)s.")
    return f"{came % {'origin': origin, 'here': here}} {_advice(origin, here)}"


def _origin(url: str) -> str:
    scheme, place = _parts(url)
    return f"{scheme}://{place}" if place else ""


def _parts(url: str) -> tuple[str, str]:
    """Return scheme and host of an address, both empty where it is none ("http://[")."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _advice(origin: str, here: str) -> str:
    if _parts(origin)[1] != _parts(here)[1]:
        said = _(
            "If %(origin)s is the address of this installation, set PUBLIC_URL=%(origin)s, or let the"
            " proxy hand on Host."
        )
    elif settings.BEHIND_TLS_PROXY:
        said = _(
            "A proxy on the way overwrites X-Forwarded-Proto: let it trust the one in front, or set"
            " PUBLIC_URL=%(origin)s."
        )
    else:
        said = _("A proxy in front speaks https: set BEHIND_TLS_PROXY=1, or PUBLIC_URL=%(origin)s.")
    return said % {"origin": origin}


def unknown_host(request: HttpRequest) -> str:
    """Say which setting lets the server answer to the host of a request."""
    host = request.META.get("HTTP_HOST", "")[:255]
    said = _(
        "This server does not answer to the host %(host)s. If it is one of its names, add it to"
        " ALLOWED_HOSTS or set PUBLIC_URL; if a proxy put it there, let it hand on the Host that the"
        " browser sent."
    )
    return said % {"host": repr(host)}


def is_handed_on(request: HttpRequest) -> bool:
    """Whether a request came through a proxy, ours or not.

    Who asks for the public name has come the public way, whatever the proxy tells of it.
    """
    public = _name(settings.PUBLIC_URL)
    # As it was sent: load balancers ask by address, which may be no name of ours.
    host = request.META.get(ASKED_HOST, request.META.get("HTTP_HOST", ""))
    is_public = _name(f"//{host}") == public and not is_here(public)
    return is_public or any(f"HTTP_{name}" in request.META for name in _BY_PROXIES)


def tell_closed(request: HttpRequest, address: str) -> None:
    """Tell the operator which address the pages of operators are closed to, and how to open them."""
    if "HTTP_X_FORWARDED_FOR" not in request.META:
        log_once(
            "closed to all",
            "/admin/, /metrics and /health/detailed are closed to who comes by the address of PUBLIC_URL or"
            " through a proxy that hands on no X-Forwarded-For. Open them by another name of this machine"
            " (http://localhost), or let the proxy hand it on and set TRUSTED_PROXIES and OPERATORS_FROM.",
        )
        return
    log_once(
        "closed",
        f"/admin/, /metrics and /health/detailed are closed to {address or 'an unknown address'}, which"
        f" came through a proxy. If it is yours, set OPERATORS_FROM={address or 'to your network'}.",
    )


def look_at(request: HttpRequest) -> None:
    """Tell the operator where the addresses of clients cannot be right."""
    handed_on = request.META.get("HTTP_X_FORWARDED_FOR")
    if handed_on is None:
        return
    count = handed_on.count(",") + 1
    if not settings.TRUSTED_PROXIES:
        log_once(
            "unset",
            "A proxy hands on X-Forwarded-For, and TRUSTED_PROXIES is 0: everybody behind it counts as"
            " one client. Set TRUSTED_PROXIES to the number of your proxies.",
        )
    elif count < settings.TRUSTED_PROXIES:
        log_once(
            "count",
            f"TRUSTED_PROXIES is {settings.TRUSTED_PROXIES}, but X-Forwarded-For has {count} entries:"
            " clients could make up their address. Set it to the number of proxies that add to it.",
        )
