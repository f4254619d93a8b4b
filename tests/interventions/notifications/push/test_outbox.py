"""Notifications against a real push server: sealed, signed, once, tried again, given up."""

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User

from engagement.models import Event, Membership, Organisation, Role, StuckRow
from interventions.agent.approval import services as approval
from interventions.models import DeliveryStatus, Intervention, PushMessage, PushSubscription
from interventions.notifications.push import events as push_events
from interventions.notifications.push.keys import public_key
from interventions.notifications.push.sender import PHONES, TRIES, PushSender, post_due
from tests.conftest import NOON
from tests.interventions.agent.rooms import after, lost_room, suggested, sweep
from tests.interventions.notifications.push.browsers import Browser, claims
from tests.interventions.notifications.sink import Sink, running
from tests.support.factories import make_event, make_organisation, make_user

pytestmark = pytest.mark.django_db
LEASE, MOST_TRIES = PushSender.lease, len(PushSender.retry_after) + 1


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running() as server:
        yield server


@pytest.fixture(autouse=True)
def allowed(settings: Any, valkey: "redis.Redis") -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def event(organisation: Organisation) -> Event:
    return make_event(organisation)


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def phone(owner: User, browser: Browser, sink: Sink) -> PushSubscription:
    return browser.subscribed(owner, sink.url)


@pytest.fixture
def row(phone: PushSubscription, event: Event) -> Intervention:
    return suggested(lost_room(event))


def test_suggestion_arrives_sealed_for_the_browser(
    row: Intervention, browser: Browser, sink: Sink
) -> None:
    post_due(NOON)

    [(headers, body)] = sink.got
    said = browser.read(body)
    assert said["tag"] == f"suggestion-{row.pk}"
    assert said["type"] == "ask"
    assert said["url"] == f"/sessions/{row.session_id}/"
    assert row.content["text"][:100] in said["body"]
    assert row.content["text"].encode() not in body
    assert headers["content-encoding"] == "aes128gcm"
    assert (headers["topic"], headers["ttl"], headers["urgency"]) == (said["tag"], "90", "high")


def test_push_service_can_tell_that_it_is_us(row: Intervention, sink: Sink) -> None:
    post_due(NOON)

    said = claims(sink.got[0][0]["authorization"])
    assert said["k"] == public_key()
    assert said["aud"] == sink.url.partition("/hook")[0]
    assert said["exp"] == int((NOON + dt.timedelta(hours=12)).timestamp())
    assert said["sub"] == "mailto:conductor@localhost"


def test_suggestion_is_told_once(row: Intervention, sink: Sink) -> None:
    post_due(NOON)
    push_events.enqueue(row, NOON)
    post_due(after(1))

    assert len(sink.got) == 1
    assert PushMessage.objects.get().status == DeliveryStatus.SENT


def test_only_those_who_may_approve_are_told(
    event: Event, viewer: User, stranger: User, owner: User, sink: Sink
) -> None:
    for name, user in (("viewer", viewer), ("stranger", stranger), ("owner", owner)):
        Browser().subscribed(user, f"{sink.url}&who={name}")
    owner.is_active = False
    owner.save()
    organizer = make_user("olga")
    Membership.objects.create(organisation=event.organisation, user=organizer, role=Role.ORGANIZER)
    Browser().subscribed(organizer, f"{sink.url}&who=olga")

    suggested(lost_room(event))

    told = PushMessage.objects.values_list("subscription__user__username", flat=True)
    assert list(told) == ["olga"]


@pytest.mark.parametrize("status", [404, 410])
def test_browser_that_is_gone_is_forgotten(row: Intervention, sink: Sink, status: int) -> None:
    sink.status = status

    post_due(NOON)

    assert not PushSubscription.objects.exists()
    assert not PushMessage.objects.exists()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_busy_push_service_is_tried_again(
    row: Intervention, sink: Sink, browser: Browser, status: int
) -> None:
    sink.status = status
    post_due(NOON)
    sink.status = 201

    counts = [post_due(after(4)), post_due(after(5))]

    assert counts == [0, 1]
    assert browser.read(sink.got[1][1])["tag"] == f"suggestion-{row.pk}"
    assert PushMessage.objects.get().status == DeliveryStatus.SENT


def test_trying_ends(row: Intervention, sink: Sink) -> None:
    sink.status = 500

    for seconds in range(0, 80, 10):
        post_due(after(seconds))

    message = PushMessage.objects.get()
    assert (len(sink.got), message.status, message.error) == (MOST_TRIES, "failed", "http_500")


def test_what_is_refused_is_not_tried_again(row: Intervention, sink: Sink) -> None:
    sink.status = 403

    counts = [post_due(NOON), post_due(after(20))]

    assert counts == [1, 0]
    assert PushSubscription.objects.exists()


def test_nothing_is_sent_that_has_expired(row: Intervention, sink: Sink) -> None:
    post_due(after(91))

    message = PushMessage.objects.get()
    assert (sink.got, message.status, message.error) == ([], "failed", "too_late")


