"""Whether we are well: for load balancers, operators and the page itself."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conductor.deployment import resource_limits
from conductor.monitoring import redis_clients
from engagement.intake.shards import stream_of
from engagement.models import StreamOffset
from engagement.models.timescale import failed_jobs, installed_version
from engagement.vocabulary.clock import tick_of

# Ticks a shard may be behind before it counts as not working: 15 s.
MOST_TICKS_BEHIND: Final = 3
READY_SECONDS: Final = 1.0
_well_at: Final = [-READY_SECONDS]


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
    """Answer for a person: up, and what time the server has."""
    return JsonResponse({"status": "ok", "time": timezone.now().isoformat()})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when requests can be served (database, log and bus answer), else 503.

    Found well is well for a second: many who ask cost as much as one.
    """
    now = time.monotonic()
    if now - _well_at[0] < READY_SECONDS:
        return _answer([], detailed=False)
    found = run_checks(READY)
    if all(check.ok for check in found):
        _well_at[0] = now
    return _answer(found, detailed=False)


@require_safe
@never_cache
def detailed(request: HttpRequest) -> JsonResponse:
    """Answer with every check: servers, how far each shard is behind, TimescaleDB's jobs."""
    return _answer(run_checks(CHECKS), detailed=True)


def forget() -> None:
    """Look anew at once, whatever was found a moment ago."""
    _well_at[0] = -READY_SECONDS


def run_checks(names: Iterable[str]) -> list[Check]:
    """Make the named checks (see CHECKS); a check that fails says so, it never raises."""
    return [_timed(name, CHECKS[name]) for name in names]


def _answer(checks: list[Check], *, detailed: bool) -> JsonResponse:
    well = all(check.ok for check in checks)
    body: dict[str, Any] = {"status": "ok" if well else "degraded"}
    if detailed or not well:
        body["checks"] = {
            check.name: {"ok": check.ok, "detail": check.detail, "ms": check.milliseconds}
            for check in checks
        }
    return JsonResponse(body, status=200 if well else 503)


def _timed(name: str, check: Callable[[], tuple[bool, str]]) -> Check:
    started = time.perf_counter()
    try:
        ok, detail = check()
    except Error:
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


def _durability() -> tuple[bool, str]:
    """Say whether what is accepted is on the disk; a managed server may not tell."""
    try:
        told = redis_clients.log().config_get("appendonly", "appendfsync")
    except redis.ResponseError:
        return True, "the server does not tell"
    if told.get("appendonly") != "yes":
        return False, "the log has no append-only file: what was accepted can be lost"
    return True, f"append-only file, fsync {told.get('appendfsync')}"


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


def _connections() -> tuple[bool, str]:
    """Say how many connections are taken, and whether what may come fits."""
    there = resource_limits.database_allows()
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where backend_type = 'client backend'"
        )
        taken = cursor.fetchone()[0]
    need = resource_limits.need()
    misfit = need.misfit(there)
    return not misfit, misfit or f"{taken} of {there} taken, {need.most} at most"


def _timescale() -> tuple[bool, str]:
    version = installed_version(connection)
    if version is None:
        return True, "plain PostgreSQL"
    failed = failed_jobs(connection)
    if failed:
        return False, f"TimescaleDB {version}: jobs fail: {', '.join(failed)}"
    return True, f"TimescaleDB {version}"


CHECKS: Final[dict[str, Callable[[], tuple[bool, str]]]] = {
    "database": _database,
    "log": _log,
    "bus": _bus,
    "durability": _durability,
    "ticks": _ticks,
    "connections": _connections,
    "timescale": _timescale,
}
READY: Final = ("database", "log", "bus")
