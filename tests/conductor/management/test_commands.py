"""What operators type: keys, the demo, the embedded servers, and what they are told on errors."""

import datetime as dt
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client
from pytest_django import Settings

from conductor import commandline
from conductor.embedded.data_directory import Home
from conductor.embedded.process import held
from engagement.models import ApiKey, Membership, Organisation, Role, Session, SessionStatus
from engagement.organisations.api_keys import digest
from engagement.sessions import services
from tests.conftest import NOON
from tests.support.factories import make_organisation

PROJECT = Path(__file__).resolve().parents[3]
APPS = {"conductor", "dashboard", "engagement", "interventions"}
OURS = sorted(name for name, app in get_commands().items() if app in APPS)


def call(name: str, *words: str) -> tuple[str, str]:
    """Run a command; return what it printed and what it said beside that."""
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


# --- help --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_command_explains_itself_and_each_option(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

    usage, explained = parser.format_help().split("\n\n", 1)
    silent = [action.dest for action in parser._actions if not action.help]

    assert usage.startswith(f"usage: manage.py {name}")
    assert len(explained.split("options:")[0].split()) >= 8
    assert silent == []


def test_help_of_a_command_is_printed() -> None:
    done = manage("simulate", "--help", COLUMNS="200")

    assert done.stdout.startswith("usage: manage.py simulate")
    assert done.returncode == 0


# --- errors ------------------------------------------------------------------------------------


