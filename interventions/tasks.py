"""Celery only wakes us; rows say what is due."""

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Final

from celery import shared_task
from django.utils import timezone

from engagement.limits.concurrency_limit import Places
from interventions.agent import sweep as agent_sweep
from interventions.agent.decision import services as decision
from interventions.agent.writing import proposals, writer
from interventions.agent.writing import services as writing
from interventions.agent.writing.llm import budget_alerts, ledger
from interventions.audience.chat import lines as chat_lines
from interventions.audience.chat import publication as chat_publication
from interventions.audience.demo import clear, play
from interventions.audience.polls import closing, tallies
from interventions.audience.questions import importing as question_import
from interventions.lifecycle import tracing
from interventions.models import Template
from interventions.notifications.push import events as push_events
from interventions.notifications.push import sender as push_sender
from interventions.notifications.webhooks import session_events
from interventions.notifications.webhooks.sender import WEBHOOKS
from interventions.personal_data import erasure, text_retention

logger = logging.getLogger(__name__)
ANSWER_SECONDS: Final = 0.5
"""How long a wake-up waits for customers' servers; slower answers are noted by a later one."""
# Of the threads of a worker, so many at most wait for customers' servers and for models.
MOST_NOTING: Final = 1
MOST_TELLING: Final = 2
MOST_WRITING: Final = 3
MOST_OF_ONE: Final = 2
"""Of those that write, for one organisation."""
_phone_slots = threading.BoundedSemaphore(MOST_TELLING)
_writing = Places(MOST_WRITING, MOST_OF_ONE)
WAKE_UP_SECONDS: Final = 2
"""A wake-up that nobody followed until then is one too many: the sweep has sent others."""


def worker_name() -> str:
    """Return who holds a lease: this thread of this process."""
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{threading.get_ident() % 100_000}"


def alone(work: Callable[[], None]) -> Callable[[], None]:
    """Let one wake-up of a kind work at a time in a process; who works goes on for one that comes meanwhile.

    Where a round took longer than a second, rounds of one kind had every thread of the worker. Were the
    second wake-up only left out, a round of 1.1 s would be followed by another 0.9 s later.
    """
    place = threading.Lock()
    is_wanted = threading.Event()

    @wraps(work)
    def once() -> None:
        is_wanted.set()
        while is_wanted.is_set() and place.acquire(blocking=False):
            try:
                is_wanted.clear()
                work()
            finally:
                place.release()

    return once


@shared_task
@alone
def sweep() -> None:
    """Do what is due of every intervention; writing goes on in tasks of its own."""
    done = agent_sweep.sweep(timezone.now(), random.SystemRandom(), worker_name())
    for pk in done.to_write:
        draft.apply_async((pk,), expires=WAKE_UP_SECONDS)
    if done.did_something:
        logger.info("swept", extra=asdict(done))


@shared_task
@alone
def look_again() -> None:
    """Decide anew where a room was answered and has not come back."""
    for pk in decision.second_look(timezone.now(), random.SystemRandom()):
        draft.apply_async((pk,), expires=WAKE_UP_SECONDS)


@shared_task
@alone
def audience() -> None:
    """Close what is due, tell the pages how the votes stand, list what was asked."""
    now = timezone.now()
    closing.close_due(now)
    tallies.publish_changed(now)
    question_import.import_new(now)


@shared_task
@alone
def chat() -> None:
    """Make lines of what was said, and tell the pages."""
    now = timezone.now()
    chat_lines.take_all(now)
    chat_publication.tell_changed(now)


@shared_task
@alone
def chat_later() -> None:
    """Read what was over somebody's share when it was said: in a thread of its own, new words do not wait."""
    chat_lines.read_later(timezone.now())


@shared_task
def erasures() -> None:
    """Clear what was on its way while somebody was erased."""
    erasure.finish(timezone.now())


@shared_task
def draft(pk: int) -> None:
    """Write the words of one intervention; run twice, the second finds nothing to do.

    Where all threads that may wait for a model do so, or this organisation's part of them, the row
    stays due, and the next sweep asks again.
    """
    row = writing.to_be_written(pk)
    if row is None:
        return
    owner = row.session.event.organisation_id
    has_place = writing.may_take_long(row)
    if has_place and not _writing.take(owner):
        return
    try:
        writing.draft(
            pk, worker=worker_name(), now=timezone.now(), rng=random.SystemRandom(),
            clock=time.monotonic,
        )  # fmt: skip
    finally:
        if has_place:
            _writing.give(owner)
    phones.delay()


@shared_task
def phones() -> None:
    """Tell phones what waits for a decision, and what became of what they were told."""
    now = timezone.now()
    push_events.enqueue_over(now)
    if _phone_slots.acquire(blocking=False):
        try:
            push_sender.post_due(now, seconds=ANSWER_SECONDS)
        finally:
            _phone_slots.release()


@shared_task
@alone
def demos() -> None:
    """Play the demos that people watch, and end those that are over."""
    play(timezone.now())


@shared_task
def send_alarms() -> None:
    """Tell operators what is due; have the model's client ready before it is needed."""
    tracing.start()
    if writer.is_on():
        writer.prepare()
    budget_alerts.send_due(timezone.now())


@shared_task
def propose_variants(template_ids: list[int]) -> None:
    """Ask the model for one variant of each template; run twice, it proposes another."""
    if not writer.is_on():
        return
    rng = random.Random()
    writer.prepare().result()
    for template in Template.objects.filter(pk__in=template_ids):
        made = proposals.propose(
            template,
            1,
            lambda request: writer.write(
                request, now=timezone.now(), rng=rng, clock=time.monotonic
            ),
        )
        logger.info("proposed", extra={"template": template.pk, "drafts": len(made)})


@shared_task
def prune_log() -> None:
    """Delete steps, model calls, webhook messages and demos past their days."""
    now = timezone.now()
    text_retention.prune_log(now=now)
    ledger.forget_own(now)
    clear(now)


@shared_task
@alone
def webhooks() -> None:
    """Begin to send the webhook messages that are due: nothing else, so that it is soon over."""
    WEBHOOKS.begin_due(timezone.now())


@shared_task
@alone
def webhook_rows() -> None:
    """Write what webhooks are to be told of sessions, and what came of what was sent."""
    now = timezone.now()
    session_events.announce(now)
    WEBHOOKS.note_answers(now, seconds=ANSWER_SECONDS)
