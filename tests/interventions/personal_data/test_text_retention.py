"""What is past its time goes, nothing else."""

import datetime as dt
import uuid

import pytest
from pytest_django import Settings

from engagement.models import Organisation
from interventions import tasks
from interventions.models import (
    ChatBlock,
    ChatLine,
    Intervention,
    LlmCall,
    Transition,
    Webhook,
    WebhookMessage,
)
from interventions.personal_data import text_retention
from interventions.personal_data.text_retention import PrunedLog, prune_log
from tests.conftest import NOON
from tests.interventions.api.cast import make_intervention
from tests.interventions.audience.chat.rooms import make_line
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def kept_for(settings: Settings) -> None:
    settings.LOG_DAYS = 10
    settings.WEBHOOK_DAYS = 2


@pytest.fixture(autouse=True)
def told(organisation: Organisation) -> None:
    """A step, a call and two messages a day, for 14 days back; one message of each day waits."""
    row = make_intervention(make_session(make_event(organisation)))
    hook = Webhook.objects.create(organisation=organisation, url="x", secret="x", created_at=NOON)
    for day in range(14):
        at = NOON - day * DAY
        Transition.objects.create(
            time=at, intervention=row, version=day, after="waiting", node="gate", by="agent"
        )
        LlmCall.objects.create(
            time=at, call=uuid.uuid4(), kind="POLL", model="m", outcome="ok", prompt_version="1",
            cost=1, latency_ms=1,
        )  # fmt: skip
        for status in ("sent", "pending"):
            WebhookMessage.objects.create(
                id=uuid.uuid4(), webhook=hook, event_type="ping", body="{}", status=status,
                created_at=at,
            )  # fmt: skip


def test_rows_past_their_days_are_deleted_and_what_waits_is_kept() -> None:
    assert prune_log(now=NOON) == PrunedLog(steps=3, calls=3, messages=11)

    assert (Transition.objects.count(), LlmCall.objects.count()) == (11, 11)
    assert WebhookMessage.objects.filter(status="pending").count() == 14
    assert WebhookMessage.objects.filter(status="sent").count() == 3
    assert Intervention.objects.count() == 1


def test_second_time_there_is_nothing_left_to_delete() -> None:
    prune_log(now=NOON)

    assert prune_log(now=NOON) == PrunedLog(0, 0, 0)


def test_dry_run_counts_and_deletes_nothing() -> None:
    assert prune_log(now=NOON, dry_run=True) == PrunedLog(3, 3, 11)
    assert WebhookMessage.objects.count() == 28


def test_many_messages_go_in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_retention, "STEP", 4)

    assert prune_log(now=NOON).messages == 11


def test_task_deletes_what_is_past_its_days() -> None:
    tasks.prune_log()

    assert not Transition.objects.exists()


def test_chat_goes_with_the_signals_it_is_made_of(settings: Settings) -> None:
    settings.SIGNAL_DAYS = 5
    session = make_session()
    for day in range(8):
        make_line(session, said_at=NOON - day * DAY)
        ChatBlock.objects.create(session=session, actor=day, blocked_at=NOON - day * DAY)

    counted = prune_log(now=NOON, dry_run=True).lines
    gone = prune_log(now=NOON).lines

    assert (counted, gone) == (2, 2)
    assert (ChatLine.objects.count(), ChatBlock.objects.count()) == (6, 6)
