"""Pages to list, create, change, start and end sessions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.access import event_to_change, name_of, session_for, session_to_change, user_of
from dashboard.audience.iframe_policy import snippet
from dashboard.audience.joining import join_link, ticket_link
from dashboard.sessions.demo import own_demo
from dashboard.sessions.forms import (
    ZONES,
    PhaseRow,
    SessionForm,
    agenda_of,
    agenda_rows,
    read_agenda,
)
from dashboard.sessions.listing import listing, organizes_somewhere
from engagement.models import ActKind, Anomaly, Event, Session
from engagement.organisations import audit
from engagement.sessions import services
from engagement.sessions.queries import may_organize
from engagement.vocabulary.errors import ProblemError
from interventions.notifications.push.keys import public_key


@login_required
def session_list(request: HttpRequest) -> HttpResponse:
    """Every session of the person's organisations, by event."""
    user, now = user_of(request), timezone.now()
    context = {
        "groups": listing(user, now),
        "can_create": organizes_somewhere(user),
        "own_demo": own_demo(user, now),
        "key": public_key(),
    }
    return render(request, "sessions/list.html", context)


@require_GET
@login_required
def session_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a session besides its numbers, and what can be done with it."""
    session = session_for(request, pk)
    can_edit = may_organize(request.user, session.event.organisation_id)
    context = {
        "session": session,
        "can_edit": can_edit,
        "join": join_link(request, session),
        "snippet": snippet(request, session),
        "ticket": ticket_link(request, session) if can_edit else "",
    }
    return render(request, "sessions/detail.html", context)


@login_required
def session_new(request: HttpRequest, event_pk: int) -> HttpResponse:
    """Create a session; language and time zone start as the event's."""
    event = event_to_change(request, event_pk)
    blank = Session(event=event, language=event.language, time_zone=event.time_zone)
    return _edited(request, blank, event, _("New session"))


@login_required
def session_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a session's words, numbers and agenda."""
    session = session_to_change(request, pk)
    return _edited(request, session, session.event, _("Session settings"))


def _edited(request: HttpRequest, session: Session, event: Event, title: str) -> HttpResponse:
    form = SessionForm(request.POST or None, instance=session)
    rows = agenda_rows(session.agenda)
    if request.method == "POST":
        rows = read_agenda(request.POST)
        adding = "add_row" in request.POST
        if not adding and form.is_valid() and not any(row.error for row in rows):
            form.instance.agenda = agenda_of(rows)
            saved = form.save()
            services.announce_settings(saved)
            _note(request, ActKind.SETTINGS, saved, ", ".join(form.changed_data))
            messages.success(request, _("Saved."))
            return redirect("session-live", saved.pk)
        # Without a script the button for one more row comes here; nothing is saved or lost.
        rows = [*rows, PhaseRow()]
    context = {"form": form, "rows": rows, "title": title, "zones": ZONES, "event": event}
    return render(request, "sessions/form.html", context)


@require_GET
@login_required
def agenda_row(request: HttpRequest) -> HttpResponse:
    """One more empty row for the agenda."""
    return render(request, "sessions/_phase.html", {"row": PhaseRow()})


def _note(request: HttpRequest, kind: ActKind, session: Session, detail: str = "") -> None:
    who, now = name_of(user_of(request)), timezone.now()
    audit.note(kind, who=who, now=now, session=session, detail=detail)


@require_POST
@login_required
def session_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a planned session live."""
    session = session_to_change(request, pk)
    try:
        services.start_session(session=session, now=timezone.now())
        _note(request, ActKind.STARTED, session)
    except ProblemError as problem:
        messages.warning(request, problem.text)
    return redirect("session-live", session.pk)


@require_POST
@login_required
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a live session."""
    session = session_to_change(request, pk)
    try:
        services.end_session(session=session, now=timezone.now())
        _note(request, ActKind.ENDED, session)
    except ProblemError as problem:
        messages.warning(request, problem.text)
    return redirect("session-live", session.pk)


@require_POST
@login_required
def anomaly_acknowledge(request: HttpRequest, pk: int, anomaly_pk: int) -> HttpResponse:
    """Note that the person has seen an anomaly."""
    session = session_to_change(request, pk)
    anomaly = get_object_or_404(Anomaly, session=session, pk=anomaly_pk)
    services.acknowledge(anomaly=anomaly, by=user_of(request), now=timezone.now())
    if not request.headers.get("HX-Request"):
        return redirect("session-live", session.pk)
    return redirect("session-part", session.pk, "headline")
