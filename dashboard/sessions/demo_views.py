"""Watch a demo, and stop it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.access import organisation_to_change, session_to_change, user_of
from engagement.sessions import services
from engagement.vocabulary.errors import Category, ProblemError
from interventions.audience import demo


@require_POST
@login_required
def demo_start(request: HttpRequest) -> HttpResponse:
    """Begin a demo, or go to the one that the person has running."""
    organisation = organisation_to_change(request)
    try:
        begun = demo.start(user=user_of(request), organisation=organisation, now=timezone.now())
    except ProblemError as problem:
        messages.warning(request, problem.text)
        return redirect("session-list")
    return redirect("session-live", begun.session_id)


@require_POST
@login_required
def demo_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End a demo at once; one that is over already stays as it is."""
    session = session_to_change(request, pk)
    if not session.is_sandboxed:
        raise Http404
    try:
        services.end_session(session=session, now=timezone.now())
    except ProblemError as problem:
        if problem.category != Category.CONFLICT:
            raise
    return redirect("session-live", session.pk)
