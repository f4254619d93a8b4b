"""Ask a model for further wordings of a template; they wait as drafts until a person approves."""

import secrets
from collections.abc import Callable
from typing import Final

from django.db import IntegrityError, transaction

from interventions.agent.writing.llm.prompts import Brief, Moment
from interventions.agent.writing.template_library import template_selection
from interventions.agent.writing.writer import Request, Written
from interventions.kinds import Kind
from interventions.models import Template
from interventions.models.templates import TemplateSource
from interventions.vocabulary.authorship import TEMPLATE

MOST_AT_ONCE: Final = 10
_ABOUT: Final = (
    "No event in particular: wordings for any talk, lesson or webinar. Use nothing that only one"
    " topic would have."
)
Write = Callable[[Request], Written]


def propose(template: Template, count: int, write: Write) -> list[Template]:
    """Add up to `count` drafts that compete with `template` once approved; return them.

    The wording that is there and earlier proposals are named as said already. What a template
    wrote, because no model answered well, is no proposal.
    """
    group = template.group or f"{template.kind.lower()}.{template.pk}"
    Template.objects.filter(pk=template.pk, group="").update(group=group)
    made: list[Template] = []
    for _ in range(min(count, MOST_AT_ONCE)):
        said = Template.objects.filter(group=group, language=template.language)
        written = write(_request(template, tuple(said.values_list("text", flat=True))))
        if written.author != TEMPLATE and (row := _add(template, group, written)):
            made.append(row)
    return made


def _request(template: Template, said: tuple[str, ...]) -> Request:
    moment = Moment(
        Kind(template.kind), f"A variant is wanted of: {template.text}", style=template.style,
        recent=said, nonce=secrets.token_hex(4),
    )  # fmt: skip
    return Request(Brief("Any session", template.language, about=_ABOUT), moment)


def _add(template: Template, group: str, written: Written) -> Template | None:
    content = written.content
    if template_selection.problem(content) is not None:
        return None
    try:
        with transaction.atomic():
            return Template.objects.create(
                kind=template.kind, style=template.style, language=template.language, group=group,
                text=content.text, options=list(content.options), correct=content.correct,
                seconds=content.seconds, source=TemplateSource.MODEL, author=written.author,
            )  # fmt: skip
    except IntegrityError:  # worded so before
        return None
