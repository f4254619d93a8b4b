"""What was quoted of somebody, replaced where it stands: suggestions, their log, what webhooks are told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import F, QuerySet

from engagement.live import broadcast, frames
from interventions.audience import snapshots
from interventions.audience.frames import interaction_frame
from interventions.audience.polls.tallies import SEEN_BY
from interventions.models import Intervention, Transition, WebhookMessage
from interventions.personal_data.redaction import Said, note_in, without
from interventions.vocabulary.authorship import PERSON, TEMPLATE

_WORDED: Final = ("content", "original", "gate")
_AT_ONCE: Final = 200
_ON_ITS_WAY: Final = dt.timedelta(minutes=1)


def take_out(
    rows: QuerySet[Intervention],
    said: Said,
    now: dt.datetime,
    goes_on: Callable[[], object] = lambda: None,
) -> int:
    """Replace a person's words in interventions and what was told of them; return in how many.

    In those that quote her, or that a model wrote from what was said: words that an organizer or a
    template wrote stay, whatever she said or called herself. What is open is shown anew; a suggestion
    that waits has another version, so that nobody approves by the words it had.

    Outside of every lock and transaction, as it may take seconds: each row is held while it is written,
    and read again where somebody was faster. Nobody may be able to quote her any more.
    goes_on: called again and again while it works.
    """
    if not said.texts and not said.names:
        return 0
    changed = _pass(rows, said, now, goes_on)
    # What was copied from a row before its turn came, and became a row behind us.
    return changed + _pass(rows.filter(created_at__gt=now - _ON_ITS_WAY), said, now, goes_on)


def _pass(
    rows: QuerySet[Intervention], said: Said, now: dt.datetime, goes_on: Callable[[], object]
) -> int:
    changed = last = 0
    in_order = rows.select_related("session").defer("decision").order_by("pk")
    while found := list(in_order.filter(pk__gt=last)[:_AT_ONCE]):
        goes_on()
        notes = {row.pk: note_in(row.session.language) for row in found if _may_hold(row, said)}
        changed += sum(_reword(row, said, notes[row.pk], now) for row in found if row.pk in notes)
        _reword_steps(notes, said)
        _reword_messages(notes, said)
        last = found[-1].pk
    return changed


def _may_hold(row: Intervention, said: Said) -> bool:
    quotes = {(words or {}).get("quote") for words in (row.content, row.original)}
    return row.author not in {"", PERSON, TEMPLATE} or not quotes.isdisjoint(said.texts)


def _reword(row: Intervention, said: Said, note: str, now: dt.datetime) -> bool:
    if not _reworded(row, said, note):
        return False
    with transaction.atomic():
        mine = Intervention.objects.select_for_update(of=("self",))
        fresh = mine.select_related("session").filter(pk=row.pk).first()
        after = _reworded(fresh, said, note) if fresh is not None else {}
        if fresh is None or not after:
            return False
        Intervention.objects.filter(pk=row.pk).update(version=F("version") + 1, **after)
        fresh.content = after["content"]
        told = [frames.text("event", name=name) for name in ("suggestion", "feed", "outcomes")]
        out = [(row.session_id, broadcast.HOST, text) for text in told]
        if fresh.content and fresh.acted_at and snapshots.is_open(fresh, now):
            out += [(row.session_id, to, interaction_frame(fresh, now)) for to in SEEN_BY]
        transaction.on_commit(lambda: broadcast.publish_or_log(out))
    return True


def _reworded(row: Intervention, said: Said, note: str) -> dict[str, Any]:
    """Return the fields of a row without her words; nothing where none are in it."""
    before = {name: getattr(row, name) for name in _WORDED}
    after: dict[str, Any] = without(before, said, note)
    return after if after != before else {}


def _reword_steps(notes: Mapping[int, str], said: Said) -> None:
    steps = Transition.objects.filter(intervention__in=list(notes))
    for pk, at, version, params in steps.values_list("intervention", "time", "version", "params"):
        after = without(params, said, notes[pk])
        if after != params:
            mine = Transition.objects.filter(intervention=pk, time=at, version=version)
            mine.update(params=after)


def _reword_messages(notes: Mapping[int, str], said: Said) -> None:
    messages = WebhookMessage.objects.filter(intervention__in=list(notes))
    for message, pk, said_so in messages.values_list("pk", "intervention", "body"):
        body: Any = json.loads(said_so)
        after = without(body, said, notes[pk])
        if after != body:
            text = json.dumps(after, ensure_ascii=False, separators=(",", ":"))
            WebhookMessage.objects.filter(pk=message).update(body=text)
