"""What the API shows of interventions, their outcomes, templates, experiments and webhooks."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engagement.api.bodies import Known
from engagement.doors.admission.join_words import ticket, turn_ends, word_at
from engagement.models import Session
from engagement.vocabulary.modes import Mode
from interventions.kinds.registry import acts, shape_of
from interventions.lifecycle.agent_limits import Limits
from interventions.models import (
    AgentSettings,
    Delivery,
    Intervention,
    Outcome,
    Question,
    Transition,
)

OBJECT: Final = {"type": "object", "additionalProperties": True}
OBJECTS: Final = {"type": "array", "items": OBJECT}
SECONDS: Final = "How long it stays open. {}; other kinds have no such time.".format(
    ", ".join(
        f"{kind.value}: {shape.seconds[0]} to {shape.seconds[1]} (usually {shape.usual_seconds})"
        for kind in acts()
        if (shape := shape_of(kind)).seconds
    )
)
LIMITS: Final = tuple(each.name for each in fields(Limits) if each.type == "int")
"""Names of the limits that are numbers."""
_COIN: Final = ("action", "held_back", "row")
"""Parts of a decision that tell what chance said: nobody is to know before she approves."""


class ContentSerializer(Known, serializers.Serializer[Any]):
    """The exact words. What each kind may have stands in `docs/api.md`."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in acts()])
    language = serializers.CharField(max_length=8, required=False)
    text = serializers.CharField(max_length=200)
    options = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=4
    )
    correct = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=3)
    seconds = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=3600, help_text=SECONDS
    )
    quote = serializers.CharField(required=False, allow_blank=True, max_length=200)


class OutcomeSerializer(serializers.ModelSerializer[Outcome]):
    """What followed, in points of the organic score; `surprise` is the change over the forecast."""

    intervention = serializers.IntegerField(source="intervention_id")
    surprise = serializers.SerializerMethodField()

    class Meta:
        model = Outcome
        fields = (
            "intervention", "verdict", "missing", "before", "at_decision", "value", "change",
            "expected", "surprise", "covered", "people", "noise", "is_trial", "chance", "was_sent",
            "is_learned", "measured_at",
        )  # fmt: skip

    def get_surprise(self, outcome: Outcome) -> float | None:
        """Return the points above (below) what was forecast for leaving the room alone."""
        return None if outcome.change is None else outcome.change - outcome.expected


class InterventionSerializer(serializers.ModelSerializer[Intervention]):
    """One suggestion: where it stands, its words, and what followed."""

    session = serializers.IntegerField(source="session_id")
    anomaly = serializers.IntegerField(source="anomaly_id", allow_null=True)
    template = serializers.IntegerField(source="template_id", allow_null=True)
    experiment = serializers.IntegerField(source="experiment_id", allow_null=True)
    approved_by = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    content = serializers.SerializerMethodField()
    original = serializers.SerializerMethodField()

    class Meta:
        model = Intervention
        fields = (
            "id", "session", "anomaly", "asked_by", "status", "version", "kind", "mode", "content",
            "original", "author", "author_reason", "template", "experiment", "variant",
            "created_at", "moved_at", "expires_at", "acts_at", "acted_at", "due_at", "closes_at",
            "closed_at", "approved_by", "approved_at", "dismiss_reason", "outcome",
        )  # fmt: skip

    def get_approved_by(self, row: Intervention) -> str | None:
        """Return the name of the person or of the API key; None where nobody approved it."""
        return row.approved_as or None

    @extend_schema_field(OutcomeSerializer(allow_null=True))
    def get_outcome(self, row: Intervention) -> Any:
        """Return what followed, or None before it is measured."""
        found = getattr(row, "outcome", None)
        return None if found is None else OutcomeSerializer(found).data

    @extend_schema_field(ContentSerializer(allow_null=True))
    def get_content(self, row: Intervention) -> Any:
        """Return the words as they are now."""
        return row.content

    @extend_schema_field(ContentSerializer(allow_null=True))
    def get_original(self, row: Intervention) -> Any:
        """Return the words as written, where somebody changed them."""
        return row.original


