"""One person's answer to what is open: a vote, a quiz answer, a team. One row, changed until close."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db import connection

from engagement.models import Removal
from engagement.sessions.removed_people import check_person
from engagement.vocabulary.errors import conflict, invalid, not_found
from interventions.kinds.registry import taking_votes
from interventions.models import Intervention, PollVote
from interventions.vocabulary.statuses import Status

SENT: Final = (
    Status.SENDING.value,
    Status.DELIVERED.value,
    Status.LEARNED.value,
    Status.NOT_MEASURED.value,
)
"""Statuses in which people may have it before them. What was held out has no closing time."""

_VOTES: Final = PollVote._meta.db_table
_SENT: Final = Intervention._meta.db_table
# One statement: whether it is open, whether there is such an option, the vote, and the lock that
# makes the final count wait for it. No row comes back where it is not open.
_CAST: Final = f"""
insert into {_VOTES} (intervention_id, actor, option, voted_at)
select id, %(actor)s, %(option)s, %(now)s from {_SENT}
 where id = %(id)s and session_id = coalesce(%(session)s, session_id)
   and closes_at > %(now)s and closed_at is null
   and status = any(%(sent)s) and kind = any(%(answered)s)
   and not exists (select 1 from {Removal._meta.db_table} r
                    where r.session_id = {_SENT}.session_id and r.actor = %(actor)s)
   and %(option)s between 0 and jsonb_array_length(content -> 'options') - 1
   for key share
on conflict (intervention_id, actor) do update set
   changed_at = case when {_VOTES}.option = excluded.option
                     then {_VOTES}.changed_at else excluded.voted_at end,
   option = excluded.option
returning id, intervention_id, actor, option, voted_at, changed_at
"""  # noqa: S608 -- names of our own tables


def cast(
    intervention_pk: int,
    actor: int,
    option: int,
    now: dt.datetime,
    *,
    session_id: int | None = None,
) -> PollVote:
    """Store a person's answer, or change it; the same answer again changes nothing, even when closed.

    `actor` is the pseudonym, `option` an index; `session_id`, where given, the session it must be
    of. Raises not_found "intervention_unknown", conflict
    "poll_closed", validation "no_such_option"; "removed" and "erased" of who is out of the session.
    """
    values: dict[str, Any] = {
        "id": intervention_pk, "session": session_id, "actor": actor, "option": option, "now": now,
        "sent": list(SENT), "answered": list(taking_votes()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CAST, values)
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    if row is not None:
        return PollVote.from_db(connection.alias, names, row)
    return _as_before(intervention_pk, actor, option, session_id)


def _as_before(pk: int, actor: int, option: int, session_id: int | None) -> PollVote:
    row = Intervention.objects.filter(pk=pk, status__in=SENT, kind__in=taking_votes()).first()
    if row is None or session_id not in (None, row.session_id):
        raise not_found("intervention_unknown", "There is nothing to answer here.")
    check_person(row.session_id, actor)
    before = PollVote.objects.filter(intervention_id=pk, actor=actor).first()
    if before is not None and before.option == option:
        return before
    if not 0 <= option < options_of(row):
        raise invalid("no_such_option", "It has no such option.", "option")
    raise conflict("poll_closed", "This is closed.")


def options_of(row: Intervention) -> int:
    """Return how many options it has."""
    return len((row.content or {}).get("options", ()))


def given_at(vote: PollVote) -> dt.datetime:
    """Return when the answer became what it is."""
    return vote.changed_at or vote.voted_at
