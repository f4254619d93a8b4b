"""Posting against a real server: signed, tried again when it should be, given up when it must be."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from engagement.models import Organisation, StuckRow
from interventions import tasks
from interventions.models import Webhook, WebhookMessage
from interventions.notifications import http
from interventions.notifications.addresses import Target, resolve
from interventions.notifications.webhooks import events as webhook_events
from interventions.notifications.webhooks import services as webhooks
from interventions.notifications.webhooks.sender import GIVE_UP_AFTER, WEBHOOKS, WebhookSender
from tests.conftest import NOON
from tests.interventions.notifications.sink import Sink, running
from tests.interventions.notifications.webhooks.posting import post_due
from tests.support.factories import make_organisation

pytestmark = pytest.mark.django_db
LEASE, SHARE = WebhookSender.lease, WebhookSender.share
RETRY_AFTER = WebhookSender.retry_after


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def allowed(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def hook(organisation: Organisation, sink: Sink) -> Webhook:
    return webhooks.create(organisation, sink.url, [], NOON)


def tell(hook: Webhook, now: dt.datetime = NOON, **data: Any) -> WebhookMessage:
    assert (
        webhook_events.enqueue(hook.organisation_id, "intervention.delivered", data, now=now) == 1
    )
    return WebhookMessage.objects.latest("created_at")


def is_signed_with(secret: str, got: tuple[dict[str, str], bytes]) -> bool:
    """Verify as a receiver would, from the specification and not with our own function."""
    headers, body = got
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in headers["webhook-signature"].split(" ")


def test_message_arrives_once_and_signed(hook: Webhook, sink: Sink) -> None:
    message = tell(hook, id=7)

    counts = [post_due(NOON), post_due(NOON)]

    assert counts == [1, 0]
    [got] = sink.got
    assert is_signed_with(hook.secret, got)
    assert got[0]["webhook-id"] == f"msg_{message.pk.hex}"
    assert got[0]["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert got[0]["host"] == f"127.0.0.1:{sink.server_port}"
    assert json.loads(got[1]) == {
        "type": "intervention.delivered",
        "timestamp": "2026-03-03T12:00:00+00:00",
        "data": {"id": 7},
    }
    message.refresh_from_db()
    assert (message.status, message.tries, message.sent_at) == ("sent", 1, NOON)


def test_both_secrets_sign_while_one_replaces_the_other(hook: Webhook, sink: Sink) -> None:
    old = hook.secret
    hook = webhooks.rotate(hook)
    tell(hook)
    post_due(NOON)
    webhooks.finish_rotation(hook)
    tell(hook)
    post_due(NOON)

    during, after = sink.got
    assert is_signed_with(old, during)
    assert is_signed_with(hook.secret, during)
    assert not is_signed_with(old, after)
    assert is_signed_with(hook.secret, after)


def test_failure_is_tried_again_at_the_advised_times_and_then_given_up(
    hook: Webhook, sink: Sink
) -> None:
    sink.status = 500
    message = tell(hook)
    now, waits = NOON, []

    while message.status == "pending":
        assert post_due(now) == 1
        message.refresh_from_db()
        if message.next_at is not None:
            assert post_due(message.next_at - dt.timedelta(seconds=1)) == 0
            waits.append(message.next_at - now)
            now = message.next_at

    assert tuple(waits) == RETRY_AFTER
    assert (message.status, message.tries, message.error) == ("failed", 10, "http_500")
    assert len({got[0]["webhook-id"] for got in sink.got}) == 1
    hook.refresh_from_db()
    assert hook.failing_since == NOON


def test_success_ends_a_bad_time(hook: Webhook, sink: Sink) -> None:
    sink.status = 503
    tell(hook)
    post_due(NOON)
    sink.status = 204

    post_due(NOON + RETRY_AFTER[0])

    hook.refresh_from_db()
    assert hook.failing_since is None
    assert WebhookMessage.objects.get().status == "sent"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_a_failure_and_not_followed(hook: Webhook, sink: Sink, status: int) -> None:
    sink.status = status
    message = tell(hook)

    post_due(NOON)

    message.refresh_from_db()
    assert (message.status, message.error) == ("pending", f"http_{status}")
    assert len(sink.got) == 1


def test_gone_disables_the_webhook_and_what_waits_for_it(hook: Webhook, sink: Sink) -> None:
    sink.status = 410
    tell(hook)
    tell(hook, NOON + dt.timedelta(minutes=1))

    post_due(NOON)

    hook.refresh_from_db()
    assert (hook.disabled_at, hook.disabled_why) == (NOON, "gone")
    assert set(WebhookMessage.objects.values_list("status", flat=True)) == {"failed"}
    assert webhook_events.enqueue(hook.organisation_id, "outcome.measured", {}, now=NOON) == 0


def test_webhook_that_fails_for_days_is_disabled(hook: Webhook, sink: Sink) -> None:
    sink.status = 500
    tell(hook)
    post_due(NOON)
    later = NOON + GIVE_UP_AFTER
    tell(hook, later - dt.timedelta(seconds=1))
    WebhookMessage.objects.filter(created_at=NOON).update(status="failed", next_at=None)

    post_due(later - dt.timedelta(seconds=1))
    hook.refresh_from_db()
    early = hook.disabled_at
    post_due(later + RETRY_AFTER[0])

    hook.refresh_from_db()
    assert early is None
    assert hook.disabled_why == "failing_for_days"


def test_disabled_webhook_begins_anew_when_switched_on(hook: Webhook, sink: Sink) -> None:
    sink.status = 410
    tell(hook)
    post_due(NOON)
    hook.refresh_from_db()
    sink.status = 200

    webhooks.change(hook, url=None, event_types=None, is_active=True)
    tell(hook)

    assert post_due(NOON) == 1
    assert WebhookMessage.objects.filter(status="sent").count() == 1


def test_paused_webhook_is_sent_nothing(hook: Webhook, sink: Sink) -> None:
    tell(hook)
    webhooks.change(hook, url=None, event_types=None, is_active=False)

    assert post_due(NOON) == 0
    assert sink.got == []


def test_private_address_is_refused_and_never_connected_to(
    hook: Webhook, sink: Sink, settings: Any
) -> None:
    message = tell(hook)
    settings.WEBHOOK_ALLOW_PRIVATE = False

    post_due(NOON)

    message.refresh_from_db()
    assert message.error.startswith("not_https")
    Webhook.objects.update(url=f"https://localhost:{sink.server_port}/")
    WebhookMessage.objects.update(next_at=NOON)
    post_due(NOON)
    message.refresh_from_db()
    assert message.error == "address_not_allowed: localhost is no machine of the open internet."
    assert sink.got == []


def test_server_that_keeps_us_waiting_is_cut_off(sink: Sink) -> None:
    sink.answer_on = threading.Event()
    target = resolve(sink.url, may_be_private=True)

    with pytest.raises(OSError):  # noqa: PT011  (the system's words differ)
        http.post(target, b"{}", {}, timeout=0.2)


def test_server_that_is_away_is_a_failure_with_words(organisation: Organisation) -> None:
    hook = webhooks.create(organisation, "http://127.0.0.1:1/", [], NOON)
    message = tell(hook)

    post_due(NOON)

    message.refresh_from_db()
    assert message.error.startswith("no_answer: ")
    assert message.next_at == NOON + RETRY_AFTER[0]


def test_server_without_tls_fails_where_the_address_says_https(
    organisation: Organisation, sink: Sink
) -> None:
    hook = webhooks.create(organisation, f"https://127.0.0.1:{sink.server_port}/", [], NOON)
    message = tell(hook)

    post_due(NOON)

    message.refresh_from_db()
    assert message.error.startswith("certificate: ")


def test_message_of_a_process_that_died_is_sent_after_its_lease(hook: Webhook, sink: Sink) -> None:
    message = tell(hook)
    WebhookMessage.objects.update(tries=1, lease_until=NOON + LEASE)

    counts = [post_due(NOON + LEASE - dt.timedelta(seconds=1)), post_due(NOON + LEASE)]

    assert counts == [0, 1]
    message.refresh_from_db()
    assert (message.status, message.tries) == ("sent", 2)


def test_failing_webhook_is_tried_with_one_message_at_a_time(hook: Webhook, sink: Sink) -> None:
    for _ in range(3):
        tell(hook)
    Webhook.objects.update(failing_since=NOON)

    assert [post_due(NOON), post_due(NOON)] == [1, 2]


def test_limit_and_turns_leave_room_for_other_webhooks(
    hook: Webhook, organisation: Organisation, sink: Sink
) -> None:
    other = webhooks.create(organisation, sink.url, ["outcome.measured"], NOON)
    for _ in range(12):
        tell(hook)
    webhook_events.enqueue(organisation.pk, "outcome.measured", {}, now=NOON)

    post_due(NOON)

    assert WebhookMessage.objects.filter(webhook=hook, status="sent").count() == SHARE - 1
    assert WebhookMessage.objects.get(webhook=other).status == "sent"


def test_deleted_webhook_ends_quietly(hook: Webhook, sink: Sink) -> None:
    sink.status = 500
    sink.answer_on = None
    tell(hook)
    hook.delete()

    assert post_due(NOON) == 0


def test_task_sends_what_is_due(hook: Webhook, sink: Sink) -> None:
    tell(hook)

    tasks.webhooks()
    tasks.webhook_rows()

    assert len(sink.got) == 1
    assert WebhookMessage.objects.get().status == "sent"


def test_round_begins_a_share_of_what_fails_at_once_and_does_not_wait_for_answers(
    hook: Webhook, sink: Sink
) -> None:
    loud = make_organisation("loud")
    hooks = [webhooks.create(loud, "http://127.0.0.1:9/", [], NOON) for _ in range(20)]
    for _ in range(3):
        webhook_events.add(hooks, "ping", {}, now=NOON - dt.timedelta(minutes=1))
    tell(hook)
    sink.answer_on = threading.Event()

    assert WEBHOOKS.begin_due(NOON) == SHARE + 1

    assert WebhookMessage.objects.filter(webhook__in=hooks, tries=1).count() == SHARE
    sink.answer_on.set()
    WEBHOOKS.note_answers(NOON, seconds=20)
    assert WebhookMessage.objects.get(webhook=hook).status == "sent"


def test_one_message_of_a_quiet_one_is_sent_beside_two_hundred_that_hang(
    hook: Webhook, sink: Sink
) -> None:
    with running() as hanging:
        hanging.answer_on = threading.Event()
        loud = make_organisation("loud")
        hooks = [webhooks.create(loud, hanging.url, [], NOON) for _ in range(20)]
        for n in range(10):
            webhook_events.add(hooks, "ping", {"n": n}, now=NOON - dt.timedelta(minutes=1))
        tell(hook)

        post_due(NOON, seconds=3)

        assert len(sink.got) == 1
        assert WebhookMessage.objects.get(webhook=hook).status == "sent"
        # More of the same take no more threads, and the quiet one is served again.
        tell(hook)
        post_due(NOON, seconds=3)
        assert len(sink.got) == 2
        assert WebhookMessage.objects.filter(tries=1, webhook__in=hooks).count() == 10
        hanging.answer_on.set()
        post_due(NOON)
    assert WebhookMessage.objects.filter(status="sent", webhook__in=hooks).count() >= 10


def test_name_server_that_hangs_takes_from_the_time_of_the_post() -> None:
    target = Target(False, "slow.example", 80, "127.0.0.1", "/")

    with pytest.raises(TimeoutError):
        http.post(target, b"{}", {}, timeout=-1)


def test_look_up_that_hangs_is_given_up_in_time_and_the_others_are_sent(
    hook: Webhook, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, found = threading.Event(), socket.getaddrinfo

    def look_up(host: str, *rest: Any, **named: Any) -> Any:
        if host == "slow.example.org" and over.wait(30):
            raise socket.gaierror
        return found(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(WEBHOOKS._threads, "_seconds", 2)
    slow = webhooks.create(make_organisation("slow"), "https://slow.example.org/", [], NOON)
    tell(slow)
    tell(hook)

    post_due(NOON, seconds=20)

    over.set()
    late = WebhookMessage.objects.get(webhook=slow)
    assert (late.status, late.error) == ("pending", "timeout: no answer in time")
    assert WebhookMessage.objects.get(webhook=hook).status == "sent"


def test_try_that_fails_in_a_way_that_nobody_knows_is_noted_and_the_others_are_sent(
    hook: Webhook, sink: Sink
) -> None:
    broken = webhooks.create(hook.organisation, sink.url, [], NOON)
    Webhook.objects.filter(pk=broken.pk).update(secret="whsec_!")
    tell_all = webhook_events.enqueue(hook.organisation_id, "session.started", {}, now=NOON)

    post_due(NOON)

    assert tell_all == 2
    assert WebhookMessage.objects.get(webhook=hook).status == "sent"
    assert WebhookMessage.objects.get(webhook=broken).error != ""


def test_what_waits_for_one_webhook_has_an_end(hook: Webhook, monkeypatch: Any) -> None:
    monkeypatch.setattr(webhook_events, "MOST_WAITING", 3)
    other = webhooks.create(make_organisation("other"), hook.url, [], NOON)
    for _ in range(5):
        webhook_events.add([hook], "ping", {}, now=NOON)
    webhook_events.add([hook, other], "ping", {}, now=NOON)

    found = WebhookMessage.objects.filter(webhook=hook)
    assert found.filter(status="pending").count() == 3
    assert set(found.exclude(status="pending").values_list("status", "error", "next_at")) == {
        ("failed", "too_many_waiting", None)
    }
    assert WebhookMessage.objects.get(webhook=other).status == "pending"


def test_answer_that_cannot_be_noted_keeps_no_other_from_being(
    hook: Webhook, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = webhooks.create(make_organisation("Elsewhere"), sink.url, [], NOON)
    tell(hook)
    tell(other)
    bad, good = (WebhookMessage.objects.get(webhook=each) for each in (hook, other))
    before = WEBHOOKS._note

    def note(message: WebhookMessage, *rest: Any) -> None:
        if message.pk == bad.pk:
            raise ValueError("always")
        before(message, *rest)

    monkeypatch.setattr(WEBHOOKS, "_note", note)

    post_due(NOON)

    statuses = [WebhookMessage.objects.get(pk=each.pk).status for each in (bad, good)]
    assert statuses == ["pending", "sent"]
    assert list(StuckRow.objects.values_list("stage", "row")) == [("hook-note", hook.pk)]
