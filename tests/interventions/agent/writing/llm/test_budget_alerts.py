"""The alarm: by mail and by signed webhook, each once, and again only where it failed."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail

from interventions.agent.writing.llm import budget_alerts
from interventions.agent.writing.llm.budget import NANO
from interventions.agent.writing.llm.budget_alerts import send_due
from interventions.models import BudgetAlert, BudgetWindow
from interventions.notifications.webhooks.signing import signed
from interventions.tasks import send_alarms
from tests.conftest import NOON

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes or so").decode()


class Sink(HTTPServer):
    """Answers with `status` and keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []


class Receiver(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[Sink]:
    server = Sink()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def targets(settings: Any, sink: Sink, db: None) -> None:
    settings.ALERT_EMAILS = ["ops@example.org"]
    settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{sink.server_port}/alerts"
    settings.ALERT_WEBHOOK_SECRET = SECRET


def alarming() -> BudgetWindow:
    return BudgetWindow.objects.create(
        key="hour:2026-03-03T12", limit=20 * NANO, spent=16 * NANO, alarmed_at=NOON
    )


def test_alarm_is_mailed_and_posted_once(sink: Sink) -> None:
    alarming()

    counts = [send_due(NOON), send_due(NOON)]

    assert counts == [1, 0]
    assert [message.to for message in mail.outbox] == [["ops@example.org"]]
    assert "80% of the budget for models is used: 16.00 of 20.00 USD" in mail.outbox[0].body
    body = json.loads(sink.got[0][1])
    assert (body["type"], body["data"]["used_usd"], len(sink.got)) == ("budget.alarm", 16.0, 1)


def test_webhook_is_signed_as_standard_webhooks_says(sink: Sink) -> None:
    alarming()

    send_due(NOON)

    headers, body = sink.got[0]
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))


@pytest.mark.parametrize("status", [500, 302])
def test_webhook_that_failed_is_tried_again_and_the_mail_is_not(sink: Sink, status: int) -> None:
    alarming()
    sink.status = status
    send_due(NOON)
    sink.status = 200

    send_due(NOON)

    assert (len(sink.got), len(mail.outbox)) == (2, 1)
    assert sink.got[0][0]["webhook-id"] == sink.got[1][0]["webhook-id"]


def test_webhook_that_is_dead_is_given_up(sink: Sink) -> None:
    alarming()
    sink.status = 500

    for _ in range(budget_alerts.MOST_TRIES + 3):
        send_due(NOON)

    assert len(sink.got) == budget_alerts.MOST_TRIES


def test_mail_server_that_is_away_does_not_silence_the_webhook(sink: Sink, settings: Any) -> None:
    alarming()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    send_due(NOON)

    mailed_at, posted_at = (BudgetAlert.objects.get(way=way).sent_at for way in ("mail", "post"))
    assert (len(sink.got), mailed_at, posted_at) == (1, None, NOON)


def test_nobody_to_tell_is_no_failure(settings: Any, sink: Sink) -> None:
    alarming()
    settings.ALERT_EMAILS, settings.ALERT_WEBHOOK_URL = [], ""

    assert [send_due(NOON), send_due(NOON)] == [1, 0]
    assert (sink.got, mail.outbox) == ([], [])


def test_without_secret_nothing_is_signed() -> None:
    assert "webhook-signature" not in signed("id", NOON, b"{}", "")


def test_task_sends_what_is_due(sink: Sink, settings: Any) -> None:
    settings.ANTHROPIC_API_KEY = settings.ANTHROPIC_BASE_URL = ""
    alarming()

    send_alarms()

    assert len(sink.got) == 1
