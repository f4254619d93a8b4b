"""Where interventions go: one row per target, so that each gets it once and nothing is dropped."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models import Organisation, Session
from interventions.models.interventions import Intervention
from interventions.models.outgoing import Outgoing


class Delivery(Outgoing):
    """One intervention to one target: `sockets`, `stage`, `cue`, or `channel:<name>`."""

    intervention = models.ForeignKey(Intervention, models.CASCADE, related_name="deliveries")
    target = models.CharField(_("target"), max_length=80)
    # People it was handed to, where the target can tell.
    reached = models.PositiveIntegerField(_("reached"), null=True, blank=True)
    # The error is a code; the wording is the page's.
    error_detail = models.CharField(max_length=300, blank=True)

    class Meta(Outgoing.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("intervention", "target"), name="delivery_once_per_target"
            )
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.status}"


class Webhook(models.Model):
    """An address of a customer that is told what happens (Standard Webhooks)."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="webhooks")
    url = models.URLField(_("address"), max_length=500)
    # "whsec_" and base64; shown once, two of them while one replaces the other.
    secret = models.CharField(max_length=120, editable=False)
    old_secret = models.CharField(max_length=120, blank=True, editable=False)
    # Empty: all of them.
    event_types = models.JSONField(_("events"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))
    # Since when it fails without a success between; disabled after some days, or by a 410.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("disabled at"), null=True, blank=True)
    disabled_why = models.CharField(_("why"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.url


class WebhookMessage(Outgoing):
    """One event for one webhook; tried until it is taken or given up. `id` is the webhook-id."""

    id = models.UUIDField(primary_key=True)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="messages")
    intervention = models.ForeignKey(
        Intervention, models.CASCADE, null=True, blank=True, related_name="webhook_messages"
    )
    event_type = models.CharField(_("event"), max_length=60)
    body = models.TextField()
    created_at = models.DateTimeField(_("created at"))

    class Meta(Outgoing.Meta):
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.event_type}: {self.status}"


class ViewKind(models.TextChoices):
    """Screens that need no login: a token in the address is enough, and only lets one look."""

    STAGE = "stage", _("Projector")
    OVERLAY = "overlay", _("OBS overlay")
    CUE = "cue", _("Speaker")


class ViewToken(models.Model):
    """A read-only screen of one session. Only the token's SHA-256 is kept; it can be revoked.

    `seen_at` is renewed while the screen is open: a cue is only suggested where somebody reads it.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="view_tokens")
    kind = models.CharField(_("screen"), max_length=8, choices=ViewKind.choices)
    name = models.CharField(_("name"), max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # Who opened it, and may end it wherever she is.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False,
        related_name="screens",
    )  # fmt: skip
    created_at = models.DateTimeField(_("created at"))
    seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    # Somebody clicked "Arm sound" there: it may speak.
    armed_at = models.DateTimeField(_("sound armed at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("screen")
        verbose_name_plural = _("screens")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
