"""One's own devices: where one is signed in, phones, screens, keys; each can be ended."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dashboard.access import name_of, user_of
from engagement.models import ActKind, ApiKey
from engagement.organisations import api_keys, audit, devices
from interventions.audience import screens
from interventions.models import PushSubscription, ViewToken
from interventions.notifications.push import services as push_services


@require_GET
@login_required
def device_list(request: HttpRequest) -> HttpResponse:
    """Everything that is open in a person's name."""
    user, key, now = user_of(request), request.session.session_key or "", timezone.now()
    devices.note(user.pk, key, request.headers.get("User-Agent", ""), now)
    browsers = devices.browsers_of(user, key, now)
    names = {browser.device.session_key: browser.device.what for browser in browsers}
    phones = push_services.told(PushSubscription.objects.filter(user=user), now)
    context = {
        "browsers": browsers,
        "phones": [(phone, names.get(phone.session_key, "")) for phone in phones],
        "screens": screens.open_of(user, now),
        "keys": ApiKey.objects.valid(now).filter(made_by=user).select_related("organisation"),
        "has_others": len(browsers) > 1,
    }
    return render(request, "account/devices.html", context)


@require_POST
@login_required
def device_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here; phones that agreed elsewhere are told nothing more."""
    user, key = user_of(request), request.session.session_key or ""
    devices.end_others(user, key, name_of(user), timezone.now())
    PushSubscription.objects.filter(user=user).exclude(session_key=key).delete()
    messages.success(request, _("Everywhere else you are signed out now."))
    return redirect("devices")


@require_POST
@login_required
def device_end(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """End one of a person's own: a browser, a phone, a screen, a key; 404 for somebody else's."""
    end = _ENDS.get(kind)
    if end is None or not end(request, pk):
        raise Http404
    messages.success(request, _("Ended. What was open there closes within five seconds."))
    return redirect("devices")


def _end_browser(request: HttpRequest, pk: int) -> bool:
    return devices.end(user_of(request), pk, name_of(user_of(request)), timezone.now())


def _end_phone(request: HttpRequest, pk: int) -> bool:
    gone, _each = PushSubscription.objects.filter(user=user_of(request), pk=pk).delete()
    return bool(gone) and _noted(request, ActKind.DEVICE_ENDED, _("phone"))


def _end_screen(request: HttpRequest, pk: int) -> bool:
    row = (
        ViewToken.objects.filter(made_by=user_of(request), pk=pk).select_related("session").first()
    )
    if row is None or not screens.revoke(row.session, pk, timezone.now()):
        return False
    return _noted(request, ActKind.DEVICE_ENDED, f"{row}: {row.session}")


def _end_key(request: HttpRequest, pk: int) -> bool:
    row = ApiKey.objects.filter(made_by=user_of(request), pk=pk).first()
    if row is None or not api_keys.revoke(row, timezone.now()):
        return False
    return _noted(request, ActKind.KEY_REVOKED, str(row), row.organisation_id)


def _noted(
    request: HttpRequest, kind: ActKind, detail: str, organisation_id: int | None = None
) -> bool:
    audit.note(
        kind, who=name_of(user_of(request)), now=timezone.now(), detail=detail,
        organisation_id=organisation_id,
    )  # fmt: skip
    return True


_ENDS = {"browser": _end_browser, "phone": _end_phone, "screen": _end_screen, "key": _end_key}
