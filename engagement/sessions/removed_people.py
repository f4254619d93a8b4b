"""Who is out of a session: asked by the doors, the ticker, and whatever makes rows of what people send."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from engagement.models import Removal, Session
from engagement.vocabulary.errors import ProblemError, forbidden, unauthenticated

Out = Mapping[int, bool]
"""The people who are out of a session; True for those who were erased."""
Right = tuple[int, int]
"""A session, and a person who has a line to it."""


def out_of(session_ids: Collection[int] | QuerySet[Session, Any]) -> dict[int, dict[int, bool]]:
    """Return, by session, who is out of it (one query); sessions that nobody is out of are left out."""
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    rows = Removal.objects.filter(session_id__in=session_ids)
    for session_id, actor, is_erased in rows.values_list("session_id", "actor", "is_erased"):
        found[session_id][actor] = is_erased
    return dict(found)


def not_removed(rights: Collection[Right], now: dt.datetime) -> set[Right]:
    """Return those whom nobody removed from their session (one query)."""
    return _without(rights, is_erased=False)


def not_erased(rights: Collection[Right], now: dt.datetime) -> set[Right]:
    """Return those whose data was not erased (one query)."""
    return _without(rights, is_erased=True)


def _without(rights: Collection[Right], *, is_erased: bool) -> set[Right]:
    out = out_of({session_id for session_id, _ in rights})
    return {(pk, actor) for pk, actor in rights if out.get(pk, {}).get(actor) is not is_erased}


def check(out: Out, actor: int) -> None:
    """Raise a permission error "removed", or an authentication error "erased", for who is out."""
    if actor in out:
        raise erased() if out[actor] else removed()


def check_person(session_id: int, actor: int) -> None:
    """Raise as `check` does, asking the database (one query)."""
    check(out_of([session_id]).get(session_id, {}), actor)


def removed() -> ProblemError:
    """An organizer removed this person from the session."""
    return forbidden("removed", "The organizers have removed you from this session.")


def erased() -> ProblemError:
    """The data of this person was erased, and her token with it."""
    return unauthenticated("erased", "Your data was erased, and this token with it; join again.")
