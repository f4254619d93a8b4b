"""Phones that are told of suggestions by web push: whose, and what each was sent."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from interventions.models.interventions import Intervention
from interventions.models.outgoing import Outgoing


class PushSubscription(models.Model):
    """A browser of a person that agreed to be told; the push service's address is its identity."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions"
    )
    endpoint = models.CharField(_("address"), max_length=1000, unique=True)
    # The browser's public key and shared secret (RFC 8291), base64url.
    p256dh = models.CharField(max_length=120, editable=False)
    auth = models.CharField(max_length=40, editable=False)
    # The login that agreed: what is told here ends with it. Empty: of before logins were kept.
    session_key = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"


class PushKind(models.TextChoices):
    """A suggestion waits; it is over; a try."""

    ASK = "ask", _("Suggestion")
    OVER = "over", _("Over")
    HELLO = "hello", _("Try")


class PushMessage(Outgoing):
    """One notification for one phone. Its id, signed, approves what it tells of, once.

    `version` is the intervention's when it began to wait: the words that the notification shows.
    """

    id = models.UUIDField(primary_key=True)
    subscription = models.ForeignKey(PushSubscription, models.CASCADE, related_name="messages")
    intervention = models.ForeignKey(
        Intervention, models.CASCADE, null=True, blank=True, related_name="push_messages"
    )
    version = models.PositiveIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=5, choices=PushKind.choices)
    # When it is worth nothing any more.
    expires_at = models.DateTimeField(_("expires at"))
    created_at = models.DateTimeField(_("created at"))
    # The approval in it was used: never again.
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta(Outgoing.Meta):
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-created_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("subscription", "intervention", "kind"),
                condition=models.Q(intervention__isnull=False),
                name="push_once_per_suggestion",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.status}"
