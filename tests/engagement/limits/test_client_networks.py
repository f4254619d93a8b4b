"""The address of a client behind proxies, and what counts as one client."""

import ipaddress

import pytest

from engagement.limits import client_networks


@pytest.mark.parametrize(
    ("forwarded", "peer", "proxies", "expected"),
    [
        (None, "203.0.113.9", 0, "203.0.113.9"),
        # No proxy of ours: the header is what the client says of itself.
        ("10.0.0.1", "203.0.113.9", 0, "203.0.113.9"),
        ("203.0.113.9", "127.0.0.1", 1, "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9", "127.0.0.1", 1, "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9, 172.18.0.2", "127.0.0.1", 2, "203.0.113.9"),
        # Fewer entries than proxies: the first is the nearest to the truth.
        ("203.0.113.9", "127.0.0.1", 2, "203.0.113.9"),
        ("", "127.0.0.1", 1, "127.0.0.1"),
        (" , ,", "::1", 1, "::1"),
        ("::ffff:203.0.113.9", "127.0.0.1", 1, "203.0.113.9"),
        ("[2001:db8::7]", "127.0.0.1", 1, "2001:db8::7"),
        ("fe80::1%eth0", "127.0.0.1", 1, "fe80::1"),
        ("unknown", "127.0.0.1", 1, ""),
        ("203.0.113.9:4711", "127.0.0.1", 1, ""),
        (None, "", 0, ""),
    ],
)  # fmt: skip
def test_address_is_what_the_nearest_trusted_proxy_saw(
    forwarded: str | None, peer: str, proxies: int, expected: str
) -> None:
    assert client_networks.address_of(forwarded, peer, proxies) == expected


def test_household_with_ipv6_is_one_client() -> None:
    first, second = "2001:db8:1:2::a", "2001:db8:1:2:ffff::b"

    assert (
        client_networks.network_of(first)
        == client_networks.network_of(second)
        == "2001:db8:1:2::/64"
    )
    assert client_networks.network_of("2001:db8:1:3::a") != client_networks.network_of(first)
    assert client_networks.network_of("203.0.113.9") == "203.0.113.9"
    assert client_networks.network_of("") == ""


def test_nobody_is_within_no_network_and_nothing_is_within_any() -> None:
    everywhere = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]

    assert not client_networks.is_within("203.0.113.9", [])
    assert client_networks.is_within("203.0.113.9", everywhere)
    assert client_networks.is_within("2001:db8::1", everywhere)
    assert not client_networks.is_within("", everywhere)
    assert not client_networks.is_within("203.0.113.9", [ipaddress.ip_network("2001:db8::/32")])
