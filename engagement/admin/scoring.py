"""Profiles of the score and of the detector."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from engagement.admin.base import OfferedLookups, ReadOnly
from engagement.models import (
    DetectorProfile,
    ScoringProfile,
)
from engagement.scoring import Profile, ProfileError


class ScoringProfileForm(forms.ModelForm[ScoringProfile]):
    """Checks that the parameters can be meant before they reach a live room."""

    class Meta:
        model = ScoringProfile
        fields = ("name", "version", "parameters", "is_default")

    def clean_parameters(self) -> dict[str, Any]:
        """Return the parameters if the score understands them. Raises ValidationError."""
        parameters = self.cleaned_data["parameters"] or {}
        try:
            Profile.from_json(parameters)
        except (ProfileError, TypeError, AttributeError) as error:
            raise forms.ValidationError(str(error)) from error
        return dict(parameters)


@admin.register(ScoringProfile)
class ScoringProfileAdmin(OfferedLookups[ScoringProfile]):
    form = ScoringProfileForm
    list_display = ("name", "version", "is_default", "events_scored", "created_at")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoringProfile]:
        """Count the events in the same query."""
        return super().get_queryset(request).annotate(event_count=Count("event"))

    @admin.display(description=_("events"), ordering="event_count")
    def events_scored(self, profile: Any) -> int:
        """Return how many events name it."""
        return int(profile.event_count)


@admin.register(DetectorProfile)
class DetectorProfileAdmin(ReadOnly):
    """Made, applied and undone by `manage.py calibrate_detector`, which measures them."""

    list_display = (
        "version", "organisation", "event_type", "is_active", "false_alarms", "created_at",
        "undone_at",
    )  # fmt: skip
    list_filter = ("is_active", "organisation", "event_type")
    list_select_related = ("organisation",)

    @admin.display(description=_("false alarms an hour"))
    def false_alarms(self, profile: DetectorProfile) -> str:
        """Return what was measured when it was made."""
        return str(profile.report.get("alarms_per_hour", "–"))
