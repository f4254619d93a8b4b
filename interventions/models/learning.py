"""What the agent knows, per organisation, and who changed it by hand."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models import Organisation
from interventions.kinds.registry import choices_of_acts


class ArmState(models.Model):
    """The policy of one organisation as JSON (`Policy.to_json`); changed under a row lock.

    Demo sessions learn in a row of their own: what they teach is made up.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="arm_states")
    is_demo = models.BooleanField(_("demo"), default=False)
    policy = models.TextField()
    # The session whose decisions are being made: another one begins a new event of the policy.
    session_id = models.BigIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        verbose_name = _("learning")
        verbose_name_plural = _("learning")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("organisation", "is_demo"), name="one_policy_per_organisation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation}"


class ArmSample(models.Model):
    """Every arm's standing after an outcome was learned: how belief moved over time."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    is_demo = models.BooleanField(default=False)
    time = models.DateTimeField(_("time"))
    # {kind: [effect, low, high, confidence, deliveries]}, and how many were held back.
    standings = models.JSONField(default=dict)
    holdouts = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        ordering = ("-time",)
        indexes: ClassVar = [
            models.Index(fields=("organisation", "-time"), name="standing_by_organisation")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} @{self.time:%Y-%m-%d %H:%M}"


class ArmChange(models.Model):
    """A reset or an import by hand, with its reason and what was known before: it can be undone."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="arm_changes")
    what = models.CharField(
        _("what"), max_length=8, choices=[("reset", _("Reset")), ("import", _("Import"))]
    )
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("at"))
    policy_before = models.TextField(blank=True)

    class Meta:
        verbose_name = _("change of learning")
        verbose_name_plural = _("changes of learning")
        ordering = ("-at",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="arm_change_has_reason")
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


class ExperimentStatus(models.TextChoices):
    """Running splits sessions, stopped keeps its numbers, archived leaves the list."""

    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped")
    ARCHIVED = "archived", _("Archived")


class Experiment(models.Model):
    """Two or more variants of the words or of a rule; each session always gets the same one.

    `variants` is [{"key": "a", "label": ..., "templates": [ids]} or {"key", "label", "settings":
    {name of AgentSettings field or limit: value}}], the first is what the others are compared with.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="experiments")
    name = models.CharField(_("name"), max_length=120)
    # "templates" competes wordings of one kind; "rule" competes settings.
    subject = models.CharField(
        _("compares"), max_length=10,
        choices=[("templates", _("Wordings")), ("rule", _("A rule"))],
    )  # fmt: skip
    kind = models.CharField(
        _("kind"),
        max_length=20,
        blank=True,
        choices=choices_of_acts,
    )
    variants = models.JSONField(_("variants"), default=list)
    # Part of the hash that splits, so that two experiments split differently.
    salt = models.CharField(max_length=32, editable=False)
    status = models.CharField(
        _("status"), max_length=8, choices=ExperimentStatus.choices,
        default=ExperimentStatus.DRAFT,
    )  # fmt: skip
    winner = models.CharField(_("winner"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name
