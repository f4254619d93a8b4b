"""Answers that take long to make (reports, files): an organisation has one made at a time.

A view says that its answer is one. Whoever lets requests in (conductor/serving/page_threads.py) then
asks again when it is this organisation's turn; nothing waits inside a view, where it would hold a thread
and a connection.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse

TURN: Final = "conductor.turn"
"""Where a request's scope holds its turn; without one (tests, other servers) nobody waits."""


@dataclass(slots=True)
class Turn:
    """Whether a request is costly, for which organisation, and whether it may be answered now."""

    organisation_id: int | None = None
    has_come: bool = False


def put_off(request: Any, organisation_id: int) -> HttpResponse | None:
    """Return what to answer with while it is not the organisation's turn, None when it is.

    Called first thing when it is known whose the answer is: the view is called a second time. What sends
    something is answered at once: it would have to be read again.
    """
    scope = getattr(request, "scope", {})
    turn = scope.get(TURN)
    if turn is None or turn.has_come or request.method not in ("GET", "HEAD"):
        return None
    turn.organisation_id = organisation_id
    return HttpResponse(status=204)
