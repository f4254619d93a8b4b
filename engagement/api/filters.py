"""What lists of the API can be narrowed by."""

from typing import ClassVar

from rest_framework import serializers

from engagement.api.pagination import Filter, SinceFilter, choices
from engagement.models import SessionStatus
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity


class SessionFilter(Filter):
    lookups: ClassVar = {"event": "event_id"}
    status = choices(SessionStatus.values)
    event = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    external_id = serializers.CharField(max_length=120)
    is_demo = serializers.BooleanField()


class MetricFilter(SinceFilter):
    lookups: ClassVar = {"since": "time__gte", "until": "time__lt"}


class AnomalyFilter(SinceFilter):
    lookups: ClassVar = {
        "since": "detected_at__gte", "until": "detected_at__lt",
        "is_open": "resolved_at__isnull",
    }  # fmt: skip
    kind = choices([each.value for each in AnomalyKind])
    severity = choices([each.value for each in Severity])
    is_open = serializers.BooleanField(help_text="Not over yet.")
