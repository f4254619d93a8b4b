"""Whether we are well, with everything there and with each thing away."""

import io
import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from engagement.models import StreamOffset
from tests.conductor.away import bus_away, database_away, fresh_clients, log_away

__all__ = ["bus_away", "database_away", "fresh_clients", "log_away"]

NOW = "2026-03-03T12:00:00Z"
TICK = 1772539200 // 5

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "fresh_clients")]


@pytest.fixture
def ticking(time_machine: Any) -> StreamOffset:
    """The clock stands at noon and every tick is closed."""
    time_machine.move_to(NOW, tick=False)
    return StreamOffset.objects.create(shard=0, tick=TICK - 1)


def get(path: str) -> tuple[int, dict[str, Any]]:
    answer = Client().get(path)
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code, answer.json()


@pytest.mark.parametrize("path", ["/health", "/health/ping", "/health/ready", "/health/detailed"])
def test_health_is_asked_and_never_changed(path: str) -> None:
    assert Client().post(path).status_code == 405
    assert Client().head(path).status_code in {200, 503}


def test_ping_looks_at_nothing(log_away: None, bus_away: None) -> None:
    assert get("/health/ping") == (200, {"status": "ok"})


def test_health_tells_the_time(ticking: StreamOffset) -> None:
    assert get("/health") == (200, {"status": "ok", "time": "2026-03-03T12:00:00+00:00"})


def test_ready_when_everything_answers() -> None:
    assert get("/health/ready") == (200, {"status": "ok"})


def test_many_who_ask_whether_it_is_ready_cost_as_much_as_one() -> None:
    get("/health/ready")

    with CaptureQueriesContext(connection) as asked:
        again = get("/health/ready")

    assert (again, len(asked)) == ((200, {"status": "ok"}), 0)


def taken_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def test_detailed_says_how_everything_is(ticking: StreamOffset) -> None:
    status, body = get("/health/detailed")

    assert (status, body["status"]) == (200, "ok")
    assert {name: each["detail"] for name, each in body["checks"].items()} == {
        "database": "answers",
        "log": "answers",
        "bus": "answers",
        "durability": "append-only file, fsync no",
        "ticks": "shard 0 is 0 ticks behind; 0 entries in the log",
        "connections": f"{taken_connections()} of 97 taken, 37 at most",
        "timescale": "plain PostgreSQL",
    }
    assert all(each["ok"] and each["ms"] >= 0 for each in body["checks"].values())


def failing(path: str) -> dict[str, str]:
    """Return what fails and why, having looked that the answer says so."""
    started = time.monotonic()
    status, body = get(path)
    assert time.monotonic() - started < 5
    assert (status, body["status"]) == (503, "degraded")
    return {name: each["detail"] for name, each in body["checks"].items() if not each["ok"]}


def test_log_that_is_away_is_named(ticking: StreamOffset, log_away: None) -> None:
    silent = "Valkey does not answer"

    assert failing("/health/ready") == {"log": silent}
    assert failing("/health/detailed") == dict.fromkeys(("log", "durability", "ticks"), silent)


def test_bus_that_is_away_is_named(ticking: StreamOffset, bus_away: None) -> None:
    assert failing("/health/ready") == {"bus": "Valkey does not answer"}
    assert failing("/health/detailed") == {"bus": "Valkey does not answer"}


def test_database_that_is_away_is_named(database_away: None) -> None:
    silent = "PostgreSQL does not answer"

    assert failing("/health/ready") == {"database": silent}
    assert failing("/health/detailed") == dict.fromkeys(
        ("database", "ticks", "connections", "timescale"), silent
    )


@pytest.mark.parametrize(("behind", "well"), [(0, True), (3, True), (4, False), (700, False)])
def test_ticks_that_are_late_are_counted(ticking: StreamOffset, behind: int, well: bool) -> None:
    StreamOffset.objects.update(tick=TICK - 1 - behind)

    status, body = get("/health/detailed")

    assert status == (200 if well else 503)
    assert body["checks"]["ticks"]["detail"].startswith(f"shard 0 is {behind} ticks behind")


def test_shard_without_a_ticker_is_named(ticking: StreamOffset, settings: Settings) -> None:
    settings.SHARDS = 2

    assert failing("/health/detailed") == {
        "ticks": "shard 1 has never closed a tick: no ticker runs"
    }


def test_ready_does_not_mind_late_ticks(ticking: StreamOffset) -> None:
    StreamOffset.objects.update(tick=0)

    assert get("/health/ready") == (200, {"status": "ok"})


# --- in a terminal ---------------------------------------------------------------------------


def health(*names: str) -> list[str]:
    out = io.StringIO()
    call_command("health", *names, stdout=out)
    return out.getvalue().splitlines()


def test_command_prints_a_line_per_check(ticking: StreamOffset) -> None:
    lines = health()

    assert [line.split()[:2] for line in lines] == [
        ["ok", name]
        for name in ("database", "log", "bus", "durability", "ticks", "connections", "timescale")
    ]


def test_command_makes_the_checks_it_is_asked_for(ticking: StreamOffset) -> None:
    [line] = health("ticks")

    assert line.startswith("ok    ticks       shard 0 is 0 ticks behind")


def test_command_fails_where_a_check_fails(log_away: None) -> None:
    with pytest.raises(CommandError, match=r"Not everything is well\."):
        health("log")


def test_command_knows_its_checks() -> None:
    with pytest.raises(CommandError, match="There is no check 'disk': database, log"):
        health("disk")
