"""Where a webhook may go: to the open internet, never to a machine inside.

The name is resolved here, every address of it is looked at, and the connection is made to the address
that was looked at: a name server that answers differently a moment later changes nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from engagement.vocabulary.errors import Category, ProblemError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS: Final = {"http": 80, "https": 443}
# IANA's registries of special-purpose addresses (RFC 6890), read on 2026-11-29: all that is not an
# ordinary host of the open internet, also where a registry calls it reachable (AS112, AMT, ORCHID).
# Python's own list is that of its release.
_SPECIAL_4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_UNICAST_6: Final = ipaddress.IPv6Network("2000::/3")
"""All that is routed of IPv6; the rest is special or not given out."""
# Within it: protocol assignments with Teredo and ORCHID, documentation, 6to4 (which carries an address of
# IPv4 that may be one inside), AS112. NAT64 lies outside.
_SPECIAL_6: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
# Names that only machines inside know (RFC 6761, 6762, 8375, ICANN's .internal, and what routers give).
_NAMES_INSIDE: Final = ("localhost", "local", "internal", "home.arpa", "lan", "intranet", "corp")


class AddressError(ProblemError):
    """A webhook must not go there."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be connected to, and the name it must prove to be."""

    is_secure: bool
    host: str
    port: int
    address: str
    path: str
    is_public: bool = True
    """What a machine inside does with a connection is told to nobody."""


def check(url: str, *, may_be_private: bool) -> None:
    """Refuse an address that cannot be meant, without asking a name server. Raises AddressError."""
    _parts(url, may_be_private=may_be_private)


def resolve(url: str, *, may_be_private: bool) -> Target:
    """Return where to connect. Raises AddressError for an address inside or none at all, in the same words.

    may_be_private: for development; then machines inside and plain http are allowed.
    """
    scheme, host, port, path = _parts(url, may_be_private=may_be_private)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _not_allowed(host) from None
    addresses = [str(entry[4][0]) for entry in found]
    all_public = all(is_public(ipaddress.ip_address(text.partition("%")[0])) for text in addresses)
    if not may_be_private and not all_public:
        raise _not_allowed(host)
    return Target(scheme == "https", host, port, addresses[0], path, all_public)


def is_public(address: Address) -> bool:
    """Whether an address is an ordinary host of the open internet: not inside, special or of many."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    return address in _UNICAST_6 and not any(address in network for network in _SPECIAL_6)


def _parts(url: str, *, may_be_private: bool) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError(
            Category.VALIDATION, "not_an_address", "This is no web address."
        ) from None
    if parts.scheme not in PORTS or not parts.hostname or _has_blanks(url):
        raise AddressError(Category.VALIDATION, "not_an_address", "This is no web address.")
    if parts.username is not None or parts.password is not None:
        raise AddressError(
            Category.VALIDATION, "has_password", "An address must not hold a name or password."
        )
    if parts.scheme != "https" and not may_be_private:
        raise AddressError(
            Category.VALIDATION, "not_https", "The address must begin with https://."
        )
    if not may_be_private and _is_inside(parts.hostname):
        raise _not_allowed(parts.hostname)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme], path


def _has_blanks(url: str) -> bool:
    """Whether something is in it that has no place in a line of a request."""
    return any(not " " < letter < "\x7f" for letter in url)


def _is_inside(host: str) -> bool:
    """Whether a host can only be a machine inside, as it is written."""
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        name = host.rstrip(".")
    last = name.rpartition(".")[2]
    # Systems read "127.1" and "0x7f.1" as addresses; no name of the internet ends in a number.
    is_number = last.isdecimal() or last.startswith("0x")
    return "." not in name or is_number or name.endswith(tuple(f".{end}" for end in _NAMES_INSIDE))


def _not_allowed(host: str) -> AddressError:
    """One sentence for a name that there is not and for one inside: else names inside could be guessed."""
    return AddressError(
        Category.VALIDATION, "address_not_allowed", "%(host)s is no machine of the open internet.",
        host=host,
    )  # fmt: skip
