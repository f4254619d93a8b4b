"""Events, their sessions and the people in them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.admin.base import OfferedLookups, ReadOnly
from engagement.models import (
    Attendee,
    Event,
    Session,
    SessionStatus,
)
from engagement.sessions.services import change_event
from engagement.sessions.start_time import StartForm


class EventAdminForm(forms.ModelForm[Event]):
    """An event as staff change it: whether a model reads is a choice, its moment is the clock's."""

    model_reads_audience = forms.BooleanField(
        label=_("A language model may read what people write in the chat"), required=False
    )

    class Meta:
        model = Event
        fields = (
            "organisation", "title", "language", "time_zone", "profile", "allowed_origins",
            "blocked_words",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["model_reads_audience"] = self.instance.model_reads_audience


@admin.register(Event)
class EventAdmin(OfferedLookups[Event]):
    form = EventAdminForm
    list_display = ("title", "organisation", "language", "time_zone", "profile", "created_at")
    list_filter = ("organisation", "language")
    search_fields = ("title", "organisation__name")
    list_select_related = ("organisation", "profile")
    autocomplete_fields = ("organisation",)
    date_hierarchy = "created_at"

    def save_model(
        self, request: HttpRequest, obj: Event, form: forms.ModelForm[Event], change: bool
    ) -> None:
        """Store it, and since when a model reads."""
        super().save_model(request, obj, form, change)
        reads = form.cleaned_data["model_reads_audience"]
        change_event(event=obj, now=timezone.now(), model_reads_audience=reads)


class NamedSplitDateTime(AdminSplitDateTime):
    """Date and time in two fields, each with a name of its own for screen readers."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            widget.attrs["aria-label"] = name


class SessionAdminForm(StartForm):
    """A session as staff change it; the start is by its own zone here as well."""

    to_the_minute: ClassVar[bool] = False

    class Meta:
        model = Session
        fields = "__all__"
        help_texts: ClassVar[dict[str, Any]] = {"starts_at": _("In the session's time zone.")}

    def clean(self) -> dict[str, Any]:
        """Refuse an external id that another session of the organisation has."""
        cleaned = super().clean()
        event, name = self.cleaned_data.get("event"), self.cleaned_data.get("external_id")
        if event is not None and name:
            own = Session.objects.filter(organisation=event.organisation_id, external_id=name)
            if own.exclude(pk=self.instance.pk).exists():
                self.add_error("external_id", _("Another session has this external id."))
        return cleaned


@admin.register(Session)
class SessionAdmin(OfferedLookups[Session]):
    form = SessionAdminForm
    list_display = (
        "title", "event", "status", "code", "expected_size", "started_at", "ended_at", "is_demo",
    )  # fmt: skip
    list_filter = ("status", "is_demo", "agent_mode", "language", "event__organisation")
    search_fields = ("title", "code", "external_id", "event__title")
    list_select_related = ("event",)
    autocomplete_fields = ("event",)
    readonly_fields = ("status", "code", "started_at", "ended_at", "created_at")
    date_hierarchy = "created_at"
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        models.DateTimeField: {"widget": NamedSplitDateTime}
    }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse while people are in it, also where its event would take it along."""
        is_live = isinstance(obj, Session) and obj.status == SessionStatus.LIVE
        return not is_live and super().has_delete_permission(request, obj)


@admin.register(Attendee)
class AttendeeAdmin(ReadOnly):
    list_display = ("__str__", "event", "counts", "joined_at")
    list_filter = ("counts", "event")
    search_fields = ("name", "event__title")
    list_select_related = ("event",)
