"""The budget in rows: as exact as the pure one, shared by processes, alarming once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from interventions.agent.writing.llm import ledger
from interventions.agent.writing.llm import queries as costs
from interventions.agent.writing.llm.budget import NANO
from interventions.agent.writing.llm.ledger import Entry, Reservation
from interventions.agent.writing.llm.prices import Usage
from interventions.agent.writing.llm.writer_protocol import Reply
from interventions.models import BudgetWindow, LlmCall, ModelRest
from tests.conftest import NOON
from tests.support.factories import make_organisation

HAIKU = "claude-haiku-5-5"
ENTRY = Entry(HAIKU, "POLL", 7, "ok", 0.25)


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.LLM_HOUR_USD, settings.LLM_DAY_USD = 1, 2


def window(key: str = "hour:2026-03-03T12") -> tuple[int, int]:
    row = BudgetWindow.objects.get(pk=key)
    return row.spent, row.held


@pytest.mark.django_db
def test_reservation_is_held_in_hour_and_day_and_settled_to_the_cost() -> None:
    held = ledger.reserve(NANO // 2, NOON)
    assert held is not None
    assert window() == window("day:2026-03-03") == (0, NANO // 2)

    spent = ledger.settle(held, Reply(usage=Usage(input=100, output=10)), ENTRY, NOON)

    assert spent == 100 * 100 + 10 * 500
    assert window() == window("day:2026-03-03") == (spent, 0)


@pytest.mark.django_db
def test_answer_that_never_came_costs_what_was_held() -> None:
    held = ledger.reserve(1_000, NOON)
    assert held is not None

    ledger.settle(held, Reply("timeout"), ENTRY, NOON)

    call = LlmCall.objects.get()
    assert (call.cost, call.is_assumed, call.latency_ms) == (1_000, True, 250)
    assert window() == (1_000, 0)


@pytest.mark.django_db
def test_limit_is_reached_exactly_and_refusal_holds_nothing() -> None:
    assert ledger.reserve(NANO, NOON) is not None

    assert ledger.reserve(1, NOON) is None
    assert window("day:2026-03-03") == (0, NANO)


@pytest.mark.django_db
def test_day_refuses_what_a_new_hour_would_allow() -> None:
    for hour in range(2):
        assert ledger.reserve(NANO, NOON + dt.timedelta(hours=hour)) is not None

    assert ledger.reserve(1, NOON + dt.timedelta(hours=2)) is None
    assert not BudgetWindow.objects.filter(pk="hour:2026-03-03T14").exists()


@pytest.mark.django_db
def test_call_that_crosses_the_hour_is_settled_where_it_began() -> None:
    held = ledger.reserve(1_000, NOON)
    assert held is not None

    ledger.settle(held, Reply("timeout"), ENTRY, NOON + dt.timedelta(hours=1))

    assert window() == (1_000, 0)


@pytest.mark.django_db
def test_alarm_is_marked_once_at_four_fifths() -> None:
    ledger.reserve(NANO * 79 // 100, NOON)
    assert not BudgetWindow.objects.filter(alarmed_at__isnull=False).exists()

    ledger.reserve(NANO // 100, NOON)
    ledger.reserve(NANO // 100, NOON + dt.timedelta(minutes=1))

    rows = BudgetWindow.objects.filter(alarmed_at__isnull=False)
    assert [(row.pk, row.alarmed_at) for row in rows] == [("hour:2026-03-03T12", NOON)]


@pytest.mark.django_db
def test_one_organisation_leaves_the_other_its_part_of_hour_and_day() -> None:
    loud, quiet = make_organisation("loud").pk, make_organisation("quiet").pk
    half = NANO // 2

    asked = [ledger.reserve(half, NOON, who) for who in (loud, loud, quiet)]
    later = [ledger.reserve(half, NOON + dt.timedelta(hours=hour), loud) for hour in (1, 2)]

    assert [each is not None for each in asked] == [True, False, True]
    assert [each is not None for each in later] == [True, False]
    assert window() == (0, NANO)


@pytest.mark.django_db
def test_part_is_settled_as_the_whole_is_and_alarms_nobody() -> None:
    loud = make_organisation("loud").pk
    make_organisation("quiet")
    held = ledger.reserve(NANO // 2, NOON, loud)
    assert held is not None
    ledger.reserve(1, NOON, loud)

    ledger.settle(held, Reply(usage=Usage(input=100, output=10)), ENTRY, NOON)

    assert window(f"{loud}:h26030312") == window(f"{loud}:d260303") == window()
    assert not BudgetWindow.objects.filter(alarmed_at__isnull=False).exists()


@pytest.mark.django_db
def test_only_organisation_may_use_the_whole() -> None:
    only = make_organisation("only").pk

    assert ledger.reserve(NANO, NOON, only) is not None
    assert BudgetWindow.objects.count() == 2


@pytest.mark.django_db
def test_parts_of_hours_and_days_that_are_over_go_and_the_whole_stays() -> None:
    loud = make_organisation("loud").pk
    make_organisation("quiet")
    for hours in (0, 2, 3, 48):
        ledger.reserve(1, NOON + dt.timedelta(hours=hours), loud)

    gone = ledger.forget_own(NOON + dt.timedelta(hours=48))

    kept = BudgetWindow.objects.filter(key__startswith=f"{loud}:").values_list("key", flat=True)
    assert (gone, set(kept)) == (4, {f"{loud}:h26030512", f"{loud}:d260305"})
    assert BudgetWindow.objects.filter(key__startswith="hour:").count() == 4


@pytest.mark.django_db
def test_page_of_one_does_not_tell_what_the_others_used() -> None:
    loud, quiet = make_organisation("loud").pk, make_organisation("quiet").pk
    ledger.reserve(NANO // 2, NOON, loud)

    mine, others = costs.budget_used(NOON, loud)[0], costs.budget_used(NOON, quiet)[0]
    ledger.reserve(NANO // 2, NOON)

    assert (mine.used, mine.limit, others.used) == (NANO // 2, NANO // 2, 0)
    assert costs.budget_used(NOON, quiet)[0].used == NANO


@pytest.mark.django_db
def test_page_reads_what_is_used_of_both_limits() -> None:
    before = costs.budget_used(NOON)
    ledger.reserve(NANO * 9 // 10, NOON)

    hour, day = costs.budget_used(NOON)

    assert [used.used for used in before] == [0, 0]
    assert (hour.used, hour.limit, hour.is_alarming) == (NANO * 9 // 10, NANO, True)
    assert (day.limit, day.is_alarming) == (2 * NANO, False)


@pytest.mark.django_db
def test_saving_of_nothing_is_nothing() -> None:
    saving = costs.saving(NOON)

    assert (saving.calls, saving.on_input, saving.on_total) == (0, 0.0, 0.0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (Reply("http_529"), 15), (Reply("http_429", retry_after=2.0), 2),
        (Reply("http_429", retry_after=9e9), 300), (Reply("timeout"), None), (Reply(), None),
    ],
)  # fmt: skip
def test_only_a_model_that_asks_for_time_rests(reply: Reply, seconds: int | None) -> None:
    ledger.let_rest(HAIKU, reply, NOON)

    until = ModelRest.objects.values_list("until", flat=True)
    assert list(until) == ([] if seconds is None else [NOON + dt.timedelta(seconds=seconds)])
    assert ledger.is_resting(HAIKU, NOON) == (seconds is not None)


@pytest.mark.django_db(transaction=True)
def test_threads_racing_for_the_last_cents_never_pass_the_limit() -> None:
    def take(_: int) -> Reservation | None:
        try:
            return ledger.reserve(NANO // 10, NOON)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(take, range(24)))

    assert sum(each is not None for each in taken) == 10
    assert window() == (0, NANO // 10 * 10)


@pytest.mark.django_db(transaction=True)
def test_locked_rows_are_not_waited_for_long() -> None:
    ledger.reserve(1, NOON)

    def take() -> Reservation | None:
        try:
            return ledger.reserve(1, NOON)
        finally:
            connections.close_all()

    with transaction.atomic(), connection.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        cursor.execute("select 1 from interventions_budgetwindow for update")
        assert pool.submit(take).result(5) is None
