"""Money: hold it before a call, write down what the call cost. Shared by all processes, in rows.

Every wait is bounded: a lock for half a second. Rows of one call are taken in one order, so two
processes never wait for each other.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F, Q

from engagement.models import Organisation
from interventions.agent.writing.llm.budget import ALARM_SHARE, NANO, day_key, hour_key, own_keys
from interventions.agent.writing.llm.prices import Usage, cost, input_cost
from interventions.agent.writing.llm.system_prompt import VERSION
from interventions.agent.writing.llm.writer_protocol import Reply
from interventions.models import BudgetWindow, LlmCall, ModelRest

LONGEST_REST_SECONDS: Final = 300.0
_REST_SECONDS: Final = {"http_429": 15.0, "http_503": 15.0, "http_529": 15.0}


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one call holds, in the windows in which it began."""

    keys: tuple[str, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says about a call beside its cost."""

    model: str
    kind: str
    session_id: int
    outcome: str
    seconds: float


class _FullError(Exception):
    """The window does not have that much left."""


def reserve(
    amount: int, now: dt.datetime, organisation_id: int | None = None
) -> Reservation | None:
    """Hold `amount` nano-dollars of this hour and day; None where a limit would be passed.

    Where there are several organisations, the one that is named may use its part of each only. Also None
    while the rows cannot be locked in time: then nobody is asked.
    """
    shared = {
        hour_key(now): settings.LLM_HOUR_USD * NANO,
        day_key(now): settings.LLM_DAY_USD * NANO,
    }
    # One organisation's own part is nobody's alarm: staff are told of the whole.
    limits = own_limits(organisation_id, now) | shared
    try:
        with transaction.atomic():
            _bound_waiting()
            for key, limit in limits.items():
                _hold(key, limit, amount)
            _alarm(list(shared), now)
    except _FullError as full:
        if str(full) in shared:
            BudgetWindow.objects.filter(pk=str(full), alarmed_at=None).update(alarmed_at=now)
        return None
    except OperationalError:
        return None
    return Reservation(tuple(limits), amount)


def own_limits(organisation_id: int | None, now: dt.datetime) -> dict[str, int]:
    """Return an organisation's windows and how much it may use in each; none where it is the only one."""
    if organisation_id is None or not Organisation.objects.exclude(pk=organisation_id).exists():
        return {}
    percent = settings.LLM_ORGANISATION_PERCENT
    hour, day = own_keys(organisation_id, now)
    return {
        hour: settings.LLM_HOUR_USD * NANO * percent // 100,
        day: settings.LLM_DAY_USD * NANO * percent // 100,
    }


def forget_own(now: dt.datetime) -> int:
    """Delete organisations' windows of hours and days before the last ones; return how many."""
    hours = (now, now - dt.timedelta(hours=1))
    days = (now, now - dt.timedelta(days=1))
    kept = Q(key__startswith="hour:") | Q(key__startswith="day:")
    for at in hours:
        kept |= Q(key__endswith=own_keys(0, at)[0][1:])
    for at in days:
        kept |= Q(key__endswith=own_keys(0, at)[1][1:])
    return BudgetWindow.objects.exclude(kept).delete()[0]


def settle(reservation: Reservation, reply: Reply, entry: Entry, now: dt.datetime) -> int:
    """Write the call down and count what it cost; return that (nano-dollars).

    Where nobody can say what was billed, what was held is spent.
    """
    price = settings.LLM_PRICES[entry.model]
    usage = reply.usage or Usage()
    spent = reservation.amount if reply.usage is None else cost(price, usage)
    with transaction.atomic():
        _bound_waiting()
        for key in reservation.keys:
            BudgetWindow.objects.filter(pk=key).update(
                held=F("held") - reservation.amount, spent=F("spent") + spent
            )
        _alarm([key for key in reservation.keys if key.startswith(("hour:", "day:"))], now)
        LlmCall.objects.create(
            time=now, call=uuid.uuid4(), session_id=entry.session_id, kind=entry.kind,
            model=entry.model, outcome=entry.outcome[:60], prompt_version=VERSION,
            input_tokens=usage.input, write_5m_tokens=usage.write_5m,
            write_1h_tokens=usage.write_1h, read_tokens=usage.read, output_tokens=usage.output,
            cost=spent, input_cost=input_cost(price, usage),
            uncached_input_cost=usage.prompt * price.input, is_assumed=reply.usage is None,
            latency_ms=round(entry.seconds * 1_000), request_id=reply.request_id[:80],
        )  # fmt: skip
    return spent


def is_resting(model: str, now: dt.datetime) -> bool:
    """Whether the model asked for time."""
    return ModelRest.objects.filter(pk=model, until__gt=now).exists()


def let_rest(model: str, reply: Reply, now: dt.datetime) -> None:
    """Ask the model no more for as long as it said, at most five minutes."""
    seconds = reply.retry_after or _REST_SECONDS.get(reply.failure, 0.0)
    if reply.failure not in _REST_SECONDS or not seconds:
        return
    until = now + dt.timedelta(seconds=min(seconds, LONGEST_REST_SECONDS))
    ModelRest.objects.update_or_create(
        pk=model, defaults={"until": until, "outcome": reply.failure}
    )


def _hold(key: str, limit: int, amount: int) -> None:
    # A row that nobody made yet; the other process's is as good.
    BudgetWindow.objects.bulk_create([BudgetWindow(key=key, limit=limit)], ignore_conflicts=True)
    fits = BudgetWindow.objects.filter(pk=key, spent__lte=limit - amount - F("held"))
    if not fits.update(held=F("held") + amount, limit=limit):
        raise _FullError(key)


def _alarm(keys: list[str], now: dt.datetime) -> None:
    """Mark the windows that passed 80 %, once; telling people is a task's."""
    part, whole = ALARM_SHARE
    BudgetWindow.objects.filter(
        pk__in=keys, alarmed_at=None, limit__gt=0,
        spent__gte=F("limit") * part / whole - F("held"),
    ).update(alarmed_at=now)  # fmt: skip


def _bound_waiting() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '500ms'")
