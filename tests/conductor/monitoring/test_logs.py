"""Log lines: one JSON object each, whatever is logged."""

import json
import logging
import sys
from typing import Any

from conductor.monitoring.logs import JsonFormatter, RequestIdFilter
from engagement.doors.request_context import request_id


def logged(message: str, *args: object, **fields: Any) -> tuple[str, dict[str, Any]]:
    """Return the line and what it says."""
    record = logging.LogRecord(
        "engagement.tasks", logging.WARNING, "tasks.py", 1, message, args, fields.pop("exc", None)
    )
    record.created = 1772539200.1239
    vars(record).update(fields)
    RequestIdFilter().filter(record)
    line = JsonFormatter().format(record)
    return line, json.loads(line)


def test_line_says_when_where_and_what() -> None:
    _, said = logged("%d frames were not sent", 3)

    assert said == {
        "time": "2026-03-03T12:00:00.123+00:00",
        "level": "WARNING",
        "logger": "engagement.tasks",
        "message": "3 frames were not sent",
        "request_id": "-",
    }


def test_line_has_the_id_of_the_request_being_served() -> None:
    token = request_id.set("0123456789")
    try:
        _, said = logged("served")
    finally:
        request_id.reset(token)

    assert said["request_id"] == "0123456789"


def test_line_has_what_the_caller_adds_and_keeps_its_own() -> None:
    _, said = logged("tick", sessions=3, level="mine")

    assert said["sessions"] == 3
    assert said["level"] == "WARNING"


def test_line_is_one_line_whatever_is_in_it() -> None:
    line, said = logged("text: %s", "a\nb\r\u2028\x1b[31m \ud800 ü", person=object())

    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert said["message"] == "text: a\nb\r\u2028\x1b[31m \ud800 ü"


def test_line_has_the_traceback_of_an_error() -> None:
    try:
        raise ValueError("no such tick")
    except ValueError:
        _, said = logged("failed", exc=sys.exc_info())

    assert said["traceback"].startswith("Traceback")
    assert said["traceback"].endswith("ValueError: no such tick")
