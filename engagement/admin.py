"""What staff see: stock Django admin, useful lists, nothing that a click could break."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engagement.models import (
    ActKind,
    Anomaly,
    ApiKey,
    Attendee,
    DetectorProfile,
    Event,
    Membership,
    MetricRecord,
    Organisation,
    ScoringProfile,
    Session,
    SessionStatus,
    SignalRecord,
    StreamOffset,
    StuckRow,
)
from engagement.organisations import audit
from engagement.scoring import Profile, ProfileError
from engagement.sessions.services import change_event
from engagement.sessions.start_time import StartForm

# Counting millions of rows to print "1 of 40,000 pages" is not worth a second of the database.
MOST_COUNTED = 10_000


class ReadOnly(admin.ModelAdmin[Any]):
    """Look, don't touch."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class BoundedPaginator(Paginator[Any]):
    """A paginator that stops counting at `most_counted` rows."""

    most_counted = MOST_COUNTED

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most `most_counted`."""
        rows: Any = self.object_list
        return int(rows[: self.most_counted].count())


class MembershipInline(admin.TabularInline[Membership, Organisation]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin[Organisation]):
    list_display = ("name", "people", "events_held", "created_at")
    search_fields = ("name",)
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        """Count people and events in the same query."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                people_count=Count("memberships", distinct=True),
                event_count=Count("events", distinct=True),
            )
        )

    @admin.display(description=_("people"), ordering="people_count")
    def people(self, organisation: Any) -> int:
        """Return how many members it has."""
        return int(organisation.people_count)

    @admin.display(description=_("events"), ordering="event_count")
    def events_held(self, organisation: Any) -> int:
        """Return how many events it has."""
        return int(organisation.event_count)


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
class EventAdmin(admin.ModelAdmin[Event]):
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
class SessionAdmin(admin.ModelAdmin[Session]):
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


@admin.register(Anomaly)
class AnomalyAdmin(ReadOnly):
    list_display = (
        "detected_at", "session", "kind", "severity", "shown_score", "detector", "resolved_at",
        "acknowledged_by",
    )  # fmt: skip
    list_filter = ("kind", "severity", "detector", "session__event__organisation")
    search_fields = ("session__title", "session__code")
    list_select_related = ("session", "acknowledged_by")
    date_hierarchy = "detected_at"

    @admin.display(description=_("score"), ordering="score")
    def shown_score(self, anomaly: Anomaly) -> str:
        """Return the score with two digits."""
        return number_format(anomaly.score, 2)


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
class ScoringProfileAdmin(admin.ModelAdmin[ScoringProfile]):
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


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    """Keys are made by `manage.py createapikey`, which shows them once; here they are revoked."""

    list_display = (
        "name",
        "prefix",
        "organisation",
        "scopes",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = ("organisation", "can_write_signals", "can_read", "can_act", "can_edit_library")
    search_fields = ("name", "prefix")
    search_help_text = _(
        "A key is made on the server with “manage.py createapikey”, which shows it once."
        " Here keys are looked up and revoked."
    )
    readonly_fields = ("organisation", "prefix", "created_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a key made here could not be shown."""
        return False

    @admin.display(description=_("may"))
    def scopes(self, key: ApiKey) -> str:
        """Return what it may do, in words."""
        words = [
            (key.can_write_signals, _("send signals")),
            (key.can_read, _("read")),
            (key.can_act, _("act")),
            (key.can_edit_library, _("change wordings")),
        ]
        return ", ".join(str(word) for may, word in words if may) or "–"

    @admin.action(description=_("Revoke the selected keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        """Revoke keys; those revoked before stay as they were."""
        now, count = timezone.now(), 0
        for key in chosen.filter(revoked_at=None):
            key.revoked_at = now
            key.save(update_fields=["revoked_at"])
            who = request.user.get_username()
            audit.note(
                ActKind.KEY_REVOKED, who=who, now=now, organisation_id=key.organisation_id,
                detail=str(key),
            )  # fmt: skip
            count += 1
        said = ngettext("%d key revoked.", "%d keys revoked.", count)
        self.message_user(request, said % count, messages.SUCCESS)


@admin.register(Attendee)
class AttendeeAdmin(ReadOnly):
    list_display = ("__str__", "event", "counts", "joined_at")
    list_filter = ("counts", "event")
    search_fields = ("name", "event__title")
    list_select_related = ("event",)


@admin.register(StuckRow)
class StuckRowAdmin(ReadOnly):
    list_display = ("stage", "row", "tries", "error", "first_at", "failed_at", "next_at")
    list_filter = ("stage",)


@admin.register(StreamOffset)
class StreamOffsetAdmin(ReadOnly):
    list_display = ("shard", "tick", "entry_id", "updated_at")


class RecordAdmin(ReadOnly):
    """Rows of a hypertable by their view: found by session and time, never counted to the end."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_select_related = ("session",)
    search_fields: ClassVar[tuple[str, ...]] = ("session__title", "session__code")
    search_help_text = _("Title or join code of a session")


@admin.register(MetricRecord)
class MetricRecordAdmin(RecordAdmin):
    list_display = (
        "time", "session", "shown_score", "state", "present", "chat", "reactions", "votes",
        "joins", "leaves", "shown_alarm",
    )  # fmt: skip
    list_filter = ("state", "session__status", "session__event__organisation")
    ordering = ("-time",)

    @admin.display(description=_("score"), ordering="score")
    def shown_score(self, record: MetricRecord) -> str:
        """Return the score with its band, or a dash."""
        if record.score is None:
            return "–"
        return f"{record.score:.0f} ({record.low or 0:.0f}–{record.high or 0:.0f})"

    @admin.display(description=_("alarm"), ordering="alarm")
    def shown_alarm(self, record: MetricRecord) -> str:
        """Return the detector's score with two digits."""
        return number_format(record.alarm, 2)


@admin.register(SignalRecord)
class SignalRecordAdmin(RecordAdmin):
    list_display = ("received_at", "session", "kind", "text", "number", "late")
    list_filter = ("kind", "late", "session__event__organisation")
    search_fields = ("session__title", "session__code", "text")
    ordering = ("-received_at",)
