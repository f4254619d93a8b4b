"""What lists of the API can be narrowed by."""

from typing import ClassVar, Final

from rest_framework import serializers

from engagement.api.pagination import Filter, SinceFilter, choices
from interventions.agent.measurement.outcomes import Verdict
from interventions.kinds.registry import acts, every
from interventions.models import (
    AskedBy,
    DeliveryStatus,
    ExperimentStatus,
    QuestionStatus,
    TemplateStatus,
)
from interventions.vocabulary.statuses import Status

BIGGEST: Final = 2**63 - 1
KINDS: Final = acts()
LANGUAGES: Final = ("en", "de")


class InterventionFilter(SinceFilter):
    lookups: ClassVar = {
        "since": "created_at__gte", "until": "created_at__lt", "session": "session_id",
        "anomaly": "anomaly_id", "verdict": "outcome__verdict",
    }  # fmt: skip
    session = serializers.IntegerField(min_value=0, max_value=BIGGEST)
    anomaly = serializers.IntegerField(min_value=0, max_value=BIGGEST)
    status = choices([status.value for status in Status])
    kind = choices(every())
    asked_by = choices(AskedBy.values)
    verdict = choices([verdict.value for verdict in Verdict])


class OutcomeFilter(SinceFilter):
    lookups: ClassVar = {
        "since": "measured_at__gte", "until": "measured_at__lt", "kind": "intervention__kind",
        "session": "intervention__session_id",
    }  # fmt: skip
    session = serializers.IntegerField(min_value=0, max_value=BIGGEST)
    kind = choices(every())
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
