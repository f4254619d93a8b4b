"""Every address leads to a view that fails, with all that it was asked in the words of its error."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from conductor import urls


def fails(request: HttpRequest, rest: str) -> HttpResponse:
    raise ValueError(f"{request.get_full_path()} {dict(request.headers)} {request.COOKIES}")


urlpatterns: list[Any] = [re_path(r"^(?P<rest>.*)$", fails)]
handler404, handler500 = urls.handler404, urls.handler500
