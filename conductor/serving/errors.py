"""Errors that no view answered: the envelope below /api/, a page elsewhere."""

import sys
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
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

from conductor.serving import overload_responses, proxies
from conductor.serving.url_cleanup import mended
from engagement.doors.request_context import current_request_id
from engagement.vocabulary.errors import Category, ProblemError, forbidden, invalid, not_found

ROOMS: Final = ("/j/", "/embed/")
SCREENS: Final = ("/stage/", "/overlay/", "/cue/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 400: a host we do not serve, a body that cannot be read."""
    if isinstance(exception, DisallowedHost):
        sentence = proxies.told(proxies.unknown_host, request)
        if _is_api(request):
            return _envelope(invalid("unknown_host", sentence))
        # Without the request: whatever asks it for its host would be refused again.
        return HttpResponse(render_to_string("400.html", {"sentence": sentence}), status=400)
    if _is_api(request):
        return _envelope(invalid("bad_request", "This request cannot be understood."))
    return defaults.bad_request(request, exception)


def refused(request: HttpRequest, problem: ProblemError) -> HttpResponse:
    """Answer what was refused before any view: the envelope, or a page with sentence and code."""
    if _is_api(request):
        return _envelope(problem)
    # Without the request: nothing of it has been looked at yet.
    page = render_to_string("400.html", {"problem": problem})
    return HttpResponse(page, status=problem.status)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer 403 to a form without our cookie, or from an address that we do not take for ours."""
    sentence = proxies.told(proxies.hidden_address, request)
    if _is_api(request):
        return _envelope(forbidden("form_refused", sentence or "Reload the page."))
    door = _door_without_cookies(request)
    if door is not None:
        return HttpResponseRedirect(door)
    page = "attendee/refused.html" if request.path.startswith(ROOMS) else "403_csrf.html"
    has_cookie = settings.CSRF_COOKIE_NAME in request.COOKIES
    return render(request, page, {"sentence": sentence, "has_cookie": has_cookie}, status=403)


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
        return _envelope(forbidden("not_allowed", "You may not do this."))
    if _is_administration(request):
        return render(request, "403_admin.html", status=403)
    return defaults.permission_denied(request, exception)


def _is_administration(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and "admin" in match.namespaces


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404, or lead on to the address that was meant.

    Whoever is not signed in is somebody in a room: asked for the code, not for an organisation.
    """
    if _is_api(request):
        return _envelope(not_found("not_found", "There is no such endpoint."))
    try:
        is_closed = isinstance(exception, proxies.ClosedError)
        meant, is_organizer = None if is_closed else mended(request), _is_organizer(request)
    except Error:  # the database is away; nothing is looked up then
        return defaults.page_not_found(request, exception)
    if meant is not None:
        return HttpResponseRedirect(meant)
    if request.path.startswith(SCREENS):
        return render(request, "screens/gone.html", status=404)
    if not is_organizer or request.path.startswith(ROOMS):
        return render(request, "attendee/code.html", {"lost": True, "code": ""}, status=404)
    return defaults.page_not_found(request, exception)


def _is_organizer(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 500, or 503 where the database has no connection for us; the log has what happened."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return overload_responses.response(request)
    if _is_api(request):
        return _envelope(ProblemError(
            Category.INTERNAL, "internal",
            "Something went wrong here. The log has it under this request id.",
        ))  # fmt: skip
    return defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    """Whether a program asks: by the API, for the pass of an embedded page, or with JSON of its own."""
    is_pass = request.path.startswith(ROOMS) and request.path.endswith("/pass/")
    return request.path.startswith("/api/") or is_pass or request.content_type == "application/json"


def _envelope(problem: ProblemError) -> JsonResponse:
    return JsonResponse(problem.envelope(current_request_id()), status=problem.status)
