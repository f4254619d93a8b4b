import ipaddress

import pytest

from dashboard.audience.lan_address import in_network, is_own


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "demo.localhost",
        "127.0.0.1",
        "127.8.9.1",
        "::1",
        "[::1]",
        "0.0.0.0",
    ],
)
def test_this_machine_is_nobody_else_s(host):
    assert is_own(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "rooms.example.org", "localhost.example", "fd00::1", ""]
)
def test_other_hosts_are_reached(host):
    assert not is_own(host)


def test_address_in_the_network_is_one_or_none():
    found = in_network()

    assert not found or not ipaddress.ip_address(found).is_loopback
