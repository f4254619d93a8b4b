"""One's own devices: what is listed, and that what is ended ends."""

import datetime as dt
import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from engagement.models import Act, ApiKey, Device
from engagement.organisations import devices, logins
from engagement.organisations.api_keys import make_key
from engagement.organisations.logins import Login
from interventions.audience import screens
from interventions.models import PushSubscription, ViewKind
from tests.support.factories import make_event, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
JUST = r"(?:now|\w+ (?:second|minute)s?\s+ago)"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1"
)


def came(user, agent=FIREFOX, door="login"):
    """A browser in which somebody typed her password."""
    client = Client(headers={"User-Agent": agent})
    said = {"username": user.username, "password": "correct horse", "next": "/"}
    assert client.post(reverse(door), said).status_code == 302
    return client


def shown(client):
    return client.get(reverse("devices")).content.decode()


def is_in(client):
    return client.get(reverse("devices")).status_code == 200


def agreed(client, user):
    return PushSubscription.objects.create(
        user=user, endpoint=f"https://push.example/{client.session.session_key}", p256dh="x",
        auth="x", session_key=client.session.session_key, created_at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"),
        (PHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605", "Safari, Mac"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_browser_is_called_roughly_what_it_is(agent, name):
    assert devices.called(agent) == name


def test_each_browser_is_listed_by_both_doors_and_only_to_her(owner, stranger):
    owner.is_staff = True
    owner.save()
    first, second = came(owner), came(owner, PHONE, "admin:login")
    came(stranger, "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0")

    page = shown(first)

    assert page.count("this one") == 1
    assert "Firefox, Windows" in page.split("this one")[0]
    assert "Safari, iPhone" in page
    assert "Firefox, Linux" not in page
    assert len(re.findall(f"seen {JUST}", page)) == 2
    assert is_in(second)


def test_ended_browser_is_out_and_all_that_rests_on_its_login(owner):
    first, second = came(owner), came(owner, PHONE)
    key = second.session.session_key
    agreed(second, owner)
    row = Device.objects.get(session_key=key)

    first.post(reverse("device-end", args=["browser", row.pk]))

    assert logins.holding({Login(owner.pk, key)}, timezone.now()) == set()
    assert "No phone is told of suggestions." in shown(first)
    assert not is_in(second)
    assert is_in(first)
    assert list(Act.objects.filter(kind="device_ended").values_list("who", "detail")) == [
        ("alice", "Safari, iPhone")
    ]


def test_all_others_end_at_once_also_one_that_was_never_noted(owner, stranger):
    here, there, old, other = came(owner), came(owner, PHONE), Client(), came(stranger)
    old.force_login(owner)
    agreed(here, owner)
    agreed(there, owner)

    here.post(reverse("device-others"))

    assert [is_in(each) for each in (here, there, old, other)] == [True, False, False, True]
    assert [phone.session_key for phone in PushSubscription.objects.all()] == [
        here.session.session_key
    ]
    assert Act.objects.get(kind="device_ended").detail == "all others: 2"
    assert "Sign out everywhere else" not in shown(here)


def test_phone_screen_and_key_are_ended_by_whose_they_are(owner, organisation):
    here = came(owner)
    phone = agreed(here, owner)
    session = make_session(make_event(organisation))
    here.post(reverse("session-screens", args=[session.pk]), {"kind": "stage", "name": "Left"})
    screen = owner.screens.get()
    key, _ = make_key(organisation, "bridge", by=owner)
    before = shown(here)

    for kind, row in (("phone", phone), ("screen", screen), ("key", key)):
        here.post(reverse("device-end", args=[kind, row.pk]))

    now = timezone.now()
    assert "Left" in before
    assert "bridge" in before
    assert re.search(f"agreed {JUST}", before)
    assert not PushSubscription.objects.exists()
    assert screens.still_open([screen.pk], now) == set()
    assert not ApiKey.objects.valid(now).exists()
    after = shown(here)
    assert all(each in after for each in ("No screens yet.", "No API keys.", "No phone is told"))
    ended = Act.objects.filter(kind__in=["device_ended", "key_revoked"]).order_by("pk")
    assert [act.kind for act in ended] == ["device_ended", "device_ended", "key_revoked"]
    assert ended[1].detail == "Projector Left: Designing agents people trust"


def test_what_is_somebody_elses_is_not_there(owner, stranger, organisation):
    hers = came(owner)
    session = make_session(make_event(organisation))
    screen, _ = screens.make(session, ViewKind.STAGE, timezone.now(), by=owner)
    key, _ = make_key(organisation, "bridge", by=owner)
    rows = {
        "browser": Device.objects.get(), "phone": agreed(hers, owner), "screen": screen, "key": key
    }  # fmt: skip
    other = came(stranger)

    answers = [
        other.post(reverse("device-end", args=[kind, row.pk])).status_code
        for kind, row in rows.items()
    ]

    assert answers == [404] * 4
    assert other.post(reverse("device-end", args=["roof", 1])).status_code == 404
    assert is_in(hers)
    assert Client().get(reverse("devices")).status_code == 302


def test_expired_login_is_neither_listed_nor_kept(owner):
    here, there = came(owner), came(owner, PHONE)
    login = there.session.model.objects.filter(pk=there.session.session_key)
    login.update(expire_date=timezone.now() - dt.timedelta(seconds=1))

    assert "Safari, iPhone" not in shown(here)
    call_command("clearsessions")
    devices.forget_ended()
    assert [row.what for row in Device.objects.all()] == ["Firefox, Windows"]


def test_key_belongs_to_who_is_named(owner, organisation):
    call_command("createapikey", organisation.name, "--by", "alice")

    assert ApiKey.objects.get().made_by == owner
    assert Act.objects.get(kind="key_made").who == "alice"
    with pytest.raises(CommandError, match="Nobody is called 'eve'"):
        call_command("createapikey", organisation.name, "--by", "eve")
