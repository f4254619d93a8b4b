"""Who calls the API: a key of one organisation, or a person with her organisations; and what they may."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from engagement.models import ApiKey, Event, Organisation, Session
from engagement.sessions import queries
from engagement.vocabulary.errors import forbidden, not_found


@dataclass(frozen=True, slots=True)
class Caller:
    """One of `key` and `user` is set. `name` is what logs and other people see."""

    key: ApiKey | None
    user: User | None
    name: str

    @property
    def identity(self) -> str:
        """Return what tells this caller from every other."""
        return f"key-{self.key.pk}" if self.key else f"user-{self.user.pk if self.user else 0}"


def caller_of(request: Request) -> Caller:
    """Return who calls; the request is authenticated."""
    if isinstance(request.auth, ApiKey):
        return Caller(request.auth, None, f"API key {request.auth.name}")
    user = request.user
    if not isinstance(user, User):
        raise NotAuthenticated
    return Caller(None, user, user.get_full_name() or user.get_username())


def visible_sessions(request: Request) -> QuerySet[Session]:
    """Return the sessions the caller may see: a key's organisation, or a person's organisations.

    Raises a permission error for a key that may only send signals.
    """
    key = reading_key(request)
    if key is None:
        return queries.sessions_visible_to(request.user)
    return queries.sessions_of(key.organisation_id)


def visible_events(request: Request) -> QuerySet[Event]:
    """Return the events the caller may see; errors as in `visible_sessions`."""
    key = reading_key(request)
    if key is None:
        return queries.events_visible_to(request.user)
    return Event.objects.filter(organisation_id=key.organisation_id)


def reading_key(request: Request) -> ApiKey | None:
    """Return the key, or None for a person. Raises a permission error where it may not read."""
    key = request.auth
    if not isinstance(key, ApiKey):
        return None
    if not key.can_read:
        raise forbidden("key_cannot_read", "This API key may only send signals.")
    return key


def visible_session(request: Request, pk: int) -> Session:
    """Return one session the caller may see. Raises not_found, also for somebody else's."""
    session = visible_sessions(request).filter(pk=pk).first()
    if session is None:
        raise not_found("not_found", "There is no such session, or it is not yours.")
    return session


def require_act(request: Request, organisation_id: int) -> None:
    """Raise a permission error where the caller may only look at this organisation."""
    key = request.auth
    if isinstance(key, ApiKey):
        if not (key.can_act and key.organisation_id == organisation_id):
            raise forbidden(
                "key_cannot_act", "This API key may not change anything. Make one with --may-act."
            )
    elif not queries.may_organize(request.user, organisation_id):
        raise forbidden("viewer_cannot_act", "Viewers may look, not change anything.")


def session_to_act_on(request: Request, pk: int) -> Session:
    """Return a session the caller may change. Raises not_found or a permission error."""
    session = visible_session(request, pk)
    require_act(request, session.event.organisation_id)
    return session


def event_to_act_on(request: Request, pk: int) -> Event:
    """Return an event the caller may change. Raises not_found or a permission error."""
    event = visible_events(request).filter(pk=pk).first()
    if event is None:
        raise not_found("event_unknown", "There is no such event, or it is not yours.")
    require_act(request, event.organisation_id)
    return event


def require_library(request: Request) -> None:
    """Raise a permission error where the caller may not change the wordings everybody shares."""
    key = request.auth
    if isinstance(key, ApiKey):
        if not key.can_edit_library:
            raise forbidden(
                "library_is_shared",
                "Wordings are shared by all organisations. Make a key with --may-edit-wordings.",
            )  # fmt: skip
        return
    user = request.user
    if not (user.is_staff and user.has_perm("interventions.change_template")):
        raise forbidden(
            "library_is_shared",
            "Wordings are shared by all organisations. Staff with the permission to change templates may.",
        )  # fmt: skip


def organisation_of(request: Request) -> Organisation:
    """Return the organisation a call is about: a key's, else `?organisation=<id>`, else the only one.

    Raises not_found for one that is not the caller's, and where a person has to choose.
    """
    key = reading_key(request)
    if key is not None:
        return key.organisation
    mine = queries.organisations_of(request.user)
    asked = request.query_params.get("organisation", "")
    if asked:
        is_number = asked.isascii() and asked.isdecimal() and len(asked) <= 18
        mine = mine.filter(pk=int(asked)) if is_number else mine.none()
    found = list(mine[:2])
    if len(found) != 1:
        raise not_found(
            "organisation_unknown", "Say which organisation: ?organisation=<its number>."
        )
    return found[0]
