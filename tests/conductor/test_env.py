"""The readers of environment variables, and the settings that are made with them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conductor import env

PROJECT = Path(__file__).resolve().parents[2]
KEY = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NAME", "NAME_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("given", "expected"), [(" a b ", "a b"), ("", "usual"), ("  ", "usual")])
def test_text_is_stripped_and_empty_means_the_default(
    monkeypatch: pytest.MonkeyPatch, given: str, expected: str
) -> None:
    monkeypatch.setenv("NAME", given)

    assert env.text("NAME", "usual") == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        *[(given, True) for given in ("1", "True", "YES", "on", "")],
        *[(given, False) for given in ("0", "false", "No", "OFF")],
    ],
)
def test_flag_reads_what_people_write(
    monkeypatch: pytest.MonkeyPatch, given: str, expected: bool
) -> None:
    monkeypatch.setenv("NAME", given)

    assert env.flag("NAME", default=True) is expected


def test_flag_refuses_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "maybe")

    with pytest.raises(env.SettingError, match="NAME='maybe': use 1 or 0"):
        env.flag("NAME", default=True)


@pytest.mark.parametrize(("given", "expected"), [("", 5), ("1", 1), (" 9 ", 9)])
def test_integer_within_its_limits(
    monkeypatch: pytest.MonkeyPatch, given: str, expected: int
) -> None:
    monkeypatch.setenv("NAME", given)

    assert env.integer("NAME", 5, least=1, most=9) == expected


@pytest.mark.parametrize("given", ["0", "10", "-1", "1.5", "many", "0x3"])
def test_integer_refuses_what_is_no_number_or_beyond(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("NAME", given)

    with pytest.raises(env.SettingError, match=r"^NAME="):
        env.integer("NAME", 5, least=1, most=9)


def test_words_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", " a.example , ,b.example,")

    assert env.words("NAME") == ["a.example", "b.example"]


def test_secret_comes_from_its_file_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("NAME", "from the variable")
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "secret"))

    assert env.secret("NAME") == "from the file"


def test_secret_file_that_is_not_there_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "nothing"))

    with pytest.raises(env.SettingError, match=r"NAME_FILE=.*: No such file"):
        env.secret("NAME")


def settings_with(tmp_path: Path, expression: str, **variables: str) -> "subprocess.Popen[str]":
    """Start a process that reads the settings with just these variables; it prints `expression`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-c", f"from conductor import settings; print({expression})"],
        cwd=PROJECT, env={**kept, "CONDUCTOR_HOME": str(tmp_path), **variables}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


WRONG = [
    ({"DEBUG": "perhaps"}, "DEBUG='perhaps': use 1 or 0"),
    ({"SHARDS": "0"}, "SHARDS=0: must be between 1 and 64."),
    ({"PORT": "70000"}, "PORT=70000: must be between 0 and 65535."),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT='xml': use json or text."),
    ({"LOG_LEVEL": "loud"}, "LOG_LEVEL='LOUD': use DEBUG, INFO"),
    ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must start with postgres://"),
    ({"DATABASE_URL": "postgres://me:a/b@host/db"}, "DATABASE_URL has no usable port"),
    ({"VAPID_PRIVATE_KEY": "short"}, "VAPID_PRIVATE_KEY must be 32 bytes as base64url"),
    ({"SECRET_KEY": "a"}, "SECRET_KEY is too easy to guess: take 32 or more"),
    ({"SECRET_KEY": "a" * 64}, "SECRET_KEY is too easy to guess"),
    ({"SECRET_KEY": f"django-insecure-{KEY}"}, "SECRET_KEY is too easy to guess"),
    ({"OPERATORS_FROM": "10.0.0.0/8, office"}, "OPERATORS_FROM: 'office' does not appear to be"),
    ({"SECRET_KEY_FILE": "/nothing/here"}, "SECRET_KEY_FILE='/nothing/here' cannot be read"),
]


