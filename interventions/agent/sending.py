"""From approval to the audience: the coin, then each target once, whatever dies on the way.

A target is a row. What goes over Valkey is published and remembered in one step there, so a second
try after a crash finds that the first one did it.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec
import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet

from engagement import broadcast
from engagement.errors import Category, ProblemError
from engagement.models import Metric
from engagement.valkey import client
from interventions import learning
from interventions.agent import moving
from interventions.agent.drafting import about
from interventions.agent.moving import AGENT, person
from interventions.agent.setup import setup_of
from interventions.audience import marks
from interventions.audience.frames import interaction_frame
from interventions.content import Content
from interventions.kinds import Kind
from interventions.models import AskedBy, Delivery, DeliveryStatus, Intervention, Template
from interventions.policy import Status
from interventions.webhooks import messages

logger = logging.getLogger(__name__)

SOCKETS: Final = "sockets"
CHANNEL: Final = "channel:"
LEASE_SECONDS: Final = 10.0
MOST_TRIES: Final = 5
GIVE_UP: Final = dt.timedelta(seconds=30)
"""Words for a moment are worth nothing half a minute later."""
REMEMBERED_SECONDS: Final = 86_400
TALK: Final = "conductor.events.chat.message.v1"
SYNC: Final = "conductor.events.live.sync.v1"
_ASKING: Final = frozenset({Kind.POLL, Kind.QUIZ, Kind.GAMIFICATION})
_ONCE: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then return -1 end
local heard = redis.call('PUBLISH', ARGV[1], ARGV[2])
if heard > 0 or ARGV[4] == '1' then redis.call('SET', KEYS[1], '1', 'EX', ARGV[3]) end
return heard
"""
_encode = msgspec.msgpack.Encoder().encode


def act_due(now: dt.datetime) -> int:
    """Toss the coin of every approval whose undo window is over: hold it out, or begin to send."""
    rows = Intervention.objects.filter(status=Status.APPROVED, acts_at__lte=now).select_related(
        "session__event"
    )
    return sum(_tried(row, now) for row in rows)


