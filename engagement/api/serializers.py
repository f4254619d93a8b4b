"""What the API shows of sessions, metrics and anomalies."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from engagement.api.bodies import Known
from engagement.api.clock_field import ClockField
from engagement.models import Anomaly, Event, Metric, Session
from engagement.models.sessions import MOST_PHASES, check_phases
from engagement.models.word_list import LONGEST_WORD, MOST_WORDS, check_words, tidied
from engagement.scoring.tick_facts import TickFacts


class EventSerializer(Known, serializers.ModelSerializer[Event]):
    """A conference, webinar or course."""

    model_reads_audience = serializers.BooleanField(
        required=False,
        help_text="What the audience writes from now on may be quoted to a language model, where one is "
        "configured; the notice before joining says so.",
    )

    blocked_words = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_WORD),
        required=False,
        max_length=MOST_WORDS,
        validators=[check_words],
        help_text="What the audience writes with one of them waits for a moderator; no suggestion says one. "
        "Whole words, whatever their case and accents; `layoff*` also finds layoffs.",
    )

    class Meta:
        model = Event
        fields = (
            "id", "title", "language", "time_zone", "blocked_words", "model_reads_audience",
            "created_at",
        )  # fmt: skip

    def validate_blocked_words(self, value: list[str]) -> list[str]:
        """Return the words, each once."""
        return tidied(value)


class PhaseSerializer(Known, serializers.Serializer[Any]):
    """One phase of an agenda; nothing alarms in a quiet one (a break).

    `activity`: how much is expected of the audience there, as a factor on what it usually does.
    """

    title = serializers.CharField(max_length=80)
    minutes = serializers.IntegerField(min_value=1, max_value=1440)
    quiet = serializers.BooleanField(required=False)
    activity = serializers.FloatField(required=False, min_value=0.1, max_value=4.0)


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A session with the names of its event."""

    event = serializers.CharField(source="event.title")
    event_id = serializers.IntegerField()
    agenda = serializers.ListField(child=PhaseSerializer())
    asks_word = serializers.BooleanField(read_only=True)

    class Meta:
        model = Session
        fields = (
            "id", "event", "event_id", "title", "room", "brief", "language", "time_zone", "status",
            "code", "expected_size", "agenda", "external_id", "starts_at", "started_at",
            "ended_at", "agent_mode", "locked_at", "asks_word", "is_demo",
        )  # fmt: skip


class SessionChangeSerializer(Known, serializers.ModelSerializer[Session]):
    """What may be said of a session; all of it may be left out."""

    shown = SessionSerializer

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
        # A brief is a text of many lines: it is kept as it was written.
        extra_kwargs: ClassVar = {"brief": {"trim_whitespace": False}}

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked fields. An empty external id is none: many sessions have none."""
        if isinstance(data, Mapping):
            given = data.get("external_id")
            if isinstance(given, str) and not given.strip():
                data = {**data, "external_id": None}
        return super().to_internal_value(data)


class SessionCreateSerializer(SessionChangeSerializer):
    """A new session: it belongs to an event and has a title."""

    event_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    class Meta(SessionChangeSerializer.Meta):
        fields = (  # type: ignore[assignment]
            "event_id", *SessionChangeSerializer.Meta.fields,
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
        """Return the counts of the tick, named as in `engagement.scoring.tick_facts.TickFacts`."""
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
