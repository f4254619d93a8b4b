"""What no view answered: an envelope for programs, a page for people, the request id for both."""

import json
import logging

import pytest
from django.test import Client

from conductor.logs import JsonFormatter, RequestIdFilter
from tests.conductor.away import database_away

__all__ = ["database_away"]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.urls("tests.conductor.broken_urls")
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


@pytest.mark.urls("tests.conductor.broken_urls")
def test_failure_elsewhere_is_a_page_that_says_nothing_of_ours(client: Client) -> None:
    answer = client.get("/breaks/")

    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")
    assert "on purpose" not in answer.content.decode()
    assert answer["X-Request-ID"]


@pytest.mark.urls("tests.conductor.broken_urls")
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
