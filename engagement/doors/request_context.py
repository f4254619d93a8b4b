"""The request being served: its id, set at the door, and how our pages are called outside."""

from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

# "-" outside a request.
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """Return the id of the request being served."""
    return request_id.get()


def public(request: HttpRequest, path: str) -> str:
    """Return the whole address of a page for somebody: PUBLIC_URL's, or the one this request came to."""
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)
