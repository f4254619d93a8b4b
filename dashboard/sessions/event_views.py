"""Pages to create and change events."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.access import event_to_change, name_of, user_of
from dashboard.sessions.forms import ZONES, EventForm
from engagement.models import ActKind, Event
from engagement.organisations import audit
from engagement.sessions import services
from interventions.audience.chat.settings import set_for_event
from interventions.models import ChatMode


@login_required
def event_new(request: HttpRequest) -> HttpResponse:
    """Create an event in an organisation where the person organizes."""
    form = EventForm(request.POST or None, user=user_of(request))
    if "organisation" in form.fields and not form.fields["organisation"].queryset.exists():  # type: ignore[attr-defined]
        raise PermissionDenied
    return _saved(request, form, _("New event"))


@login_required
def event_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an event's title, language and time zone."""
    event = event_to_change(request, pk)
    form = EventForm(request.POST or None, instance=event, user=user_of(request))
    return _saved(request, form, _("Event settings"), event)


def _saved(
    request: HttpRequest, form: EventForm, title: str, event: Event | None = None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        saved, now = form.save(), timezone.now()
        reads = form.cleaned_data["model_reads_audience"]
        services.change_event(event=saved, now=now, model_reads_audience=reads)
        if mode := form.cleaned_data["chat_mode"]:
            with_platforms = form.cleaned_data["chat_with_platforms"]
            set_for_event(saved, ChatMode(mode), with_platforms, now)
        audit.note(
            ActKind.SETTINGS, who=name_of(user_of(request)), now=now,
            organisation_id=saved.organisation_id,
            detail=f"{saved.title}: {', '.join(form.changed_data)}",
        )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("session-list")
    context = {"form": form, "title": title, "zones": ZONES, "event": event}
    return render(request, "sessions/event_form.html", context)
