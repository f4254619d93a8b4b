"""Interventions: lists, one in full, and everything a person can do with one."""

import random
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api.pagination import ByCreation
from engagement.api.principals import caller_of, session_to_act_on
from engagement.vocabulary.errors import not_found
from interventions.agent import delivery
from interventions.agent.approval import editing
from interventions.agent.approval import services as approval
from interventions.api import idempotency
from interventions.api.bodies import (
    ApproveSerializer,
    DismissSerializer,
    EditSerializer,
    TriggerSerializer,
    read,
)
from interventions.api.filters import InterventionFilter
from interventions.api.requests import (
    STEPS,
    content_of,
    doing,
    of_kind,
    shown,
    to_act_on,
    visible_interventions,
)
from interventions.api.serializers import InterventionDetailSerializer, InterventionSerializer
from interventions.kinds import Kind
from interventions.models import AskedBy, Intervention

POLL = {
    "kind": "POLL",
    "text": "How is the pace?",
    "options": ["Too slow", "Just right", "Too fast"],
    "seconds": 60,
}
ONE = OpenApiResponse(InterventionDetailSerializer, "As it stands now.")


@extend_schema_view(
    get=extend_schema(summary="Interventions, newest first", parameters=[InterventionFilter])
)
class InterventionList(generics.ListAPIView[Intervention]):
    """Every decision of the agent in the caller's sessions, those to do nothing as well."""

    serializer_class = InterventionSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Intervention]:
        """Return what is asked for."""
        rows = visible_interventions(self.request)
        return InterventionFilter.narrow(rows, self.request)  # type: ignore[no-any-return]


@extend_schema_view(get=extend_schema(summary="One intervention with decision, steps, deliveries"))
class InterventionDetail(generics.RetrieveAPIView[Intervention]):
    """Everything about one intervention. What the hold-out coin said is told once it was acted upon."""

    serializer_class = InterventionDetailSerializer

    def get_queryset(self) -> QuerySet[Intervention]:
        """Return the caller's interventions with their logs."""
        rows = visible_interventions(self.request)
        return rows.prefetch_related(*STEPS)  # type: ignore[no-any-return]


@extend_schema(
    summary="Ask for a suggestion",
    description="The agent decides and writes as after an alarm; the answer says how far it came."
    " `held_back` and its reasons where the guards refuse.",
    parameters=[idempotency.PARAMETER],
    request=TriggerSerializer,
    responses={201: ONE},
    examples=[
        OpenApiExample("Whatever is best", {}, request_only=True),
        OpenApiExample("A poll", {"kind": "POLL"}, request_only=True),
        OpenApiExample("These words", {"content": POLL}, request_only=True),
    ],
)
class Trigger(APIView):
    """Ask the agent for a suggestion in a live session."""

    @idempotency.once(session_to_act_on)
    def post(self, request: Request, pk: int) -> Response:
        """Ask. A conflict while another suggestion is open."""
        session = session_to_act_on(request, pk)
        asked = read(TriggerSerializer, request.data)
        content = content_of(asked.get("content"), session.language)
        kind = Kind(asked["kind"]) if "kind" in asked else content.kind if content else None
        of_kind(content, kind.value if kind else "")
        key = approval.caller_key(caller_of(request).identity, idempotency.key_of(request))
        row = approval.trigger(
            session, kind, asked_by=AskedBy.API, rng=random.Random(), request_key=key,
            content=content, accepted=_accepted(asked), **doing(request).words(),
        )  # fmt: skip
        return shown(row.pk, 201)


class _Act(APIView):
    """Something a person can do with one intervention; answers as it stands then."""

    def post(self, request: Request, pk: int) -> Response:
        """Do it. A conflict says who was faster, or why it is not possible now."""
        self.act(request, to_act_on(request, pk))
        return shown(pk)

    def act(self, request: Request, pk: int) -> None:
        """Call the service."""
        raise NotImplementedError


@extend_schema(
    summary="Approve",
    description="Sent after five seconds, in which `undo` takes it back. One in ten is held back to"
    " measure.",
    parameters=[idempotency.PARAMETER],
    request=ApproveSerializer,
    responses={200: ONE},
    examples=[
        OpenApiExample("What was seen", {"version": 4}, request_only=True),
        OpenApiExample("With other words", {"version": 4, "content": POLL}, request_only=True),
    ],
)
class Approve(_Act):
    """Let a suggestion go out."""

    @idempotency.once(to_act_on)
    def post(self, request: Request, pk: int) -> Response:
        """Approve it."""
        return super().post(request, pk)

    def act(self, request: Request, pk: int) -> None:
        """Call the service."""
        asked = read(ApproveSerializer, request.data)
        content = _content(asked.get("content"), pk)
        approval.approve(
            pk, version=asked.get("version"), content=content, accepted=_accepted(asked),
            **doing(request).words(),
        )  # fmt: skip


@extend_schema(
    summary="Change the words",
    request=EditSerializer,
    responses={200: ONE},
    examples=[OpenApiExample("Other words", {"content": POLL}, request_only=True)],
)
class Edit(_Act):
    """Store other words; the suggestion waits on."""

    def act(self, request: Request, pk: int) -> None:
        """Call the service."""
        asked = read(EditSerializer, request.data)
        content = _content(asked["content"], pk)
        editing.edit_save(pk, content=content, accepted=_accepted(asked), **doing(request).words())


@extend_schema(summary="Dismiss", request=DismissSerializer, responses={200: ONE})
class Dismiss(_Act):
    """Put a suggestion away: nothing is sent."""

    def act(self, request: Request, pk: int) -> None:
        """Call the service."""
        asked = read(DismissSerializer, request.data)
        approval.dismiss(
            pk, version=asked.get("version"), reason=asked["reason"], **doing(request).words()
        )


@extend_schema(summary="Hold a countdown", request=None, responses={200: ONE})
class Hold(_Act):
    """Stop a countdown: the suggestion waits for a person."""

    def act(self, request: Request, pk: int) -> None:
        """Call the service."""
        approval.hold(pk, **doing(request).words())


@extend_schema(summary="Undo an approval", request=None, responses={200: ONE})
class Undo(_Act):
    """Take an approval back within five seconds."""

    def act(self, request: Request, pk: int) -> None:
        """Call the service."""
        approval.undo(pk, **doing(request).words())


@extend_schema(summary="Give it one more minute", request=None, responses={200: ONE})
class Extend(_Act):
    """A waiting suggestion expires a minute later, ten times at most."""

    def act(self, request: Request, pk: int) -> None:
        """Call the service."""
        actor = doing(request)
        editing.extend(pk, by=actor.by, now=actor.now)


@extend_schema(
    summary="Send a failed one again",
    description="As a new suggestion with the same words, which waits for approval.",
    request=None,
    responses={201: ONE},
)
class Retry(APIView):
    """What failed to be sent, once more."""

    def post(self, request: Request, pk: int) -> Response:
        """Make the new one; again it returns the same."""
        row = delivery.retry(to_act_on(request, pk), **doing(request).words())
        return shown(row.pk, 201)


def _accepted(asked: dict[str, Any]) -> frozenset[str]:
    """Return which warnings about the words the caller accepts: all that there are, or none."""
    return editing.ALL_WARNINGS if asked["accept_warnings"] else frozenset()


def _content(data: dict[str, Any] | None, pk: int) -> Any:
    row = Intervention.objects.select_related("session").filter(pk=pk).first()
    if row is None:
        raise not_found("intervention_unknown", "There is no such suggestion.")
    return of_kind(content_of(data, row.session.language), row.kind)
