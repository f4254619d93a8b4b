"""Every error a client can meet: eight categories, stable codes, words for a person.

The same envelope leaves every door (REST, the signals door, sockets):
`{"error": {"category", "code", "message", "field"?, "retry_after"?, "request_id"}}`.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Any


@unique
class Category(StrEnum):
    """What kind of trouble it is; decides the HTTP status and what a client should do."""

    AUTHENTICATION = "authentication"
    PERMISSION = "permission"
    VALIDATION = "validation"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    RATE_LIMIT = "rate_limit"
    UPSTREAM = "upstream"
    INTERNAL = "internal"


HTTP_STATUS = {
    Category.AUTHENTICATION: 401,
    Category.PERMISSION: 403,
    Category.VALIDATION: 400,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.RATE_LIMIT: 429,
    Category.UPSTREAM: 503,
    Category.INTERNAL: 500,
}


class ProblemError(Exception):
    """An error we can name. `code` is stable; `message` may be shown to a person.

    `retry_after` (seconds) is given where waiting helps; `field` where one field is to blame;
    `status` where the category's usual HTTP status is not the right one; `warnings` (code and words
    of each) where sending it again with the word that they are accepted would help.
    """

    def __init__(
        self,
        category: Category,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retry_after: int | None = None,
        status: int | None = None,
        warnings: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.category = category
        self.code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after
        self.status = status or HTTP_STATUS[category]
        self.warnings = warnings

    def envelope(self, request_id: str) -> dict[str, Any]:
        """Return the JSON body of this error."""
        body: dict[str, Any] = {
            "category": self.category.value,
            "code": self.code,
            "message": self.message,
            "request_id": request_id,
        }
        if self.field is not None:
            body["field"] = self.field
        if self.warnings:
            body["warnings"] = [{"code": code, "message": text} for code, text in self.warnings]
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        return {"error": body}


def invalid(code: str, message: str, field: str | None = None) -> ProblemError:
    """Return a validation error: the input is wrong and sending it again will not help."""
    return ProblemError(Category.VALIDATION, code, message, field=field)


def not_found(code: str, message: str) -> ProblemError:
    """Return a not-found error; also for what exists but is somebody else's."""
    return ProblemError(Category.NOT_FOUND, code, message)


def unavailable(code: str, message: str, retry_after: int = 2) -> ProblemError:
    """Return an upstream error: a server behind us is away, waiting helps."""
    return ProblemError(Category.UPSTREAM, code, message, retry_after=retry_after)


def no_text(field: str | None = None) -> ProblemError:
    """Bytes that are no UTF-8, a NUL, or half of a character: no door takes them, in whatever form."""
    return invalid("not_text", "This holds bytes that are no text: send UTF-8, without NUL.", field)
