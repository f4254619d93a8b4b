"""The id of the request being served; set at the door, read by log lines and error answers."""

from contextvars import ContextVar

# "-" outside a request.
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """Return the id of the request being served."""
    return request_id.get()
