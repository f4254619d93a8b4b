"""Every address of an object, asked by whoever has no right to it: nothing shows, nothing moves."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from engagement.models import Membership, Organisation, Role, Session
from engagement.organisations.api_keys import SCOPES, make_key
from engagement.sessions.attendee_tokens import Pass, issue
from interventions.audience import screens
from interventions.models import ChatLine, Experiment, Question, Template, ViewKind, Webhook
from tests.conftest import NOON
from tests.hostile.addresses import every_address
from tests.interventions.api.cast import make_intervention
from tests.interventions.api.test_round_trip import rows
from tests.support.factories import (
    make_anomaly,
    make_event,
    make_organisation,
    make_session,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
MARK = "zebrafish"
"""In every text of ours: whoever reads it has read something of ours."""
REFUSED = {301, 302, 401, 403, 404, 405, 429}
PUBLIC = ("/j/", "/embed/")
"""By the code of the session, which is on the screen, people read its title."""
SHARED = re.compile(r"/(?:api/v1/templates|admin)/")
"""Templates are shared by all organisations; the administration has its own permissions and tests."""
METHODS = ("get", "post", "put", "patch", "delete")
OWN = {"django_session", "engagement_device"}
"""Tables that say who is signed in where: whoever asks is in them herself."""
Ask = Callable[..., Any]


@pytest.fixture
def ours() -> Organisation:
    return make_organisation(f"{MARK} Ltd")


@pytest.fixture
def room(ours: Organisation) -> Session:
    return make_session(
        make_event(ours, title=f"{MARK} event"), title=f"{MARK} title", brief=f"{MARK} brief",
        room=f"{MARK} room", agenda=[{"title": f"{MARK} phase", "minutes": 30}],
    )  # fmt: skip


@pytest.fixture
def addresses(room: Session, ours: Organisation) -> list[str]:
    """Each with a number, or the code, of something of ours in its place."""
    hook = Webhook.objects.create(
        organisation=ours, url=f"https://{MARK}.example/", secret="whsec_AAAA", created_at=NOON
    )
    template = Template.objects.create(kind="POLL", text="Is this clear?", options=["Yes", "No"])
    tried = Experiment.objects.create(
        organisation=ours, name=MARK, subject="rule", salt="x", created_at=NOON,
        variants=[{"key": "a", "label": "a", "settings": {}},
                  {"key": "b", "label": "b", "settings": {"line": 0.6}}],
    )  # fmt: skip
    asked = Question.objects.create(
        session=room, source=1, seq=1, actor=1, text=f"{MARK}?", asked_at=NOON
    )
    ChatLine.objects.create(
        session=room, source=1, seq=2, actor=2, text=f"{MARK}!", name=MARK, said_at=NOON
    )
    screens.make(room, ViewKind.STAGE, NOON, MARK)
    found = {
        "session": room, "event": room.event, "organisation": ours, "webhook": hook,
        "template": template, "experiment": tried, "question": asked,
        "intervention": make_intervention(room, decision={}),
        "anomaly": make_anomaly(room, int(NOON.timestamp()) // 5),
    }  # fmt: skip
    pks = {name: str(row.pk) for name, row in found.items()}
    plural = {"anomalies": pks["anomaly"], **{f"{name}s": pk for name, pk in pks.items()}}
    known = {**pks, **plural, "attend": pks["session"], "j": room.code, "embed": room.code}
    elsewhere = set(every_address(dict.fromkeys(known, "77777")))
    walked = [each for each in every_address(known) if each not in elsewhere]
    assert len(walked) > 100
    return [each for each in walked if not SHARED.match(each)]


def asking(client: Client, **headers: Any) -> Ask:
    def ask(method: str, address: str) -> Any:
        given: dict[str, Any] = {}
        if method != "get":
            is_form = not address.startswith("/api/")
            given = {"data": {}} if is_form else {"data": "{}", "content_type": "application/json"}
        return getattr(client, method)(address, **given, **headers)

    return ask


def of_user(user: User | None) -> Ask:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return asking(client)


def of_key(organisation: Organisation, scopes: frozenset[str]) -> Ask:
    _, plain = make_key(organisation, "theirs", scopes)
    return asking(Client(raise_request_exception=False), HTTP_AUTHORIZATION=f"Bearer {plain}")


def nobody(ours: Organisation) -> Ask:
    return of_user(None)


def owner_of_another(ours: Organisation) -> Ask:
    user = make_user("charlie")
    Membership.objects.create(
        organisation=make_organisation("Elsewhere"), user=user, role=Role.OWNER
    )
    return of_user(user)


def removed_member(ours: Organisation) -> Ask:
    user = make_user("rex")
    member = Membership.objects.create(organisation=ours, user=user, role=Role.OWNER)
    ask = of_user(user)
    member.delete()
    return ask


def staff_without_permissions(ours: Organisation) -> Ask:
    return of_user(make_user("sam", is_staff=True))


def key_of_another(ours: Organisation) -> Ask:
    return of_key(make_organisation("Elsewhere"), SCOPES)


def key_that_was_revoked(ours: Organisation) -> Ask:
    row, plain = make_key(ours, "old", SCOPES)
    row.revoked_at = NOON
    row.save()
    return asking(Client(raise_request_exception=False), HTTP_AUTHORIZATION=f"Bearer {plain}")


def attendee_of_another(ours: Organisation) -> Ask:
    elsewhere = make_session(make_event(make_organisation("Elsewhere")))
    token = issue(Pass(elsewhere.pk, 7, True))
    return asking(Client(raise_request_exception=False), HTTP_AUTHORIZATION=f"Bearer {token}")


def screen_of_another(ours: Organisation) -> Ask:
    elsewhere = make_session(make_event(make_organisation("Elsewhere")))
    _, token = screens.make(elsewhere, ViewKind.CUE, NOON)
    return asking(Client(raise_request_exception=False), HTTP_AUTHORIZATION=f"Bearer {token}")


def key_for_signals(ours: Organisation) -> Ask:
    return of_key(ours, frozenset({"signals"}))


def viewer(ours: Organisation) -> Ask:
    user = make_user("vera")
    Membership.objects.create(organisation=ours, user=user, role=Role.VIEWER)
    return of_user(user)


def key_for_reading(ours: Organisation) -> Ask:
    return of_key(ours, frozenset({"read"}))


OUTSIDE = (
    nobody, owner_of_another, removed_member, staff_without_permissions, key_of_another,
    key_that_was_revoked, key_for_signals, attendee_of_another, screen_of_another,
)  # fmt: skip
LOOKING = (viewer, key_for_reading)


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    settings.API_PER_MINUTE = 1_000_000


def moved(before: dict[str, str]) -> list[str]:
    """The tables whose rows changed, but for the log of who is signed in."""
    return [name for name, mark in rows().items() if mark != before[name] and name not in OWN]


@pytest.mark.parametrize("who", OUTSIDE, ids=lambda who: who.__name__)
def test_outsider_reads_nothing_and_moves_nothing(
    ours: Organisation, addresses: list[str], who: Callable[[Organisation], Ask]
) -> None:
    ask = who(ours)
    before, leaks = rows(), []

    for address in addresses:
        for method in METHODS if address.startswith("/api/") else METHODS[:2]:
            answer = ask(method, address)
            is_open = address.startswith(PUBLIC)
            if MARK in answer.content.decode("utf-8", "replace") and not is_open:
                leaks.append((method, address, "shows"))
            if answer.status_code not in REFUSED and not is_open:
                leaks.append((method, address, answer.status_code))

    assert leaks == []
    assert moved(before) == []


@pytest.mark.parametrize("who", LOOKING, ids=lambda who: who.__name__)
def test_who_only_looks_moves_nothing(
    ours: Organisation, addresses: list[str], who: Callable[[Organisation], Ask]
) -> None:
    ask = who(ours)
    before, done = rows(), []

    for address in addresses:
        for method in METHODS[1:] if address.startswith("/api/") else METHODS[1:2]:
            answer = ask(method, address)
            if answer.status_code < 300 and not address.startswith(PUBLIC):
                done.append((method, address, answer.status_code))

    assert done == []
    assert moved(before) == []
