"""An organizer's own words: hers to decide, with a warning where one helps; kept while she types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext_lazy, gettext_noop

from engagement.vocabulary.errors import ProblemError, conflict, invalid
from interventions.agent.writing.services import ask
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.kinds.registry import shape_of
from interventions.lifecycle import transitions
from interventions.lifecycle.agent_setup import (
    EDIT_SECONDS,
    EXTENSION_SECONDS,
    MOST_EXTENSIONS,
    setup_of,
)
from interventions.lifecycle.transitions import AGENT, person
from interventions.models import Intervention
from interventions.personal_data.redaction import note_in
from interventions.text_checks.text_gate import Refusal, TextContext, forbids, warns
from interventions.vocabulary.authorship import PERSON
from interventions.vocabulary.statuses import Status

ALL_WARNINGS: Final = frozenset(code.value for code in Refusal)
"""What somebody accepts who says so without naming any."""
_EDITING: Final = gettext_noop("%(who)s is editing this.")


def checked(
    row: Intervention, content: Content, accepted: Collection[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Return an organizer's words as they are stored, and the warnings that they are sent against.

    Raises a validation error: "content_<why>" for a hard limit; "content_warnings", with the list of
    them, where there are others than those `accepted`; a conflict "changed_meanwhile" for a quote of somebody
    who was erased while it was on somebody's page.
    """
    if _quotes_again(row, content):
        raise transitions.refusal(row)
    refused = forbids(content, Kind(row.kind))
    if refused is not None:
        raise _refusal(refused.detail or refused.code.value, Kind(row.kind))
    session = row.session
    terms = tuple(f"{session.title} {session.brief}".split())
    found = [
        code.value
        for code in warns(
            content,
            TextContext(
                Kind(row.kind),
                session.language,
                terms=terms,
                blocked=tuple(session.event.blocked_words),
            ),
        )
    ]
    if not set(found) <= set(accepted):
        raise invalid(
            "content_warnings", "Look at these words once more. You can send them anyway.", "text",
            warnings=tuple((code, WARNINGS[code]) for code in found),
        )  # fmt: skip
    return content.to_json(), found


def _quotes_again(row: Intervention, content: Content) -> bool:
    stored = (row.content or {}).get("quote")
    return stored == note_in(row.session.language) and content.quote not in {"", stored}


def _refusal(code: str, kind: Kind) -> ProblemError:
    if code != "seconds":
        return invalid(f"content_{code}", _SAID.get(code, _SAID[""]), _FIELDS.get(code, "text"))
    allowed = shape_of(kind).seconds
    if allowed is None:
        return invalid(
            "content_seconds", "It stays open for no set time: leave the seconds out.", "seconds"
        )
    return invalid(
        "content_seconds", "It can stay open for %(least)s to %(most)s seconds.", "seconds",
        least=allowed[0], most=allowed[1],
    )  # fmt: skip


WARNINGS: Final = {
    "shape": gettext_noop("The text is very short."),
    "disguise": gettext_noop("Letters of several alphabets are mixed in a word."),
    "markup": gettext_noop("It looks like code or formatting; people see it as it is typed."),
    "link": gettext_noop("It looks like a link."),
    "personal": gettext_noop("It looks like personal data."),
    "blocked": gettext_noop("It has a word that was not to be said."),
    "profanity": gettext_noop("It may insult somebody."),
    "shouting": gettext_noop("It is written in capitals."),
    "language": gettext_noop("It is in another language than the session."),
    "echo": gettext_noop("It repeats what somebody wrote."),
    "repeat": gettext_noop("It repeats what was sent lately."),
}
"""What an organizer is told, by the gate's code; she may send it all the same."""

_SAID: Final = {
    "": gettext_noop("These words cannot be sent."),
    "text_short": gettext_noop("The text is too short."),
    "text_long": gettext_noop("The text is too long."),
    "options_count": gettext_noop("Give two to four options."),
    "option_empty": gettext_noop("An option is empty."),
    "option_long": gettext_noop("An option has more than 25 characters."),
    "options_alike": gettext_noop("Two options are the same."),
    "answer": gettext_noop("Say which option is right."),
    "disguise": gettext_noop("There are invisible characters in it."),
}
_FIELDS: Final = {
    "options_count": "options", "option_empty": "options", "option_long": "options",
    "options_alike": "options", "answer": "correct", "seconds": "seconds", "quote": "quote",
    "quote_long": "quote",
}  # fmt: skip
"""Which field of the content a limit is about; the others are about its text."""