def test_notification_of_a_killed_worker_is_sent_by_another(row: Intervention, sink: Sink) -> None:
    PushMessage.objects.update(tries=1, lease_until=NOON + LEASE)

    counts = [post_due(after(29)), post_due(after(30))]

    assert counts == [0, 1]


@pytest.mark.parametrize(
    ("endpoint", "code"), [("", "not_https"), ("https://localhost:1/", "address_not_allowed")]
)
def test_machine_inside_is_not_asked(
    row: Intervention, phone: PushSubscription, sink: Sink, settings: Any, endpoint: str, code: str
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    PushSubscription.objects.update(endpoint=endpoint or sink.url)

    post_due(NOON)

    assert sink.got == []
    assert PushMessage.objects.get().error == code


def test_phone_learns_that_a_suggestion_expired(
    row: Intervention, sink: Sink, browser: Browser
) -> None:
    post_due(NOON)
    sweep(91)

    counts = [push_events.enqueue_over(after(91)), push_events.enqueue_over(after(92))]
    post_due(after(92))

    said = browser.read(sink.got[1][1])
    assert counts == [1, 0]
    assert (said["type"], said["tag"]) == ("over", f"suggestion-{row.pk}")
    assert said["body"] == "Expired. Nothing was sent."
    assert "token" not in said


def test_phone_learns_that_somebody_else_decided(
    row: Intervention, sink: Sink, browser: Browser, owner: User
) -> None:
    post_due(NOON)
    approval.dismiss(row.pk, by=owner, who="Alice", now=after(5))

    push_events.enqueue_over(after(5))
    post_due(after(5))

    assert browser.read(sink.got[1][1])["body"] == "Dismissed. Nothing was sent."


def test_phone_that_was_told_nothing_learns_of_no_end(row: Intervention, sink: Sink) -> None:
    sweep(91)
    post_due(after(91))

    assert push_events.enqueue_over(after(92)) == 0


def test_words_are_in_the_sessions_language(
    event: Event, phone: PushSubscription, sink: Sink, browser: Browser
) -> None:
    row = suggested(lost_room(event, language="de"))

    post_due(NOON)

    said = browser.read(sink.got[0][1])
    assert row.content["text"][:100] in said["body"]


def test_hello_is_for_one_phone(phone: PushSubscription, sink: Sink, browser: Browser) -> None:
    push_events.hello(phone, NOON)

    post_due(NOON)

    said = browser.read(sink.got[0][1])
    assert (said["type"], said["tag"]) == ("hello", "hello")


def test_phone_of_a_quiet_one_is_told_beside_many_that_hang(
    row: Intervention, sink: Sink, browser: Browser
) -> None:
    with running() as hanging:
        hanging.answer_on = threading.Event()
        loud = make_event(make_organisation("loud"))
        for n in range(20):
            user = make_user(f"loud{n}")
            Membership.objects.create(
                user=user, organisation=loud.organisation, role=Role.ORGANIZER
            )
            Browser().subscribed(user, f"{hanging.url}&n={n}")
        suggested(lost_room(loud))
        PushMessage.objects.filter(subscription__user__username__startswith="loud").update(
            next_at=NOON - dt.timedelta(seconds=1)
        )

        post_due(NOON, seconds=3)

        assert len(sink.got) == 1
        assert (
            PushMessage.objects.filter(tries=1, subscription__endpoint__contains="&n=").count() == 6
        )
        hanging.answer_on.set()
        post_due(NOON)


def test_message_that_cannot_be_sealed_has_failed_and_the_others_are_sent(
    row: Intervention, owner: User, sink: Sink
) -> None:
    bad = Browser().subscribed(owner, f"{sink.url}&bad=1")
    PushSubscription.objects.filter(pk=bad.pk).update(p256dh="AAAA")
    push_events.hello(PushSubscription.objects.get(pk=bad.pk), NOON)

    post_due(NOON)

    message = PushMessage.objects.get(subscription=bad)
    assert (message.status, message.error.partition(":")[0]) == ("failed", "not_sealed")
    assert len(sink.got) == 1


def test_answer_that_cannot_be_noted_is_put_down_and_goes_no_further(
    row: Intervention, phone: PushSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    def note(*_: Any) -> None:
        raise ValueError("always")

    monkeypatch.setattr(PHONES, "_note", note)

    assert post_due(NOON) == 1
    assert list(StuckRow.objects.values_list("stage", "row")) == [("phone-note", phone.pk)]


def test_tries_of_many_people_have_the_threads_of_one_organisation(sink: Sink) -> None:
    for number in range(3):
        person = make_user(f"person{number}")
        push_events.hello(Browser().subscribed(person, f"{sink.url}/{number}"), NOON)

    owners = {owner for _, owner in PHONES.due(NOON)}

    assert owners == {TRIES}


def test_who_is_no_member_any_more_is_told_nothing_that_still_waited(
    row: Intervention, owner: User, sink: Sink
) -> None:
    owner.memberships.all().delete()

    post_due(NOON)

    message = PushMessage.objects.get()
    assert sink.got == []
    assert (message.status, message.error) == (DeliveryStatus.FAILED, "no_right")
