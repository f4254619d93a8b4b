"""From approval to the audience: the coin, then each target once, whatever dies on the way.

A target is a row. What goes over Valkey is published and remembered in one step there, so a second
try after a crash finds that the first one did it.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec
import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet

from engagement.intake.valkey import client
from engagement.limits.isolated_rows import in_turns_of, run_each
from engagement.live import broadcast
from engagement.models import Metric
from engagement.vocabulary.errors import ProblemError, conflict
from interventions.agent.decision.decision_context import decision_context_at
from interventions.audience import redis_channels, signal_log_marks
from interventions.audience.frames import interaction_frame
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.kinds.declaration import Surface
from interventions.kinds.registry import declaration_of
from interventions.lifecycle import tracing, transitions
from interventions.lifecycle.agent_setup import Setup, setup_of
from interventions.lifecycle.transitions import AGENT, OWNER, person
from interventions.models import AskedBy, Delivery, DeliveryStatus, Intervention, Template
from interventions.notifications.webhooks import events as webhook_events
from interventions.vocabulary.statuses import Status

logger = logging.getLogger(__name__)

SOCKETS: Final = "sockets"
CHANNEL: Final = "channel:"
LEASE_SECONDS: Final = 10.0
GIVE_UP: Final = dt.timedelta(seconds=30)
"""Words for a moment are worth nothing half a minute later."""
_encode = msgspec.msgpack.Encoder().encode


def act_due(now: dt.datetime) -> int:
    """Toss the coin of every approval whose undo window is over: hold it out, or begin to send."""
    rows = Intervention.objects.filter(status=Status.APPROVED, acts_at__lte=now).select_related(
        "session__event", "anomaly"
    )
    due = in_turns_of(rows, "act", now, of=OWNER)
    # Taken back, stopped, or another worker was faster: passed over.
    return len(run_each("act", due, lambda row: _act(row, now), now).done)


def _act(row: Intervention, now: dt.datetime) -> None:
    setup = setup_of(row.session)
    due_at = now + dt.timedelta(seconds=setup.outcome_seconds)
    row.decision = row.decision | {"acted": _seen_now(row, setup, now)}
    if _is_held_out(row, setup):
        transitions.move(
            row, Status.HELD_OUT, AGENT, now, decision=row.decision, acted_at=now, due_at=due_at
        )
        return
    seconds = Content.from_json(row.content).seconds
    closes_at = now + dt.timedelta(seconds=seconds) if seconds else None
    transitions.move(
        row, Status.SENDING, AGENT, now, decision=row.decision, acted_at=now, due_at=due_at,
        closes_at=closes_at,
    )  # fmt: skip
    Delivery.objects.bulk_create(
        Delivery(intervention=row, target=target, next_at=now) for target in targets_of(row)
    )


def _seen_now(row: Intervention, setup: Setup, now: dt.datetime) -> dict[str, float]:
    """Return the score and its forecast at the moment something is done, or held back.

    A suggestion may have waited: what people see as the change begins here.
    """
    seen = decision_context_at(row.session, row.anomaly, now, setup.window)
    if seen is not None:
        return {"now": seen.now, "forecast": seen.forecast}
    if (before := row.decided.when_acted) is None:
        return {}
    return {"now": before[0], "forecast": before[1]}


def _is_held_out(row: Intervention, setup: Setup) -> bool:
    """Look at the coin that was tossed at the decision; approval could not depend on it."""
    return bool(row.asked_by == AskedBy.ANOMALY and setup.is_measured and row.decided.is_holdout)


def targets_of(row: Intervention) -> list[str]:
    """Return where an intervention goes: our own pages, and the platform's channel if there is one."""
    targets = [SOCKETS]
    if redis_channels.may_tell(row) and declaration_of(row.kind).is_for_audience:
        targets.append(CHANNEL + redis_channels.channel_of(Kind(row.kind)))
    return targets


def deliver_due(now: dt.datetime, worker: str) -> int:
    """Send what is being sent; return how many interventions came to an end."""
    rows = Intervention.objects.filter(status=Status.SENDING).select_related("session__event")
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    due = in_turns_of(rows.filter(free), "deliver", now, of=OWNER)
    # A target is noted by itself: what was sent stays so whatever the next one does.
    return sum(
        run_each("deliver", due, lambda row: _deliver(row, now, worker), now, whole=False).done
    )


def _deliver(row: Intervention, now: dt.datetime, worker: str) -> bool:
    if not transitions.claim(row, worker, now, LEASE_SECONDS):
        return False
    for delivery in row.deliveries.filter(status=DeliveryStatus.PENDING, next_at__lte=now):
        with tracing.span("deliver", kind=row.kind, target=delivery.target) as span:
            tracing.note(span, outcome=_try(row, delivery, now) or "sent")
    left = row.deliveries.filter(status=DeliveryStatus.PENDING)
    if left.exists():
        # Let the next sweep, or another worker, go on at once.
        Intervention.objects.filter(pk=row.pk, version=row.version).update(lease_until=None)
        return False
    try:
        _finish(row, now)
    except ProblemError:
        _tell_again(row, now)
        return False
    return True


