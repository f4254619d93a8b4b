"""No token, key or cookie stands in a line of the log, whatever becomes of the request that bears it."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from conductor.monitoring.logs import JsonFormatter, RequestIdFilter, TextFormatter, shorten
from conductor.supervision.processes import web
from engagement.models import Organisation
from engagement.organisations.api_keys import make_key
from engagement.sessions.attendee_tokens import Pass, issue
from interventions.audience import screens
from interventions.models import ViewKind
from tests.conftest import NOON
from tests.support.factories import make_event, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
FAILING = "tests.hostile.failing_urls"


class Kept(logging.Handler):
    """Every line as each formatter writes it, and as it would be without."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.plain: list[str] = []
        self.addFilter(RequestIdFilter())
        self._formatters = (JsonFormatter(), TextFormatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [each.format(record) for each in self._formatters]
        record.exc_text = None
        self.plain.append(logging.Formatter().format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    found = Kept()
    root = logging.getLogger()
    before = root.level
    root.addHandler(found)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(found)
    root.setLevel(before)


@pytest.fixture
def requests(organisation: Organisation, owner: User) -> list[tuple[str, dict[str, str], str]]:
    """Each address that holds a secret or is asked with one: path, headers, the secret."""
    session = make_session(make_event(organisation))
    found = []
    for kind, door in (
        (ViewKind.STAGE, "/stage/{}"), (ViewKind.STAGE, "/stage/{}/arm/"),
        (ViewKind.OVERLAY, "/overlay/{}"), (ViewKind.CUE, "/cue/{}"),
        (ViewKind.CUE, "/cue/{}/pulses/"), (ViewKind.CUE, "/ws/screen/?token={}"),
    ):  # fmt: skip
        _, token = screens.make(session, kind, NOON)
        found.append((door.format(token), {}, token))
    token = issue(Pass(session.pk, 7, True))
    attend = f"/api/v1/attend/{session.pk}"
    found += [
        (f"{attend}/line/?client=x&hold=0&token={token}", {}, token),
        (f"/ws/attend/{session.pk}/?client=x&token={quote(token)}", {}, quote(token)),
        (f"{attend}/questions/", {"Authorization": f"Bearer {token}"}, token),
        (f"/j/{session.code}", {"Cookie": f"pass-{session.pk}={token}"}, token),
        (f"/embed/{session.code}/pass/?token={token}", {}, token),
    ]
    _, key = make_key(organisation, "x")
    found += [
        (f"/api/v1/sessions/{session.pk}/", {"Authorization": f"Bearer {key}"}, key),
        (f"/api/v1/sessions/?key={key}", {}, key),
    ]
    client = Client()
    client.force_login(owner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    named = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}; other=1"}
    return [*found, (f"/sessions/{session.pk}/", named, cookie), ("/admin/", named, cookie)]


def walk(requests: list[tuple[str, dict[str, str], str]], *methods: str, tail: str = "") -> None:
    for address, headers, _ in requests:
        path, mark, query = address.partition("?")
        for method in methods:
            client = Client(raise_request_exception=False, headers=headers)
            getattr(client, method)(f"{path}{tail}{mark}{query}")


def leaks(kept: Kept, requests: list[tuple[str, dict[str, str], str]]) -> list[str]:
    secrets = [secret for *_, secret in requests]
    return [line for line in kept.lines if any(secret[6:] in line for secret in secrets)]


@pytest.mark.parametrize(
    ("methods", "tail"),
    [(("get", "head"), ""), (("post", "put", "delete", "options"), ""), (("get",), "/nowhere")],
    ids=["as meant", "wrong method", "not there"],
)
def test_no_secret_of_a_request_is_logged(
    kept: Kept, requests: list[tuple[str, dict[str, str], str]], methods: tuple[str, ...], tail: str
) -> None:
    walk(requests, *methods, tail=tail)

    assert leaks(kept, requests) == []


def test_no_secret_of_a_request_that_fails_is_logged(
    kept: Kept, requests: list[tuple[str, dict[str, str], str]], settings: Any
) -> None:
    settings.ROOT_URLCONF = FAILING

    walk(requests, "get", "post")

    assert leaks(kept, requests) == []
    plain = "\n".join(kept.plain)
    assert [secret for *_, secret in requests if secret not in plain] == []


def test_errors_of_workers_are_shortened_in_message_extras_and_traceback(kept: Kept) -> None:
    key = "ec_" + "Q" * 43
    try:
        raise ValueError(f"https://hooks.example/?token={key}")
    except ValueError:
        logging.getLogger("engagement.limits.isolated_rows").exception(
            "deliver of %s", {"password": key}, extra={"asked": {"Cookie": f"sessionid={key}"}}
        )

    assert key in kept.plain[0]
    assert [line for line in kept.lines if key[7:] in line] == []
    assert json.loads(kept.lines[0])["message"] == "deliver of {'password': 'ec_Q...'}"


SAID = {
    "/stage/abcdefghijkl": "/stage/abcd...",
    "redis://:hunter2@host:6379/0": "redis://:...@host:6379/0",
    "postgres://app:hunter2@host/db": "postgres://app:...@host/db",
    "whsec_0123456789": "whsec_0123...",
    "the author: Ada, token_expired, session 12, basic authentication": None,
    '{"session": 123456, "path": "/sessions/7/chat/"}': None,
    "webhook 3: try 2 failed, http_500": None,
}


@pytest.mark.parametrize(("text", "short"), SAID.items())
def test_what_is_no_secret_stays(text: str, short: str | None) -> None:
    assert shorten(text) == (short or text)


@pytest.mark.parametrize("unit", ["a", "a-", "token=", "/stage/", "://a:", "ec_", "a:", "Bearer "])
def test_shortening_takes_time_in_proportion_to_the_length(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        began = time.process_time()
        shorten(text)
        return time.process_time() - began

    assert min(seconds(80_000) for _ in range(3)) < 1.0


def test_servers_write_no_lines_of_their_own() -> None:
    loggers = settings.LOGGING["loggers"]
    quiet = ("django", "django.server", "uvicorn", "uvicorn.error", "uvicorn.access")
    unlike = {"handlers": [], "propagate": True}

    assert [name for name in quiet if not unlike.items() <= loggers[name].items()] == []
    commands: dict[str, Callable[[], list[str]]] = {
        "uvicorn": lambda: web("127.0.0.1", 1),
        "daphne": lambda: web("127.0.0.1", 1, "daphne"),
    }
    assert "--no-access-log" in commands["uvicorn"]()
    assert re.search(r"-v 0", " ".join(commands["daphne"]()))
