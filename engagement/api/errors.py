"""DRF's errors in the envelope that every door answers with."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from engagement.api.bodies import UNKNOWN
from engagement.doors.request_context import current_request_id
from engagement.vocabulary.errors import (
    Category,
    ProblemError,
    forbidden,
    invalid,
    not_found,
    rate_limited,
    unavailable,
)

logger = logging.getLogger(__name__)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer to an error, or None where it is unexpected (then it is logged and 500)."""
    problem = _problem(error)
    if problem is None:
        return None
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.category is Category.AUTHENTICATION:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(problem.envelope(current_request_id()), problem.status, headers=headers)


def _problem(error: Exception) -> ProblemError | None:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, Http404):
        return not_found("not_found", "There is nothing here, or it is not yours.")
    if isinstance(error, PermissionDenied):
        return forbidden("not_allowed", "You may not do this.")
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("the database did not answer", exc_info=error)
        return unavailable("database_away", "The database does not answer. Try again shortly.")
    if isinstance(error, exceptions.APIException):
        return _from_rest(error)
    return None


def _from_rest(error: exceptions.APIException) -> ProblemError:
    if isinstance(error, exceptions.ValidationError):
        field, complaint = _first(error.detail)
        is_unknown = getattr(complaint, "code", "") == UNKNOWN
        return invalid(UNKNOWN if is_unknown else "invalid", str(complaint), field)
    if isinstance(error, exceptions.Throttled):
        wait = max(1, int(getattr(error, "wait", None) or 1))
        return rate_limited(
            "too_many_requests", "Too many requests. Try again in %(seconds)s s.", retry_after=wait,
            seconds=wait,
        )  # fmt: skip
    category = {
        401: Category.AUTHENTICATION,
        403: Category.PERMISSION,
        404: Category.NOT_FOUND,
        409: Category.CONFLICT,
    }.get(error.status_code, Category.VALIDATION)
    code = error.get_codes()
    return ProblemError(
        category, code if isinstance(code, str) else "invalid", str(error.detail),
        http_status=error.status_code,
    )  # fmt: skip


def _first(detail: Any, field: str | None = None) -> tuple[str | None, Any]:
    """Return the first complaint of a nested detail, with the path of its field."""
    if isinstance(detail, dict) and detail:
        name, inner = next(iter(detail.items()))
        return _first(inner, f"{field}.{name}" if field else str(name))
    if isinstance(detail, list) and detail:
        return _first(detail[0], field)
    return field, detail
