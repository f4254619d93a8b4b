"""Join codes and API keys cannot be tried without end; a hall behind one address still gets in."""

import time
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.audience import joining
from dashboard.audience.screens import socket
from dashboard.audience.screens import views as screens_views
from engagement.api import authentication
from engagement.doors.admission import signal_admission
from engagement.doors.web_process import Web
from engagement.limits.guess_limit import CODES, KEYS, SCREENS
from engagement.models import ApiKey, Organisation, Session
from engagement.organisations.api_keys import digest
from interventions.audience import screens
from interventions.models import ViewKind
from tests.conftest import NOON
from tests.support.factories import make_session
from tests.support.sockets import opened

pytestmark = pytest.mark.django_db
DOORS = ("/j/{}", "/embed/{}", "/{}", "/j/?code={}")
PLAIN = "ec_the-right-one"


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine must not give guesses back while it guesses."""
    for module in (joining, authentication, signal_admission, socket, screens_views):
        monkeypatch.setattr(
            module,
            "time",
            SimpleNamespace(monotonic=lambda: 1000.0, time_ns=time.time_ns, time=time.time),
        )


@pytest.fixture
def session(organisation: Organisation) -> Session:
    return make_session()


@pytest.fixture
def screen(session: Session) -> str:
    """The token of a screen of the session."""
    return screens.make(session, ViewKind.STAGE, NOON)[1]


def knock(door: str, code: str, address: str = "192.0.2.1") -> int:
    return Client().get(door.format(code), REMOTE_ADDR=address).status_code


@pytest.mark.parametrize("door", DOORS)
def test_script_that_tries_codes_runs_into_the_limit(session: Session, door: str) -> None:
    wrong = [knock(door, f"AAAA{n:02}") for n in range(22, 22 + int(CODES.at_once))]

    answer = Client().get(reverse("attendee", args=[session.code]), REMOTE_ADDR="192.0.2.1")

    assert set(wrong) <= {404, 429}
    assert answer.status_code == 429
    assert "Too many wrong codes came from your network" in answer.content.decode()
    assert int(answer["Retry-After"]) >= 1
    # Somebody elsewhere, at any door.
    assert knock(door, session.code, "192.0.2.2") in {200, 302}


def test_hall_that_is_in_stays_in_whoever_tries_codes_beside_it(session: Session) -> None:
    assert knock("/j/{}", session.code) == 200
    for n in range(200):
        knock("/j/{}", f"ABCDE{n % 8 + 2}")

    people = [knock("/j/{}", session.code) for _ in range(500)]

    assert set(people) == {200}
    assert knock("/j/{}", f"{session.code[:3]} {session.code[3:]}".lower()) == 302


def test_text_of_many_codes_is_no_code(session: Session) -> None:
    many = " ".join(session.code)

    assert knock("/j/{}", f"Join with {session.code[:3]} {session.code[3:]}, room B") == 302
    assert knock("/j/{}", f"{' '.join('ABCDEFGHJK')} {many} {' '.join('MNPQRS')}") == 404


def test_who_is_in_is_not_kept_out_by_others_of_her_network(session: Session) -> None:
    ann = Client(REMOTE_ADDR="192.0.2.1")
    path = reverse("attendee", args=[session.code])
    ann.post(path, {"name": "Ann"})
    CODES.forget()
    for n in range(int(CODES.at_once)):
        knock("/j/{}", f"AAAA{n + 22:02}")

    assert ann.get(path).status_code == 200
    assert knock("/j/{}", session.code) == 429
    # A pass opens what it is for, no other code.
    assert ann.get("/j/AAAAAA").status_code == 429


def test_noise_around_a_known_code_pushes_nobody_out(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engagement.limits.guess_limit.MOST_RIGHT", 3)
    assert knock("/j/{}", session.code) == 200
    for n in range(5):
        knock("/j/{}", f"{session.code} {n}{'a' * 7}", "192.0.2.9")
    for n in range(int(CODES.at_once)):
        knock("/j/{}", f"AAAA{n + 22:02}")

    assert knock("/j/{}", session.code) == 200


def test_empty_code_is_no_try(session: Session) -> None:
    for _ in range(int(CODES.at_once) + 5):
        assert knock("/j/?code={}", "") == 200

    assert knock("/j/{}", session.code) == 200


def read(plain: str, address: str = "192.0.2.1"):
    return Client().get(
        "/api/v1/sessions/", HTTP_AUTHORIZATION=f"Bearer {plain}", REMOTE_ADDR=address
    )


def test_unknown_keys_end_and_a_known_one_goes_on(session: Session) -> None:
    ApiKey.objects.create(
        organisation=session.event.organisation, name="console", digest=digest(PLAIN), can_read=True
    )
    assert read(PLAIN).status_code == 200

    codes = [read(f"ec_wrong{n}").json()["error"]["code"] for n in range(int(KEYS.at_once) + 2)]

    assert codes == ["unknown_key"] * int(KEYS.at_once) + ["too_many_wrong_keys"] * 2
    late = read("ec_another")
    assert (late.status_code, int(late["Retry-After"]) >= 1) == (429, True)
    assert read(PLAIN).status_code == 200
    assert read("ec_another", "192.0.2.9").json()["error"]["code"] == "unknown_key"


@pytest.mark.django_db(transaction=True)
async def test_socket_of_an_unknown_key_counts_too(web, session: Session) -> None:
    headers = [(b"host", b"testserver"), (b"authorization", b"Bearer ec_wrong")]
    codes = []
    for _ in range(int(KEYS.at_once) + 1):
        async with opened(f"/ws/integrate/{session.pk}/", headers) as nobody:
            codes.append((await nobody.hear())["error"]["code"])

    assert codes == ["unknown_key"] * int(KEYS.at_once) + ["too_many_wrong_keys"]


def test_script_that_tries_screens_runs_into_the_limit_and_the_ones_that_are_open_go_on(
    screen: str,
) -> None:
    door = "/stage/{}"
    assert knock(door, screen) == 200
    wrong = [knock(door, f"{n:032}") for n in range(int(SCREENS.at_once) + 5)]

    unknown_here = knock(door, screen, "192.0.2.1"), knock(door, screen, "198.51.100.7")

    assert wrong == [404] * int(SCREENS.at_once) + [429] * 5
    assert unknown_here == (200, 200)


@pytest.mark.django_db(transaction=True)
async def test_sockets_that_try_screens_run_into_the_limit(web: Web) -> None:
    wrong = []
    for n in range(int(SCREENS.at_once) + 1):
        async with opened(f"/ws/screen/?token={n:032}") as page:
            wrong.append(await page.ended_with())

    assert wrong[:-1] == [("screen_unknown", 4401)] * int(SCREENS.at_once)
    assert wrong[-1] == ("too_many_wrong_screens", 4429)
