"""Errors that no view answered: the envelope below /api/, a page elsewhere."""

import sys
from typing import Final
from urllib.parse import urlencode

from django.core.exceptions import DisallowedHost
from django.db import Error, InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views import defaults

from conductor import busy, proxies
from conductor.mending import mended
from engagement.errors import Category, ProblemError, invalid, not_found
from engagement.requests import current_request_id

ROOMS: Final = ("/j/", "/embed/")
SCREENS: Final = ("/stage/", "/overlay/", "/cue/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 400: a host we do not serve, a body that cannot be read."""
    if _is_api(request):
        return _envelope(invalid("bad_request", "This request cannot be understood."))
    if isinstance(exception, DisallowedHost):
        sentence = proxies.unknown_host(request)
        proxies.tell(sentence)
        # Without the request: whatever asks it for its host would be refused again.
        return HttpResponse(render_to_string("400.html", {"sentence": sentence}), status=400)
    return defaults.bad_request(request, exception)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer 403 to a form without our cookie, or from an address that we do not take for ours."""
    if _is_api(request):
        return _envelope(ProblemError(Category.PERMISSION, "form_refused", "Reload the page."))
    sentence = proxies.hidden_address(request)
    if sentence:
        proxies.tell(sentence)
    door = _door_without_cookies(request)
    if door is not None:
        return HttpResponseRedirect(door)
    page = "attendee/refused.html" if request.path.startswith(ROOMS) else "403_csrf.html"
    return render(request, page, {"sentence": sentence}, status=403)


def _door_without_cookies(request: HttpRequest) -> str | None:
    """Return where somebody joins whose browser sends no cookie at all, with what she wrote."""
    match = request.resolver_match
    if request.COOKIES or match is None or match.url_name != "attendee":
        return None
    said = {"name": request.POST.get("name", ""), "out": request.POST.get("opts_out", "")}
    return f"{reverse('embed', kwargs=match.kwargs)}#{urlencode(said)}"


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 403."""
    if _is_api(request):
        problem = ProblemError(Category.PERMISSION, "not_allowed", "You may not do this.")
        return _envelope(problem)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404, or lead on to the address that was meant.

    Whoever is not signed in is somebody in a room: asked for the code, not for an organisation.
    """
    if _is_api(request):
        return _envelope(not_found("not_found", "There is no such endpoint."))
    try:
        meant, is_organizer = mended(request), _is_organizer(request)
    except Error:  # the database is away; nothing is looked up then
        return defaults.page_not_found(request, exception)
    if meant is not None:
        return HttpResponseRedirect(meant)
    if request.path.startswith(SCREENS):
        return render(request, "stage/gone.html", status=404)
    if not is_organizer or request.path.startswith(ROOMS):
        return render(request, "attendee/code.html", {"lost": True, "code": ""}, status=404)
    return defaults.page_not_found(request, exception)


def _is_organizer(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 500, or 503 where the database has no connection for us; the log has what happened."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return busy.response(request)
    if _is_api(request):
        message = "Something went wrong here. The log has it under this request id."
        return _envelope(ProblemError(Category.INTERNAL, "internal", message))
    return defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _envelope(problem: ProblemError) -> JsonResponse:
    return JsonResponse(problem.envelope(current_request_id()), status=problem.status)
