"""What may be asked of the API: bodies."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from engagement.api.bodies import Known, changed
from engagement.vocabulary.modes import Mode
from interventions.api.filters import BIGGEST, KINDS, LANGUAGES
from interventions.api.library_serializers import (
    ExperimentDetailSerializer,
    TemplateSerializer,
    WebhookSecretSerializer,
)
from interventions.api.serializers import (
    SECONDS,
    AgentSettingsSerializer,
    ContentSerializer,
    InterventionDetailSerializer,
    QuestionSerializer,
)
from interventions.models import QuestionStatus
from interventions.notifications.webhooks.events import TYPES
from interventions.vocabulary.labels import DISMISS_REASONS


def _accepts() -> serializers.BooleanField:
    return serializers.BooleanField(
        required=False,
        default=False,
        help_text="Send the words although there are warnings (400 content_warnings lists them).",
    )


class TriggerSerializer(Known, serializers.Serializer[Any]):
    """Ask for a suggestion: of a kind, or of whatever is best (no `kind`); or with given words."""

    shown = InterventionDetailSerializer
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    content = ContentSerializer(required=False)
    accept_warnings = _accepts()


class ApproveSerializer(Known, serializers.Serializer[Any]):
    """`version`: what was looked at; another one is a conflict. `content`: other words to send."""

    shown = InterventionDetailSerializer
    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    content = ContentSerializer(required=False)
    accept_warnings = _accepts()


class EditSerializer(Known, serializers.Serializer[Any]):
    """The words to send instead."""

    shown = InterventionDetailSerializer
    content = ContentSerializer()
    accept_warnings = _accepts()


class DismissSerializer(Known, serializers.Serializer[Any]):
    """`reason`: not_now, wrong_kind or wording."""

    shown = InterventionDetailSerializer
    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    reason = serializers.ChoiceField(choices=["", *DISMISS_REASONS], required=False, default="")


class ModeSerializer(Known, serializers.Serializer[Any]):
    """Who sends."""

    shown = AgentSettingsSerializer
    mode = serializers.ChoiceField(choices=[mode.value for mode in Mode])


class QuestionChangeSerializer(Known, serializers.Serializer[Any]):
    """Answered, hidden from the audience, or open again."""

    shown = QuestionSerializer
    status = serializers.ChoiceField(
        choices=[each for each in QuestionStatus.values if each != QuestionStatus.HELD]
    )


class TemplateCreateSerializer(Known, serializers.Serializer[Any]):
    """A wording; {topic} and {speaker} are filled in. It waits for approval."""

    shown = TemplateSerializer
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
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=3600,
        help_text=SECONDS,
    )
    group = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class VariantSerializer(Known, serializers.Serializer[Any]):
    """`templates` where wordings are compared, `settings` where a rule is."""

    key = serializers.RegexField(r"^[a-z0-9_-]{1,40}$")
    label = serializers.CharField(max_length=120, required=False)  # type: ignore[assignment]
    templates = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST),
        required=False, max_length=50,
    )  # fmt: skip
    settings = serializers.DictField(required=False)


class ExperimentCreateSerializer(Known, serializers.Serializer[Any]):
    """Two to five variants; the first is what the others are compared with."""

    shown = ExperimentDetailSerializer
    name = serializers.CharField(max_length=120)
    subject = serializers.ChoiceField(choices=["templates", "rule"])
    kind = serializers.ChoiceField(choices=["", *KINDS], required=False, default="")
    variants = serializers.ListField(child=VariantSerializer(), min_length=2, max_length=5)


class WinnerSerializer(Known, serializers.Serializer[Any]):
    """The key of a variant; empty for none."""

    shown = ExperimentDetailSerializer
    winner = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class WebhookCreateSerializer(Known, serializers.Serializer[Any]):
    """Where to, and which events; none named: all of them."""

    shown = WebhookSecretSerializer
    url = serializers.CharField(max_length=500)
    event_types = serializers.ListField(
        child=serializers.ChoiceField(choices=list(TYPES)), required=False, default=list,
        max_length=20,
    )  # fmt: skip


class WebhookChangeSerializer(Known, serializers.Serializer[Any]):
    """What is given is changed; `is_active` true also lets a disabled one begin anew."""

    shown = WebhookSecretSerializer
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


def read_change(
    kind: type[serializers.Serializer[Any]], data: Any, shown: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a body changes of what is `shown`; nothing for the whole object sent back.

    Raises a validation error that names the field.
    """
    asked = kind(data=changed(data, shown), partial=True)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
