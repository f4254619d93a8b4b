"""Whether we are well: for load balancers, operators and the page itself."""

import time
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conductor import redis_clients
from engagement.models import StreamOffset
from engagement.shards import stream_of
from engagement.tick import tick_of
from engagement.timescale import failed_jobs, installed_version

# Ticks a shard may be behind before it counts as not working: 15 s.
MOST_TICKS_BEHIND = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `ok`, a sentence, how long the look took (milliseconds)."""

    name: str
    ok: bool
    detail: str
    milliseconds: float


@require_safe
@never_cache
def ping(request: HttpRequest) -> JsonResponse:
    """Answer without looking at anything: the process runs."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Answer for a person: up, which version of the interface, what time the server has."""
    return JsonResponse({"status": "ok", "time": timezone.now().isoformat()})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when requests can be served (database, log and bus answer), else 503."""
    checks = [_timed("database", _database), _timed("log", _log), _timed("bus", _bus)]
    return _answer(checks, detailed=False)


@require_safe
@never_cache
def detailed(request: HttpRequest) -> JsonResponse:
    """Answer with every check: servers, how far each shard is behind, TimescaleDB's jobs."""
    checks = [
        _timed("database", _database),
        _timed("log", _log),
        _timed("bus", _bus),
        _timed("ticks", _ticks),
        _timed("timescale", _timescale),
    ]
    return _answer(checks, detailed=True)


def _answer(checks: list[Check], *, detailed: bool) -> JsonResponse:
    well = all(check.ok for check in checks)
    body: dict[str, Any] = {"status": "ok" if well else "degraded"}
    if detailed or not well:
        body["checks"] = {
            check.name: {"ok": check.ok, "detail": check.detail, "ms": check.milliseconds}
            for check in checks
        }
    return JsonResponse(body, status=200 if well else 503)


def _timed(name: str, look: Any) -> Check:
    started = time.perf_counter()
    try:
        ok, detail = look()
    except DatabaseError:
        ok, detail = False, "PostgreSQL does not answer"
    except redis.RedisError:
        ok, detail = False, "Valkey does not answer"
    return Check(name, ok, detail, round((time.perf_counter() - started) * 1000, 1))


def _database() -> tuple[bool, str]:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return True, "answers"


def _log() -> tuple[bool, str]:
    redis_clients.log().ping()
    return True, "answers"


def _bus() -> tuple[bool, str]:
    redis_clients.bus().ping()
    return True, "answers"


def _ticks() -> tuple[bool, str]:
    """Ticks are closed on time, and no stream is filling up."""
    now = tick_of(timezone.now().timestamp())
    offsets = dict(StreamOffset.objects.values_list("shard", "tick"))
    behind = {shard: now - 1 - offsets.get(shard, 0) for shard in range(settings.SHARDS)}
    never = [shard for shard in behind if shard not in offsets]
    if never:
        return False, f"shard {never[0]} has never closed a tick: no ticker runs"
    worst = max(behind, key=lambda shard: behind[shard])
    waiting = sum(redis_clients.log().xlen(stream_of(shard)) for shard in behind)
    text = f"shard {worst} is {behind[worst]} ticks behind; {waiting} entries in the log"
    return behind[worst] <= MOST_TICKS_BEHIND, text


def _timescale() -> tuple[bool, str]:
    version = installed_version(connection)
    if version is None:
        return True, "plain PostgreSQL"
    failed = failed_jobs(connection)
    if failed:
        return False, f"TimescaleDB {version}: jobs fail: {', '.join(failed)}"
    return True, f"TimescaleDB {version}"
