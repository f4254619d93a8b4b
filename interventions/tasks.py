"""Celery only wakes us; rows say what is due."""

import logging
import os
import random
import socket
import threading
import time
from dataclasses import asdict

from celery import shared_task
from django.utils import timezone

from interventions import alarms, proposing, retention, tracing, writing
from interventions.agent import deciding, drafting, sweeping
from interventions.audience import chat_lines, chat_telling, closing, questions, tallies
from interventions.demo import clear, play
from interventions.models import Template
from interventions.phones import messages
from interventions.phones import posting as pushing
from interventions.webhooks import posting, sessions

logger = logging.getLogger(__name__)
# Of the threads of a worker, so many at most wait for customers' servers.
_webhook_slots = threading.BoundedSemaphore(2)
_phone_slots = threading.BoundedSemaphore(2)


def worker_name() -> str:
    """Return who holds a lease: this thread of this process."""
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{threading.get_ident() % 100_000}"


@shared_task
def sweep() -> None:
    """Do what is due of every intervention; writing goes on in tasks of its own."""
    done = sweeping.sweep(timezone.now(), random.SystemRandom(), worker_name())
    for pk in done.to_write:
        draft.delay(pk)
    if done.did_something:
        logger.info("swept", extra=asdict(done))


@shared_task
def look_again() -> None:
    """Decide anew where a room was answered and has not come back."""
    for pk in deciding.second_look(timezone.now(), random.SystemRandom()):
        draft.delay(pk)


@shared_task
def audience() -> None:
    """Close what is due, tell the pages how the votes stand, list what was asked."""
    now = timezone.now()
    closing.close_due(now)
    tallies.publish_changed(now)
    questions.import_new(now)


@shared_task
def chat() -> None:
    """Make lines of what was said, and tell the pages."""
    now = timezone.now()
    chat_lines.take_all(now)
    chat_telling.tell_changed(now)


@shared_task
def draft(pk: int) -> None:
    """Write the words of one intervention; run twice, the second finds nothing to do."""
    drafting.draft(
        pk,
        worker=worker_name(),
        now=timezone.now(),
        rng=random.SystemRandom(),
        clock=time.monotonic,
    )
    phones.delay()


@shared_task
def phones() -> None:
    """Tell phones what waits for a decision, and what became of what they were told."""
    now = timezone.now()
    messages.enqueue_over(now)
    if _phone_slots.acquire(blocking=False):
        try:
            pushing.post_due(now)
        finally:
            _phone_slots.release()


@shared_task
def demos() -> None:
    """Play the demos that people watch, and end those that are over."""
    play(timezone.now())


@shared_task
def send_alarms() -> None:
    """Tell operators what is due; have the model's client ready before it is needed."""
    tracing.start()
    if writing.is_on():
        writing.prepare()
    alarms.send_due(timezone.now())


@shared_task
def propose_variants(template_ids: list[int]) -> None:
    """Ask the model for one variant of each template; run twice, it proposes another."""
    if not writing.is_on():
        return
    rng = random.Random()
    writing.prepare().result()
    for template in Template.objects.filter(pk__in=template_ids):
        made = proposing.propose(
            template,
            1,
            lambda request: writing.write(
                request, now=timezone.now(), rng=rng, clock=time.monotonic
            ),
        )
        logger.info("proposed", extra={"template": template.pk, "drafts": len(made)})


@shared_task
def prune_log() -> None:
    """Delete steps, model calls, webhook messages and demos past their days."""
    now = timezone.now()
    retention.prune_log(now=now)
    clear(now)


@shared_task
def webhooks() -> None:
    """Send the webhook messages that are due; what is being sent is left to whoever sends it."""
    if _webhook_slots.acquire(blocking=False):
        try:
            now = timezone.now()
            sessions.announce(now)
            posting.post_due(now)
        finally:
            _webhook_slots.release()
