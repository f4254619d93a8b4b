"""Errors that no view answered: the envelope below /api/, a page elsewhere."""

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults

from engagement.errors import Category, ProblemError, invalid, not_found
from engagement.requests import current_request_id


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 400: a host we do not serve, a body that cannot be read."""
    if _is_api(request):
        return _envelope(invalid("bad_request", "This request cannot be understood."))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 403."""
    if _is_api(request):
        problem = ProblemError(Category.PERMISSION, "not_allowed", "You may not do this.")
        return _envelope(problem)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 404."""
    if _is_api(request):
        return _envelope(not_found("not_found", "There is no such endpoint."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 500; what happened is in the log, under the request id of the answer."""
    if _is_api(request):
        message = "Something went wrong here. The log has it under this request id."
        return _envelope(ProblemError(Category.INTERNAL, "internal", message))
    return defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _envelope(problem: ProblemError) -> JsonResponse:
    return JsonResponse(problem.envelope(current_request_id()), status=problem.status)