def _tried(row: Intervention, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            _act(row, now)
    except ProblemError:
        return False  # taken back, stopped, or another worker was faster
    return True


def _act(row: Intervention, now: dt.datetime) -> None:
    due_at = now + dt.timedelta(seconds=setup_of(row.session).outcome_seconds)
    if _is_held_out(row):
        moving.move(row, Status.HELD_OUT, AGENT, now, acted_at=now, due_at=due_at)
        return
    seconds = Content.from_json(row.content).seconds
    closes_at = now + dt.timedelta(seconds=seconds) if seconds else None
    moving.move(
        row, Status.SENDING, AGENT, now, acted_at=now, due_at=due_at, closes_at=closes_at
    )  # fmt: skip
    Delivery.objects.bulk_create(
        Delivery(intervention=row, target=target, next_at=now) for target in targets_of(row)
    )


def _is_held_out(row: Intervention) -> bool:
    """Look at the coin that was tossed at the decision; approval could not depend on it."""
    is_measured = setup_of(row.session).is_measured
    return bool(row.asked_by == AskedBy.ANOMALY and is_measured and row.decision.get("held_back"))


def targets_of(row: Intervention) -> list[str]:
    """Return where an intervention goes: our own pages, and the platform's channel if there is one."""
    targets = [SOCKETS]
    if settings.PLATFORM_CHANNELS_OUT and row.kind != Kind.SPEAKER_CUE:
        targets.append(CHANNEL + (SYNC if Kind(row.kind) in _ASKING else TALK))
    return targets


def deliver_due(now: dt.datetime, worker: str) -> int:
    """Send what is being sent; return how many interventions came to an end."""
    rows = Intervention.objects.filter(status=Status.SENDING).select_related("session__event")
    return sum(_deliver(row, now, worker) for row in rows)


def _deliver(row: Intervention, now: dt.datetime, worker: str) -> bool:
    if not moving.claim(row, worker, now, LEASE_SECONDS):
        return False
    for delivery in row.deliveries.filter(status=DeliveryStatus.PENDING, next_at__lte=now):
        _try(row, delivery, now)
    left = row.deliveries.filter(status=DeliveryStatus.PENDING)
    if left.exists():
        # Let the next sweep, or another worker, go on at once.
        Intervention.objects.filter(pk=row.pk, version=row.version).update(lease_until=None)
        return False
    try:
        _finish(row, now)
    except ProblemError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came of one try: how many took it, or the code of what went wrong."""

    reached: int | None = None
    error: str = ""
    detail: str = ""


def _try(row: Intervention, delivery: Delivery, now: dt.datetime) -> None:
    try:
        sent = _send(row, delivery, now)
    except redis.RedisError as error:
        sent = _Sent(error="bus_away", detail=str(error)[:300])
    own = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING)
    if not sent.error:
        own.update(
            status=DeliveryStatus.SENT, sent_at=now, reached=sent.reached, tries=F("tries") + 1
        )
        return
    logger.warning("not delivered", extra={"delivery": delivery.pk, "error": sent.error})
    is_over = now - (row.acted_at or now) >= GIVE_UP
    own.update(
        status=DeliveryStatus.FAILED if is_over else DeliveryStatus.PENDING,
        tries=F("tries") + 1, next_at=now + dt.timedelta(seconds=2), error=sent.error,
        error_detail=sent.detail,
    )  # fmt: skip


def _send(row: Intervention, delivery: Delivery, now: dt.datetime) -> _Sent:
    if delivery.target == SOCKETS:
        # Before anybody can answer: what is not marked would count as the room's own doing.
        if not marks.opened(row, now):
            return _Sent(error="log_away", detail="The log of signals does not answer.")
        text = interaction_frame(row, now)
        told = [(row.session_id, each, text) for each in audiences_of(Kind(row.kind))]
        # Where no page is open nobody listens, and whoever opens one gets what is open with it.
        _once(_bus(), f"sent:{row.pk}:sockets", broadcast.BUS, _encode(told), is_enough=True)
        return _Sent(_present(row.session_id))
    channel = delivery.target.removeprefix(CHANNEL)
    body = msgspec.json.encode(_told(row))
    heard = _once(_platform(), f"sent:{row.pk}:{channel}", channel, body)
    return _Sent(error="nobody_listens") if heard == 0 else _Sent(max(heard, 0) or None)


def audiences_of(kind: Kind) -> tuple[str, ...]:
    """Return whose sockets get a kind: a speaker's cue is not for the audience."""
    return (broadcast.STAGE,) if kind is Kind.SPEAKER_CUE else (broadcast.ATTENDEE, broadcast.STAGE)


def _told(row: Intervention) -> dict[str, Any]:
    session = row.session
    what = "poll_opened" if Kind(row.kind) in _ASKING else "message"
    return {
        "type": what,
        "id": f"iv-{row.pk}",
        "session_id": session.external_id or session.pk,
        "kind": row.kind,
        "content": row.content,
        "closes_at": row.closes_at.isoformat() if row.closes_at else None,
    }


def _once(
    server: redis.Redis, key: str, channel: str, payload: bytes, *, is_enough: bool = False
) -> int:
    """Publish unless it was; return how many listen, -1 where it was published before.

    Published to nobody it is not remembered, and can be tried again, unless that `is_enough`.
    """
    values = (channel, payload, REMEMBERED_SECONDS, "1" if is_enough else "0")
    return int(server.eval(_ONCE, 1, key, *values))


@cache
def _bus() -> redis.Redis:
    return client(settings.REDIS_URL, seconds=2, connect_seconds=2)


@cache
def _platform() -> redis.Redis:
    return client(settings.PLATFORM_REDIS_URL, seconds=2, connect_seconds=2)


def _present(session_id: int) -> int:
    latest = Metric.objects.filter(session_id=session_id).order_by("-time").first()
    return latest.present if latest is not None else 0


def _finish(row: Intervention, now: dt.datetime) -> None:
    """Bring an intervention whose targets are all settled to DELIVERED or FAILED."""
    has_reached = row.deliveries.filter(status=DeliveryStatus.SENT).exists()
    organisation_id = row.session.event.organisation_id
    with transaction.atomic():
        if not has_reached:
            moving.move(row, Status.FAILED, AGENT, now, why="not delivered", closes_at=None)
            learning.drop(row, now)
            messages.enqueue(
                organisation_id, "intervention.failed", about(row), now=now, intervention_id=row.pk
            )
            return
        moving.move(row, Status.DELIVERED, AGENT, now)
        _template(row).update(times_sent=F("times_sent") + 1)
        messages.enqueue(
            organisation_id, "intervention.delivered", about(row), now=now, intervention_id=row.pk
        )
        moving.tell(row.session_id, moving.OUTCOME)


def _template(row: Intervention) -> QuerySet[Template]:
    return Template.objects.filter(pk=row.template_id or 0)


def retry(pk: int, *, by: User | None, who: str, now: dt.datetime) -> Intervention:
    """Send a failed intervention once more, as a new one with the same words, waiting for a yes.

    The failed one stays as it is: its log says what happened.
    """
    failed = moving.get(pk)
    if failed.status != Status.FAILED or failed.content is None:
        raise ProblemError(Category.CONFLICT, "not_failed", "Only what failed can be sent again.")
    row = Intervention(
        session=failed.session, asked_by=AskedBy.ORGANIZER, requester=by, kind=failed.kind,
        content=failed.content, author=failed.author, request_key=f"retry-{failed.pk}",
        template=failed.template, mode=failed.mode,
    )  # fmt: skip
    with transaction.atomic():
        before = Intervention.objects.filter(
            session=failed.session, request_key=row.request_key
        ).first()
        if before is not None:
            return moving.get(before.pk)
        moving.begin(row, person(by, who), now, "again")
        expires_at = now + dt.timedelta(seconds=setup_of(row.session).expiry_seconds)
        for after in (Status.ASSESSED, Status.SELECTED, Status.DRAFTED):
            moving.move(row, after, AGENT, now, why="again")
        moving.move(row, Status.WAITING, AGENT, now, why="again", expires_at=expires_at)
    return row
