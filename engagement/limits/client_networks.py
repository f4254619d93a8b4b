"""Where a request comes from: the client's address behind proxies, and the network it stands for."""

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ONE_CUSTOMER: Final = 64
"""Bits of an IPv6 address that one household or office is given as a whole."""
_ONE_SITE: Final = 48
"""Bits that one person may have for the asking: 65,536 networks as above."""


def address_of(forwarded: str | None, peer: str, proxies: int) -> str:
    """Return the address of the client, "" where nothing usable is known.

    forwarded: the X-Forwarded-For header; of its entries the last `proxies` were written by proxies of
    ours, so the first of those is the client. peer: who is connected.
    """
    entries = [part.strip() for part in (forwarded or "").split(",") if part.strip()]
    given = entries[-proxies:][0] if proxies and entries else peer
    try:
        address = ipaddress.ip_address(given.strip("[]").partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def request_address(request: HttpRequest) -> str:
    """Return the address of who sent a request, "" where nothing usable is known."""
    return address_of(
        request.META.get("HTTP_X_FORWARDED_FOR"),
        request.META.get("REMOTE_ADDR", ""),
        settings.TRUSTED_PROXIES,
    )


def scope_address(scope: Mapping[str, Any]) -> str:
    """Return the address of who opened a socket or asks before Django, "" where nothing is known."""
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    peer = scope.get("client") or ("",)
    return address_of(
        b",".join(forwarded).decode("latin-1"), str(peer[0] or ""), settings.TRUSTED_PROXIES
    )


def network_of(address: str) -> str:
    """Return what counts as one client: the address, of IPv6 its /64; an unusable one is itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _ONE_CUSTOMER), strict=False))
    return address


@lru_cache(maxsize=10_000)
def site_of(network: str) -> str:
    """Return the /48 of an IPv6 network or address, "" for anything else."""
    try:
        parsed = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Network) and parsed.prefixlen >= _ONE_SITE:
        return str(parsed.supernet(new_prefix=_ONE_SITE))
    return ""


def request_network(request: HttpRequest) -> str:
    """Return what counts as one client, of who sent a request."""
    return network_of(request_address(request))


def scope_network(scope: Mapping[str, Any]) -> str:
    """Return what counts as one client, of who opened a socket or asks before Django."""
    return network_of(scope_address(scope))


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address is in one of the networks; an unusable one is in none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def is_here(host: str) -> bool:
    """Whether a host, a name or an address, is this machine as only it sees itself; "" counts as well."""
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
