"""What is said of an unsafe installation, and that it does not start."""

import ipaddress
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from conductor.deployment import checks

SAFE: dict[str, Any] = {
    "HOST": "0.0.0.0", "PUBLIC_URL": "https://rooms.example.org", "DEBUG": False,
    "ALLOWED_HOSTS": ["rooms.example.org"], "WEBHOOK_ALLOW_PRIVATE": False,
    "REDIS_URL": "redis://:secret@bus:6379/0", "REDIS_LOG_URL": "redis://:secret@log:6379/0",
    "SESSION_COOKIE_SECURE": True, "OPERATORS_FROM": (), "TRUSTED_PROXIES": 1,
    "SILENCED_SYSTEM_CHECKS": [],
}  # fmt: skip
UNSAFE: list[tuple[str, dict[str, Any], str]] = [
    ("conductor.E001", {"DEBUG": True}, "set DEBUG=0"),
    ("conductor.E002", {"ALLOWED_HOSTS": ["a.example", "*"]}, "ALLOWED_HOSTS=*"),
    ("conductor.E003", {"WEBHOOK_ALLOW_PRIVATE": True}, "machines inside your network"),
    ("conductor.E004", {"REDIS_URL": "redis://bus:6379/0"}, "REDIS_URL has no password"),
    ("conductor.E004", {"REDIS_LOG_URL": "redis://10.0.0.3"}, "REDIS_LOG_URL has no password"),
    ("conductor.W001", {"SESSION_COOKIE_SECURE": False}, "No https"),
    (
        "conductor.W002",
        {"OPERATORS_FROM": (ipaddress.ip_network("::/0"),)},
        "to the whole internet",
    ),
    ("conductor.W003", {"TRUSTED_PROXIES": 0}, "behind a proxy that hands nothing on"),
    (
        "conductor.W004",
        {"PLATFORM_ORGANISATION": 7, "PLATFORM_REDIS_URL": "redis://:secret@bus:6379/0"},
        "our own bus",
    ),
]


def have(settings: Settings, **values: Any) -> None:
    for name, value in {**SAFE, **values}.items():
        setattr(settings, name, value)


def test_nothing_is_said_of_a_safe_one(settings: Settings) -> None:
    have(settings)

    assert checks.unsilenced() == []


@pytest.mark.parametrize(("number", "values", "words"), UNSAFE)
def test_each_fault_is_one_sentence_with_its_number(
    settings: Settings, number: str, values: dict[str, Any], words: str
) -> None:
    have(settings, **values)

    (found,) = checks.unsilenced()

    assert found.id == number
    assert words in found.msg
    settings.SILENCED_SYSTEM_CHECKS = [number]
    assert checks.unsilenced() == []


@pytest.mark.parametrize(("password", "says"), [("", ["conductor.E005"]), ("secret", [])])
def test_database_needs_a_password_where_others_reach_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, password: str, says: list[str]
) -> None:
    have(settings)
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", "database")
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", password)

    assert [found.id for found in checks.unsilenced()] == says


@pytest.mark.parametrize("here", ["127.0.0.1", "localhost", "::1"])
def test_installation_that_nobody_else_reaches_may_be_anything(
    settings: Settings, here: str
) -> None:
    have(settings, HOST=here, PUBLIC_URL=f"http://[{here}]:8000" if ":" in here else "", DEBUG=True,
         TRUSTED_PROXIES=0, ALLOWED_HOSTS=["localhost", "127.0.0.1", "[::1]"])  # fmt: skip

    assert checks.unsilenced() == []


@pytest.mark.parametrize(
    "values", [{"TRUSTED_PROXIES": 1}, {"ALLOWED_HOSTS": ["localhost", "rooms.example.org"]}]
)
def test_installation_behind_a_proxy_on_the_same_machine_is_reached(
    settings: Settings, values: dict[str, Any]
) -> None:
    mine: dict[str, Any] = {"TRUSTED_PROXIES": 0, "ALLOWED_HOSTS": ["localhost"]}
    have(settings, HOST="127.0.0.1", PUBLIC_URL="", DEBUG=True, **{**mine, **values})

    assert "conductor.E001" in [found.id for found in checks.unsilenced()]


def test_unsafe_one_does_not_start(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    have(settings, ALLOWED_HOSTS=["*"], SESSION_COOKIE_SECURE=False)

    with pytest.raises(CommandError, match="Not started"):
        call_command("run", "beat")

    said = capsys.readouterr().err
    assert "conductor.E002: ALLOWED_HOSTS=*" in said
    assert "conductor.W001: No https" in said


def test_check_deploy_says_the_same(settings: Settings) -> None:
    have(settings, DEBUG=True)

    with pytest.raises(CommandError, match=r"conductor\.E001"):
        call_command("check", "--deploy", "--tag", "security")