def test_wrong_setting_stops_every_command_with_one_sentence(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    started = [
        subprocess.Popen(
            [sys.executable, "manage.py", "check"], cwd=PROJECT, text=True,
            env={**kept, "CONDUCTOR_HOME": str(tmp_path), **variables},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for variables, _ in WRONG
    ]  # fmt: skip

    ends = [(process.communicate(), process.returncode) for process in started]

    for ((_, complaint), code), (_, sentence) in zip(ends, WRONG, strict=True):
        assert code == 1
        assert complaint.startswith(f"Settings: {sentence}")
        assert complaint.count("\n") == 1


def test_database_url_is_taken_apart(tmp_path: Path) -> None:
    url = "postgres://me:p%40ss@db.example:6543/audience?sslmode=require"
    keys = "HOST", "PORT", "NAME", "USER", "PASSWORD"
    process = settings_with(
        tmp_path,
        f"[settings.DATABASES['default'][k] for k in {keys}],"
        " settings.DATABASES['default']['OPTIONS']['sslmode'], settings.EMBEDS_POSTGRES",
        DATABASE_URL=url,
    )

    printed, _ = process.communicate()

    assert printed.strip() == ("['db.example', '6543', 'audience', 'me', 'p@ss'] require False")


def test_without_variables_nothing_outside_is_used(tmp_path: Path) -> None:
    process = settings_with(
        tmp_path,
        "settings.EMBEDS_POSTGRES, settings.EMBEDS_VALKEY, settings.HOST, settings.DEBUG,"
        " settings.REDIS_LOG_URL == settings.REDIS_URL",
    )

    printed, _ = process.communicate()

    assert printed.strip() == "True True 127.0.0.1 False True"
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_key_for_phones_is_kept_where_the_secret_key_is(tmp_path: Path) -> None:
    runs = [settings_with(tmp_path, "settings.VAPID_PRIVATE_KEY") for _ in range(2)]

    first, second = (process.communicate()[0].strip() for process in runs)

    kept = tmp_path / "vapid_key"
    assert first == second == kept.read_text().strip()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_machines_of_one_secret_key_agree_on_the_key_for_phones(tmp_path: Path) -> None:
    homes = [tmp_path / "web", tmp_path / "worker"]
    runs = [settings_with(home, "settings.VAPID_PRIVATE_KEY", SECRET_KEY=KEY) for home in homes]

    first, second = (process.communicate()[0].strip() for process in runs)

    assert first == second
    assert len(first) == 43


@pytest.mark.parametrize(
    ("given", "url", "origin", "host"),
    [
        ("", "", "", ""),
        ("https://rooms.example.org/", *["https://rooms.example.org"] * 2, "rooms.example.org"),
        ("https://A.Example:443", "https://A.Example:443", "https://a.example", "a.example"),
        ("http://10.0.0.5:8000", *["http://10.0.0.5:8000"] * 2, "10.0.0.5"),
        ("http://[::1]:8000", *["http://[::1]:8000"] * 2, "[::1]"),
        ("https://ä.org", "https://ä.org", "https://xn--4ca.org", "xn--4ca.org"),
    ],
)  # fmt: skip
def test_site_is_read_as_browsers_send_it(given: str, url: str, origin: str, host: str) -> None:
    assert env.site("NAME", given) == env.Site(url, origin, host)


@pytest.mark.parametrize(
    "given",
    [
        "rooms.example.org", "ftp://rooms.example.org", "https://", "https://a b.example",
        "https://rooms.example.org:port", "https://rooms.example.org?x=1", "https://u@rooms.example.org",
        "https://rooms.example.org#x", "https://[::1", "https://" + "a" * 70 + ".org",
    ],
)  # fmt: skip
def test_site_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(env.SettingError, match="NAME="):
        env.site("NAME", given)


@pytest.mark.parametrize("given", ["https://example.org/live", "https://example.org/live/"])
def test_path_below_another_site_is_refused_with_what_to_do(given: str) -> None:
    with pytest.raises(
        env.SettingError, match=r"cannot live below /live.*https://rooms\.example\.org"
    ):
        env.site("NAME", given)
