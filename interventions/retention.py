"""Retention of the acting half: steps, model calls, webhook and chat messages past their days go.

On TimescaleDB the first two are hypertables whose policies drop whole chunks; messages are in ordinary
tables everywhere.
"""

import datetime as dt
import logging
from dataclasses import asdict, dataclass
from typing import Final

from django.conf import settings
from django.db import connection

from engagement.retention import STEP, delete_past, tell_policy
from engagement.timescale import installed_version
from interventions.models import (
    ChatBlock,
    ChatLine,
    DeliveryStatus,
    LlmCall,
    Transition,
    WebhookMessage,
)

logger = logging.getLogger(__name__)
STEPS: Final = Transition._meta.db_table
CALLS: Final = LlmCall._meta.db_table
LINES: Final = ChatLine._meta.db_table
BLOCKS: Final = ChatBlock._meta.db_table


@dataclass(frozen=True, slots=True)
class PrunedLog:
    """How many rows went, or would go; steps and calls are 0 where policies drop them."""

    steps: int
    calls: int
    messages: int
    lines: int = 0


def prune_log(*, now: dt.datetime, dry_run: bool = False) -> PrunedLog:
    """Delete steps and calls past LOG_DAYS, messages past WEBHOOK_DAYS, chat past SIGNAL_DAYS.

    `dry_run` only counts. Chat goes with the signals that it is made of.
    """
    before = now - dt.timedelta(days=settings.LOG_DAYS)
    messages = _messages(now - dt.timedelta(days=settings.WEBHOOK_DAYS), dry_run)
    lines = _chat(now - dt.timedelta(days=settings.SIGNAL_DAYS), dry_run)
    if installed_version(connection) is not None:
        if not dry_run:
            tell_policy(STEPS, settings.LOG_DAYS)
            tell_policy(CALLS, settings.LOG_DAYS)
        return PrunedLog(0, 0, messages, lines)
    pruned = PrunedLog(
        delete_past(STEPS, "time", before, dry_run),
        delete_past(CALLS, "time", before, dry_run),
        messages,
        lines,
    )
    logger.info("pruned", extra=asdict(pruned))
    return pruned


def _chat(before: dt.datetime, dry_run: bool) -> int:
    delete_past(BLOCKS, "blocked_at", before, dry_run)
    return delete_past(LINES, "said_at", before, dry_run)


def _messages(before: dt.datetime, dry_run: bool) -> int:
    """Delete messages that are over; what still waits is kept, however old."""
    past = WebhookMessage.objects.filter(created_at__lt=before).exclude(
        status=DeliveryStatus.PENDING
    )
    if dry_run:
        return past.count()
    total = 0
    while True:
        count, _ = WebhookMessage.objects.filter(
            pk__in=list(past.values_list("pk", flat=True)[:STEP])
        ).delete()
        total += count
        if count < STEP:
            return total
