"""One person of a session: removed with everything she sent, let in again, erased."""

import time
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api.bodies import Known
from engagement.api.principals import caller_of, session_to_act_on, visible_session
from engagement.models import Removal, Session
from engagement.vocabulary.errors import invalid
from interventions.api.bodies import read
from interventions.api.filters import BIGGEST
from interventions.api.requests import doing
from interventions.personal_data import erasure, lookup, removal
from interventions.personal_data.pace import PACE

MOST_LISTED: Final = 1_000


class WhoSerializer(Known, serializers.Serializer[Any]):
    """Who is meant: one of these. An attendee's number stands on her page, *Your data*."""

    attendee = serializers.IntegerField(required=False, min_value=1, max_value=BIGGEST)
    external_id = serializers.CharField(required=False, max_length=200)
    """What an integration calls her: the `actor` of its signals."""


class AuthorSerializer(WhoSerializer):
    """Who is meant: one of these; with `message` or `question`, whoever wrote it."""

    message = serializers.IntegerField(required=False, min_value=1, max_value=BIGGEST)
    question = serializers.IntegerField(required=False, min_value=1, max_value=BIGGEST)


class RemovedSerializer(serializers.Serializer[Any]):
    """A removed person; `name` is empty where she gave none."""

    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    removed_at = serializers.DateTimeField()
    removed_by = serializers.CharField(allow_blank=True)


class RemovedListSerializer(serializers.Serializer[Any]):
    """Those who are removed now, the latest first, 1,000 at most."""

    results = RemovedSerializer(many=True)
    count = serializers.IntegerField()


class ErasedSerializer(serializers.Serializer[Any]):
    """How many rows of hers went or are nobody's now, and in how many interventions she was quoted."""

    rows = serializers.IntegerField()
    quotes = serializers.IntegerField()


def _shown(row: Removal) -> dict[str, Any]:
    by = row.removed_by
    who = (by.get_full_name() or by.get_username()) if by is not None else ""
    return {"id": row.pk, "name": row.name, "removed_at": row.removed_at, "removed_by": who}


def _one(asked: dict[str, Any]) -> tuple[str, Any]:
    """Return the one field that says who is meant. Raises a validation error "who"."""
    if len(asked) != 1:
        raise invalid("who", "Say who is meant by exactly one field.")
    return next(iter(asked.items()))


def _actor(session: Session, name: str, value: Any) -> int:
    if name == "attendee":
        return lookup.by_number(session.event_id, value).actor
    if name == "external_id":
        return lookup.by_external_id(session.event_id, value).actor
    if name == "message":
        return removal.author_of_line(session.pk, value)
    return removal.author_of_question(session.pk, value)


class Erase(APIView):
    """Erase a person in all sessions of the event: it cannot be taken back."""

    @extend_schema(
        summary="Erase a person",
        request=WhoSerializer,
        responses=ErasedSerializer,
        examples=[OpenApiExample("By her number", {"attendee": 12}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Erase her; votes and upvotes stay as counts of nobody. 429 and 503 where many are erased."""
        session = session_to_act_on(request, pk)
        name, value = _one(read(WhoSerializer, request.data))
        if name == "attendee":
            her = lookup.by_number(session.event_id, value)
        else:
            her = lookup.by_external_id(session.event_id, value)
        caller = caller_of(request)
        with PACE.turn(session.event.organisation_id, caller.identity, time.monotonic()):
            went = erasure.erase(her, who=caller.name, now=doing(request).now)
        quotes = went.pop("quotes", 0)
        return Response({"rows": sum(went.values()), "quotes": quotes})


class Remove(APIView):
    """Leave a person out of a session with everything she sent there."""

    @extend_schema(
        summary="Remove a person from a session",
        request=AuthorSerializer,
        responses=RemovedSerializer,
        examples=[OpenApiExample("Who wrote a message", {"message": 17}, request_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Remove her; who is removed stays so."""
        session = session_to_act_on(request, pk)
        actor = _actor(session, *_one(read(AuthorSerializer, request.data)))
        return Response(_shown(removal.remove(session, actor, **doing(request).words())))


class RemovedList(APIView):
    """Who is removed from a session."""

    @extend_schema(summary="Who is removed", responses=RemovedListSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return them."""
        rows = removal.removed(visible_session(request, pk).pk)
        results = [_shown(row) for row in rows[:MOST_LISTED]]
        return Response({"results": results, "count": rows.count()})


class LetIn(APIView):
    """Take a removal back: what she sent is what it was, but for what was quoted of her."""

    @extend_schema(
        summary="Let a removed person in again", request=None, responses=RemovedSerializer
    )
    def post(self, request: Request, pk: int, removed_pk: int) -> Response:
        """Take it back. 404 where she is not removed (any more)."""
        session = session_to_act_on(request, pk)
        row = removal.take_back(session, removed_pk, **doing(request).words())
        return Response(_shown(row) | {"id": removed_pk})