class TransitionSerializer(serializers.ModelSerializer[Transition]):
    """One step: who, when, why."""

    class Meta:
        model = Transition
        fields = ("time", "version", "before", "after", "node", "by", "who", "why")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One target and whether it was reached."""

    class Meta:
        model = Delivery
        fields = ("target", "status", "tries", "reached", "sent_at", "error", "error_detail")


class InterventionDetailSerializer(InterventionSerializer):
    """The same with the decision, every step and every delivery."""

    decision = serializers.SerializerMethodField()
    gate = serializers.SerializerMethodField()
    held_back = serializers.SerializerMethodField()
    transitions = TransitionSerializer(many=True, read_only=True)
    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta(InterventionSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *InterventionSerializer.Meta.fields, "decision", "gate", "held_back", "transitions",
            "deliveries",
        )  # fmt: skip

    @extend_schema_field(OBJECT)
    def get_decision(self, row: Intervention) -> Any:
        """Return the decision; what the coin said only after it was acted upon."""
        return without_coin(row)

    @extend_schema_field(OBJECT)
    def get_gate(self, row: Intervention) -> Any:
        """Return why it asks or counts down: step, code, params."""
        return row.gate

    @extend_schema_field(OBJECTS)
    def get_held_back(self, row: Intervention) -> Any:
        """Return what the guards refused: code, kind, until, params."""
        return row.refused_by


def without_coin(row: Intervention) -> dict[str, Any]:
    """Return the decision without what would tell the hold-out coin, until it was acted upon."""
    if row.acted_at is not None:
        return dict(row.decision)
    return {name: value for name, value in row.decision.items() if name not in _COIN}


class AgentSettingsSerializer(Known, serializers.ModelSerializer[AgentSettings]):
    """What the organizer allows in a session."""

    mode = serializers.CharField(source="session.agent_mode", read_only=True)
    kind_modes = serializers.DictField(
        child=serializers.ChoiceField(choices=[mode.value for mode in Mode], allow_null=True),
        required=False, help_text="Mode by kind. Kinds that are not named stay; null takes one out.",
    )  # fmt: skip
    forbidden = serializers.ListField(
        child=serializers.ChoiceField(choices=[kind.value for kind in acts()]), required=False
    )
    limits = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=86_400, allow_null=True),
        required=False,
        help_text=f"Number by name: {', '.join(LIMITS)}. Those that are not named stay; null makes one"
        " usual again.",
    )

    sends_model_words = serializers.BooleanField(
        required=False,
        help_text="Texts that a language model writes are sent without anybody reading them first, where the "
        "agent sends by itself and a second check finds nothing. Off: a template is sent.",
    )
    explores = serializers.BooleanField(
        required=False,
        help_text="In auto the agent also sends kinds that nobody has seen to help here. Off: those wait for "
        "a person.",
    )

    class Meta:
        model = AgentSettings
        fields = (
            "mode", "line", "kind_modes", "forbidden", "limits", "expiry_seconds",
            "countdown_seconds", "is_measured", "may_ask_model", "sends_model_words", "explores",
            "stopped_at",
        )  # fmt: skip
        read_only_fields = ("stopped_at",)

    def validate_kind_modes(self, value: dict[str, str]) -> dict[str, str]:
        """Refuse kinds there are not; return what holds then."""
        return self._merged("kind_modes", _known(value, [kind.value for kind in acts()]))

    def validate_limits(self, value: dict[str, int]) -> dict[str, int]:
        """Refuse limits there are not; names are those of `interventions.lifecycle.agent_limits.Limits`.

        What else the row holds (when a demo measures) is shown, so it may come back as it is.
        """
        stored = self.instance.limits if isinstance(self.instance, AgentSettings) else {}
        kept = [name for name in value if name in stored and stored[name] == value[name]]
        _known({name: value[name] for name in value if name not in kept}, LIMITS)
        return self._merged("limits", value)

    def _merged(self, name: str, value: dict[str, Any]) -> dict[str, Any]:
        """Return what is stored with what is said over it; null takes away (as in RFC 7396)."""
        stored = getattr(self.instance, name) if isinstance(self.instance, AgentSettings) else {}
        return {key: each for key, each in {**stored, **value}.items() if each is not None}


def _known(value: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    if unknown := [name for name in value if name not in names]:
        raise serializers.ValidationError(
            f"Unknown: {', '.join(sorted(unknown))[:100]}. There are: {', '.join(names)}."
        )
    return value


class WordsSerializer(Known, serializers.Serializer[Session]):
    """Whether joiners type words, and those of now; `ticket` goes to `/j/<code>?in=` instead."""

    is_asked = serializers.BooleanField(source="asks_word")
    word = serializers.SerializerMethodField()
    until = serializers.SerializerMethodField()
    ticket = serializers.SerializerMethodField()

    def get_word(self, session: Session) -> str:
        """Return the words that the screen shows now, "" for none."""
        secret = session.door_secret
        return word_at(bytes(secret), session.language, time.time()) if secret else ""

    def get_until(self, session: Session) -> dt.datetime:
        """Return when it shows others."""
        return dt.datetime.fromtimestamp(turn_ends(time.time()), dt.UTC)

    def get_ticket(self, session: Session) -> str:
        """Return what a link for people without the screen carries, "" for none."""
        return ticket(bytes(session.door_secret)) if session.door_secret else ""


class QuestionSerializer(serializers.ModelSerializer[Question]):
    """A question of the audience, and how many want it answered."""

    session = serializers.IntegerField(source="session_id")
    upvotes = serializers.IntegerField(source="upvote_count")

    class Meta:
        model = Question
        fields = ("id", "session", "text", "status", "why", "upvotes", "asked_at", "answered_at")
