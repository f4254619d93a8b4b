"""Pages of operators: closed to whoever comes through a proxy and is not named."""

import ipaddress
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

PAGES = (
    "/admin/", "/admin/login/", "/admin/auth/user/", "/admin", "/metrics", "/metrics/",
    "/health/detailed", "/health/detailed/", "/admin/engagement/event/add/", "/admin/%0a/",
)  # fmt: skip
OPEN = ("/health", "/health/ping", "/login/", "/j/")
PROXIED = [
    {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
    {"HTTP_FORWARDED": "for=203.0.113.9"},
    {"HTTP_VIA": "1.1 proxy"},
    {"HTTP_X_REAL_IP": "203.0.113.9"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_CF_CONNECTING_IP": "203.0.113.9"},
    {"HTTP_HOST": "rooms.example.org"},
    {"HTTP_HOST": "Rooms.example.org:8443"},
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    settings.PUBLIC_URL = "https://rooms.example.org"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "rooms.example.org"]


@pytest.mark.parametrize("headers", PROXIED)
@pytest.mark.parametrize("path", PAGES)
def test_through_a_proxy_there_is_no_such_page(
    client: Client, path: str, headers: dict[str, Any]
) -> None:
    answer = client.get(path, **headers)
    unknown = client.get("/no-such-page/", **headers)

    assert answer.status_code == unknown.status_code == 404
    # Nothing tells the page that is closed from one that is not there.
    assert answer.content == unknown.content


@pytest.mark.parametrize("path", PAGES)
def test_a_client_cannot_put_itself_among_the_operators(
    client: Client, settings: Settings, path: str
) -> None:
    settings.OPERATORS_FROM = (ipaddress.ip_network("10.0.0.0/8"),)

    answer = client.get(path, HTTP_X_FORWARDED_FOR="10.0.0.1, 203.0.113.9")

    assert answer.status_code == 404


def test_named_network_gets_in_and_so_does_the_machine_itself(
    client: Client, settings: Settings
) -> None:
    settings.OPERATORS_FROM = (ipaddress.ip_network("203.0.113.0/24"),)

    named = [
        client.get(path, HTTP_X_FORWARDED_FOR="203.0.113.9")
        for path in ("/metrics", "/admin/login/")
    ]
    inside = [client.get(path) for path in ("/metrics", "/admin/login/")]

    assert [answer.status_code for answer in named + inside] == [200] * 4


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "localhost", "[", ""])
def test_machine_itself_gets_in_by_any_name_but_the_public_one(client: Client, host: str) -> None:
    assert client.get("/metrics", HTTP_HOST=host).status_code == 200


def test_public_name_that_is_this_machine_closes_nothing(
    client: Client, settings: Settings
) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"

    assert client.get("/metrics", HTTP_HOST="localhost:8000").status_code == 200


@pytest.mark.parametrize("path", OPEN)
def test_everything_else_is_open_through_a_proxy(client: Client, path: str) -> None:
    assert client.get(path, HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 200
