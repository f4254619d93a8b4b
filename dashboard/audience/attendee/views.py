"""How people get in, and the page they are on: no account, no name needed."""

import re
import time
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dashboard.access import session_for
from dashboard.audience.attendee import javascript_texts as attendee_words
from dashboard.audience.attendee.name_form import NameForm
from dashboard.audience.attendee.privacy_notice import notice_of
from dashboard.audience.iframe_policy import with_player
from dashboard.audience.joining import (
    PASS,
    guesses_wait,
    join_link,
    pass_in,
    qr_svg,
    session_asked,
    words_now,
)
from dashboard.audience.typed_codes import bare
from dashboard.wording.page_language import speak
from engagement.doors.admission import join_words, join_words_check
from engagement.limits import join_rate
from engagement.limits.client_networks import request_address, request_network
from engagement.models import Session, SessionStatus
from engagement.sessions import attendee_tokens, removed_people
from engagement.vocabulary.errors import ProblemError
from interventions.audience.chat.settings import rules_of

COOKIE: Final = re.compile(rf"{PASS}(\d{{1,18}})")
LOOK_AGAIN_SECONDS: Final = 20
MOST_SHOWN: Final = 12
"""Characters of an unknown code that are shown again."""


@require_GET
@login_required
def session_join(request: HttpRequest, pk: int) -> HttpResponse:
    """The join screen for a projector: address, code, QR."""
    session = session_for(request, pk)
    join = join_link(request, session)
    context = {"session": session, "join": join, "qr": qr_svg(join.url)}
    context["word"] = words_now(session, time.time())["word"]
    return render(request, "sessions/join.html", context)


@never_cache
@require_GET
@login_required
def session_words_now(request: HttpRequest, pk: int) -> HttpResponse:
    """The words that the join screen shows: `{"word", "seconds_left"}`."""
    return JsonResponse(words_now(session_for(request, pk), time.time()))


@require_GET
def attendee_code(request: HttpRequest) -> HttpResponse:
    """Where a code is typed by those who cannot scan."""
    typed = request.GET.get("code", "").strip()
    session = session_asked(request, typed)
    if session is not None:
        return redirect("attendee", session.code)
    if typed:
        return unknown_code(request, typed)
    return render(request, "attendee/code.html", {"code": ""})


def unknown_code(request: HttpRequest, typed: str) -> HttpResponse:
    """Say that no session has this code, and ask for it again, after a while where many were tried."""
    wait = guesses_wait(request, typed)
    context = {"code": bare(typed)[:MOST_SHOWN], "unknown": True, "wait": wait}
    response = render(request, "attendee/code.html", context, status=429 if wait else 404)
    if wait:
        response["Retry-After"] = str(wait)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def attendee(request: HttpRequest, code: str) -> HttpResponse:
    """Join a session by its code; whoever has joined before is in at once."""
    session = session_asked(request, code)
    if session is None:
        return unknown_code(request, code)
    if code != session.code and request.method != "POST":
        return redirect("attendee", session.code)
    speak(request, session.language)
    if session.status == SessionStatus.ENDED:
        context = {"session": session, "is_known": f"{PASS}{session.pk}" in request.COOKIES}
        return render(request, "attendee/over.html", context)
    token = request.COOKIES.get(f"{PASS}{session.pk}", "")
    given = pass_in(token, session.pk)
    if given is not None:
        if (answer := _out(request, session, given)) is not None:
            return answer
        return _inside(request, session, token, given)
    if (fresh := _renewed(token, session.pk)) is not None and request.method == "GET":
        return _with_pass(request, session, fresh)
    known = _known(request, session)
    form = NameForm(request.POST or None, initial={"name": attendee_tokens.called(known)})
    if request.method == "POST" and form.is_valid():
        return _joined(request, session, form, known)
    return _door(request, session, form)


def _out(
    request: HttpRequest, session: Session, given: attendee_tokens.Pass
) -> HttpResponse | None:
    """What somebody sees who was removed; who was erased is somebody new. None for everybody else."""
    try:
        removed_people.check_person(session.pk, given.actor)
    except ProblemError as problem:
        if problem.code == "removed":
            return render(request, "attendee/removed.html", {"session": session}, status=403)
        response = redirect("attendee", session.code)
        response.delete_cookie(f"{PASS}{session.pk}", path="/j/", samesite="Lax")
        return response
    return None


def _door(
    request: HttpRequest, session: Session, form: NameForm, problem: ProblemError | None = None
) -> HttpResponse:
    """The form, or that the room is locked: then the page looks again by itself."""
    context = {**_asked(request, session, form), "problem": problem}
    is_refused = session.locked_at is not None and request.method == "POST"
    status = problem.status if problem else 409 if is_refused else 200
    response = render(request, "attendee/join.html", context, status=status)
    if problem is not None and problem.retry_after:
        response["Retry-After"] = str(problem.retry_after)
    if session.locked_at is not None:
        response["Refresh"] = (
            f"{LOOK_AGAIN_SECONDS}; url={reverse('attendee', args=[session.code])}"
        )
    return response


