"""The page of a session's connections: who sends us signals, whom we tell, and how it goes."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.access import session_to_change
from dashboard.sessions.sources import SourcesPage


@require_GET
@login_required
def session_sources(request: HttpRequest, pk: int) -> HttpResponse:
    """Sources and targets with their health. It asks again by itself while it is open."""
    session = session_to_change(request, pk)
    page = SourcesPage(session, timezone.now())
    is_part = request.headers.get("HX-Request")
    template = "sessions/_sources.html" if is_part else "sessions/sources.html"
    return render(request, template, {"session": session, "page": page})
