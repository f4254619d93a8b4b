"""What the API shows of sessions, metrics and anomalies."""

from typing import Any

from rest_framework import serializers

from engagement.clock_field import ClockField
from engagement.facts import TickFacts
from engagement.models import Anomaly, Event, Metric, Session
from engagement.models.sessions import MOST_PHASES, check_phases


class EventSerializer(serializers.ModelSerializer[Event]):
    """A conference, webinar or course."""

    class Meta:
        model = Event
        fields = ("id", "title", "language", "time_zone", "created_at")


class PhaseSerializer(serializers.Serializer[Any]):
    """One phase of an agenda; nothing alarms in a quiet one (a break)."""

    title = serializers.CharField(max_length=80)
    minutes = serializers.IntegerField(min_value=1, max_value=1440)
    quiet = serializers.BooleanField(required=False)


class SessionChangeSerializer(serializers.ModelSerializer[Session]):
    """What may be said of a session; all of it may be left out."""

    # The model's own check as well: a partial change lets fields of a phase be left out.
    agenda = serializers.ListField(
        child=PhaseSerializer(), required=False, max_length=MOST_PHASES, validators=[check_phases]
    )

    starts_at = ClockField(
        required=False,
        allow_null=True,
        help_text="Without an offset it is by the clock of the session's time zone. A new time zone "
        "alone keeps the moment; send the start beside it to say what the clock there shows.",
    )

    class Meta:
        model = Session
        fields = (
            "title", "room", "brief", "language", "time_zone", "expected_size", "agenda",
            "external_id", "starts_at",
        )  # fmt: skip


class SessionCreateSerializer(SessionChangeSerializer):
    """A new session: it belongs to an event and has a title."""

    event_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    class Meta(SessionChangeSerializer.Meta):
        fields = (  # type: ignore[assignment]
            "event_id", *SessionChangeSerializer.Meta.fields,
        )  # fmt: skip


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A session with the names of its event."""

    event = serializers.CharField(source="event.title")
    event_id = serializers.IntegerField()
    agenda = serializers.ListField(child=PhaseSerializer())

    class Meta:
        model = Session
        fields = (
            "id", "event", "event_id", "title", "room", "brief", "language", "time_zone", "status",
            "code", "expected_size", "agenda", "external_id", "starts_at", "started_at",
            "ended_at", "agent_mode", "is_demo",
        )  # fmt: skip


class MetricSerializer(serializers.ModelSerializer[Metric]):
    """One tick: the score with its band, its points, the facts it was made of."""

    facts = serializers.SerializerMethodField()
    points = serializers.SerializerMethodField()
    detector = serializers.SerializerMethodField()

    class Meta:
        model = Metric
        fields = (
            "time", "tick", "score", "low", "high", "organic", "state", "points", "facts",
            "detector", "profile_version",
        )  # fmt: skip

    def to_representation(self, instance: Metric) -> dict[str, Any]:
        """Return the row, scores with two digits: the band is wider than that."""
        shown: dict[str, Any] = super().to_representation(instance)
        for name in ("score", "low", "high", "organic"):
            shown[name] = None if shown[name] is None else round(shown[name], 2)
        return shown

    def get_points(self, metric: Metric) -> dict[str, float]:
        """Return the points of each part; they add up to the score."""
        names = ("chat", "polls", "active", "reactions", "questions", "leaving", "carry")
        # Adding 0.0 makes a "-0.0" a plain zero.
        return {name: round(getattr(metric, f"points_{name}"), 3) + 0.0 for name in names}

    def get_facts(self, metric: Metric) -> dict[str, Any]:
        """Return the counts of the tick, named as in `engagement.facts.TickFacts`."""
        names = [name for name in TickFacts.__dataclass_fields__ if name != "tick"]
        return {name: getattr(metric, name) for name in names}

    def get_detector(self, metric: Metric) -> dict[str, float | None]:
        """Return the evidence (one-sided z) and the alarm score, 0 to 1."""
        return {
            "fast": round(metric.fast, 3), "slow": round(metric.slow, 3),
            "exit": round(metric.exit, 3), "low": round(metric.low_z, 3),
            "score": round(metric.alarm, 3),
            "shadow": None if metric.shadow is None else round(metric.shadow, 3),
        }  # fmt: skip


class AnomalySerializer(serializers.ModelSerializer[Anomaly]):
    """One anomaly with its evidence."""

    class Meta:
        model = Anomaly
        fields = (
            "id", "tick", "kind", "severity", "score", "detector", "detector_version", "detail",
            "headline", "detected_at", "resolved_at", "acknowledged_at",
        )  # fmt: skip
