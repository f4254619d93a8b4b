"""The product's paths, and two that break."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from conductor import urls


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [path("api/v1/breaks/", breaks), path("breaks/", breaks), *urls.urlpatterns]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
