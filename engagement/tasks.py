"""Celery only wakes us: a lost message delays a tick, it never loses a signal."""

import gc
import logging
from dataclasses import asdict
from functools import cache

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from engagement.intake.valkey import client
from engagement.organisations import devices
from engagement.sessions import signal_retention
from engagement.ticks import ShardTicker

logger = logging.getLogger(__name__)
# A ticker holds hundreds of thousands of objects without cycles: looking through all of them doubled
# the cost of every seventh tick of 1,000 sessions.
GC_THRESHOLDS = (200_000, 20, 1_000)
# Seconds a command to the log may take before the tick is given up (the next one tries again).
LOG_TIMEOUT = 10


@cache
def ticker(shard: int) -> ShardTicker:
    """Return this process's ticker of a shard; it keeps the rooms between ticks."""
    gc.set_threshold(*GC_THRESHOLDS)
    log = client(settings.REDIS_LOG_URL, seconds=LOG_TIMEOUT, connect_seconds=5)
    return ShardTicker(shard, log)


@shared_task
def tick(shard: int) -> None:
    """Close the ticks of a shard that are due; woken every second, works every five."""
    report = ticker(shard).run(timezone.now().timestamp())
    if report.behind:
        # Catching up after an outage: do not wait for the next wake-up.
        tick.apply_async((shard,), queue=f"tick.{shard}", expires=5)
    if report.ran:
        logger.info("tick", extra=asdict(report))


@shared_task
def prune() -> None:
    """Delete what is past its retention where TimescaleDB's policies do not, and expired logins."""
    signal_retention.prune(now=timezone.now())
    call_command("clearsessions")
    devices.forget_ended()
