"""The wordings that the agent writes with where no model does."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.kinds.registry import choices_of_acts


class TemplateStatus(models.TextChoices):
    """Drafts wait in the queue, approved ones are used, retired ones are kept for their results."""

    DRAFT = "draft", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    RETIRED = "retired", _("Retired")


class TemplateSource(models.TextChoices):
    """Who worded it."""

    LIBRARY = "library", _("Library")
    STAFF = "staff", _("Staff")
    MODEL = "model", _("Model")


class Template(models.Model):
    """One wording of one kind in one language; texts may hold {topic} and {speaker}.

    Wordings with the same `group` are variants of each other: they compete.
    """

    # "poll.check.pace" in the library; empty for those that staff or a model wrote.
    key = models.CharField(_("key"), max_length=80, blank=True, editable=False)
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=choices_of_acts,
    )
    style = models.CharField(_("style"), max_length=40, blank=True)
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    text = models.CharField(_("text"), max_length=200)
    options = models.JSONField(_("options"), default=list, blank=True)
    # Counted from 0, as in Content.
    correct = models.PositiveSmallIntegerField(
        _("right option"), null=True, blank=True, validators=[MaxValueValidator(3)]
    )
    seconds = models.PositiveIntegerField(_("seconds open"), null=True, blank=True)
    group = models.CharField(_("variant group"), max_length=80, blank=True, db_index=True)
    status = models.CharField(
        _("status"), max_length=8, choices=TemplateStatus.choices, default=TemplateStatus.DRAFT
    )
    source = models.CharField(
        _("source"), max_length=8, choices=TemplateSource.choices, default=TemplateSource.STAFF
    )
    # The id of the model that proposed it.
    author = models.CharField(_("author"), max_length=80, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        editable=False,
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    # --- results, counted when an outcome is measured
    times_sent = models.PositiveIntegerField(_("sent"), default=0, editable=False)
    times_measured = models.PositiveIntegerField(_("measured"), default=0, editable=False)
    # Sum of lifts over forecast, in points of the organic score; mean = sum / measured.
    lift_total = models.FloatField(_("sum of lifts"), default=0.0, editable=False)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ("kind", "language", "style", "pk")
        indexes: ClassVar = [
            models.Index(fields=("kind", "language", "status"), name="template_choice")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("key", "language"), condition=~models.Q(key=""), name="template_key_once"
            ),
            # A proposal made twice is one proposal.
            models.UniqueConstraint(
                fields=("kind", "language", "text"), name="template_wording_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="approved") | models.Q(approved_at__isnull=False),
                name="template_approved_at_when_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def content(self) -> Content:
        """Return the wording as content, its placeholders not filled."""
        return Content(
            Kind(self.kind), self.language, self.text, tuple(self.options), self.correct,
            self.seconds,
        )  # fmt: skip
