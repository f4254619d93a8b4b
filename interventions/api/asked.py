"""What may be asked of the API: bodies and filters."""

from typing import Any, ClassVar, Final

from rest_framework import serializers

from engagement.api_pages import Filter, SinceFilter, choices
from engagement.models import AgentMode
from interventions.api.shown import ContentSerializer
from interventions.content import SHAPES
from interventions.kinds import Kind
from interventions.models import (
    AskedBy,
    DeliveryStatus,
    ExperimentStatus,
    QuestionStatus,
    TemplateStatus,
)
from interventions.outcomes import Verdict
from interventions.policy import Status
from interventions.webhooks.messages import TYPES

BIGGEST: Final = 2**63 - 1
KINDS: Final = [kind.value for kind in SHAPES]
LANGUAGES: Final = ("en", "de")


class InterventionFilter(SinceFilter):
    lookups: ClassVar = {
        "since": "created_at__gte", "until": "created_at__lt", "session": "session_id",
        "anomaly": "anomaly_id", "verdict": "outcome__verdict",
    }  # fmt: skip
    session = serializers.IntegerField(min_value=0, max_value=BIGGEST)
    anomaly = serializers.IntegerField(min_value=0, max_value=BIGGEST)
    status = choices([status.value for status in Status])
    kind = choices([kind.value for kind in Kind])
    asked_by = choices(AskedBy.values)
    verdict = choices([verdict.value for verdict in Verdict])


class OutcomeFilter(SinceFilter):
    lookups: ClassVar = {
        "since": "measured_at__gte", "until": "measured_at__lt", "kind": "intervention__kind",
        "session": "intervention__session_id",
    }  # fmt: skip
    session = serializers.IntegerField(min_value=0, max_value=BIGGEST)
    kind = choices([kind.value for kind in Kind])
    verdict = choices([verdict.value for verdict in Verdict])
    is_trial = serializers.BooleanField()
    was_sent = serializers.BooleanField()


class QuestionFilter(Filter):
    status = choices(QuestionStatus.values)


class TemplateFilter(Filter):
    kind = choices(KINDS)
    language = choices(LANGUAGES)
    status = choices(TemplateStatus.values)
    group = serializers.CharField(max_length=80)


class ExperimentFilter(Filter):
    status = choices(ExperimentStatus.values)


class MessageFilter(Filter):
    status = choices(DeliveryStatus.values)


def _accepts() -> serializers.BooleanField:
    return serializers.BooleanField(
        required=False,
        default=False,
        help_text="Send the words although there are warnings (400 content_warnings lists them).",
    )


class TriggerSerializer(serializers.Serializer[Any]):
    """Ask for a suggestion: of a kind, or of whatever is best (no `kind`); or with given words."""

    kind = serializers.ChoiceField(choices=KINDS, required=False)
    content = ContentSerializer(required=False)
    accept_warnings = _accepts()


class ApproveSerializer(serializers.Serializer[Any]):
    """`version`: what was looked at; another one is a conflict. `content`: other words to send."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    content = ContentSerializer(required=False)
    accept_warnings = _accepts()


class EditSerializer(serializers.Serializer[Any]):
    """The words to send instead."""

    content = ContentSerializer()
    accept_warnings = _accepts()


class DismissSerializer(serializers.Serializer[Any]):
    """`reason`: not_now, wrong_kind or wording."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    reason = serializers.ChoiceField(
        choices=["", "not_now", "wrong_kind", "wording"], required=False, default=""
    )


class ModeSerializer(serializers.Serializer[Any]):
    """Who sends."""

    mode = serializers.ChoiceField(choices=AgentMode.values)


class QuestionChangeSerializer(serializers.Serializer[Any]):
    """Answered, hidden from the audience, or open again."""

    status = serializers.ChoiceField(
        choices=[each for each in QuestionStatus.values if each != QuestionStatus.HELD]
    )


class TemplateCreateSerializer(serializers.Serializer[Any]):
    """A wording; {topic} and {speaker} are filled in. It waits for approval."""

    kind = serializers.ChoiceField(choices=KINDS)
    language = serializers.ChoiceField(choices=LANGUAGES, default="en")
    text = serializers.CharField(max_length=200)
    style = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")  # type: ignore[assignment]
    options = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=4
    )
    correct = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=3
    )
    seconds = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=3600
    )
    group = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class VariantSerializer(serializers.Serializer[Any]):
    """`templates` where wordings are compared, `settings` where a rule is."""

    key = serializers.RegexField(r"^[a-z0-9_-]{1,40}$")
    label = serializers.CharField(max_length=120, required=False)  # type: ignore[assignment]
    templates = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST),
        required=False, max_length=50,
    )  # fmt: skip
    settings = serializers.DictField(required=False)


class ExperimentCreateSerializer(serializers.Serializer[Any]):
    """Two to five variants; the first is what the others are compared with."""

    name = serializers.CharField(max_length=120)
    subject = serializers.ChoiceField(choices=["templates", "rule"])
    kind = serializers.ChoiceField(choices=KINDS, required=False, default="")
    variants = serializers.ListField(child=VariantSerializer(), min_length=2, max_length=5)


class WinnerSerializer(serializers.Serializer[Any]):
    """The key of a variant; empty for none."""

    winner = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class WebhookCreateSerializer(serializers.Serializer[Any]):
    """Where to, and which events; none named: all of them."""

    url = serializers.CharField(max_length=500)
    event_types = serializers.ListField(
        child=serializers.ChoiceField(choices=list(TYPES)), required=False, default=list,
        max_length=20,
    )  # fmt: skip


class WebhookChangeSerializer(serializers.Serializer[Any]):
    """What is given is changed; `is_active` true also lets a disabled one begin anew."""

    url = serializers.CharField(max_length=500, required=False)
    event_types = serializers.ListField(
        child=serializers.ChoiceField(choices=list(TYPES)), required=False, max_length=20
    )
    is_active = serializers.BooleanField(required=False)


def read(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """Return what a body asks for. Raises a validation error that names the field."""
    asked = kind(data=data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
