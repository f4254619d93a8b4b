"""Every HTTP path, by who looks at it."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from conductor.monitoring import health, metrics
from dashboard.account.sign_in import AdminSignInForm

admin.site.login_form = AdminSignInForm

urlpatterns = [
    path("health", health.live, name="health"),
    path("health/ping", health.ping, name="health-ping"),
    path("health/ready", health.ready, name="health-ready"),
    path("health/detailed", health.detailed, name="health-detailed"),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("interventions.api.attendee_urls")),
    path("api/v1/", include("engagement.api.urls")),
    path("language/", set_language, name="set_language"),
    path("", include("dashboard.urls")),
]
handler400 = "conductor.serving.errors.bad_request"
handler403 = "conductor.serving.errors.permission_denied"
handler404 = "conductor.serving.errors.page_not_found"
handler500 = "conductor.serving.errors.server_error"
