"""What is written with: wordings, what each call of a model cost, and what may still be spent."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.kinds.registry import choices_of_acts
from interventions.models.outgoing import Outgoing


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


class LlmCall(models.Model):
    """One request to a model and what it cost. Append-only; a hypertable on TimescaleDB.

    Money is nano-dollars, tokens are as billed. Holds no text: neither prompt nor answer.
    """

    pk = models.CompositePrimaryKey("time", "call")
    time = models.DateTimeField(_("time"))
    call = models.UUIDField(_("call"))
    # Not a foreign key: a ledger outlives what it was for. 0 where it was for no session.
    session_id = models.BigIntegerField(_("session"), default=0)
    kind = models.CharField(_("kind"), max_length=20)
    model = models.CharField(_("model"), max_length=80)
    outcome = models.CharField(_("outcome"), max_length=60)
    prompt_version = models.CharField(max_length=20)
    input_tokens = models.IntegerField(default=0)
    write_5m_tokens = models.IntegerField(default=0)
    write_1h_tokens = models.IntegerField(default=0)
    read_tokens = models.IntegerField(default=0)
    output_tokens = models.IntegerField(default=0)
    cost = models.BigIntegerField(_("cost"))
    # What input, and all of it, would have cost without a cache.
    input_cost = models.BigIntegerField(default=0)
    uncached_input_cost = models.BigIntegerField(default=0)
    # No answer came: the cost is what was reserved, because the server may have billed it.
    is_assumed = models.BooleanField(_("assumed"), default=False)
    latency_ms = models.IntegerField(_("latency"))
    # The server's name for the request.
    request_id = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("model call")
        verbose_name_plural = _("model calls")
        indexes: ClassVar = [models.Index(fields=("session_id", "-time"), name="call_by_session")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(cost__gte=0), name="call_cost_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.outcome}"


class BudgetWindow(models.Model):
    """One hour or day of spending, shared by all processes (nano-dollars)."""

    # "hour:2026-03-03T12" or "day:2026-03-03", UTC; an organisation's part of it "7:h26030312", "7:d260303".
    key = models.CharField(max_length=20, primary_key=True)
    limit = models.BigIntegerField(_("limit"))
    spent = models.BigIntegerField(_("spent"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    # Set once, by the process that passed 80 %; then people are told, each way once.
    alarmed_at = models.DateTimeField(_("alarm at"), null=True, blank=True)

    class Meta:
        verbose_name = _("budget window")
        verbose_name_plural = _("budget windows")

    def __str__(self) -> str:
        return self.key


class AlertWay(models.TextChoices):
    """How operators are told."""

    MAIL = "mail", _("By mail")
    POST = "post", _("By webhook")


class BudgetAlert(Outgoing):
    """What operators are told of one window, in one way."""

    window = models.ForeignKey(BudgetWindow, models.CASCADE, related_name="alerts")
    way = models.CharField(_("way"), max_length=4, choices=AlertWay.choices)

    class Meta(Outgoing.Meta):
        verbose_name = _("budget alert")
        verbose_name_plural = _("budget alerts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("window", "way"), name="alert_once_in_each_way")
        ]

    def __str__(self) -> str:
        return f"{self.window_id} {self.way}: {self.status}"


class ModelRest(models.Model):
    """A model that asked for time (Retry-After): nobody asks it before `until`."""

    model = models.CharField(max_length=80, primary_key=True)
    until = models.DateTimeField()
    outcome = models.CharField(max_length=60)

    class Meta:
        verbose_name = _("resting model")
        verbose_name_plural = _("resting models")

    def __str__(self) -> str:
        return self.model
