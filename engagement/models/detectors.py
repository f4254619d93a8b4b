"""What detectors have learnt from stored sessions: versioned, applied, undone, never deleted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.organisations import Organisation


class DetectorProfile(models.Model):
    """One calibration of the scan; anomalies name its version as `3.<version>`.

    It is for the sessions of one organisation, of one type of event (the name of the event's scoring
    profile), of both together, or with neither for everybody; a session takes the nearest.

    `parameters` is the JSON of `engagement.detection.Tuning`. `report` says what it was learnt from
    and which false alarms were measured: {sessions, hours, alarms_per_hour, critical_per_hour,
    before: {alarms_per_hour, critical_per_hour}}.
    """

    version = models.PositiveIntegerField(_("version"), unique=True)
    parameters = models.JSONField(_("parameters"), default=dict)
    report = models.JSONField(_("report"), default=dict)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="detector_profiles"
    )
    event_type = models.CharField(_("type of event"), max_length=60, default="", blank=True)
    is_active = models.BooleanField(_("active"), default=False)
    # The profile that was active before; what an undo goes back to.
    previous = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("previous")
    )
    created_at = models.DateTimeField(_("created at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        verbose_name = _("detector profile")
        verbose_name_plural = _("detector profiles")
        ordering = ("-version",)
        constraints = [
            models.UniqueConstraint(
                fields=("organisation", "event_type"),
                condition=models.Q(is_active=True),
                nulls_distinct=False,
                name="one_active_detector_profile",
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"
