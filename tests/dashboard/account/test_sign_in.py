"""Passwords cannot be tried without end, and nobody is locked out by somebody else."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from dashboard.account.sign_in import NAME, NAME_HERE, NETWORK, ROWS, SITE
from engagement.models import Act, ActKind
from tests.conftest import NOON
from tests.support.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
DOORS = ("login", "admin:login")
SENTENCE = "Too many tries to sign in."


@pytest.fixture
def user() -> User:
    user = make_user("ana", is_staff=True)
    user.set_password("right")
    user.save()
    return user


def attempt(client: Client, door: str, name: str, password: str, address: str = "192.0.2.1"):
    return client.post(
        reverse(door), {"username": name, "password": password, "next": "/"}, REMOTE_ADDR=address
    )


@pytest.mark.parametrize("door", DOORS)
def test_wrong_passwords_end_even_for_the_right_one(client: Client, user: User, door: str) -> None:
    wrong = [attempt(client, door, "ana", f"wrong {n}") for n in range(int(NAME_HERE[0]))]

    late = attempt(client, door, "ana", "right")

    assert {answer.status_code for answer in wrong} == {200}
    assert SENTENCE in late.content.decode()
    assert "_auth_user_id" not in client.session
    if door == "login":
        assert late.status_code == 429
        assert 0 < int(late["Retry-After"]) <= 60


def test_one_door_counts_for_the_other(client: Client, user: User) -> None:
    for n in range(int(NAME_HERE[0])):
        attempt(client, DOORS[n % 2], "ana", f"wrong {n}")

    assert SENTENCE in attempt(client, "login", "ana", "right").content.decode()
    assert SENTENCE in attempt(client, "admin:login", "ANA", "right").content.decode()


def test_somebody_else_and_somewhere_else_are_let_in(client: Client, user: User) -> None:
    bob = make_user("bob")
    bob.set_password("right")
    bob.save()
    for n in range(int(NAME_HERE[0])):
        attempt(client, "login", "ana", f"wrong {n}")

    assert attempt(Client(), "login", "bob", "right").status_code == 302
    assert attempt(Client(), "login", "ana", "right", "192.0.2.2").status_code == 302


def test_list_of_names_ends_too(client: Client, user: User) -> None:
    for n in range(int(NETWORK[0])):
        attempt(client, "login", f"name {n}", "123456")

    assert attempt(client, "login", "ana", "right").status_code == 429
    # Another address of the same household is the same network.
    for n in range(int(NETWORK[0])):
        attempt(client, "login", f"name {n}", "123456", f"2001:db8::{n:x}")
    assert attempt(client, "login", "ana", "right", "2001:db8::ffff:1").status_code == 429


def test_others_cannot_lock_somebody_out_of_where_she_signs_in(
    user: User, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    assert attempt(Client(), "login", "ana", "right", "198.51.100.7").status_code == 302
    for n in range(int(NAME[0])):
        attempt(Client(), "login", "ana", f"wrong {n}", f"203.0.113.{n}")

    assert attempt(Client(), "login", "ana", "right", "198.51.100.8").status_code == 429
    assert attempt(Client(), "login", "ana", "right", "198.51.100.7").status_code == 302


def test_networks_of_one_site_have_a_budget_together(
    user: User, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    for n in range(int(SITE[0])):
        attempt(Client(), "login", f"name {n}", "123456", f"2001:db8:0:{n:x}::1")

    assert attempt(Client(), "login", "ana", "right", "2001:db8:0:ffff::1").status_code == 429
    assert attempt(Client(), "login", "ana", "right", "2001:db8:1::1").status_code == 302


def test_names_that_nobody_has_fill_the_audit_log_from_no_site(
    client: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    for n in range(1, 10):
        attempt(client, "login", f"name {n}", "123456", f"2001:db8:0:{n:x}::1")
    attempt(client, "login", "name", "123456", "2001:db8:1::1")

    told = Act.objects.filter(kind=ActKind.REFUSED).values_list("detail", flat=True)

    assert len([each for each in told if each.startswith("2001:db8:0:")]) == ROWS[0]
    assert len([each for each in told if each.startswith("2001:db8:1:")]) == 1


def test_right_passwords_cost_nothing(user: User) -> None:
    answers = [attempt(Client(), "login", "ana", "right") for _ in range(60)]

    assert {answer.status_code for answer in answers} == {302}


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 5000, "\ud800", "ana%s{}"])
def test_odd_names_are_wrong_names(client: Client, user: User, name: str) -> None:
    answer = client.post(
        reverse("login"),
        {"username": name.encode("utf-8", "surrogatepass"), "password": "right"},
    )

    assert answer.status_code in {200, 400}
