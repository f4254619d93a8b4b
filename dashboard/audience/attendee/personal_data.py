"""*Your data*: all that is kept of somebody in a session, shown to her, taken along, erased."""

import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from dashboard.audience.attendee import personal_data_page
from dashboard.audience.attendee.views import unknown_code
from dashboard.audience.joining import PASS, session_asked
from dashboard.wording.page_language import speak
from engagement.limits.client_networks import request_network
from engagement.models import Session
from engagement.sessions import attendee_tokens, removed_people
from engagement.vocabulary.errors import ProblemError
from interventions.personal_data import erasure
from interventions.personal_data.export import kept_of
from interventions.personal_data.inventory import Person
from interventions.personal_data.pace import PACE


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def attendee_data(request: HttpRequest, code: str) -> HttpResponse:
    """The page, its file (`?as=file`), and the erasing (`erase=yes` with the box ticked).

    Her pass is a cookie; a page in another site's frame has none and posts its token instead, which no
    other site knows.
    """
    session = session_asked(request, code)
    if session is None:
        return unknown_code(request, code)
    speak(request, session.language)
    posted = request.POST.get("token", "")
    if posted:
        return _answer(request, session, posted)
    return _by_cookie(request, session)


@csrf_protect
def _by_cookie(request: HttpRequest, session: Session) -> HttpResponse:
    return _answer(request, session, request.COOKIES.get(f"{PASS}{session.pk}", ""))


def _answer(request: HttpRequest, session: Session, token: str) -> HttpResponse:
    try:
        given = attendee_tokens.read(token, session.pk, lifetime=attendee_tokens.RENEWABLE)
    except ProblemError:
        return redirect("attendee", session.code)
    out = removed_people.out_of([session.pk]).get(session.pk, {})
    if out.get(given.actor):
        return redirect("attendee", session.code)
    her = Person(session.event_id, given.actor)
    if request.POST.get("erase") == "yes" and "sure" in request.POST:
        return _erased(request, session, her)
    if "as" in request.GET or request.POST.get("as") == "file":
        return _file(session, her)
    return _page(request, session, her)


def _page(
    request: HttpRequest, session: Session, her: Person, problem: ProblemError | None = None
) -> HttpResponse:
    context = {
        "session": session,
        "page": personal_data_page.page_of(her, session),
        "token": request.POST.get("token", ""),
        "is_unsure": request.POST.get("erase") == "yes" and problem is None,
        "problem": problem.text if problem is not None else "",
    }
    response = render(request, "attendee/data.html", context)
    if problem is not None:
        response.status_code = problem.status
        response["Retry-After"] = str(problem.retry_after)
    return response


def _file(session: Session, her: Person) -> HttpResponse:
    response = JsonResponse(kept_of(her), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="my-data-{session.code}.json"'
    return response


def _erased(request: HttpRequest, session: Session, her: Person) -> HttpResponse:
    # Who was removed stays known by her pass, which opens nothing.
    left = set(her.sessions.values_list("pk", flat=True)) - erasure.removed_from(her)
    passes = [f"{PASS}{pk}" for pk in left]
    try:
        with PACE.turn(session.event.organisation_id, request_network(request), time.monotonic()):
            erasure.erase(her, who="", now=timezone.now())
    except ProblemError as problem:
        return _page(request, session, her, problem)
    response = render(
        request, "attendee/erased.html", {"session": session, "may_return": session.pk in left}
    )
    for name in passes:
        if name in request.COOKIES:
            response.delete_cookie(name, path="/j/", samesite="Lax")
    return response
