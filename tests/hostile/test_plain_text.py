"""Bytes that are no text and JSON that means nothing: refused, or forgiven where nobody wrote them.

The middleware answers before any view, and test_every_address.py sees that it stands before each: here
each kind is sent to an address of each part.
"""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from conductor.serving.unreadable_requests import readable_query
from tests.hostile.conftest import Product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
DEEP = b"[" * 10_000 + b"]" * 10_000
BODIES = {
    "nul": (rb'{"title": "a\u0000b"}', "not_text"),
    "nul in a name": (rb'{"a\u0000b": 1}', "not_text"),
    "surrogate": (rb'{"title": "a\ud800b"}', "not_text"),
    "surrogate in a list": (rb'{"options": ["\udfff"]}', "not_text"),
    "no UTF-8": (b'{"title": "\xff\xfe"}', "not_text"),
    "UTF-16": ('{"title": "ä"}'.encode("utf-16"), "not_text"),
    "deep": (DEEP, "too_deep"),
    "deep object": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep"),
    "not so deep": (b"[" * 60 + b"]" * 60, "too_deep"),
    "infinite": (b'{"version": 1e999}', "bad_number"),
    "no number": (b'{"version": NaN}', "bad_number"),
    "huge": (b'{"version": ' + b"9" * 30 + b"}", "bad_number"),
    "twice": (b'{"mode": "auto", "mode": "manual"}', "duplicate_key"),
    "twice inside": (b'{"content": {"text": "a", "text": "b"}}', "duplicate_key"),
}
ODD_TEXT = ["a%00b", "%ff%fe", "caf%E9", "%ED%A0%80"]
COOKIES = [r'x="\000"', r'_ga="a\000b"', "x=\xff\xfe", "\xff=1", "=; ;;a", r'messages="\000"']
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        (FORM, b"a&" * 1000, 400, "too_many_fields"),
        (FORM, b"a=" + b"%" * 300_000, 413, "body_too_large"),
        ("application/json", b"[" + b"0," * 200_000 + b"0]", 413, "body_too_large"),
    ],
)
def test_work_on_a_body_is_bounded_before_anybody_asks_whose_it_is(
    product: Product, kind: str, body: bytes, status: int, code: str
) -> None:
    vote = f"/api/v1/attend/{product.known['session']}/interventions/1/vote/"

    answer = Client().post(vote, body, content_type=kind)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert Client().post("/login/", body, content_type=kind).status_code in {status, 413, 403}


def test_query_of_too_many_fields_is_refused_without_a_word_in_the_log(
    product: Product, pages: list[str], api: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    for address in [*pages, *api]:
        told(product.ask("get", f"{address}?{'a&' * 1000}"), address, "too_many_fields")
    for address in pages:
        assert product.ask("get", f"{address}?{'a&' * 999}").status_code < 400, address

    part = '--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'
    many = Client().post("/login/", f"{part * 1002}--x--\r\n", "multipart/form-data; boundary=x")

    told(many, "/login/", "too_many_fields")
    assert not [record for record in caplog.records if record.exc_info]


def test_field_that_is_no_text_is_named_among_a_thousand(product: Product) -> None:
    body = b"&".join(b"f%d=x" % n for n in range(998)) + b"&odd=%FF"

    answer = Client().post("/api/v1/events/", body, content_type=FORM)

    assert answer.json()["error"]["field"] == "odd"


@pytest.fixture
def pages(product: Product) -> list[str]:
    session = product.known["session"]
    return [
        f"/j/{product.code}", f"/embed/{product.code}", "/", "/login/",
        f"/sessions/{session}/", "/admin/engagement/session/", "/health/ping",
    ]  # fmt: skip


@pytest.fixture
def api(product: Product) -> list[str]:
    session = product.known["session"]
    return ["/api/v1/events/", "/api/v1/schema/", f"/api/v1/sessions/{session}/agent/"]


def told(answer: Any, address: str, code: str) -> None:
    """Assert that the answer is the refusal: 400 with its code and a sentence."""
    assert answer.status_code == 400, (address, answer.status_code)
    if address.startswith("/api/"):
        error = answer.json()["error"]
        assert (error["code"], error["category"]) == (code, "validation"), address
        assert error["message"].endswith(".")
    else:
        assert code in answer.content.decode(), address


@pytest.mark.parametrize("odd", ODD_TEXT)
def test_query_is_refused_by_the_api(product: Product, api: list[str], odd: str) -> None:
    for address in api:
        for query in (f"x={odd}", f"{odd}=1"):
            told(product.ask("get", f"{address}?{query}"), address, "not_text")


@pytest.mark.parametrize("odd", ODD_TEXT)
def test_query_of_a_page_is_forgiven(product: Product, pages: list[str], odd: str) -> None:
    for address in pages:
        usual = product.ask("get", f"{address}?utm_source=abc").status_code
        for query in (f"utm_source={odd}", f"{odd}=1"):
            assert product.ask("get", f"{address}?{query}").status_code == usual, address


@pytest.mark.parametrize(
    ("raw", "readable"),
    [
        ("utm=caf%E9&x=1", "utm=caf%EF%BF%BD&x=1"), ("a%00b=%00", "a%EF%BF%BDb=%EF%BF%BD"),
        ("q=caf%C3%A9+%2B%26%3D&r", "q=caf%C3%A9+%2B%26%3D&r"), ("q=%2B%26%E9", "q=%2B%26%EF%BF%BD"),
        ("%zz=%", "%zz=%"), ("", ""), ("q=ä", "q=ä"),
    ],
)  # fmt: skip
def test_only_what_is_no_text_is_replaced(raw: str, readable: str) -> None:
    assert readable_query(raw) == readable


def test_search_for_what_is_no_text_shows_the_page(product: Product) -> None:
    for text in ("%00", "caf%E9"):
        assert product.ask("get", f"/admin/engagement/session/?q={text}").status_code == 200


@pytest.mark.parametrize("body", [b"a=b%00c", b"%00=1", b"a=%ff", b"a=\xff", b"a=%ED%A0%80"])
def test_form_is_refused(product: Product, pages: list[str], api: list[str], body: bytes) -> None:
    for address in pages + api:
        told(product.ask("POST", address, body, FORM), address, "not_text")


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_parts_are_refused(product: Product, pages: list[str], api: list[str], value: str) -> None:
    body = b"".join(
        (b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n',
         value.encode("utf-8", "surrogatepass"), b"\r\n--x--\r\n")
    )  # fmt: skip
    for address in pages + api:
        answer = product.ask("POST", address, body, "multipart/form-data; boundary=x")

        told(answer, address, "not_text")


@pytest.mark.parametrize("name", BODIES)
def test_json_that_means_nothing_is_refused(
    product: Product, pages: list[str], api: list[str], name: str
) -> None:
    body, code = BODIES[name]
    for address in [*pages, *api, f"/api/v1/attend/{product.known['session']}/"]:
        told(product.ask("POST", address, body, "application/json"), address, code)


PARTS = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nb%s\r\n--x--\r\n'


@pytest.mark.parametrize(
    "codec", ["punycode", "idna", "utf-7", "unicode_escape", "utf-16", "latin-1"]
)
@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", b'{"title": "+AAA-"}'), (FORM, b"title=b"), ("multipart/form-data; boundary=x",
     PARTS % (b"-a" * 400_000))],
)  # fmt: skip
@pytest.mark.parametrize("named", ["charset={}", "charset*=utf-8''{}"])
def test_codec_that_the_client_names_is_never_asked(
    product: Product, codec: str, kind: str, body: bytes, named: str
) -> None:
    for address in ("/login/", f"/j/{product.code}", "/api/v1/events/"):
        answer = product.ask("POST", address, body, f"{kind}; {named.format(codec)}")

        told(answer, address, "unknown_charset")


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "us-ascii", "klingon"])
def test_charset_that_is_ours_or_nobodys_is_utf_8(product: Product, charset: str) -> None:
    kind = f"application/json; charset={charset}"

    told(
        product.ask("POST", "/api/v1/events/", rb'{"title": "a\u0000b"}', kind), "/api/", "not_text"
    )


