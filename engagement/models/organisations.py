"""Organisations and who may do what in them."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from engagement.vocabulary.visible_text import turns


class Role(models.TextChoices):
    """What a member may do: owners also manage people and keys, viewers only look."""

    OWNER = "owner", _("Owner")
    ORGANIZER = "organizer", _("Organizer")
    VIEWER = "viewer", _("Viewer")


def check_direction(value: str) -> None:
    """Refuse a text that turns letters against their own direction: it reads as what it is not."""
    if turns(value):
        raise ValidationError(_("There are characters in it that turn the writing around."))


class Organisation(models.Model):
    """Owns events; nobody outside sees anything of it."""

    name = models.CharField(_("name"), max_length=120, validators=[check_direction])
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership")

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one organisation."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=("organisation", "user"), name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class ApiKeys(models.QuerySet["ApiKey"]):
    """Keys, and which of them open something."""

    def valid(self, now: dt.datetime) -> Self:
        """Return those that are neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class ApiKey(models.Model):
    """A key of an integration. Only its SHA-256 is kept; the key itself is shown once."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    # The first characters, so that a person can tell keys apart in a list.
    prefix = models.CharField(_("starts with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # "signals" may write signals, "read" may read the API, "act" may change things through it:
    # make and end sessions, approve what reaches an audience.
    can_write_signals = models.BooleanField(_("may send signals"), default=True)
    can_read = models.BooleanField(_("may read"), default=True)
    can_act = models.BooleanField(_("may act"), default=False)
    # "library" may change the wordings, which every organisation of an installation shares.
    can_edit_library = models.BooleanField(_("may change wordings"), default=False)
    # Whose it is to end; None: an operator's.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False,
        related_name="api_keys",
    )  # fmt: skip
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects: ClassVar[models.Manager[ApiKey]] = models.Manager.from_queryset(ApiKeys)()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Attendee(models.Model):
    """A pseudonym: somebody who joined one event, without account.

    `actor` is the 64-bit keyed hash that the signals carry, salted per event, so that people are
    distinct within an event and cannot be followed across events.
    """

    event = models.ForeignKey("engagement.Event", models.CASCADE, related_name="attendees")
    actor = models.BigIntegerField(editable=False)
    # What they chose to be called, or nothing.
    name = models.CharField(_("name"), max_length=60, blank=True)
    # Opted out: counted as present and may vote, but not heard in the score.
    counts = models.BooleanField(_("counts in the score"), default=True)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        constraints = [
            models.UniqueConstraint(fields=("event", "actor"), name="attendee_once_per_event")
        ]

    def __str__(self) -> str:
        return self.name or f"…{self.actor & 0xFFFF:04x}"
