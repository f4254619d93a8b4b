"""Agreeing to be told on a phone, and approving from a notification."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as DjangoSession
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from engagement.models import Membership, Organisation, Role
from interventions.agent.approval import services as approval
from interventions.kinds.content import Content
from interventions.models import Intervention, PushKind, PushMessage, PushSubscription
from interventions.notifications.push import events as push_events
from interventions.notifications.push.payloads import token_of
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import fresh, lost_room, suggested
from tests.interventions.notifications.push.browsers import Browser, text_of
from tests.support.factories import make_event
from tests.support.logins import signed_in

pytestmark = pytest.mark.django_db
ENDPOINT = "https://push.example/send/abc"


def agree(client: Client, browser: Browser, endpoint: str = ENDPOINT, **keys: str) -> Any:
    said = {"p256dh": browser.p256dh, "auth": text_of(browser.auth), **keys}
    body = {"endpoint": endpoint, "keys": said}
    return client.post(reverse("phone-subscribe"), body, content_type="application/json")


def test_browser_that_agrees_is_told_from_then_on(client: Client, owner: User) -> None:
    client.force_login(owner)

    response = agree(client, Browser())

    assert response.status_code == 204
    assert PushSubscription.objects.get().user == owner


def test_browser_belongs_to_whoever_agreed_last(
    client: Client, owner: User, stranger: User
) -> None:
    browser = Browser()
    for user in (stranger, owner):
        client.force_login(user)
        agree(client, browser)

    assert PushSubscription.objects.get().user == owner


def test_agreeing_needs_a_person_and_her_own_page(owner: User) -> None:
    stranger, forged = Client(), Client(enforce_csrf_checks=True)
    forged.force_login(owner)

    assert agree(stranger, Browser()).status_code == 302
    assert agree(forged, Browser()).status_code == 403
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    ("endpoint", "keys"),
    [
        ("http://push.example/send", {}),
        ("https://127.0.0.1/send", {}),
        ("https://169.254.169.254/latest", {}),
        ("https://localhost/x", {}),
        ("https://cache.internal/x", {}),
        ("https://push.example/" + "a" * 1000, {}),
        (ENDPOINT, {"p256dh": "AAAA"}),
        (ENDPOINT, {"p256dh": "ü"}),
        (ENDPOINT, {"auth": "AAAA"}),
    ],
)
def test_what_is_no_browser_is_refused(
    client: Client, owner: User, endpoint: str, keys: dict[str, str]
) -> None:
    client.force_login(owner)

    assert agree(client, Browser(), endpoint, **keys).status_code == 400
    assert not PushSubscription.objects.exists()


def test_eleventh_phone_takes_the_place_of_the_oldest(client: Client, owner: User) -> None:
    client.force_login(owner)

    for n in range(11):
        agree(client, Browser(), f"{ENDPOINT}{n}")

    kept = PushSubscription.objects.values_list("endpoint", flat=True)
    assert len(kept) == 10
    assert f"{ENDPOINT}0" not in kept


def test_only_ones_own_phone_is_stopped(client: Client, owner: User, stranger: User) -> None:
    Browser().subscribed(owner, ENDPOINT)
    path, body = reverse("phone-unsubscribe"), {"endpoint": ENDPOINT}
    counts = []

    for user in (stranger, owner):
        client.force_login(user)
        client.post(path, body, content_type="application/json")
        counts.append(PushSubscription.objects.count())

    assert counts == [1, 0]


def test_try_is_one_notification_to_ones_own_phone(
    client: Client, owner: User, stranger: User
) -> None:
    Browser().subscribed(owner, ENDPOINT)
    path, body = reverse("phone-try"), {"endpoint": ENDPOINT}
    statuses = []

    for user in (stranger, owner):
        client.force_login(user)
        statuses.append(client.post(path, body, content_type="application/json").status_code)

    assert statuses == [404, 202]
    assert PushMessage.objects.get().kind == PushKind.HELLO


def test_tries_of_one_person_have_an_end_and_those_of_others_go_on(
    client: Client, owner: User, stranger: User, valkey: Any, time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    path, body = reverse("phone-try"), {"endpoint": ENDPOINT}

    def tried(user: User) -> Any:
        client.force_login(user)
        return client.post(path, body, content_type="application/json")

    Browser().subscribed(owner, ENDPOINT)
    answers = [tried(owner) for _ in range(5)]
    time_machine.move_to(NOON + dt.timedelta(seconds=10), tick=False)
    later = tried(owner)
    PushSubscription.objects.update(user=stranger)

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert answers[3].json()["error"]["code"] == "too_fast"
    assert (later.status_code, tried(stranger).status_code) == (202, 202)
    assert PushMessage.objects.count() == 5


def test_page_says_the_key_and_asks_nothing_of_strangers(client: Client, owner: User) -> None:
    assert client.get(reverse("phone")).status_code == 302
    client.force_login(owner)

    html = client.get(reverse("phone")).content.decode()

    assert "Suggestions on your phone" in html
    assert 'data-key="B' in html


# --- approving


@pytest.fixture
def row(
    organisation: Organisation, owner: User, valkey: "redis.Redis", time_machine: Any
) -> Intervention:
    time_machine.move_to(NOON, tick=False)
    Browser().subscribed(owner, ENDPOINT)
    return suggested(lost_room(make_event(organisation)))


def approve(token: str) -> Any:
    """As the worker does: no cookie, no CSRF token."""
    client = Client(enforce_csrf_checks=True)
    return client.post(reverse("phone-approve"), {"token": token}, content_type="application/json")


def test_notification_approves_without_a_cookie(row: Intervention, owner: User) -> None:
    response = approve(token_of(PushMessage.objects.get()))

    done = fresh(row)
    assert response.json() == {"message": "Approved. It goes out in a few seconds."}
    assert (done.status, done.approved_by) == (Status.APPROVED, owner)
    assert done.transitions.latest("version").who == "alice"
    assert not response.cookies


def test_approval_works_once(row: Intervention, owner: User) -> None:
    token = token_of(PushMessage.objects.get())
    approve(token)
    approval.undo(row.pk, by=owner, who="Alice", now=timezone.now())

    response = approve(token)

    assert (response.status_code, response.json()["error"]["code"]) == (409, "token_used")
    assert fresh(row).status == Status.WAITING


def test_first_click_wins_and_the_phone_is_told_whose_it_was(
    row: Intervention, stranger: User
) -> None:
    approval.dismiss(row.pk, by=stranger, who="Mara", now=timezone.now())

    response = approve(token_of(PushMessage.objects.get()))

    assert response.status_code == 409
    assert response.json()["error"]["message"] == "Mara dismissed this already."


def test_words_that_changed_since_are_not_approved_unseen(row: Intervention, owner: User) -> None:
    now = timezone.now()
    words = replace(Content.from_json(row.content or {}), text="Who of you has tried this at home?")
    approval.edit_begin(row.pk, by=owner, who="Alice", now=now)
    approval.edit_save(row.pk, by=owner, who="Alice", now=now, content=words)

    response = approve(token_of(PushMessage.objects.get()))

    assert response.json()["error"]["code"] == "changed_meanwhile"
    assert fresh(row).status == Status.WAITING


def test_approval_of_what_expired_sends_nothing(row: Intervention, time_machine: Any) -> None:
    time_machine.move_to(NOON + dt.timedelta(seconds=91), tick=False)

    response = approve(token_of(PushMessage.objects.get()))

    assert response.json()["error"]["code"] == "expired"
    assert fresh(row).status == Status.WAITING


def test_approval_is_worth_nothing_after_an_hour(row: Intervention, time_machine: Any) -> None:
    token = token_of(PushMessage.objects.get())
    time_machine.move_to(NOON + dt.timedelta(minutes=61), tick=False)

    assert approve(token).json()["error"]["code"] == "token_expired"


def test_whoever_was_removed_approves_nothing(row: Intervention, owner: User) -> None:
    Membership.objects.filter(user=owner).delete()

    response = approve(token_of(PushMessage.objects.get()))

    assert (response.status_code, fresh(row).status) == (403, Status.WAITING)


def test_forged_approvals_are_refused(row: Intervention) -> None:
    message = PushMessage.objects.get()
    good = token_of(message)
    # Not its last letter: some of that one's bits say nothing.
    changed = good[:-3] + ("B" if good[-3] == "A" else "A") + good[-2:]
    forged = [
        "", "x" * 300, message.pk.hex, changed,
        signing.dumps(message.pk.hex, salt="engagement.attendee"),
        signing.dumps("no id", salt="interventions.push"),
    ]  # fmt: skip

    codes = {approve(token).json()["error"]["code"] for token in forged}

    assert codes == {"token_invalid"}
    assert fresh(row).status == Status.WAITING


def test_other_notifications_approve_nothing(row: Intervention, owner: User) -> None:
    push_events.hello(PushSubscription.objects.get(), NOON)

    response = approve(token_of(PushMessage.objects.get(kind=PushKind.HELLO)))

    assert response.json()["error"]["code"] == "token_invalid"


LOGIN_ENDS = {
    "signed out there": lambda browser, user: browser.client.post(reverse("logout")),
    "another password": lambda browser, user: (user.set_password("another"), user.save()),
    "login expired": lambda browser, user: DjangoSession.objects.update(expire_date=NOON),
    "switched off": lambda browser, user: User.objects.filter(pk=user.pk).update(is_active=False),
    "only looks now": lambda browser, user: Membership.objects.update(role=Role.VIEWER),
}


@pytest.mark.parametrize("how", LOGIN_ENDS)
def test_phone_approves_and_is_told_nothing_when_its_login_has_ended(
    organisation: Organisation, owner: User, valkey: "redis.Redis", time_machine: Any, how: str
) -> None:
    time_machine.move_to(NOON, tick=False)
    browser = Browser()
    browser.subscribed(owner, ENDPOINT)
    signed_in(owner)
    first = suggested(lost_room(make_event(organisation)))
    token = token_of(PushMessage.objects.get())

    LOGIN_ENDS[how](browser, owner)

    response = approve(token)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "may_not_approve")
    assert fresh(first).status == Status.WAITING
    assert push_events.enqueue(first, NOON) == 0
