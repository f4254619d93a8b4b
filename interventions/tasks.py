"""Celery only wakes us; rows say what is due."""

import logging
import random
import threading
import time

from celery import shared_task
from django.utils import timezone

from interventions import alarms, proposing, tracing, writing
from interventions.models import Template
from interventions.webhooks import posting

logger = logging.getLogger(__name__)
# Of the threads of a worker, so many at most wait for customers' servers.
_webhook_slots = threading.BoundedSemaphore(2)


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
def webhooks() -> None:
    """Send the webhook messages that are due; what is being sent is left to whoever sends it."""
    if _webhook_slots.acquire(blocking=False):
        try:
            posting.post_due(timezone.now())
        finally:
            _webhook_slots.release()
