"""Writing down what people did; read in the audit log."""

import datetime as dt

from engagement.models import Act, ActKind, Session

MOST_DETAIL = 300
MOST_WHO = 150


def note(
    kind: ActKind,
    *,
    who: str,
    now: dt.datetime,
    session: Session | None = None,
    organisation_id: int | None = None,
    detail: str = "",
) -> None:
    """Write down an act of a person or a key; with a session, its organisation is known.

    detail: a name of what was acted on, never what somebody wrote.
    """
    if session is not None:
        organisation_id = session.event.organisation_id
    Act.objects.create(
        at=now, kind=kind, who=who[:MOST_WHO], session=session, organisation_id=organisation_id,
        detail=detail[:MOST_DETAIL],
    )  # fmt: skip
