"""Retention of the acting half: steps, model calls, webhook and chat messages past their days go.

So do questions with their upvotes and what was quoted of somebody; votes stay as counts, of nobody.

On TimescaleDB the first two are hypertables whose policies drop whole chunks; messages are in ordinary
tables everywhere.
"""

import datetime as dt
import logging
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import connection

from engagement.limits.isolated_rows import each_step
from engagement.models.timescale import installed_version
from engagement.sessions.signal_retention import STEP, change_in_steps, delete_past, tell_policy
from interventions.models import (
    AgentChange,
    ChatBlock,
    ChatLine,
    DeliveryStatus,
    Intervention,
    LlmCall,
    PollVote,
    PushMessage,
    Question,
    QuestionUpvote,
    Transition,
    WebhookMessage,
)

logger = logging.getLogger(__name__)
STEPS: Final = Transition._meta.db_table
CALLS: Final = LlmCall._meta.db_table
LINES: Final = ChatLine._meta.db_table
BLOCKS: Final = ChatBlock._meta.db_table
_ASKED: Final = Question._meta.db_table
_UPVOTES: Final = QuestionUpvote._meta.db_table
_VOTES: Final = PollVote._meta.db_table
_SENT: Final = Intervention._meta.db_table
_QUOTED: Final = f"select ctid from {_SENT} where created_at < %(before)s and "  # noqa: S608
# What is done with rows of our own tables that are of people, and which they are, in this order.
_OF_PEOPLE: Final = (
    (
        f"delete from {_UPVOTES}",  # noqa: S608
        f"select u.ctid from {_UPVOTES} u join {_ASKED} q on q.id = u.question_id"  # noqa: S608
        " where q.asked_at < %(before)s",
    ),
    (
        f"delete from {_ASKED}",  # noqa: S608
        f"select ctid from {_ASKED} where asked_at < %(before)s",  # noqa: S608
    ),
    (
        # The row's own number is nobody's pseudonym, and no other vote of the poll has it.
        f"update {_VOTES} set actor = id",  # noqa: S608
        f"select ctid from {_VOTES} where voted_at < %(before)s and actor <> id",  # noqa: S608
    ),
    (
        f"update {_SENT} set content = jsonb_set(content, array['quote'], to_jsonb(''::text))",  # noqa: S608
        _QUOTED + "content ->> 'quote' <> ''",
    ),
    (
        f"update {_SENT} set original = jsonb_set(original, array['quote'], to_jsonb(''::text))",  # noqa: S608
        _QUOTED + "original ->> 'quote' <> ''",
    ),
)

# What staff did, beside the steps of suggestions, and when.
_ACTS: Final = (
    (AgentChange._meta.db_table, "at"),
    (PushMessage._meta.db_table, "created_at"),
    (LogEntry._meta.db_table, "action_time"),
)


@dataclass(frozen=True, slots=True)
class PrunedLog:
    """How many rows went, or would go; steps and calls are 0 where policies drop them."""

    steps: int
    calls: int
    messages: int
    lines: int = 0
    answers: int = 0
    """Questions, upvotes and quotes that went, and votes that are nobody's now."""


def prune_log(*, now: dt.datetime, dry_run: bool = False) -> PrunedLog:
    """Delete steps and calls past LOG_DAYS, messages past WEBHOOK_DAYS, chat past SIGNAL_DAYS.

    `dry_run` only counts. Chat and questions go with the signals that they are made of.
    """
    before = now - dt.timedelta(days=settings.LOG_DAYS)
    messages_before = now - dt.timedelta(days=settings.WEBHOOK_DAYS)
    heard_before = now - dt.timedelta(days=settings.SIGNAL_DAYS)
    of_people = [
        partial(change_in_steps, change, which, heard_before, dry_run=dry_run)
        for change, which in _OF_PEOPLE
    ]
    steps, calls, messages, lines, *rest = each_step(
        [
            lambda: _series(STEPS, before, dry_run),
            lambda: _series(CALLS, before, dry_run),
            lambda: _messages(messages_before, dry_run),
            lambda: _chat(heard_before, dry_run),
            *of_people,
            *(partial(delete_past, table, at, before, dry_run) for table, at in _ACTS),
        ]
    )
    pruned = PrunedLog(steps, calls, messages, lines, sum(rest[: len(of_people)]))
    logger.info("pruned", extra=asdict(pruned))
    return pruned


def _series(table: str, before: dt.datetime, dry_run: bool) -> int:
    """Delete old rows of a hypertable; where TimescaleDB's policy does so, tell it when."""
    if installed_version(connection) is None:
        return delete_past(table, "time", before, dry_run)
    if not dry_run:
        tell_policy(table, settings.LOG_DAYS)
    return 0


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
