"""What was quoted of somebody, replaced where it stands: suggestions, their log, what webhooks are told."""

from __future__ import annotations

import datetime as dt
import json
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


def take_out(rows: QuerySet[Intervention], said: Said, now: dt.datetime) -> int:
    """Replace a person's words in interventions and what was told of them; return in how many.

    In those that quote her, or that a model wrote from what was said: words that an organizer or a
    template wrote stay, whatever she said or called herself. Inside the caller's transaction. What
    is open is shown anew; a suggestion that waits has another version, so that nobody approves by
    the words it had.
    """
    if not said.texts and not said.names:
        return 0
    changed = 0
    for row in rows.select_related("session"):
        if not _may_hold(row, said):
            continue
        note = note_in(row.session.language)
        changed += _reword(row, said, note, now)
        _reword_steps(row, said, note)
        _reword_messages(row, said, note)
    return changed


def _may_hold(row: Intervention, said: Said) -> bool:
    quotes = {(words or {}).get("quote") for words in (row.content, row.original)}
    return row.author not in {"", PERSON, TEMPLATE} or not quotes.isdisjoint(said.texts)


def _reword(row: Intervention, said: Said, note: str, now: dt.datetime) -> bool:
    before = {name: getattr(row, name) for name in _WORDED}
    after = without(before, said, note)
    if after == before:
        return False
    Intervention.objects.filter(pk=row.pk).update(version=F("version") + 1, **after)
    row.content = after["content"]
    told = [frames.text("event", name=name) for name in ("suggestion", "feed", "outcomes")]
    out = [(row.session_id, broadcast.HOST, text) for text in told]
    if row.content and row.acted_at and snapshots.is_open(row, now):
        out += [(row.session_id, to, interaction_frame(row, now)) for to in SEEN_BY]
    transaction.on_commit(lambda: broadcast.publish_or_log(out))
    return True


def _reword_steps(row: Intervention, said: Said, note: str) -> None:
    steps = Transition.objects.filter(intervention=row)
    for at, version, params in steps.values_list("time", "version", "params"):
        after = without(params, said, note)
        if after != params:
            steps.filter(time=at, version=version).update(params=after)


def _reword_messages(row: Intervention, said: Said, note: str) -> None:
    for message in WebhookMessage.objects.filter(intervention=row):
        body: Any = json.loads(message.body)
        after = without(body, said, note)
        if after != body:
            text = json.dumps(after, ensure_ascii=False, separators=(",", ":"))
            WebhookMessage.objects.filter(pk=message.pk).update(body=text)
