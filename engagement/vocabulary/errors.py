"""Every error a client can meet: eight categories, stable codes, a sentence for a person.

A sentence is English where the error is raised, which marks it for translation, too (`makemessages`
knows the functions below). Programs and logs read it as it is, people in their language.

The same envelope leaves every door (REST, the signals door, sockets):
`{"error": {"category", "code", "message", "field"?, "retry_after"?, "request_id"}}`.
"""

from __future__ import annotations

from enum import StrEnum, unique
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext, override


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
    """An error we can name. `code` is stable; `sentence` is shown to people, with `params` in it.

    Placeholders are `%(name)s`; a parameter that is a word of ours is lazily translated.
    `retry_after` (seconds) is given where waiting helps; `field` where one field is to blame;
    `http_status` where the category's usual HTTP status is not the right one; `warnings` (code and words
    of each) where sending it again with the word that they are accepted would help.
    """

    def __init__(
        self,
        category: Category,
        code: str,
        sentence: str,
        field: str | None = None,
        *,
        retry_after: int | None = None,
        http_status: int | None = None,
        warnings: tuple[tuple[str, str], ...] = (),
        **params: object,
    ) -> None:
        super().__init__(category, code, sentence)
        self.category = category
        self.code = code
        self.sentence = sentence
        self.params = params
        self.field = field
        self.retry_after = retry_after
        self.status = http_status or HTTP_STATUS[category]
        self.warnings = warnings

    @property
    def text(self) -> str:
        """The sentence in the reader's language (the active one)."""
        words = gettext(self.sentence)
        return words % self.params if self.params else words

    @property
    def message(self) -> str:
        """The sentence in English, for programs and logs."""
        with override("en"):
            return self.text

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.message

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


invalid: Final = partial(ProblemError, Category.VALIDATION)
"""The input is wrong and sending it again will not help."""
unauthenticated: Final = partial(ProblemError, Category.AUTHENTICATION)
"""Nobody knows who this is."""
forbidden: Final = partial(ProblemError, Category.PERMISSION)
"""We know who this is, and they may not."""
not_found: Final = partial(ProblemError, Category.NOT_FOUND)
"""It is not there; also for what exists but is somebody else's."""
conflict: Final = partial(ProblemError, Category.CONFLICT)
"""It does not fit what is so by now."""
rate_limited: Final = partial(ProblemError, Category.RATE_LIMIT)
"""Too much or too often; give `retry_after`."""
unavailable: Final = partial(ProblemError, Category.UPSTREAM, retry_after=2)
"""A server behind us is away, waiting helps."""


def no_text(field: str | None = None) -> ProblemError:
    """Bytes that are no UTF-8, a NUL, or half of a character: no door takes them, in whatever form."""
    return invalid("not_text", "This holds bytes that are no text: send UTF-8, without NUL.", field)
