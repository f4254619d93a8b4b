"""Celery only wakes us; rows say what is due."""

import logging

from celery import shared_task
from django.utils import timezone

from interventions import alarms, tracing, writing

logger = logging.getLogger(__name__)


@shared_task
def send_alarms() -> None:
    """Tell operators what is due; have the model's client ready before it is needed."""
    tracing.start()
    if writing.is_on():
        writing.prepare()
    alarms.send_due(timezone.now())
