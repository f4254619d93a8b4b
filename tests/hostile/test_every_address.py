"""Every address of the product with what makes no sense in path, query, form, body and headers."""

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from engagement.models import Session
from tests.hostile.addresses import every_address
from tests.hostile.conftest import Product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
NAMES = (
    "accepted", "after", "auto", "client", "code", "cursor", "hold", "kind", "language", "minutes",
    "mode", "most", "name", "next", "opts_out", "organisation", "p", "page_size", "part", "q",
    "reason", "request_key", "since", "status", "term", "text", "title", "token", "until", "upto",
    "verdict", "version", "was", "winner", "_changelist_filters", "_popup", "_to_field", "o", "e",
)  # fmt: skip
FIELDS = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
BODIES = (
    b'\xef\xbb\xbf{"title": "a"}', b'{"version": ' + b"9" * 5000 + b"}", b"", b'{"title": ', b"1",
    b"null", b'"a"', b"[" * 10_000,
)  # fmt: skip
MEDIA = (
    "application/json; charset=utf-16", "application/json; charset=zlib",
    "application/json; charset=\xff", "text/plain", "multipart/form-data; boundary=\xff",
    "application/x-www-form-urlencoded; charset=utf-7",
)  # fmt: skip
ODD = {
    "Referer": "http://[", "Origin": "http://[", "Accept-Language": "x" * 5000 + ",;q=\xff",
    "Accept": "\xff/\xfe;q=1e999", "User-Agent": "\xff\x80", "Idempotency-Key": "\xff" * 300,
    "X-Request-ID": "\xff" * 20, "If-Modified-Since": "yesterday", "If-None-Match": '"\xff',
    "X-Forwarded-For": "\xff, [::", "Range": "bytes=9-1", "HX-Request": "\xff",
    "HX-Current-URL": "http://[", "Last-Event-ID": "9" * 50,
}  # fmt: skip


@pytest.fixture(scope="module")
def addresses(product: Product) -> list[str]:
    return every_address(product.known)


def hold(answer: Any, *where: object) -> None:
    """Assert that it did not fail. Where nobody counts no demo can begin, and it is not well: 503."""
    path = answer.wsgi_request.path
    may_be_503 = path == reverse("demo-start") or path.startswith("/health")
    is_told = may_be_503 and answer.status_code == 503
    assert answer.status_code < 500 or is_told, (*where, answer.status_code)


def filled(address: str, value: str) -> dict[str, str]:
    names = {*NAMES, *FIELDS} if address.startswith("/admin/") else NAMES
    return dict.fromkeys(names, value)


@pytest.mark.parametrize("value", ["abc", "9" * 30, "-1", "[", "2026-13-45"])
def test_query(product: Product, addresses: list[str], value: str) -> None:
    for address in addresses:
        hold(product.ask("get", address, filled(address, value)), address)


@pytest.mark.parametrize("value", ["", "abc", "9" * 30])
def test_form(product: Product, addresses: list[str], value: str) -> None:
    for address in addresses:
        hold(product.ask("post", f"{address}?page={value}", filled(address, value)), address)


def test_forms_that_look_like_another_sites(product: Product, addresses: list[str]) -> None:
    client = Client(enforce_csrf_checks=True)
    for address in addresses:
        for origin in ({"HTTP_ORIGIN": "http://["}, {"HTTP_REFERER": "http://[", "secure": True}):
            hold(client.post(address, {"a": "b"}, **origin), address, origin)


def test_names_that_are_long_numbers_or_hold_a_line_break(product: Product) -> None:
    hold(product.ask("get", "/api/v1/webhooks/", {"organisation": "9" * 5000}))
    Session.objects.filter(pk=product.known["session"]).update(locked_at=timezone.now())
    hold(Client().post(f"/j/{product.code}%0A", {"name": "Ann"}))


@pytest.mark.parametrize("value", ["\ufffd", "9" * 30, "9" * 5000, "-1", "..", "%2e", "1e9"])
def test_path(product: Product, addresses: list[str], value: str) -> None:
    for address in set(every_address(dict.fromkeys(product.known, value))) - {*addresses}:
        for method in ("get", "post"):
            hold(product.ask(method, address.replace("%", "%25")), method, address)


def test_headers(product: Product, addresses: list[str]) -> None:
    for address in addresses:
        for method in ("get", "post"):
            hold(product.ask(method, address, headers=ODD), method, address)


@pytest.mark.parametrize(
    ("body", "media"),
    [
        *((body, "application/json") for body in BODIES),
        *((b'{"title": ', media) for media in MEDIA),
    ],
)
def test_body_of_the_api(product: Product, addresses: list[str], body: bytes, media: str) -> None:
    key = {"Authorization": f"Bearer {product.key}"}
    for address in addresses:
        if address.startswith("/api/"):
            hold(product.ask("POST", address, body, media, headers=key), address)


@pytest.mark.parametrize("body", [b"", b"1", b"null", b'{"title": ', b"[" * 10_000])
def test_body_of_a_page(product: Product, addresses: list[str], body: bytes) -> None:
    for address in addresses:
        if not address.startswith(("/api/", "/admin/")):
            for media in ("text/plain", "multipart/form-data; boundary=x"):
                hold(product.ask("POST", address, body, media), media, address)


def test_the_middleware_stands_before_every_address(product: Product, addresses: list[str]) -> None:
    for address in addresses:
        answer = product.ask("POST", address, b"a=b%00c", "application/x-www-form-urlencoded")

        assert answer.status_code == 400, address
        assert b"not_text" in answer.content, address


def test_there_are_addresses_of_each_part(addresses: list[str]) -> None:
    for part, least in {"/api/v1/": 50, "/admin/": 50, "/sessions/": 20, "/j/": 1}.items():
        assert sum(each.startswith(part) for each in addresses) >= least, part