@pytest.mark.parametrize("cookie", COOKIES)
def test_foreign_cookie_locks_nobody_out(
    product: Product, pages: list[str], api: list[str], cookie: str
) -> None:
    ours = f"{settings.SESSION_COOKIE_NAME}={product.cookie}"
    for address in pages + api:
        usual = product.ask("get", address).status_code
        answer = product.ask("get", address, headers={"Cookie": f"{cookie}; {ours}"})

        assert answer.status_code == usual, address


@pytest.mark.parametrize(
    "name", ["conductor_session", "conductor_csrf", "django_language", "messages"]
)
def test_cookie_of_ours_that_is_no_text_is_as_if_it_were_not_there(
    product: Product, pages: list[str], api: list[str], name: str
) -> None:
    for address in pages + api:
        usual = product.ask("get", address, headers={"Cookie": "a=b"}).status_code
        odd = product.ask("get", address, headers={"Cookie": rf'{name}="abcdefgh\000ijkl"'})

        assert odd.status_code == usual, address


@pytest.mark.parametrize("name", ["User-Agent", "Referer", "Accept-Language", "X-Whatever", "DNT"])
@pytest.mark.parametrize("value", ["\xff\xfe", "a\0b", "http://x/caf\xe9?\x80"])
def test_foreign_header_is_refused_nowhere(
    product: Product, pages: list[str], api: list[str], name: str, value: str
) -> None:
    for address in pages + api:
        usual = product.ask("get", address).status_code

        assert product.ask("get", address, headers={name: value}).status_code == usual, address


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer \xff\xfe"}, {"Authorization": "Bearer"}, {"Authorization": "\0"},
        {"X-Api-Key": "\xff"}, {"Host": "\xff"}, {"Host": "\0"}, {"X-Forwarded-Proto": "\xff"},
        {"Content-Length": "abc"}, {"Content-Length": "9" * 5000}, {"Content-Length": "-1"},
    ],
)  # fmt: skip
def test_header_that_speaks_to_us_makes_nothing_fail(
    product: Product, pages: list[str], api: list[str], headers: dict[str, str]
) -> None:
    for address in pages + api:
        for method in ("get", "post"):
            answer = product.ask(method, address, headers=headers)

            assert answer.status_code < 500, (method, address)


def test_path_with_a_nul_is_refused(product: Product) -> None:
    for address in ("/j/a%00b", "/api/v1/a%00b/", "/admin/%00/"):
        told(product.ask("get", address), address, "not_text")


def test_idempotency_key_with_a_nul_is_refused(product: Product) -> None:
    answer = product.ask(
        "POST", f"/api/v1/sessions/{product.known['session']}/trigger/", b"{}", "application/json",
        headers={"Idempotency-Key": "a\0", "Authorization": f"Bearer {product.key}"},
    )  # fmt: skip

    told(answer, "/api/", "idempotency_key")