def accept(
    row: Intervention, content: Content, who: str, now: dt.datetime, accepted: Collection[str] = ()
) -> None:
    """Use a person's words for a SELECTED intervention instead of writing any."""
    words, warnings = checked(row, content, accepted)
    with transaction.atomic():
        transitions.move(
            row, Status.DRAFTED, AGENT, now, content=words, author=PERSON,
            author_reason="given", params={"who": who, "warnings": warnings} if warnings else {"who": who},
        )  # fmt: skip
        ask(row, setup_of(row.session), now)


def edit_begin(pk: int, *, by: User, who: str, now: dt.datetime) -> Intervention:
    """Let a person edit: the clock stands still for three minutes; call again to renew.

    Raises a conflict "being_edited" while somebody else does.
    """
    row = transitions.get(pk)
    if row.status == Status.COUNTDOWN:
        expires_at = setup_of(row.session).expires_at(now)
        transitions.move(
            row, Status.WAITING, person(by, who), now, expires_at=expires_at, acts_at=None
        )  # fmt: skip
    if row.status != Status.WAITING:
        raise transitions.refusal(row)
    is_held = row.editing_until is not None and row.editing_until > now
    if is_held and row.editor_id != by.pk:
        name = row.editor.get_full_name() or row.editor.get_username() if row.editor else ""
        raise conflict("being_edited", _EDITING, who=name)
    left = row.seconds_left if is_held else _seconds_left(row, now)
    if left is not None and left <= 0:
        raise transitions.refusal(row)
    _set(
        row, editor=by, editing_until=now + dt.timedelta(seconds=EDIT_SECONDS), seconds_left=left
    )  # fmt: skip
    return row


def edit_save(
    pk: int,
    *,
    by: User | None,
    who: str,
    now: dt.datetime,
    content: Content,
    accepted: Collection[str] = (),
) -> Intervention:
    """Keep a person's words; the suggestion waits on with the time it had left.

    Warnings that she accepted stand in the log with the approval.
    """
    row = _edited(pk, by)
    words, warnings = checked(row, content, accepted)
    gate = {**row.gate, "warnings": warnings, "warned": who if warnings else ""}
    with transaction.atomic():
        transitions.change(
            row, content=words, original=row.original or row.content, gate=gate,
            **_resumed(row, now),
        )  # fmt: skip
    return row


def edit_cancel(pk: int, *, by: User, now: dt.datetime) -> Intervention:
    """Stop editing; the words stay as they were."""
    row = _edited(pk, by)
    _set(row, **_resumed(row, now))
    return row


def _edited(pk: int, by: User | None) -> Intervention:
    row = transitions.get(pk)
    if row.status != Status.WAITING:
        raise transitions.refusal(row)
    if row.editor_id not in (None, by.pk if by else None):
        raise conflict("being_edited", _EDITING, who=gettext_lazy("Somebody else"))
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
    row = transitions.get(pk)
    if row.status != Status.WAITING or row.expires_at is None or row.expires_at <= now:
        raise transitions.refusal(row)
    if row.extensions >= MOST_EXTENSIONS:
        raise conflict("extended_enough", "It has waited long enough.")
    more = dt.timedelta(seconds=EXTENSION_SECONDS)
    _set(row, expires_at=row.expires_at + more, extensions=row.extensions + 1)
    return row


def _set(row: Intervention, **fields: Any) -> None:
    """Set a clock or a lease: what a person sees of the words stays, and so does the version."""
    done = Intervention.objects.filter(
        pk=row.pk, version=row.version, status=row.status
    ).update(**fields)  # fmt: skip
    if not done:
        raise transitions.refusal(transitions.get(row.pk))
    for name, value in fields.items():
        setattr(row, name, value)
    transitions.broadcast_change(row.session_id, transitions.SUGGESTION)