def _tell_again(row: Intervention, now: dt.datetime) -> None:
    """Tell the pages other words that took the place of those that were just sent: somebody was erased."""
    fresh = transitions.get(row.pk)
    if fresh.content != row.content and row.deliveries.filter(
        target=SOCKETS, status=DeliveryStatus.SENT
    ):
        text = interaction_frame(fresh, now)
        told = [(fresh.session_id, each, text) for each in audiences_of(Kind(fresh.kind))]
        broadcast.publish_or_log(told)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came of one try: how many took it, or the code of what went wrong."""

    reached: int | None = None
    error: str = ""
    detail: str = ""


def _try(row: Intervention, delivery: Delivery, now: dt.datetime) -> str:
    """Send to one target and write down what came of it; return the error's code or ""."""
    try:
        sent = _send(row, delivery, now)
    except redis.RedisError as error:
        sent = _Sent(error="bus_away", detail=str(error)[:300])
    own = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING)
    if not sent.error:
        own.update(
            status=DeliveryStatus.SENT, sent_at=now, reached=sent.reached, tries=F("tries") + 1
        )
        return ""
    logger.warning("not delivered", extra={"delivery": delivery.pk, "error": sent.error})
    is_over = now - (row.acted_at or now) >= GIVE_UP
    own.update(
        status=DeliveryStatus.FAILED if is_over else DeliveryStatus.PENDING,
        tries=F("tries") + 1, next_at=now + dt.timedelta(seconds=2), error=sent.error,
        error_detail=sent.detail,
    )  # fmt: skip
    return sent.error


def _send(row: Intervention, delivery: Delivery, now: dt.datetime) -> _Sent:
    if delivery.target == SOCKETS:
        # Before anybody can answer: what is not marked would count as the room's own doing.
        if not signal_log_marks.opened(row, now):
            return _Sent(error="log_away", detail="The log of signals does not answer.")
        text = interaction_frame(row, now)
        told = [(row.session_id, each, text) for each in audiences_of(Kind(row.kind))]
        # Where no page is open nobody listens, and whoever opens one gets what is open with it.
        key = f"sent:{row.pk}:sockets"
        redis_channels.publish_once(_bus(), key, broadcast.BUS, _encode(told), is_enough=True)
        return _Sent(_present(row.session_id))
    heard = redis_channels.send(row, delivery.target.removeprefix(CHANNEL), now)
    return _Sent(error="nobody_listens") if heard == 0 else _Sent(max(heard, 0) or None)


def audiences_of(kind: Kind) -> tuple[str, ...]:
    """Return whose sockets get a kind: a speaker's cue is not for the audience."""
    is_cue = declaration_of(kind).surface is Surface.CUE
    return (broadcast.CUE,) if is_cue else (broadcast.ATTENDEE, broadcast.STAGE)


@cache
def _bus() -> redis.Redis:
    return client(settings.REDIS_URL, seconds=2, connect_seconds=2)


def _present(session_id: int) -> int:
    latest = Metric.objects.filter(session_id=session_id).order_by("-time").first()
    return latest.present if latest is not None else 0


def _finish(row: Intervention, now: dt.datetime) -> None:
    """Bring an intervention whose targets are all settled to DELIVERED or FAILED."""
    has_reached = row.deliveries.filter(status=DeliveryStatus.SENT).exists()
    with transaction.atomic():
        if not has_reached:
            transitions.end(row, Status.FAILED, AGENT, now, why="not delivered", closes_at=None)
            webhook_events.record_event(
                row.session,
                "intervention.failed",
                webhook_events.about(row),
                now=now,
                intervention_id=row.pk,
            )
            return
        transitions.move(row, Status.DELIVERED, AGENT, now)
        _template(row).update(times_sent=F("times_sent") + 1)
        webhook_events.record_event(
            row.session,
            "intervention.delivered",
            webhook_events.about(row),
            now=now,
            intervention_id=row.pk,
        )
        transitions.broadcast_change(row.session_id, transitions.OUTCOME)


def _template(row: Intervention) -> QuerySet[Template]:
    """Return the wording whose use is counted: none of a sandbox."""
    if row.session.is_sandboxed:
        return Template.objects.none()
    return Template.objects.filter(pk=row.template_id or 0)


def retry(pk: int, *, by: User | None, who: str, now: dt.datetime) -> Intervention:
    """Send a failed intervention once more, as a new one with the same words, waiting for a yes.

    The failed one stays as it is: its log says what happened.
    """
    failed = transitions.get(pk)
    if failed.status != Status.FAILED or failed.content is None:
        raise conflict("not_failed", "Only what failed can be sent again.")
    row = Intervention(
        session=failed.session, asked_by=AskedBy.ORGANIZER, requester=by, kind=failed.kind,
        author=failed.author, request_key=f"retry-{failed.pk}", template=failed.template,
        mode=failed.mode,
    )  # fmt: skip
    with transaction.atomic():
        # As they are now, and nobody is taken out of them while they are copied.
        words = Intervention.objects.select_for_update().values_list("content", "original")
        row.content, row.original = words.get(pk=failed.pk)
        before = Intervention.objects.filter(
            session=failed.session, request_key=row.request_key
        ).first()
        if before is not None:
            return transitions.get(before.pk)
        transitions.begin(row, person(by, who), now, "again")
        expires_at = setup_of(row.session).expires_at(now)
        for after in (Status.ASSESSED, Status.SELECTED, Status.DRAFTED):
            transitions.move(row, after, AGENT, now, why="again")
        transitions.move(row, Status.WAITING, AGENT, now, why="again", expires_at=expires_at)
    return row
