"""What the organizer allows the agent in one session, and who changed it when."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models import Session

RANGES: Final = {
    "line": (0.5, 0.99),
    "expiry_seconds": (30, 3600),
    "countdown_seconds": (5, 120),
    "gap_seconds": (120, 3600),
    "per_hour": (1, 12),
    "quiet_start_seconds": (0, 3600),
    "quiet_end_seconds": (0, 3600),
    "least_people": (5, 1000),
    "per_attendee": (1, 12),
}
"""Between what an organizer may set each number: columns and limits by name."""


def _between(name: str) -> list[MinValueValidator | MaxValueValidator]:
    least, most = RANGES[name]
    return [MinValueValidator(least), MaxValueValidator(most)]


class AgentSettings(models.Model):
    """What the organizer allows in one session; without a row the defaults hold.

    Limits are those of `interventions.lifecycle.agent_limits.Limits`, by name, and where the outcome is
    measured at another time than usual, `outcome_starts_seconds` and `outcome_seconds` after something
    was done; `kind_modes` maps a kind to a mode.
    """

    session = models.OneToOneField(
        Session, models.CASCADE, primary_key=True, related_name="agent_settings"
    )
    # Confidence from which SEMI_AUTO sends by itself.
    line = models.FloatField(_("line"), default=0.75, validators=_between("line"))
    kind_modes = models.JSONField(_("mode per kind"), default=dict, blank=True)
    forbidden = models.JSONField(_("switched off"), default=list, blank=True)
    limits = models.JSONField(_("limits"), default=dict, blank=True)
    # Seconds a suggestion waits before it expires; nothing is sent then.
    expiry_seconds = models.PositiveIntegerField(
        _("expires after"), default=90, validators=_between("expiry_seconds")
    )
    countdown_seconds = models.PositiveIntegerField(
        _("countdown"), default=10, validators=_between("countdown_seconds")
    )
    # Off: nothing is held back to measure, and the session's numbers say "not measurable".
    is_measured = models.BooleanField(_("hold some back to measure"), default=True)
    # Panic stop: nothing is suggested or sent until somebody takes it back.
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Models write, or only templates.
    may_ask_model = models.BooleanField(_("models may write"), default=True)
    # What goes out without a click may be a model's text that nobody has read; off: a template.
    sends_model_words = models.BooleanField(
        _("texts that a model writes are sent unread"), default=False
    )
    # What AUTO sends may be a kind that nobody has seen to help here; off: that waits for a person.
    explores = models.BooleanField(_("tries what may not help"), default=False)

    class Meta:
        verbose_name = _("agent settings")
        verbose_name_plural = _("agent settings")

    def __str__(self) -> str:
        return f"{self.session}"


class AgentChange(models.Model):
    """Somebody changed what the agent may do in a session, or who gets in.

    An empty `who` is the agent itself.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="agent_changes")
    at = models.DateTimeField(_("at"))
    what = models.CharField(
        _("what"), max_length=6,
        choices=[
            ("mode", _("Mode")), ("stop", _("Stop")), ("resume", _("Go on")),
            ("lock", _("Room locked")), ("unlock", _("Room open again")),
            ("remove", _("Person removed")), ("return", _("Person let in again")),
            ("word", _("Words asked for")), ("noword", _("No words asked for")),
            ("unread", _("Texts of a model are sent unread")),
            ("read", _("Texts of a model are read first")),
            ("tries", _("Auto tries what may not help")),
            ("knows", _("Auto sends what was seen to help")),
        ],
    )  # fmt: skip
    mode = models.CharField(_("mode"), max_length=10, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    who = models.CharField(_("who"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("change of the agent")
        verbose_name_plural = _("changes of the agent")
        ordering = ("-at",)
        indexes: ClassVar = [
            models.Index(fields=("session", "-at"), name="agent_change_by_session")
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.mode}".strip()
