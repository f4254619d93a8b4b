"""What the API shows of templates, effects, experiments and webhooks."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from interventions.api.serializers import OBJECTS
from interventions.kinds.registry import acts
from interventions.models import Experiment, Template, Webhook, WebhookMessage


class TemplateSerializer(serializers.ModelSerializer[Template]):
    """A wording and its results."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in acts()])
    options = serializers.ListField(child=serializers.CharField())
    mean_lift = serializers.SerializerMethodField()

    class Meta:
        model = Template
        fields = (
            "id", "kind", "style", "language", "text", "options", "correct", "seconds", "group",
            "status", "source", "author", "created_at", "approved_at", "retired_at", "times_sent",
            "times_measured", "mean_lift",
        )  # fmt: skip

    def get_mean_lift(self, template: Template) -> float | None:
        """Return the points over forecast that a sending brought on average."""
        if not template.times_measured:
            return None
        return template.lift_total / template.times_measured


class LiftSerializer(serializers.Serializer[Any]):
    """Points that sending adds to holding back, with a 95 % interval."""

    effect = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    sent = serializers.IntegerField()
    held = serializers.IntegerField()
    events = serializers.IntegerField()
    is_clear = serializers.BooleanField()


class LiftAnswerSerializer(serializers.Serializer[Any]):
    """`lift` is null while there are too few outcomes on either side."""

    lift = LiftSerializer(allow_null=True)
    is_measurable = serializers.BooleanField()


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    """An experiment; the first variant is what the others are compared with."""

    variants = serializers.SerializerMethodField()

    class Meta:
        model = Experiment
        fields = (
            "id", "name", "subject", "kind", "variants", "status", "winner", "created_at",
            "started_at", "stopped_at",
        )  # fmt: skip

    @extend_schema_field(OBJECTS)
    def get_variants(self, experiment: Experiment) -> Any:
        """Return key, label, and templates or settings."""
        return experiment.variants


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook and how it fares; its secret is shown when it is made."""

    event_types = serializers.ListField(child=serializers.CharField())
    is_active = serializers.SerializerMethodField()
    is_rotating = serializers.SerializerMethodField()

    class Meta:
        model = Webhook
        fields = (
            "id", "url", "event_types", "is_active", "is_rotating", "created_at", "failing_since",
            "disabled_at", "disabled_why",
        )  # fmt: skip

    def get_is_active(self, hook: Webhook) -> bool:
        """Return whether it is sent anything: one that has failed for long is switched off."""
        return hook.is_active and hook.disabled_at is None

    def get_is_rotating(self, hook: Webhook) -> bool:
        """Return whether the old secret signs as well."""
        return bool(hook.old_secret)


class WebhookSecretSerializer(WebhookSerializer):
    """The same with the secret, which is not shown again."""

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")  # type: ignore[assignment]


class WebhookMessageSerializer(serializers.ModelSerializer[WebhookMessage]):
    """One message and what came of it."""

    class Meta:
        model = WebhookMessage
        fields = (
            "id",
            "event_type",
            "status",
            "tries",
            "next_at",
            "created_at",
            "sent_at",
            "error",
        )


class VariantResultSerializer(serializers.Serializer[Any]):
    """What one variant brought; sessions are what is compared."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    decisions = serializers.IntegerField()
    sent = serializers.IntegerField()
    sessions = serializers.IntegerField()
    running = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    against_first = LiftSerializer(allow_null=True)
    against_nothing = LiftSerializer(allow_null=True)


class ExperimentDetailSerializer(ExperimentSerializer):
    """The experiment and its results."""

    results = VariantResultSerializer(many=True)

    class Meta(ExperimentSerializer.Meta):
        fields = (*ExperimentSerializer.Meta.fields, "results")  # type: ignore[assignment]
