"""What is past its time goes, nothing else."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from engagement.models import Metric, Signal
from engagement.sessions import signal_retention
from engagement.sessions.signal_retention import Pruned, prune
from tests.conftest import NOON
from tests.support.factories import make_metric, make_session, make_signal

TICK = int(NOON.timestamp()) // 5
DAY = 17_280

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_for(settings: Settings) -> None:
    settings.SIGNAL_DAYS = 2
    settings.METRIC_DAYS = 10


@pytest.fixture(autouse=True)
def heard() -> None:
    """A signal and a metric a day, for 14 days back."""
    session = make_session()
    for day in range(14):
        make_signal(session, TICK - day * DAY)
        make_metric(session, TICK - day * DAY)


def test_rows_past_their_days_are_deleted() -> None:
    pruned = prune(now=NOON)

    assert pruned == Pruned(signals=11, metrics=3)
    oldest = Signal.objects.order_by("received_at").first()
    assert oldest is not None
    assert oldest.received_at >= NOON - dt.timedelta(days=2)
    assert (Signal.objects.count(), Metric.objects.count()) == (3, 11)


def test_second_time_there_is_nothing_left_to_delete() -> None:
    prune(now=NOON)

    assert prune(now=NOON) == Pruned(0, 0)


def test_dry_run_counts_and_deletes_nothing() -> None:
    pruned = prune(now=NOON, dry_run=True)

    assert pruned == Pruned(signals=11, metrics=3)
    assert (Signal.objects.count(), Metric.objects.count()) == (14, 14)


def test_many_rows_go_in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal_retention, "STEP", 4)

    assert prune(now=NOON) == Pruned(signals=11, metrics=3)


@pytest.mark.parametrize(
    ("words", "said", "left"),
    [
        (
            [],
            "0 attendees, 0 questions, upvotes, quotes and voters deleted.\n"
            "11 signals and 3 metrics deleted.\n"
            "0 steps, 0 model calls, 0 webhook messages and 0 chat messages deleted.\n",
            3,
        ),
        (
            ["--dry-run"],
            "0 attendees, 0 questions, upvotes, quotes and voters would go.\n"
            "11 signals and 3 metrics would go.\n"
            "0 steps, 0 model calls, 0 webhook messages and 0 chat messages would go.\n",
            14,
        ),
    ],
)
def test_command_says_how_much(time_machine: Any, words: list[str], said: str, left: int) -> None:
    time_machine.move_to(NOON, tick=False)
    out = io.StringIO()

    call_command("prune", *words, stdout=out)

    assert out.getvalue() == said
    assert Signal.objects.count() == left


def test_table_that_cannot_be_pruned_keeps_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal_retention.delete_past

    def delete(table: str, *rest: Any) -> int:
        if table == signal_retention.SIGNALS:
            raise ValueError("always")
        return before(table, *rest)

    monkeypatch.setattr(signal_retention, "delete_past", delete)

    with pytest.raises(ValueError, match="always"):
        prune(now=NOON)

    assert (Signal.objects.count(), Metric.objects.count()) == (14, 11)
