"""Frames: who may show a page of ours in one, and whose player we show in one."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.audience.joining import join_link
from engagement.models import Session
from engagement.vocabulary.site_addresses import origin_of

NONE: Final = "'none'"
HEIGHT: Final = 640
"""Pixels until the page in the frame has told its own height."""


def framed(response: HttpResponse, session: Session) -> HttpResponse:
    """Let the sites of the session's event show this page in a frame, and nobody else."""
    _replace(response, "frame-ancestors", session.event.allowed_origins or [NONE])
    response.xframe_options_exempt = True  # as Django's decorator does
    return response


def framed_anywhere(response: HttpResponse) -> HttpResponse:
    """Let any site show this page in a frame: it knows nobody, so there is nothing to ride on."""
    _replace(response, "frame-ancestors", ["*"])
    response.xframe_options_exempt = True  # as Django's decorator does
    return response


def with_player(response: HttpResponse, session: Session) -> HttpResponse:
    """Let this page show the session's player, where it has one, and no other frame."""
    if session.stream_url:
        _replace(response, "frame-src", [origin_of(session.stream_url)])
    return response


def _replace(response: HttpResponse, directive: str, sources: list[str]) -> None:
    # The attribute that django-csp's decorators set; ours differ with each session.
    policy: dict[str, Any] = getattr(response, "_csp_replace", {})
    response._csp_replace = policy | {directive: sources}  # type: ignore[attr-defined]


def snippet(request: HttpRequest, session: Session) -> SafeString:
    """Return what an allowed site pastes: the frame, and a script that gives it its height."""
    joined = join_link(request, session).url
    base = joined.removesuffix(reverse("attendee", args=[session.code]))
    return format_html(
        '<iframe src="{}{}" title="{}" width="100%" height="{}" frameborder="0"></iframe>\n'
        '<script src="{}{}" async></script>',
        base, reverse("embed", args=[session.code]), session.title, HEIGHT,
        base, reverse("embed-script"),
    )  # fmt: skip
