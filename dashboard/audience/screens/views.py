"""Screens without login, by a token in the address: projector, OBS overlay, speaker's view."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.access import note_settings, session_for, session_to_change, user_of
from dashboard.audience.joining import join_link, qr_svg, words_now
from dashboard.audience.screens import javascript_texts as screen_words
from dashboard.wording.page_language import speak
from engagement.doors.request_context import public
from engagement.limits.client_networks import request_network
from engagement.limits.guess_limit import SCREENS, check_screen
from engagement.models import SessionStatus
from engagement.vocabulary.errors import ProblemError
from interventions.audience import pulse_counts, screens
from interventions.models import ViewKind, ViewToken

TEMPLATE: Final = {
    ViewKind.STAGE: "projector", ViewKind.OVERLAY: "overlay", ViewKind.CUE: "speaker"
}  # fmt: skip
ADDRESS: Final = {ViewKind.STAGE: "stage", ViewKind.OVERLAY: "overlay", ViewKind.CUE: "cue"}
NAME_CHARS: Final = 80
View = Callable[[HttpRequest, str], HttpResponse]


def _screen(request: HttpRequest, token: str, kind: ViewKind) -> ViewToken:
    network = request_network(request)
    check_screen(network, token, time.monotonic())
    screen = screens.find(token, timezone.now(), kind)
    SCREENS.count(network, token, time.monotonic(), is_right=screen is not None)
    if screen is None:
        raise Http404
    return screen


def counted(view: View) -> View:
    """Let a network that tries many addresses which open nothing wait before the next one (429)."""

    @wraps(view)
    def answered(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except ProblemError as problem:
            words = _("Too many unknown screens came from your network. Try again later.")
            answer = HttpResponse(words, "text/plain; charset=utf-8", problem.status)
            answer["Retry-After"] = str(problem.retry_after)
            return answer

    return answered


def _show(request: HttpRequest, token: str, kind: ViewKind) -> HttpResponse:
    screen = _screen(request, token, kind)
    speak(request, screen.session.language)
    join = join_link(request, screen.session)
    context = {
        "session": screen.session,
        "is_over": screen.session.status == SessionStatus.ENDED,
        "token": token,
        "join": join,
        "qr": qr_svg(join.url),
        "words": screen_words.for_screens(),
        "word": words_now(screen.session, time.time())["word"],
    }
    response = render(request, f"screens/{TEMPLATE[kind]}.html", context)
    # The address is the key: it is told to nobody.
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_GET
@counted
def stage(request: HttpRequest, token: str) -> HttpResponse:
    """The projector: how to join, always; and what is open. It speaks once sound is armed here."""
    screens.disarm(_screen(request, token, ViewKind.STAGE).pk)
    return _show(request, token, ViewKind.STAGE)


@require_POST
@counted
def stage_arm(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody clicked "Arm sound" on this screen, as browsers demand before a page may speak."""
    screens.arm(_screen(request, token, ViewKind.STAGE).pk, timezone.now())
    return HttpResponse(status=204)


@never_cache
@require_GET
@counted
def stage_words_now(request: HttpRequest, token: str) -> HttpResponse:
    """The words that the projector shows: `{"word", "seconds_left"}`."""
    return JsonResponse(words_now(_screen(request, token, ViewKind.STAGE).session, time.time()))


@never_cache
@require_GET
@counted
def overlay(request: HttpRequest, token: str) -> HttpResponse:
    """A transparent page for OBS: a lower third while something is open, else nothing."""
    return _show(request, token, ViewKind.OVERLAY)


@never_cache
@require_GET
@counted
def cue(request: HttpRequest, token: str) -> HttpResponse:
    """What the speaker sees: the newest cue, large, and how it is for people."""
    return _show(request, token, ViewKind.CUE)


@never_cache
@require_GET
@counted
def cue_pulses(request: HttpRequest, token: str) -> HttpResponse:
    """How many people feel how, in the last five minutes: `{"great": 3, …}`."""
    screen = _screen(request, token, ViewKind.CUE)
    return JsonResponse(pulse_counts.counts(screen.session_id, timezone.now()))


@require_http_methods(["GET", "POST"])
@login_required
def screen_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The session's screens; a new one's address is shown once, right after it was made."""
    if request.method == "POST":
        return _made(request, pk)
    session = session_for(request, pk)
    context = {
        "session": session,
        "join": join_link(request, session),
        "screens": screens.open_screens(session),
        "kinds": ViewKind.choices,
        "address": request.session.pop(f"screen-{pk}", ""),
    }
    return render(request, "screens/list.html", context)


def _made(request: HttpRequest, pk: int) -> HttpResponse:
    session = session_to_change(request, pk)
    kind = request.POST.get("kind", "")
    if kind not in ViewKind.values:
        raise Http404
    name = request.POST.get("name", "").strip()[:NAME_CHARS]
    _row, token = screens.make(session, ViewKind(kind), timezone.now(), name, user_of(request))
    note_settings(request, session, f"screen made: {kind} {name}".rstrip())
    path = reverse(ADDRESS[ViewKind(kind)], args=[token])
    request.session[f"screen-{pk}"] = public(request, path)
    return redirect("session-screens", pk)


@require_POST
@login_required
def screen_revoke(request: HttpRequest, pk: int, screen_pk: int) -> HttpResponse:
    """End a screen: its address leads nowhere from now on."""
    session = session_to_change(request, pk)
    if screens.revoke(session, screen_pk, timezone.now()):
        note_settings(request, session, f"screen ended: {screen_pk}")
        messages.success(request, _("The screen was ended; its address leads nowhere now."))
    return redirect("session-screens", pk)