def manage(*words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=PROJECT, env={**kept, **variables},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def test_database_that_does_not_answer_is_said_in_twostates(tmp_path: Path) -> None:
    done = manage("createapikey", "Demo organisation", CONDUCTOR_HOME=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith("PostgreSQL does not answer (connection failed")
    assert "manage.py up" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_traceback_is_shown_where_it_is_asked_for(tmp_path: Path) -> None:
    done = manage("createapikey", "x", "--traceback", CONDUCTOR_HOME=str(tmp_path))

    assert "Traceback" in done.stderr


@pytest.mark.django_db
def test_table_that_is_not_there_asks_for_migrations() -> None:
    with pytest.raises(ProgrammingError) as caught, connection.cursor() as cursor:
        cursor.execute("select 1 from engagement_nothing")

    assert commandline.sentence(caught.value) == commandline.NOT_MIGRATED


def test_fault_of_ours_is_not_talked_away() -> None:
    assert commandline.sentence(ProgrammingError("syntax error")) is None
    assert "no reason given" in str(commandline.sentence(OperationalError()))


# --- createapikey ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "scopes"),
    [
        ([], (True, True, False)),
        (["--read-only"], (False, True, False)),
        (["--signals-only"], (True, False, False)),
        (["--may-act"], (True, True, True)),
    ],
)
def test_key_is_printed_once_and_kept_as_a_hash(
    organisation: Organisation, words: list[str], scopes: tuple[bool, bool, bool]
) -> None:
    out, err = call("createapikey", organisation.name, "--name", "badge scanner", *words)

    row = ApiKey.objects.get()
    plain = out.strip()
    assert row.digest == digest(plain)
    assert (row.can_write_signals, row.can_read, row.can_act) == scopes
    assert not row.can_edit_library
    assert (row.name, row.organisation) == ("badge scanner", organisation)
    assert plain not in err


def test_key_may_change_wordings_only_where_that_was_said(organisation: Organisation) -> None:
    call("createapikey", organisation.name, "--may-edit-wordings")

    assert ApiKey.objects.get().can_edit_library


def test_key_by_the_number_of_the_organisation(organisation: Organisation) -> None:
    call("createapikey", str(organisation.pk))

    assert ApiKey.objects.get().organisation == organisation


@pytest.mark.parametrize("wanted", ["Nobody", "", "0", "9" * 30, "'; drop table"])
def test_key_for_an_unknown_organisation_names_those_there_are(
    organisation: Organisation, wanted: str
) -> None:
    with pytest.raises(CommandError, match=r"There are: Summit Ltd\."):
        call("createapikey", wanted)

    assert not ApiKey.objects.exists()


def test_key_for_one_of_two_of_the_same_name_needs_the_number(organisation: Organisation) -> None:
    make_organisation(organisation.name)

    with pytest.raises(CommandError, match="No single organisation"):
        call("createapikey", organisation.name)


@pytest.mark.parametrize(
    "words",
    [
        ["--read-only", "--signals-only"], ["--name", "x" * 81], ["--name", " "],
        ["--read-only", "--may-act"], ["--signals-only", "--may-edit-wordings"],
    ],
)  # fmt: skip
def test_key_that_makes_no_sense_is_refused(organisation: Organisation, words: list[str]) -> None:
    with pytest.raises(CommandError):
        call("createapikey", organisation.name, *words)

    assert not ApiKey.objects.exists()


def test_key_may_end_by_itself(organisation: Organisation, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    plain, _ = call("createapikey", organisation.name, "--expires-in-days", "30")
    asked = {"HTTP_AUTHORIZATION": f"Bearer {plain.strip()}"}

    day = dt.timedelta(days=1)
    answers = []
    for after in (29 * day, 30 * day):
        time_machine.move_to(NOON + after, tick=False)
        answers.append(Client().get("/api/v1/sessions/", **asked).status_code)

    assert answers == [200, 401]
    with pytest.raises(CommandError, match="--expires-in-days must be 1 to"):
        call("createapikey", organisation.name, "--expires-in-days", "0")


# --- demo --------------------------------------------------------------------------------------


@pytest.fixture
def home(settings: Settings, tmp_path: Path, db: None) -> Path:
    settings.CONDUCTOR_HOME = tmp_path
    settings.PUBLIC_URL = ""
    return tmp_path


def printed(out: str) -> dict[str, str]:
    words = out.split()
    return {"live": words[words.index("page") + 1], "password": words[words.index("password") + 1]}


def test_demo_makes_a_login_and_a_live_session(home: Path) -> None:
    out, _ = call("demo", "--url", "http://localhost:8123/")

    session = Session.objects.get()
    user = User.objects.get()
    assert (session.status, session.is_demo) == (SessionStatus.LIVE, True)
    assert printed(out)["live"] == f"http://localhost:8123/sessions/{session.pk}/"
    assert f"http://localhost:8123/j/{session.code}" in out
    assert user.check_password(printed(out)["password"])
    assert Membership.objects.get().role == Role.OWNER
    assert (home / "demo-login.json").stat().st_mode & 0o077 == 0


def test_demo_login_may_not_use_the_administration(home: Path) -> None:
    out, _ = call("demo")

    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert "/admin/" not in out


def test_demo_login_of_make_run_may_on_its_own_servers_only(home: Path, settings: Settings) -> None:
    settings.EMBEDS_POSTGRES = False

    with pytest.raises(CommandError, match="on embedded servers only"):
        call("demo", "--with-admin")

    assert not User.objects.exists()
    settings.EMBEDS_POSTGRES = True
    out, _ = call("demo", "--with-admin")
    assert User.objects.get().is_superuser
    assert "/admin/" in out


def test_demo_again_keeps_login_and_session(home: Path) -> None:
    first, _ = call("demo")

    second, _ = call("demo")

    assert printed(first) == printed(second)
    assert (User.objects.count(), Session.objects.count()) == (1, 1)


def test_demo_starts_a_new_session_when_the_last_one_has_ended(home: Path) -> None:
    call("demo")
    services.end_session(session=Session.objects.get(), now=NOON)

    call("demo")

    assert sorted(Session.objects.values_list("status", flat=True)) == ["ended", "live"]


def test_demo_ends_a_session_that_is_hours_old(home: Path) -> None:
    call("demo")
    Session.objects.update(started_at=NOON)

    call("demo")

    assert sorted(Session.objects.values_list("status", flat=True)) == ["ended", "live"]


def test_demo_leaves_a_changed_password_alone(home: Path) -> None:
    call("demo")
    user = User.objects.get()
    user.set_password("chosen by a person")
    user.save()

    out, _ = call("demo")

    assert "password   as you changed it" in out
    assert User.objects.get().check_password("chosen by a person")


@pytest.mark.parametrize("left", ["", "{", "[]", "{}"])
def test_demo_makes_a_new_password_where_the_old_one_is_lost(home: Path, left: str) -> None:
    call("demo")
    (home / "demo-login.json").write_text(left)

    out, _ = call("demo")

    kept = json.loads((home / "demo-login.json").read_text())
    assert User.objects.get().check_password(kept["password"])
    assert printed(out)["password"] == kept["password"]


def test_demo_makes_its_organisation_again(home: Path) -> None:
    call("demo")
    Organisation.objects.all().delete()

    call("demo")

    assert Organisation.objects.get().memberships.get().user == User.objects.get()
    assert Session.objects.get().event.organisation == Organisation.objects.get()


def test_demo_links_to_the_server_that_runs_here(home: Path) -> None:
    (home / "web-port").write_text("8765\n")

    out, _ = call("demo")

    assert printed(out)["live"].startswith("http://127.0.0.1:8765/sessions/")


# --- services ----------------------------------------------------------------------------------


@pytest.fixture
def embedded(settings: Settings, tmp_path: Path) -> Iterator[Home]:
    settings.CONDUCTOR_HOME = tmp_path
    settings.EMBEDDED = home = Home(tmp_path, durable=False)
    yield home
    home.valkey.stop()
    home.postgres.stop(mode="immediate")


def states(*words: str) -> list[str]:
    return [" ".join(line.split()[1:-1]) for line in call("services", *words)[0].splitlines()]


@pytest.mark.processes
def test_services_are_started_looked_at_and_stopped(embedded: Home) -> None:
    assert states("start") == ["answers", "answers"]
    assert states("start") == ["answers", "answers"]
    assert states("status") == ["answers", "answers"]
    assert states("stop") == ["does not run", "does not run"]


def test_status_fails_where_nothing_runs(embedded: Home) -> None:
    with pytest.raises(CommandError, match="Not everything runs"):
        call("services", "status")


def test_stop_is_refused_while_up_would_start_them_again(embedded: Home) -> None:
    with held(embedded.path / "up"), pytest.raises(CommandError, match="stop that instead"):
        call("services", "stop")


def test_services_of_others_are_left_alone(embedded: Home, settings: Settings) -> None:
    settings.EMBEDS_POSTGRES = settings.EMBEDS_VALKEY = False

    out, _ = call("services", "start")

    assert out == (
        "PostgreSQL  is not embedded: DATABASE_URL is set\n"
        "Valkey      is not embedded: REDIS_URL is set\n"
    )


# --- run ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["web", "--shard", "0"],
        ["ticker", "--shard", "1"],
        ["ticker", "--shard", "-1"],
        ["cook"],
        [],
    ],
)
def test_part_that_does_not_exist_is_refused(words: list[str]) -> None:
    with pytest.raises(CommandError):
        call("run", *words)


