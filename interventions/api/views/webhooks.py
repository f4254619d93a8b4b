"""Webhooks: addresses that are told what happens, with their health."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api_pages import ByCreation
from engagement.callers import organisation_of, require_act
from engagement.errors import Category, ProblemError, not_found
from interventions.api.asked import (
    MessageFilter,
    WebhookChangeSerializer,
    WebhookCreateSerializer,
    read,
)
from interventions.api.shown_library import (
    WebhookMessageSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)
from interventions.api.views.library import ORGANISATION
from interventions.models import Webhook, WebhookMessage
from interventions.webhooks import keeping


def _webhook(request: Request, pk: int, *, to_act: bool = True) -> Webhook:
    organisation = organisation_of(request)
    row = Webhook.objects.filter(pk=pk, organisation=organisation).first()
    if row is None:
        raise not_found("webhook_unknown", "There is no such webhook, or it is not yours.")
    if to_act:
        require_act(request, organisation.pk)
    return row


class WebhookList(generics.ListAPIView[Webhook]):
    """The organisation's webhooks, newest first."""

    serializer_class = WebhookSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Webhook]:
        """Return the organisation's webhooks."""
        return Webhook.objects.filter(organisation=organisation_of(self.request))

    @extend_schema(summary="Webhooks", parameters=[ORGANISATION])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of webhooks."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        summary="Add a webhook",
        description="The answer holds the secret, this once.",
        parameters=[ORGANISATION],
        request=WebhookCreateSerializer,
        responses={201: WebhookSecretSerializer},
        examples=[
            OpenApiExample(
                "Outcomes only",
                {"url": "https://example.org/hooks", "event_types": ["outcome.measured"]},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Add a webhook."""
        organisation = organisation_of(request)
        require_act(request, organisation.pk)
        asked = read(WebhookCreateSerializer, request.data)
        hook = keeping.create(organisation, now=timezone.now(), **asked)
        return Response(WebhookSecretSerializer(hook).data, 201)


class WebhookDetail(APIView):
    """One webhook."""

    @extend_schema(summary="One webhook", parameters=[ORGANISATION], responses=WebhookSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return it and how it fares."""
        return Response(WebhookSerializer(_webhook(request, pk, to_act=False)).data)

    @extend_schema(
        summary="Change a webhook",
        parameters=[ORGANISATION],
        request=WebhookChangeSerializer,
        responses=WebhookSerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; switching on a disabled one lets it begin anew."""
        hook = _webhook(request, pk)
        asked = read(WebhookChangeSerializer, request.data)
        names = ("url", "event_types", "is_active")
        hook = keeping.change(hook, **{name: asked.get(name) for name in names})
        return Response(WebhookSerializer(hook).data)

    @extend_schema(summary="Remove a webhook", parameters=[ORGANISATION], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it with its messages."""
        _webhook(request, pk).delete()
        return Response(status=204)


@extend_schema(
    summary="Give it a new secret",
    description="Shown this once. Messages carry signatures of both until `finish-rotation`.",
    parameters=[ORGANISATION],
    request=None,
    responses=WebhookSecretSerializer,
)
class WebhookRotate(APIView):
    """Begin to replace the secret."""

    def post(self, request: Request, pk: int) -> Response:
        """Make a new secret. A conflict while an earlier rotation is not finished."""
        hook = _webhook(request, pk)
        if hook.old_secret:
            raise ProblemError(
                Category.CONFLICT, "is_rotating", "Finish the rotation that has begun first."
            )
        return Response(WebhookSecretSerializer(keeping.rotate(hook)).data)


@extend_schema(
    summary="Forget the old secret",
    parameters=[ORGANISATION],
    request=None,
    responses=WebhookSerializer,
)
class WebhookFinishRotation(APIView):
    """Sign with the new secret only."""

    def post(self, request: Request, pk: int) -> Response:
        """Finish; twice does no harm."""
        return Response(WebhookSerializer(keeping.finish_rotation(_webhook(request, pk))).data)


@extend_schema(
    summary="Try it",
    description='Sends a message of type "ping".',
    parameters=[ORGANISATION],
    request=None,
    responses={202: WebhookMessageSerializer},
)
class WebhookPing(APIView):
    """Send something harmless."""

    def post(self, request: Request, pk: int) -> Response:
        """Write the message; it is sent within seconds. A conflict for one that is switched off."""
        hook = _webhook(request, pk)
        if not hook.is_active or hook.disabled_at is not None:
            raise ProblemError(Category.CONFLICT, "is_off", "This webhook is switched off.")
        message = keeping.ping(hook, timezone.now())
        return Response(WebhookMessageSerializer(message).data, 202)


@extend_schema_view(
    get=extend_schema(summary="Its messages", parameters=[MessageFilter, ORGANISATION])
)
class WebhookMessages(generics.ListAPIView[WebhookMessage]):
    """What was sent there, newest first."""

    serializer_class = WebhookMessageSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[WebhookMessage]:
        """Return the webhook's messages."""
        hook = _webhook(self.request, self.kwargs["pk"], to_act=False)
        rows = WebhookMessage.objects.filter(webhook=hook)
        return MessageFilter.narrow(rows, self.request)  # type: ignore[no-any-return]
