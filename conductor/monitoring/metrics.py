"""`/metrics` for Prometheus: what the rows and the log say, so every web process says the same."""

from collections.abc import Iterator

import redis
from django.conf import settings
from django.db import Error
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conductor.monitoring import redis_clients
from engagement.intake.shards import stream_of
from engagement.models import Anomaly, Metric, Session, StreamOffset, StuckRow
from engagement.vocabulary.clock import tick_of

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format (version 0.0.4)."""
    lines = [*_database(), *_log()]
    return HttpResponse("\n".join(lines) + "\n", content_type=CONTENT_TYPE)


def _database() -> Iterator[str]:
    """Everything that rows say; a database that is away is a number, not a failed scrape."""
    try:
        lines = [*_sessions(), *_ticks(), *_last_tick(), *_anomalies(), *_stuck()]
        up = 1.0
    except Error:
        lines, up = [], 0.0
    yield from _gauge("database_up", "Whether PostgreSQL answers.", {"": up})
    yield from lines


def _gauge(name: str, text: str, samples: dict[str, float], kind: str = "gauge") -> Iterator[str]:
    full = f"conductor_{name}"
    yield f"# HELP {full} {text}"
    yield f"# TYPE {full} {kind}"
    for labels, value in samples.items():
        yield f"{full}{{{labels}}} {value:g}" if labels else f"{full} {value:g}"


def _sessions() -> Iterator[str]:
    counted = dict(Session.objects.order_by().values_list("status").annotate(Count("pk")))
    samples = {f'status="{status}"': float(count) for status, count in counted.items()}
    return _gauge("sessions", "Sessions by status.", samples)


def _ticks() -> Iterator[str]:
    now = tick_of(timezone.now().timestamp())
    samples = {
        f'shard="{shard}"': float(now - 1 - tick)
        for shard, tick in StreamOffset.objects.values_list("shard", "tick")
    }
    return _gauge("ticks_behind", "Ticks (5 s) that a shard has yet to close.", samples)


def _last_tick() -> Iterator[str]:
    newest = Metric.objects.order_by("-time").values_list("time", flat=True).first()
    rows = Metric.objects.filter(time=newest) if newest is not None else Metric.objects.none()
    sums = rows.aggregate(people=Sum("present"), chat=Sum("chat"), reactions=Sum("reactions"))
    yield from _gauge("people", "People present in live sessions.", {"": sums["people"] or 0})
    samples = {f'kind="{kind}"': float(sums[kind] or 0) for kind in ("chat", "reactions")}
    yield from _gauge("signals_last_tick", "Signals counted in the last tick.", samples)


def _anomalies() -> Iterator[str]:
    counted = Anomaly.objects.order_by().values_list("kind", "severity").annotate(Count("pk"))
    samples = {f'kind="{kind}",severity="{how}"': float(n) for kind, how, n in counted}
    return _gauge("anomalies_total", "Anomalies ever noticed.", samples, "counter")


def _stuck() -> Iterator[str]:
    counted = StuckRow.objects.order_by().values_list("stage").annotate(Count("pk"), Sum("tries"))
    rows = {f'stage="{stage}"': float(n) for stage, n, _ in counted}
    tries = {f'stage="{stage}"': float(n) for stage, _, n in counted}
    yield from _gauge("stuck_rows", "Rows that a stage of the work fails on.", rows)
    yield from _gauge("stuck_row_tries", "How often those rows were tried.", tries)


def _log() -> Iterator[str]:
    try:
        samples = {
            f'shard="{shard}"': float(redis_clients.log().xlen(stream_of(shard)))
            for shard in range(settings.SHARDS)
        }
        up = 1.0
    except redis.RedisError:
        samples, up = {}, 0.0
    yield from _gauge("log_up", "Whether the log of signals answers.", {"": up})
    yield from _gauge("log_entries", "Entries in the log, drained ones included.", samples)
