"""What happens to every request before a view: its id, and what proxies in front made of it."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from conductor import proxies
from engagement.requests import request_id

# What a proxy may hand us: anything else could forge log lines.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked by address (load balancers, Prometheus), and saying nothing of a session or a person.
PROBED = re.compile(r"/(?:health(?:/[a-z]+)?|metrics)/?")


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


class ProxyMiddleware:
    """Answer probes whatever host they name; tell the operator of proxies that are not set up right."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if PROBED.fullmatch(request.path_info):
            request.META["HTTP_HOST"] = "localhost"
        else:
            proxies.look_at(request)
        return self.get_response(request)
