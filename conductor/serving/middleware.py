"""What happens to every request before a view: its id, and what proxies in front made of it."""

import re
import uuid
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.db.models import DateField, JSONField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from conductor.serving import proxies
from engagement.doors.request_context import request_id
from engagement.limits import client_networks
from engagement.organisations import devices

# What a proxy may hand us: anything else could forge log lines.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked by address (load balancers, Prometheus), and saying nothing of a session or a person.
PROBED = re.compile(r"/(?:health(?:/[a-z]+)?|metrics)/?")
# What no page of ours asks for. Full screen, sound, wake lock and clipboard stay as they are.
NO_DEVICES = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation",
        "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    )
)  # fmt: skip
# For operators only: how the installation does, and everything that is stored.
OPERATORS = re.compile(r"/(?:admin|metrics|health/detailed)(?:/.*)?", re.DOTALL)
_LOOK_UP: Final = {"app_label", "model_name", "field_name"}


def fresh_or(given: str) -> str:
    """Return the id a proxy gave if it is harmless, else a fresh one."""
    return given if ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex


class RequestIdMiddleware:
    """Take or make the request id, remember it while the request runs, send it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(fresh_or(request.headers.get("X-Request-ID", "")))
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
        finally:
            request_id.reset(token)
        return response


class AdminQueryMiddleware:
    """Keep what no field can take out of the addresses of the admin's pages: they fill forms from them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Drop such parameters of a form for a new row; a look-up has to say of what (400)."""
        match = request.resolver_match
        if match is None or match.app_name != "admin":
            return None
        is_look_up = match.view_name == "admin:autocomplete"
        if is_look_up and not request.GET.keys() >= _LOOK_UP:
            raise BadRequest
        # Django takes an empty name for that of a field.
        if "" in (request.GET.get("_to_field"), request.POST.get("_to_field")):
            raise BadRequest
        options = getattr(view, "model_admin", None)
        if options is not None and str(match.url_name).endswith("_add"):
            given = request.GET.copy()
            for name in request.GET:
                if not _may_fill(options.opts, name, request.GET[name]):
                    del given[name]
            request.GET = given  # type: ignore[assignment]
        return None


def _may_fill(model: Any, name: str, value: str) -> bool:
    """Whether a field of the model could hold the value; what is no field may be anything."""
    try:
        field = model.get_field(name)
    except FieldDoesNotExist:
        return True
    if field.many_to_many or field.one_to_many:
        field, values = field.related_model._meta.pk, value.split(",")
    else:
        field, values = getattr(field, "target_field", field), [value]
    try:
        for each in values:
            field.run_validators(field.to_python(each))
    except (ValidationError, ValueError, TypeError, OverflowError, AttributeError):
        return False
    return not isinstance(field, DateField | JSONField)


class ProxyMiddleware:
    """Answer probes whatever host they name; tell the operator of proxies that are not set up right."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if PROBED.fullmatch(request.path_info):
            request.META[proxies.ASKED_HOST] = request.META.get("HTTP_HOST", "")
            request.META["HTTP_HOST"] = "localhost"
        else:
            proxies.look_at(request)
        return self.get_response(request)


class PrivacyMiddleware:
    """Let nothing be kept on the way that does not say so itself, and give pages no devices."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A cache between us and the browser must not hand one person's page to another.
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Permissions-Policy", NO_DEVICES)
        return response


class DeviceMiddleware:
    """Keep the list of each person's browsers: noted when she signs in, seen while she uses them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        # A login of either door is a POST; who asks for no login is not looked up for this.
        if session.accessed and SESSION_KEY in session and (key := session.session_key):
            now = timezone.now()  # noqa: TID251  (an edge)
            devices.note_seen(key, now)
            if request.method == "POST" and session.get("device") != key:
                agent = request.headers.get("User-Agent", "")
                devices.note(int(session[SESSION_KEY]), key, agent, now)
                session["device"] = key
        return response


class OperatorsMiddleware:
    """Close the pages of operators to whoever comes through a proxy and is not in OPERATORS_FROM.

    Who reaches us without a proxy is on this machine or in its inner network: Prometheus, a health
    check, the operator's tunnel. To everybody else there is no such page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if OPERATORS.fullmatch(request.path_info) and proxies.is_handed_on(request):
            address = client_networks.request_address(request)
            if not client_networks.is_within(address, settings.OPERATORS_FROM):
                proxies.tell_closed(request, address)
                raise proxies.ClosedError
        return self.get_response(request)
