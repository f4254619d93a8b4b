"""This machine in its network: whether an address means nobody else, and under which it is reached."""

import ipaddress
import socket


def is_own(host: str) -> bool:
    """Whether a host name or address means the machine that asks: another one cannot reach it."""
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def in_network() -> str:
    """Return the address under which others in the network reach this machine, "" without a network.

    Nothing is sent: the system is asked which of its addresses it would send from.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation
        except OSError:
            return ""
        found = str(probe.getsockname()[0])
    return "" if is_own(found) else found
