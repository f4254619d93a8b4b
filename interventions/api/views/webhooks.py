"""Webhooks: addresses that are told what happens, with their health."""

from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api.pagination import ByCreation
from engagement.api.principals import caller_of, organisation_of, require_act
from engagement.models import ActKind
from engagement.organisations import audit
from engagement.vocabulary.errors import conflict, not_found
from interventions.api.bodies import (
    WebhookChangeSerializer,
    WebhookCreateSerializer,
    read,
    read_change,
)
from interventions.api.filters import MessageFilter
from interventions.api.library_serializers import (
    WebhookMessageSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)
from interventions.api.views.library import ORGANISATION
from interventions.models import Webhook, WebhookMessage
from interventions.notifications.webhooks import services as webhooks


def _webhook(request: Request, pk: int, *, to_act: bool = True) -> Webhook:
    organisation = organisation_of(request)
    row = Webhook.objects.filter(pk=pk, organisation=organisation).first()
    if row is None:
        raise not_found("webhook_unknown", "There is no such webhook, or it is not yours.")
    if to_act:
        require_act(request, organisation.pk)
    return row


def _note(request: Request, kind: ActKind, hook: Webhook) -> None:
    # The host alone: an address may hold a secret.
    audit.note(
        kind, who=caller_of(request).name, now=timezone.now(),
        organisation_id=hook.organisation_id, detail=urlsplit(hook.url).hostname or "",
    )  # fmt: skip


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
        hook = webhooks.create(organisation, now=timezone.now(), **asked)
        _note(request, ActKind.HOOK_MADE, hook)
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
        asked = read_change(WebhookChangeSerializer, request.data, WebhookSerializer(hook).data)
        if asked:
            names = ("url", "event_types", "is_active")
            hook = webhooks.change(hook, **{name: asked.get(name) for name in names})
            _note(request, ActKind.HOOK_CHANGED, hook)
        return Response(WebhookSerializer(hook).data)

    @extend_schema(summary="Remove a webhook", parameters=[ORGANISATION], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove it with its messages."""
        hook = _webhook(request, pk)
        _note(request, ActKind.HOOK_REMOVED, hook)
        hook.delete()
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
            raise conflict("is_rotating", "Finish the rotation that has begun first.")
        hook = webhooks.rotate(hook)
        _note(request, ActKind.HOOK_CHANGED, hook)
        return Response(WebhookSecretSerializer(hook).data)


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
        hook = _webhook(request, pk)
        if hook.old_secret:
            _note(request, ActKind.HOOK_CHANGED, hook)
        hook = webhooks.finish_rotation(hook)
        return Response(WebhookSerializer(hook).data)


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
            raise conflict("is_off", "This webhook is switched off.")
        message = webhooks.ping(hook, timezone.now())
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
