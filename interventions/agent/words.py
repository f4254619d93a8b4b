"""A person's own words: checked like everybody's, kept while she types, never lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engagement.errors import Category, ProblemError, invalid
from interventions.agent import moving
from interventions.agent.drafting import ask
from interventions.agent.moving import AGENT, person
from interventions.agent.setup import (
    EDIT_SECONDS,
    EXTENSION_SECONDS,
    MOST_EXTENSIONS,
    setup_of,
)
from interventions.content import Content
from interventions.gate import Refusal, Room, check
from interventions.kinds import Kind
from interventions.models import Intervention
from interventions.policy import Status


def checked(row: Intervention, content: Content) -> dict[str, Any]:
    """Return a person's words as they are stored. Raises a validation error: "content_<why>".

    What she says again, or in another language, is hers to decide.
    """
    refused = check(content, Room(Kind(row.kind), row.session.language))
    if refused is not None and refused.code is not Refusal.LANGUAGE:
        code = refused.detail or refused.code.value
        raise invalid(f"content_{code}", _SAID.get(code, "These words cannot be sent."), "text")
    return content.to_json()


_SAID = {
    "text_short": "The text is too short.",
    "text_long": "The text is too long.",
    "options_count": "Give two to four options.",
    "option_empty": "An option is empty.",
    "option_long": "An option has more than 25 characters.",
    "options_alike": "Two options are the same.",
    "answer": "Say which option is right.",
    "seconds": "It cannot stay open for that long.",
    "link": "Links are not sent to the audience.",
    "personal": "This looks like personal data.",
    "profanity": "This word is not sent to the audience.",
    "markup": "Write plain text, without tags.",
    "shouting": "Write it in normal case.",
    "disguise": "There are invisible or look-alike characters in it.",
}


def accept(row: Intervention, content: Content, who: str, now: dt.datetime) -> None:
    """Use a person's words for a SELECTED intervention instead of writing any."""
    with transaction.atomic():
        moving.move(
            row, Status.DRAFTED, AGENT, now, content=checked(row, content), author="person",
            author_reason="given", params={"who": who},
        )  # fmt: skip
        ask(row, setup_of(row.session), now)


def edit_begin(pk: int, *, by: User, who: str, now: dt.datetime) -> Intervention:
    """Let a person edit: the clock stands still for three minutes; call again to renew.

    Raises a conflict "being_edited" while somebody else does.
    """
    row = moving.get(pk)
    if row.status == Status.COUNTDOWN:
        expires_at = now + dt.timedelta(seconds=setup_of(row.session).expiry_seconds)
        moving.move(
            row, Status.WAITING, person(by, who), now, expires_at=expires_at, acts_at=None
        )  # fmt: skip
    if row.status != Status.WAITING:
        raise moving.refusal(row)
    is_held = row.editing_until is not None and row.editing_until > now
    if is_held and row.editor_id != by.pk:
        name = row.editor.get_full_name() or row.editor.get_username() if row.editor else ""
        raise ProblemError(Category.CONFLICT, "being_edited", f"{name} is editing this.")
    left = row.seconds_left if is_held else _seconds_left(row, now)
    if left is not None and left <= 0:
        raise moving.refusal(row)
    _set(
        row, editor=by, editing_until=now + dt.timedelta(seconds=EDIT_SECONDS), seconds_left=left
    )  # fmt: skip
    return row


def edit_save(
    pk: int, *, by: User | None, who: str, now: dt.datetime, content: Content
) -> Intervention:
    """Keep a person's words; the suggestion waits on with the time it had left."""
    row = _edited(pk, by)
    with transaction.atomic():
        moving.change(
            row, content=checked(row, content), original=row.original or row.content,
            **_resumed(row, now),
        )  # fmt: skip
    return row


def edit_cancel(pk: int, *, by: User, now: dt.datetime) -> Intervention:
    """Stop editing; the words stay as they were."""
    row = _edited(pk, by)
    _set(row, **_resumed(row, now))
    return row


def _edited(pk: int, by: User | None) -> Intervention:
    row = moving.get(pk)
    if row.status != Status.WAITING:
        raise moving.refusal(row)
    if row.editor_id not in (None, by.pk if by else None):
        raise ProblemError(Category.CONFLICT, "being_edited", "Somebody else is editing this.")
    return row


def _seconds_left(row: Intervention, now: dt.datetime) -> float | None:
    return None if row.expires_at is None else (row.expires_at - now).total_seconds()


def _resumed(row: Intervention, now: dt.datetime) -> dict[str, Any]:
    """Return the fields that let the clock run on, with ten seconds at least to look once more."""
    fields: dict[str, Any] = {"editor": None, "editing_until": None, "seconds_left": None}
    if row.seconds_left is not None:
        fields["expires_at"] = now + dt.timedelta(seconds=max(10.0, row.seconds_left))
    return fields


def extend(pk: int, *, by: User | None, now: dt.datetime) -> Intervention:
    """Give a waiting suggestion one more minute, ten times at most."""
    row = moving.get(pk)
    if row.status != Status.WAITING or row.expires_at is None or row.expires_at <= now:
        raise moving.refusal(row)
    if row.extensions >= MOST_EXTENSIONS:
        raise ProblemError(Category.CONFLICT, "extended_enough", "It has waited long enough.")
    more = dt.timedelta(seconds=EXTENSION_SECONDS)
    _set(row, expires_at=row.expires_at + more, extensions=row.extensions + 1)
    return row


def _set(row: Intervention, **fields: Any) -> None:
    """Set a clock or a lease: what a person sees of the words stays, and so does the version."""
    done = Intervention.objects.filter(
        pk=row.pk, version=row.version, status=row.status
    ).update(**fields)  # fmt: skip
    if not done:
        raise moving.refusal(moving.get(row.pk))
    for name, value in fields.items():
        setattr(row, name, value)
    moving.tell(row.session_id, moving.SUGGESTION)
