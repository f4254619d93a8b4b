"""Reads of the hearing half. Every read for a person takes the person and sees her organisations."""

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from engagement.models import Event, Membership, Organisation, Role, Session
from engagement.sessions.agenda import Agenda

Person = User | AnonymousUser
# No row has it: what somebody who is not logged in owns.
NOBODY = 0
WRITERS = (Role.OWNER, Role.ORGANIZER)


def agenda_of(session: Session) -> Agenda:
    """Return the session's agenda on the clock; empty before it has started."""
    if session.started_at is None:
        return Agenda()
    return Agenda.of(session.agenda, session.started_at.timestamp())


def session_exists(session_id: int) -> bool:
    """Whether there is such a session, live or not."""
    return Session.objects.filter(pk=session_id).exists()


def organisations_of(user: Person) -> QuerySet[Organisation]:
    """Return the organisations the person belongs to."""
    return Organisation.objects.filter(memberships__user_id=user.pk or NOBODY)


def events_visible_to(user: Person) -> QuerySet[Event]:
    """Return the events of the person's organisations."""
    return Event.objects.filter(organisation__memberships__user_id=user.pk or NOBODY)


def sessions_visible_to(user: Person) -> QuerySet[Session]:
    """Return the sessions of the person's organisations, event and organisation joined."""
    return Session.objects.filter(
        event__organisation__memberships__user_id=user.pk or NOBODY
    ).select_related("event", "event__organisation")


def sessions_of(organisation_id: int) -> QuerySet[Session]:
    """Return the sessions of one organisation."""
    return Session.objects.filter(event__organisation_id=organisation_id).select_related("event")


def may_organize(user: Person, organisation_id: int) -> bool:
    """Whether the person may change things there: owners and organizers may, viewers only look."""
    return Membership.objects.filter(
        user_id=user.pk or NOBODY, organisation_id=organisation_id, role__in=WRITERS
    ).exists()


def platform_organisation(chosen: int | None) -> int | None:
    """Return whose platform is listened to and told: the chosen organisation, or else the only one.

    None where there are several and none is chosen: a name of one must not mean a session of another.
    """
    if chosen is not None:
        return chosen
    found = list(Organisation.objects.order_by("pk").values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None
