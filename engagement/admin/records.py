"""What was heard and found: anomalies, metrics, signals, and the state of the shards."""

from django.contrib import admin
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from engagement.admin.base import ReadOnly, RecordAdmin
from engagement.models import (
    Anomaly,
    MetricRecord,
    SignalRecord,
    StreamOffset,
    StuckRow,
)


@admin.register(Anomaly)
class AnomalyAdmin(ReadOnly):
    list_display = (
        "detected_at", "session", "kind", "severity", "shown_score", "detector", "resolved_at",
        "acknowledged_by",
    )  # fmt: skip
    list_filter = ("kind", "severity", "detector", "session__event__organisation")
    search_fields = ("session__title", "session__code")
    list_select_related = ("session", "acknowledged_by")
    date_hierarchy = "detected_at"

    @admin.display(description=_("score"), ordering="score")
    def shown_score(self, anomaly: Anomaly) -> str:
        """Return the score with two digits."""
        return number_format(anomaly.score, 2)


@admin.register(StuckRow)
class StuckRowAdmin(ReadOnly):
    list_display = ("stage", "row", "tries", "error", "first_at", "failed_at", "next_at")
    list_filter = ("stage",)


@admin.register(StreamOffset)
class StreamOffsetAdmin(ReadOnly):
    list_display = ("shard", "tick", "entry_id", "updated_at")


@admin.register(MetricRecord)
class MetricRecordAdmin(RecordAdmin):
    list_display = (
        "time", "session", "shown_score", "state", "present", "chat", "reactions", "votes",
        "joins", "leaves", "shown_alarm",
    )  # fmt: skip
    list_filter = ("state", "session__status", "session__event__organisation")
    ordering = ("-time",)

    @admin.display(description=_("score"), ordering="score")
    def shown_score(self, record: MetricRecord) -> str:
        """Return the score with its band, or a dash."""
        if record.score is None:
            return "–"
        return f"{record.score:.0f} ({record.low or 0:.0f}–{record.high or 0:.0f})"

    @admin.display(description=_("alarm"), ordering="alarm")
    def shown_alarm(self, record: MetricRecord) -> str:
        """Return the detector's score with two digits."""
        return number_format(record.alarm, 2)


@admin.register(SignalRecord)
class SignalRecordAdmin(RecordAdmin):
    list_display = ("received_at", "session", "kind", "text", "number", "late")
    list_filter = ("kind", "late", "session__event__organisation")
    search_fields = ("session__title", "session__code", "text")
    ordering = ("-received_at",)
