"""/metrics, read as Prometheus reads it."""

import re
from typing import Any

import pytest
import redis
from django.test import Client
from django.utils import timezone

from engagement.limits.isolated_rows import Stuck
from engagement.models import SessionStatus, StreamOffset
from tests.conductor.away import database_away, fresh_clients, log_away
from tests.support.factories import make_anomaly, make_metric, make_session

__all__ = ["database_away", "fresh_clients", "log_away"]

TICK = 1772539200 // 5
SAMPLE = re.compile(r'(\w+)(?:\{((?:\w+="[^"\\\n]*",?)+)\})? (-?[\d.e+]+|NaN)')

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_clients")]


def scrape() -> dict[str, float]:
    """Return every sample, having looked that each line is one that Prometheus takes."""
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.content.decode()
    assert text.endswith("\n")
    samples: dict[str, float] = {}
    announced: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            assert re.fullmatch(r"# HELP conductor_\w+ [^\n]+\.", line)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name not in announced
            announced[name] = kind
        else:
            found = SAMPLE.fullmatch(line)
            assert found is not None, line
            assert found[1] in announced
            assert announced[found[1]] == ("counter" if found[1].endswith("_total") else "gauge")
            samples[line.rpartition(" ")[0]] = float(found[3])
    return samples


def test_empty_installation_has_its_numbers(valkey: "redis.Redis") -> None:
    assert scrape() == {
        "conductor_database_up": 1,
        "conductor_log_up": 1,
        'conductor_log_entries{shard="0"}': 0,
        "conductor_people": 0,
        'conductor_signals_last_tick{kind="chat"}': 0,
        'conductor_signals_last_tick{kind="reactions"}': 0,
    }


def test_numbers_are_those_of_the_rows(valkey: "redis.Redis", time_machine: Any) -> None:
    time_machine.move_to("2026-03-03T12:00:00Z", tick=False)
    first, second = make_session(), make_session()
    make_session(status=SessionStatus.PLANNED)
    make_metric(first, TICK - 2, present=900, chat=900)
    make_metric(first, TICK - 1, present=40, chat=3, reactions=8)
    make_metric(second, TICK - 1, present=2, chat=1)
    make_anomaly(first, TICK - 1)
    make_anomaly(second, TICK - 1)
    StreamOffset.objects.create(shard=0, tick=TICK - 3)
    valkey.xadd("sig:0", {"b": b""})
    for row in (1, 1, 2):
        Stuck("deliver", timezone.now()).put_off(row, ValueError())

    assert scrape() == {
        "conductor_database_up": 1,
        "conductor_log_up": 1,
        'conductor_log_entries{shard="0"}': 1,
        'conductor_sessions{status="live"}': 2,
        'conductor_sessions{status="planned"}': 1,
        'conductor_ticks_behind{shard="0"}': 2,
        "conductor_people": 42,
        'conductor_signals_last_tick{kind="chat"}': 4,
        'conductor_signals_last_tick{kind="reactions"}': 8,
        'conductor_anomalies_total{kind="SUDDEN_DROP",severity="WARNING"}': 2,
        'conductor_stuck_rows{stage="deliver"}': 2,
        'conductor_stuck_row_tries{stage="deliver"}': 3,
    }


def test_log_that_is_away_is_a_number(log_away: None) -> None:
    samples = scrape()

    assert samples["conductor_log_up"] == 0
    assert samples["conductor_database_up"] == 1
    assert 'conductor_log_entries{shard="0"}' not in samples


def test_database_that_is_away_is_a_number(valkey: "redis.Redis", database_away: None) -> None:
    samples = scrape()

    assert samples["conductor_database_up"] == 0
    assert samples["conductor_log_up"] == 1
