"""Who gets to which session: strangers get a 404, viewers look, organizers change."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone

from engagement.models import ActKind, Event, Membership, Organisation, Session
from engagement.organisations import audit
from engagement.sessions.queries import (
    WRITERS,
    events_visible_to,
    may_organize,
    sessions_visible_to,
)


def user_of(request: HttpRequest) -> User:
    """Return the signed-in person (views using this are behind `login_required`)."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def name_of(user: User | None) -> str:
    """Return a person as pages name people."""
    return (user.get_full_name() or user.get_username()) if user is not None else ""


def session_for(request: HttpRequest, pk: int) -> Session:
    """Return a session that the person may see. Raises Http404 for anybody else's."""
    session = sessions_visible_to(request.user).filter(pk=pk).first()
    if session is None:
        raise Http404
    return session


def session_to_change(request: HttpRequest, pk: int) -> Session:
    """Return a session that the person may change. Raises PermissionDenied for a viewer."""
    session = session_for(request, pk)
    if not may_organize(request.user, session.event.organisation_id):
        raise PermissionDenied
    return session


def event_to_change(request: HttpRequest, pk: int) -> Event:
    """Return an event that the person may change; 404 for a stranger, 403 for a viewer."""
    event = events_visible_to(request.user).filter(pk=pk).first()
    if event is None:
        raise Http404
    if not may_organize(request.user, event.organisation_id):
        raise PermissionDenied
    return event


def organisation_to_change(request: HttpRequest) -> Organisation:
    """Return the first organisation that the person may change. Raises PermissionDenied for none."""
    own = Membership.objects.filter(user=user_of(request), role__in=WRITERS)
    first = own.select_related("organisation").order_by("organisation_id").first()
    if first is None:
        raise PermissionDenied
    return first.organisation


def note_settings(request: HttpRequest, session: Session, detail: str) -> None:
    """Write down, for the audit log, that the person changed something of a session."""
    who, now = name_of(user_of(request)), timezone.now()  # noqa: TID251  (an edge)
    audit.note(ActKind.SETTINGS, who=who, now=now, session=session, detail=detail)
