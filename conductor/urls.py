"""Every HTTP path, by who looks at it."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from conductor import health, metrics

urlpatterns = [
    path("health", health.live, name="health"),
    path("health/ping", health.ping, name="health-ping"),
    path("health/ready", health.ready, name="health-ready"),
    path("health/detailed", health.detailed, name="health-detailed"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("interventions.urls")),
    path("api/v1/", include("engagement.urls")),
    path("language/", set_language, name="set_language"),
    path("", include("dashboard.urls")),
]
handler400 = "conductor.errors.bad_request"
handler403 = "conductor.errors.permission_denied"
handler404 = "conductor.errors.page_not_found"
handler500 = "conductor.errors.server_error"
