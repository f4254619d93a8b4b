"""What the detector noticed: few rows, referenced and acknowledged, an ordinary table."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.sessions import Session
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity


class Anomaly(models.Model):
    """One alarm of one session: what, how sure, on which evidence, by which detector."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="anomalies")
    tick = models.BigIntegerField(_("tick"))
    kind = models.CharField(
        _("kind"), max_length=20, choices=[(kind.value, kind.value) for kind in AnomalyKind]
    )
    severity = models.CharField(
        _("severity"), max_length=8, choices=[(each.value, each.value) for each in Severity]
    )
    # 0 to 1: 0.6 is about one false alarm an hour, 0.8 about one in ten hours.
    score = models.FloatField(_("score"))
    detector = models.CharField(_("detector"), max_length=20)
    detector_version = models.CharField(_("detector version"), max_length=20)
    # Which statistic, over which window, expected and seen.
    detail = models.JSONField(_("evidence"), default=dict)
    # Code and parameters of the sentence; the wording is the page's.
    headline = models.JSONField(_("headline"), default=dict)
    detected_at = models.DateTimeField(_("detected at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("anomaly")
        verbose_name_plural = _("anomalies")
        ordering = ("-detected_at",)
        indexes = [
            models.Index(fields=("session", "-detected_at"), name="anomaly_by_session"),
            # Asked every second: what is new, and what is not over.
            models.Index(fields=("-detected_at",), name="anomaly_by_time"),
            models.Index(
                fields=("session",), name="anomaly_open", condition=models.Q(resolved_at=None)
            ),
        ]
        constraints = [
            # A tick closed twice finds out here.
            models.UniqueConstraint(
                fields=("session", "tick", "kind"), name="anomaly_once_per_tick"
            ),
            models.CheckConstraint(
                condition=models.Q(score__gte=0, score__lte=1), name="anomaly_score_0_to_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.severity}"
