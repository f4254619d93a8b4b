"""What those are told who find no place: a page, a form that goes out again, or an envelope."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from conductor.serving import overload_responses

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TYPED = {"csrfmiddlewaretoken": "t0ken", "name": 'Zoë "Ł" <b>', "said": "\nfirst\nsecond"}


def told(
    method: str = "GET", path: str = "/j/K74QPX", data: Any = None, **how: Any
) -> HttpResponse:
    cookies = how.pop("cookies", {})
    kind = how.pop("kind", overload_responses.FORM)
    untouched = how.pop("is_untouched", True)
    headers = BROWSER | {name.replace("_", "-"): value for name, value in how.items()}
    factory = RequestFactory(headers=headers)
    request = factory.generic(method, path, data or "", kind)
    request.COOKIES.update(cookies)
    request.path = path.partition("?")[0]
    return overload_responses.response(request, is_untouched=untouched)


def encoded(typed: dict[str, str]) -> str:
    return urlencode(typed)


def test_page_tries_again_by_itself_when_it_says_so() -> None:
    answer = told(path="/j/K74QPX?a=1&b=2")

    assert answer.status_code == 503
    assert answer["Refresh"] == answer["Retry-After"]
    assert overload_responses.SOONEST <= int(answer["Retry-After"]) <= overload_responses.LATEST
    assert answer["Cache-Control"] == "no-store"
    assert "tries again by itself" in answer.content.decode()
    assert 'href="/j/K74QPX?a=1&amp;b=2"' in answer.content.decode()


def test_page_that_tried_often_leaves_it_to_the_person_and_says_so() -> None:
    waits = told(cookies={"tries": str(overload_responses.MOST_TRIES - 1)})
    ends = told(cookies={"tries": str(overload_responses.MOST_TRIES)})
    odd = told(cookies={"tries": "²-9999999999"})

    assert waits.cookies["tries"].value == str(overload_responses.MOST_TRIES)
    assert ("Refresh" in waits, "Refresh" in ends, "Refresh" in odd) == (True, False, True)
    assert "still too much at once" in ends.content.decode()


def test_form_goes_out_again_with_what_was_typed() -> None:
    page = told("POST", data=encoded(TYPED)).content.decode()

    assert 'action="/j/K74QPX"' in page
    assert "js/attendee/retry-form.js" in page
    kept = re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    assert dict(kept) == TYPED | {"name": "Zoë &quot;Ł&quot; &lt;b&gt;"}
    assert "goes out again by itself" in page


@pytest.mark.parametrize(
    "how",
    [
        {"data": encoded({"username": "olga", "password": "correct horse"})},
        {"data": encoded(TYPED), "Origin": "https://elsewhere.example"},
        {"data": encoded({"text": "x" * (overload_responses.FORM_MOST + 1)})},
        {"data": b"--x--", "kind": "multipart/form-data; boundary=x"},
    ],
)
def test_what_is_secret_strange_or_large_is_not_handed_back(how: dict[str, Any]) -> None:
    page = told("POST", **how).content.decode()

    assert "<form" not in page
    assert "correct horse" not in page
    assert "Go back: what you typed is still there" in page


def test_form_of_an_address_that_is_trusted_is_handed_back(settings: Settings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://rooms.example.org"]

    page = told("POST", data=encoded(TYPED), Origin="https://rooms.example.org").content.decode()

    assert 'name="said"' in page


def test_form_that_may_have_been_worked_on_waits_for_the_person() -> None:
    page = told("POST", data=encoded(TYPED), is_untouched=False).content.decode()

    assert "js/attendee/retry-form.js" not in page
    assert "Send it again in a moment" in page
    assert 'name="said"' in page


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/api/v1/sessions/", "text/html"),
        ("/sessions/1/part/headline/", "application/json"),
    ],
)
def test_program_gets_the_envelope(path: str, accept: str) -> None:
    answer = told(path=path, Accept=accept, X_Request_ID="abcdefgh-1")

    error = json.loads(answer.content)["error"]
    assert (error["code"], error["category"]) == ("busy", "upstream")
    assert error["request_id"] == "abcdefgh-1"
    assert str(error["retry_after"]) == answer["Retry-After"]


def test_fragment_for_a_script_is_no_page() -> None:
    assert told(HX_Request="true")["Content-Type"] == "application/json"


def test_page_speaks_as_the_browser_does_and_runs_nothing_of_others() -> None:
    answer = told(Accept_Language="de-AT,de;q=0.9")

    assert 'lang="de"' in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_address_that_would_be_another_hosts_stays_one_of_ours() -> None:
    link = told(path="//evil.example/login").content.decode()
    form = told("POST", "//evil.example/login", encoded(TYPED)).content.decode()

    assert 'href="/%2Fevil.example/login"' in link
    assert 'action="/%2Fevil.example/login"' in form


@pytest.mark.parametrize(
    "how",
    [
        {"data": "&".join(f"f{n}=1" for n in range(1_001))},
        {"data": "x=" + "y" * 3_000_000},
        {"data": encoded(TYPED), "Origin": "http://["},
    ],
)
def test_form_that_cannot_be_read_is_answered_all_the_same(how: dict[str, Any]) -> None:
    page = told("POST", **how)

    assert page.status_code == 503
    assert "Go back: what you typed is still there." in page.content.decode()