# --- replay --------------------------------------------------------------------------------------


def recording(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "talk.jsonl"
    head = '{"recording": 1, "title": "A talk", "seconds": 60.0}'
    path.write_text("\n".join([head, *lines]), encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"t": 1, "kind": "vote", "actor": "p1"}', "line 2: vote: We do not know this value."),
        ('{"t": 1, "kind": "reaction", "actor": "p1"}', "line 2: reaction: Without its text"),
        ('{"t": 1, "kind": "count", "number": -3}', "line 2: count: A number is 0 to"),
        ('{"t": 1, "kind": "pulse", "actor": "p1", "text": "fine"}', "line 2: pulse: We do not"),
        ('{"t": 1, "kind": "talking", "actor": "p1"}', "no signal to play. Left out: 1 talking."),
        ("", "no signal to play."),
    ],
)
def test_recording_that_cannot_be_played_is_told_by_line_before_anything_is_sent(
    tmp_path: Path, line: str, said: str
) -> None:
    with pytest.raises(CommandError, match=re.escape(said)):
        call("replay", str(recording(tmp_path, line, encoding="utf-8-sig")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", 'a recording begins with a header like {"recording": 1'),
        ('{"t": 1, "kind": "chat", "actor": "p1"}', "a recording begins with a header like"),
        (None, "No such file or directory."),
    ],
)
def test_file_that_is_no_recording_is_one_sentence(
    tmp_path: Path, content: str | None, said: str
) -> None:
    file = tmp_path / "talk.jsonl"
    if content is not None:
        file.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=re.escape(said)) as caught:
        call("replay", str(file))

    assert str(caught.value).count(str(file)) == 1


def test_help_of_replay_describes_the_file(tmp_path: Path) -> None:
    said = manage("replay", "--help", CONDUCTOR_HOME=str(tmp_path)).stdout

    assert '{"recording": 1, "title": "A class", "seconds": 3195.0}' in said
    assert "poll_open" in said
    assert "docs/signals.md" in said


def test_who_has_seen_enough_of_the_output_ends_a_command_quietly(tmp_path: Path) -> None:
    """A reader that closes at once, as `| head` does."""
    read_end, write_end = os.pipe()
    os.close(read_end)

    done = subprocess.run(
        [sys.executable, "manage.py", "help", "--commands"], cwd=PROJECT, stdout=write_end,
        env={"PATH": os.environ["PATH"], "CONDUCTOR_HOME": str(tmp_path)},
        stderr=subprocess.PIPE, text=True, timeout=240, check=False,
    )  # fmt: skip
    os.close(write_end)

    assert (done.returncode, done.stderr) == (141, "")