def _asked(request: HttpRequest, session: Session, form: NameForm) -> dict[str, Any]:
    return {
        "session": session,
        "form": form,
        "chat": rules_of(session),
        "notice": notice_of(session),
        "asks_word": session.asks_word and not _has_ticket(request, session),
        "typed": request.POST.get("word", "")[: join_words.MOST_TYPED],
        "problem": None,
    }


def _has_ticket(request: HttpRequest, session: Session) -> bool:
    return join_words.is_ticket(bytes(session.door_secret or b""), request.GET.get("in", ""))


def _must_wait(
    request: HttpRequest, session: Session, form: NameForm, seconds: int
) -> HttpResponse:
    """The form as it was filled in, which goes out again by itself when it is somebody's turn."""
    context = {**_asked(request, session, form), "seconds": seconds}
    response = render(request, "attendee/join.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _inside(
    request: HttpRequest, session: Session, token: str, given: attendee_tokens.Pass
) -> HttpResponse:
    """The room, or what somebody in it changes of herself: whether she is counted, her name."""
    if "heard" in request.POST:
        counts = request.POST["heard"] == "yes"
        return _with_pass(request, session, attendee_tokens.change(given, counts=counts))
    named = NameForm(
        request.POST if "name" in request.POST else None,
        initial={"name": attendee_tokens.called(given)},
    )
    wait = _renaming_waits(named, given)
    if wait is None and named.is_valid():
        attendee_tokens.rename(given, named.cleaned_data["name"])
        return redirect("attendee", session.code)
    return _slowed(_room(request, session, token, given, named), wait)


def _renaming_waits(form: NameForm, given: attendee_tokens.Pass) -> int | None:
    """Return the seconds until a person may be renamed, which the form says; None where she may be."""
    if not form.is_valid():
        return None
    try:
        attendee_tokens.check_renaming(given, form.cleaned_data["name"], time.monotonic())
    except ProblemError as problem:
        form.add_error("name", problem.text)
        return problem.retry_after
    return None


def _slowed(response: HttpResponse, seconds: int | None) -> HttpResponse:
    if seconds is not None:
        response.status_code = 429
        response["Retry-After"] = str(seconds)
    return response


def _room(
    request: HttpRequest, session: Session, token: str, given: attendee_tokens.Pass, named: NameForm
) -> HttpResponse:
    chat = rules_of(session)
    context = {
        "session": session,
        "token": token,
        "is_heard": given.counts,
        "named": named,
        "chat": chat,
        "hint": attendee_words.hint(chat.mode, is_heard=given.counts),
        "words": attendee_words.for_attendees(),
    }
    return with_player(render(request, "attendee/room.html", context), session)


def _joined(
    request: HttpRequest, session: Session, form: NameForm, known: attendee_tokens.Pass | None
) -> HttpResponse:
    if session.locked_at is not None:
        return _door(request, session, form)
    try:
        join_words_check.check(
            session, request.POST.get("word", ""), request.GET.get("in", ""),
            request_network(request), time.time(),
        )  # fmt: skip
    except ProblemError as problem:
        return _door(request, session, form, problem)
    try:
        if known is None:
            join_rate.let_in(session.pk, request_address(request), time.time())
    except ProblemError as problem:
        return _must_wait(request, session, form, problem.retry_after or 1)
    if known is not None and (wait := _renaming_waits(form, known)) is not None:
        return _slowed(_door(request, session, form), wait)
    try:
        token = attendee_tokens.enter(
            session,
            form.cleaned_data["name"],
            known,
            counts=not form.cleaned_data["opts_out"],
        )
    except ProblemError as problem:
        raise Http404 from problem
    return _with_pass(request, session, token)


def _with_pass(request: HttpRequest, session: Session, token: str) -> HttpResponse:
    response = redirect("attendee", session.code)
    response.set_cookie(
        f"{PASS}{session.pk}",
        token,
        max_age=attendee_tokens.RENEWABLE,
        path="/j/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure() or settings.SESSION_COOKIE_SECURE,
    )
    return response


def _known(request: HttpRequest, session: Session) -> attendee_tokens.Pass | None:
    """The person's pass of another session of the same event: she stays the same person."""
    passes = {int(found[1]): name for name in request.COOKIES if (found := COOKIE.fullmatch(name))}
    if not passes:
        return None
    siblings = Session.objects.filter(event_id=session.event_id, pk__in=passes)
    for pk in siblings.values_list("pk", flat=True):
        given = pass_in(request.COOKIES[passes[pk]], pk)
        if given is not None and attendee_tokens.is_known(given):
            return given
    return None


def _renewed(token: str, session_id: int) -> str | None:
    try:
        return attendee_tokens.renewed(token, session_id)
    except ProblemError:
        return None
