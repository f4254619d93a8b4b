"""Why this and why now: one decision with everything it was made from."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.access import session_for
from dashboard.suggestion.agent_decision_page import DecisionPage
from interventions.lifecycle.queries import interventions_of


@require_GET
@login_required
def decision(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    """A sheet over the live page where a script asks, a page of its own where a link leads to it."""
    session = session_for(request, pk)
    row = interventions_of(session.pk).filter(pk=row_pk).first()
    if row is None:
        raise Http404
    context = {"session": session, "page": DecisionPage(row, timezone.now(), request.user.pk)}
    is_sheet = bool(request.headers.get("HX-Request"))
    name = "suggestion/_reasons.html" if is_sheet else "suggestion/decision.html"
    return render(request, name, context)
