"""What no view answered: an envelope for programs, a page for people, the request id for both."""

import json
import logging
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conductor.monitoring.logs import JsonFormatter, RequestIdFilter
from tests.conductor.away import database_away

__all__ = ["database_away"]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.urls("tests.conductor.serving.broken_urls")
def test_failure_below_the_api_is_an_envelope(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/api/v1/breaks/")

    assert answer.status_code == 500
    assert answer.json() == {
        "error": {
            "category": "internal",
            "code": "internal",
            "message": "Something went wrong here. The log has it under this request id.",
            "request_id": answer["X-Request-ID"],
        }
    }
    assert "on purpose" not in answer.content.decode()
    assert "on purpose" in caplog.text


@pytest.mark.urls("tests.conductor.serving.broken_urls")
def test_failure_elsewhere_is_a_page_that_says_nothing_of_ours(client: Client) -> None:
    answer = client.get("/breaks/")

    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")
    assert "on purpose" not in answer.content.decode()
    assert answer["X-Request-ID"]


@pytest.mark.urls("tests.conductor.serving.broken_urls")
def test_log_line_of_a_failure_has_the_request_id_of_the_answer(client: Client) -> None:
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    kept = Kept()
    kept.addFilter(RequestIdFilter())
    kept.setFormatter(JsonFormatter())
    logging.getLogger("django.request").addHandler(kept)
    try:
        answer = client.get("/api/v1/breaks/", headers={"X-Request-ID": "from-the-proxy"})
    finally:
        logging.getLogger("django.request").removeHandler(kept)

    [line] = [json.loads(line) for line in lines]
    assert answer["X-Request-ID"] == line["request_id"] == "from-the-proxy"
    assert line["level"] == "ERROR"
    assert line["traceback"].endswith("RuntimeError: on purpose")


@pytest.mark.django_db
def test_page_that_is_not_there_is_a_page(client: Client) -> None:
    answer = client.get("/nothing/here/")

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
    assert answer["X-Request-ID"]


def test_api_says_that_the_database_is_away(client: Client, database_away: None) -> None:
    answer = client.get("/api/v1/sessions/", headers={"Authorization": "Bearer ec_any"})

    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    found = answer.json()["error"]
    assert (found["category"], found["code"]) == ("upstream", "database_away")
    assert found["retry_after"] == 2


# --- forms that are refused, and why ---------------------------------------------------------------


def refused(headers: dict[str, str], *, cookie: str = "", language: str = "en") -> str:
    """The page that answers a login form with these headers."""
    client = Client(enforce_csrf_checks=True)
    if cookie:
        client.cookies["conductor_csrf"] = cookie
    answer = client.post(reverse("login"), {}, headers={"accept-language": language, **headers})
    assert answer.status_code == 403
    return answer.content.decode()


@pytest.mark.django_db
def test_refused_form_says_in_its_headline_what_the_reason_is() -> None:
    proxied = refused({"origin": "https://talks.example"}, cookie="a" * 32)
    without = refused({})
    old = refused({}, cookie="a" * 32)

    assert "The server did not take this form for its own" in proxied
    assert "PUBLIC_URL=https://talks.example" in proxied
    assert "Your browser sent no cookie" in without
    assert "This form was too old" in old
    assert sum("too old" in page for page in (proxied, without, old)) == 1


@pytest.mark.django_db
def test_operators_read_their_sentence_in_the_page_s_language_and_english_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = refused({"origin": "https://vortrag.example"}, cookie="a" * 32, language="de")

    assert "Dieses Formular kam von https://vortrag.example" in page
    assert "This form came from https://vortrag.example" in caplog.text
    assert "This form came from" not in page


def test_api_names_the_setting_for_a_host_it_does_not_know(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["ours.example"]

    answer = Client().get("/api/v1/sessions/", headers={"host": "other.example"})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "unknown_host")
    assert "'other.example'" in error["message"]
    assert "ALLOWED_HOSTS" in error["message"]


@pytest.mark.django_db
def test_refusal_in_the_administration_speaks_of_superusers_not_of_owners(
    admin_client: Client,
) -> None:
    answer = admin_client.get("/admin/engagement/apikey/add/")

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "set by a superuser" in page
    assert "Owners and organizers" not in page
    assert (
        "manage.py createapikey" in admin_client.get("/admin/engagement/apikey/").content.decode()
    )
