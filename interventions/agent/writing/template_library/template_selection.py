"""The templates: put the library in, choose one, approve, retire."""

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from interventions.agent.writing.template_library import ENTRIES, Entry
from interventions.agent.writing.template_library.placeholders import SAMPLE, fill, unknown_places
from interventions.kinds.content import Content
from interventions.models import Template, TemplateStatus
from interventions.text_checks.text_gate import Refused, TextContext, check


@dataclass(frozen=True, slots=True)
class Chosen:
    """A template's content, filled and through the gate; id None where it is the library's own."""

    content: Content
    template_id: int | None


def load_library(now: dt.datetime, model: Any = Template) -> int:
    """Add the library's wordings that are not there yet, approved; return how many.

    What staff changed or retired stays as it is.
    """
    rows = [
        model(
            key=entry.key, kind=entry.kind.value, style=entry.style, language=entry.language,
            text=entry.text, options=list(entry.options), correct=entry.correct,
            seconds=entry.seconds, group=entry.key, status="approved", source="library",
            approved_at=now,
        )
        for entry in ENTRIES
    ]  # fmt: skip
    before = model.objects.count()
    with transaction.atomic():
        model.objects.bulk_create(rows, ignore_conflicts=True)
    return int(model.objects.count() - before)


def choose(
    context: TextContext,
    values: Mapping[str, str],
    rng: random.Random,
    *,
    style: str = "",
    quote: str = "",
    only: tuple[int, ...] = (),
) -> Chosen:
    """Return an approved template that passes the gate, the asked style first.

    `only`: those that are being compared. Where none does, a wording of the library that
    needs no value: there always is one.
    """
    rows = list(
        Template.objects.filter(
            kind=context.kind.value, language=context.language, status=TemplateStatus.APPROVED
        )
    )
    rng.shuffle(rows)
    rows.sort(
        key=lambda row: (bool(only) and row.pk not in only, bool(style) and row.style != style)
    )
    for row in rows:
        content = _passing(row.content(), context, values)
        if content:
            return Chosen(quoting(content, quote, context), row.pk)
    return Chosen(quoting(_last_resort(context, rng), quote, context), None)


def problem(content: Content) -> Refused | str | None:
    """Return why a wording cannot be a template: an unknown placeholder, or what the gate says."""
    if unknown := unknown_places(*content.words()):
        return f"placeholder:{','.join(sorted(unknown))}"
    filled = fill(content, SAMPLE)
    return check(filled, TextContext(content.kind, content.language)) if filled else "placeholder"


def approve(template_ids: list[int], by: Any, now: dt.datetime) -> int:
    """Approve drafts and retired ones that pass the gate; return how many changed."""
    rows = Template.objects.filter(pk__in=template_ids).exclude(status=TemplateStatus.APPROVED)
    good = [row.pk for row in rows if problem(row.content()) is None]
    return (
        Template.objects.filter(pk__in=good)
        .exclude(status=TemplateStatus.APPROVED)
        .update(status=TemplateStatus.APPROVED, approved_by=by, approved_at=now, retired_at=None)
    )


def retire(template_ids: list[int], now: dt.datetime) -> int:
    """Use templates no more; their rows and results stay. Return how many changed."""
    return (
        Template.objects.filter(pk__in=template_ids)
        .exclude(status=TemplateStatus.RETIRED)
        .update(status=TemplateStatus.RETIRED, retired_at=now)
    )


def quoting(content: Content, quote: str, context: TextContext) -> Content:
    """Return the content with the audience's question, where that may be shown."""
    with_quote = replace(content, quote=quote)
    fits = quote and check(with_quote, replace(context, language=content.language)) is None
    return with_quote if fits else content


def _passing(content: Content, context: TextContext, values: Mapping[str, str]) -> Content | None:
    filled = fill(content, values)
    return None if filled is None or check(filled, context) else filled


def _last_resort(context: TextContext, rng: random.Random) -> Content:
    """A wording of the library in the room's language, else in English.

    It passed the gate when it was written; here it may at worst repeat what was said lately.
    """
    plain = [_content(entry) for entry in ENTRIES if entry.kind is context.kind]
    usable = [content for content in plain if fill(content, {})]
    own = [content for content in usable if content.language == context.language]
    several = own or [content for content in usable if content.language == "en"]
    rng.shuffle(several)
    fresh = [c for c in several if check(c, replace(context, language=c.language)) is None]
    return (fresh or several)[0]


def _content(entry: Entry) -> Content:
    return Content(
        entry.kind, entry.language, entry.text, entry.options, entry.correct, entry.seconds
    )
