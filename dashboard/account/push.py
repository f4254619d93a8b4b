"""Phones that are told of suggestions: agreeing, stopping, trying, and approving from there."""

from typing import Any, Final, TypeVar

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from dashboard.access import name_of, user_of
from engagement.api.throttling import take
from engagement.doors.admission.signal_admission import too_fast
from engagement.doors.request_context import current_request_id
from engagement.organisations.logins import Login
from engagement.sessions.queries import may_organize
from engagement.vocabulary.errors import ProblemError, forbidden, invalid
from interventions.agent.approval import services as approval
from interventions.models import PushMessage, PushSubscription
from interventions.notifications.push import events as push_events
from interventions.notifications.push import payloads
from interventions.notifications.push import services as phones
from interventions.notifications.push.keys import public_key

Read = TypeVar("Read")
MOST_HELLOS: Final = 3
HELLO_SECONDS: Final = 10
"""Tries of one person at once, and the seconds from one to the next after those."""


class _Keys(msgspec.Struct):
    p256dh: str
    auth: str


class _Browser(msgspec.Struct):
    endpoint: str
    keys: _Keys


class _Address(msgspec.Struct):
    endpoint: str


class _Approval(msgspec.Struct):
    token: str


def _read(request: HttpRequest, kind: type[Read]) -> Read:
    try:
        return msgspec.json.decode(request.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RawPostDataException):
        raise invalid("malformed", "This is not what a browser sends.", "") from None


def _refused(problem: ProblemError) -> JsonResponse:
    body: dict[str, Any] = problem.envelope(current_request_id())
    body["error"]["message"] = problem.text
    return JsonResponse(body, status=problem.status)


@never_cache
@require_GET
@login_required
def phone(request: HttpRequest) -> HttpResponse:
    """Three steps to be told of suggestions on this device; nothing is asked before a click."""
    return render(request, "phone/phone.html", {"key": public_key()})


@require_POST
@login_required
def phone_subscribe(request: HttpRequest) -> HttpResponse:
    """Tell this browser from now on: `{"endpoint", "keys": {"p256dh", "auth"}}` as it says itself."""
    try:
        said = _read(request, _Browser)
        phones.subscribe(
            _login(request), said.endpoint, said.keys.p256dh, said.keys.auth, timezone.now()
        )
    except ProblemError as problem:
        return _refused(problem)
    return HttpResponse(status=204)


def _login(request: HttpRequest) -> Login:
    return Login(user_of(request).pk, request.session.session_key or "")


@require_POST
@login_required
def phone_unsubscribe(request: HttpRequest) -> HttpResponse:
    """Tell this browser nothing more: `{"endpoint"}`; twice does no harm."""
    try:
        phones.unsubscribe(user_of(request), _read(request, _Address).endpoint)
    except ProblemError as problem:
        return _refused(problem)
    return HttpResponse(status=204)


@require_POST
@login_required
def phone_try(request: HttpRequest) -> HttpResponse:
    """Send this browser one notification, so that a person sees that it works: `{"endpoint"}`.

    Three at once, then one in ten seconds: the browser may name any server as its own.
    """
    user, now = user_of(request), timezone.now()
    try:
        endpoint = _read(request, _Address).endpoint
        mine = PushSubscription.objects.filter(user=user, endpoint=endpoint).first()
        if mine is None:
            return HttpResponse(status=404)
        if wait := take(f"phone-try:{user.pk}", MOST_HELLOS, 1 / HELLO_SECONDS, now.timestamp()):
            raise too_fast(wait)
    except ProblemError as problem:
        return _refused(problem)
    push_events.hello(mine, now)
    return HttpResponse(status=202)


@csrf_exempt
@never_cache
@require_POST
def phone_approve(request: HttpRequest) -> HttpResponse:
    """Approve from a notification: `{"token"}`. No cookie is looked at, the token is enough, once.

    The words approved are those that the notification showed: a suggestion that has changed since is a
    conflict, and so is one that somebody else has decided.
    """
    try:
        _approve(payloads.redeem(_read(request, _Approval).token, timezone.now()))
    except ProblemError as problem:
        return _refused(problem)
    return JsonResponse({"message": _("Approved. It goes out in a few seconds.")})


def _approve(message: PushMessage) -> None:
    user, row = message.subscription.user, message.intervention
    phone = message.subscription
    if row is None or not phones.told([phone], timezone.now()) or not _may(message):
        raise forbidden("may_not_approve", "You may not approve this any more.")
    approval.approve(
        row.pk, by=user, who=name_of(user), now=timezone.now(), version=message.version
    )


def _may(message: PushMessage) -> bool:
    row = message.intervention
    return row is not None and may_organize(
        message.subscription.user, row.session.event.organisation_id
    )
