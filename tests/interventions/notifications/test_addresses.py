"""Addresses inside are refused, however they are written."""

import ipaddress
import socket

import pytest

from interventions.notifications import addresses
from interventions.notifications.addresses import AddressError, check, is_public, resolve


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1",
        "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "192.31.196.1", "192.52.193.1", "192.88.99.1",
        "192.175.48.1", "192.0.0.8", "240.0.0.1", "100:0:0:1::1", "100::1", "2001:20::1", "2001:1ff::1",
        "2620:4f:8000::1", "3fff::1", "5f00::1", "fec0::1", "4000::1", "e000::1", "::7f00:1",
        "::ffff:0:7f00:1", "64:ff9b:1::1",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/", "address_not_allowed"),
        ("https://[::1]:8443/x", "address_not_allowed"),
        ("https://[::ffff:169.254.169.254]/", "address_not_allowed"),
        ("https://localhost/x", "address_not_allowed"),
        ("https://LocalHost.:8443/x", "address_not_allowed"),
        ("https://x.localhost/", "address_not_allowed"),
        ("https://database/", "address_not_allowed"),
        ("https://db.internal/", "address_not_allowed"),
        ("https://printer.local/", "address_not_allowed"),
        ("https://nas.home.arpa/", "address_not_allowed"),
        ("https://2130706433/", "address_not_allowed"),
        ("https://0x7f000001/", "address_not_allowed"),
        ("https://127.1/", "address_not_allowed"),
        ("https://10.0.0.0x1/", "address_not_allowed"),
        ("http://example.org/", "not_https"),
        ("ftp://example.org/", "not_an_address"),
        ("example.org", "not_an_address"),
        ("https://", "not_an_address"),
        ("https://example.org:99999/", "not_an_address"),
        ("https://[::1/", "not_an_address"),
        ("https://example.org/a b", "not_an_address"),
        ("https://example.org/\r\nx: y", "not_an_address"),
        ("https://user:secret@example.org/", "has_password"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_look_up(url: str, code: str) -> None:
    with pytest.raises(AddressError) as refused:
        check(url, may_be_private=False)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "host", ["example.org", "hooks.internal.example.org", "local.example", "a.b1"]
)
def test_names_of_the_open_internet_may_be_meant(host: str) -> None:
    check(f"https://{host}/", may_be_private=False)


def test_name_inside_and_name_that_there_is_not_are_told_in_the_same_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look_up(host: str, *_: object, **__: object) -> list[object]:
        if host == "db.example.org":
            return [(2, 1, 6, "", ("10.0.0.5", 443))]
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    told = []
    for host in ("db.example.org", "nobody.example.org"):
        with pytest.raises(AddressError) as refused:
            resolve(f"https://{host}/", may_be_private=False)
        told.append((refused.value.code, str(refused.value).replace(host, "X")))

    assert told == [("address_not_allowed", "X is no machine of the open internet.")] * 2


def test_one_address_inside_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(AddressError) as refused:
        resolve("https://two-faced.example/", may_be_private=False)

    assert refused.value.code == "address_not_allowed"


def test_target_keeps_name_port_and_path(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("8.8.8.8", 8443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    target = resolve("https://Example.org:8443/a/b?c=d#e", may_be_private=False)

    assert target == addresses.Target(True, "example.org", 8443, "8.8.8.8", "/a/b?c=d", True)
