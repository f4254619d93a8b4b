"""One suggestion from alarm to outcome: where it stands, its words, and every step it took."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models import MODE_CHOICES, Anomaly, Session
from engagement.vocabulary.modes import Mode
from interventions.kinds import registry
from interventions.kinds.registry import kind_name
from interventions.models.templates import Template
from interventions.vocabulary.labels import (
    STATUS_NAMES,
    choices,
    status_name,
)
from interventions.vocabulary.statuses import Status
from interventions.vocabulary.stored_decision import Decision

ACTED = (Status.DELIVERED, Status.HELD_OUT, Status.LEFT_ALONE)
"""Statuses in which an outcome window is open."""


class AskedBy(models.TextChoices):
    """What made the agent think."""

    ANOMALY = "anomaly", _("An alarm")
    ORGANIZER = "organizer", _("The organizer")
    API = "api", _("An integration")


class Intervention(models.Model):
    """One decision and what became of it. `version` rises with every change: the first click wins.

    `decided` is how `decision` is read.
    """

    session = models.ForeignKey(Session, models.CASCADE, related_name="interventions")
    anomaly = models.ForeignKey(
        Anomaly, models.SET_NULL, null=True, blank=True, related_name="interventions"
    )
    asked_by = models.CharField(
        _("asked for by"), max_length=10, choices=AskedBy.choices, default=AskedBy.ANOMALY
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What a repeated request is known by; empty where nobody gave one.
    request_key = models.CharField(max_length=80, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=choices(STATUS_NAMES),
        default=Status.PERCEIVED.value,
    )  # fmt: skip
    version = models.PositiveIntegerField(default=0, editable=False)
    # Empty until something is chosen; what was asked for, where a person asked for it.
    kind = models.CharField(_("kind"), max_length=20, blank=True, choices=registry.choices)
    mode = models.CharField(
        _("mode"), max_length=10, choices=MODE_CHOICES,
        default=Mode.MANUAL.value,
    )  # fmt: skip
    decision = models.JSONField(_("decision"), default=dict, blank=True)
    # [{code, kind, until, params}]: what the guards refused.
    refused_by = models.JSONField(_("refused by"), default=list, blank=True)
    # Step, code and numbers of `policy.gate`.
    gate = models.JSONField(_("gate"), default=dict, blank=True)

    # --- the words
    content = models.JSONField(_("content"), null=True, blank=True)
    # As written, where somebody changed them.
    original = models.JSONField(_("as written"), null=True, blank=True)
    # A model's id, or "template"; and why not somebody better.
    author = models.CharField(_("author"), max_length=80, blank=True)
    author_reason = models.CharField(max_length=60, blank=True)
    writing_ms = models.PositiveIntegerField(null=True, blank=True)
    template = models.ForeignKey(
        Template, models.SET_NULL, null=True, blank=True, related_name="interventions"
    )
    experiment = models.ForeignKey(
        "interventions.Experiment", models.SET_NULL, null=True, blank=True,
        related_name="interventions",
    )  # fmt: skip
    variant = models.CharField(max_length=40, blank=True)

    # --- clocks, all ours
    created_at = models.DateTimeField(_("created at"))
    moved_at = models.DateTimeField(_("since"))
    # A suggestion that waits expires then; a countdown and an undo end at `acts_at`.
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    acts_at = models.DateTimeField(_("acts at"), null=True, blank=True)
    extensions = models.PositiveSmallIntegerField(default=0)
    # Sent, held out or left alone; the outcome is due at `due_at`.
    acted_at = models.DateTimeField(_("acted at"), null=True, blank=True)
    due_at = models.DateTimeField(_("outcome due at"), null=True, blank=True)
    # An interaction that takes answers closes then; null where there is nothing to answer.
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    # --- who holds it: a worker while it works, a person while she edits
    lease_by = models.CharField(max_length=40, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    editing_until = models.DateTimeField(null=True, blank=True)
    # Seconds that were left when editing began; the clock stands still meanwhile.
    seconds_left = models.FloatField(null=True, blank=True)

    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Who let it out, by the name of that moment: a person, or an integration by its key's name.
    # Empty: nobody did, the countdown ran out. It stays when the person's account goes.
    approved_as = models.CharField(_("approved by"), max_length=150, blank=True)
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    dismiss_reason = models.CharField(_("reason"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("intervention")
        verbose_name_plural = _("interventions")
        ordering = ("-created_at", "-pk")
        indexes: ClassVar = [
            models.Index(fields=("session", "-created_at"), name="intervention_by_session"),
            models.Index(fields=("status", "moved_at"), name="intervention_by_status"),
            models.Index(
                fields=("closes_at",), name="intervention_open",
                condition=models.Q(closes_at__isnull=False, closed_at=None),
            ),
        ]  # fmt: skip
        constraints: ClassVar = [
            # An alarm is answered once, whoever finds it.
            models.UniqueConstraint(
                fields=("anomaly",), condition=models.Q(anomaly__isnull=False),
                name="intervention_once_per_anomaly",
            ),
            models.UniqueConstraint(
                fields=("session", "request_key"), condition=~models.Q(request_key=""),
                name="intervention_once_per_request",
            ),
            # One suggestion at a time, whatever races.
            models.UniqueConstraint(
                fields=("session",),
                condition=models.Q(
                    status__in=[
                        "assessed", "selected", "drafted", "waiting", "countdown", "approved",
                        "sending",
                    ]
                ),
                name="intervention_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in Status]),
                name="intervention_status_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    status__in=[
                        "drafted", "waiting", "countdown", "approved", "sending", "delivered",
                    ]
                )
                | models.Q(content__isnull=False),
                name="intervention_words_before_asking",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{kind_name(self.kind) or '…'} · {status_name(self.status)}"

    @property
    def decided(self) -> Decision:
        """The decision as a value."""
        return Decision.of(self.decision)


class Transition(models.Model):
    """One step of one intervention: who, when, why. Append-only; a hypertable on TimescaleDB.

    `version` is the intervention's after the step.
    """

    pk = models.CompositePrimaryKey("time", "intervention", "version")
    time = models.DateTimeField(_("time"))
    intervention = models.ForeignKey(
        Intervention, models.CASCADE, related_name="transitions", db_index=False
    )
    version = models.PositiveIntegerField()
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12)
    node = models.CharField(max_length=10)
    # agent, person or clock.
    by = models.CharField(max_length=6)
    # Not a foreign key: a log outlives who is in it. The name is as it was then.
    user_id = models.BigIntegerField(null=True, blank=True)
    who = models.CharField(max_length=150, blank=True)
    # A stable code; the wording is the page's.
    why = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        indexes: ClassVar = [
            models.Index(fields=("intervention", "version"), name="transition_of_intervention")
        ]

    def __str__(self) -> str:
        return f"{self.before or '·'} → {self.after}"


class Outcome(models.Model):
    """What followed one decision, in points of the organic score.

    See `interventions.agent.measurement.outcomes`.
    """

    intervention = models.OneToOneField(
        Intervention, models.CASCADE, primary_key=True, related_name="outcome"
    )
    # Before the alarm's own drop, at the decision, in the window; and what leaving alone promised.
    before = models.FloatField(null=True, blank=True)
    at_decision = models.FloatField(null=True, blank=True)
    value = models.FloatField(_("value"), null=True, blank=True)
    change = models.FloatField(_("change"), null=True, blank=True)
    expected = models.FloatField(_("expected change"))
    covered = models.FloatField(default=0.0)
    people = models.PositiveIntegerField(default=0)
    # Spread of one outcome when the verdict was given.
    noise = models.FloatField(default=0.0)
    verdict = models.CharField(_("verdict"), max_length=20)
    # too_few, cut_short, contaminated, implausible; empty where it teaches.
    missing = models.CharField(max_length=20, blank=True)
    # Whether chance decided, with which probability of sending, and what it said.
    is_trial = models.BooleanField(default=False)
    chance = models.FloatField(null=True, blank=True)
    was_sent = models.BooleanField(default=False)
    is_learned = models.BooleanField(default=False)
    measured_at = models.DateTimeField(_("measured at"))

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")

    def __str__(self) -> str:
        return self.verdict
