from django.urls import path, re_path

from engagement import api

urlpatterns = [
    path("events/", api.EventList.as_view(), name="api-events"),
    path("sessions/", api.SessionList.as_view(), name="api-sessions"),
    path("sessions/<int:pk>/", api.SessionDetail.as_view(), name="api-session"),
    path("sessions/<int:pk>/metrics/", api.MetricList.as_view(), name="api-metrics"),
    path("sessions/<int:pk>/anomalies/", api.AnomalyList.as_view(), name="api-anomalies"),
    path("sessions/<int:pk>/start/", api.SessionStart.as_view(), name="api-session-start"),
    path("sessions/<int:pk>/end/", api.SessionEnd.as_view(), name="api-session-end"),
    path(
        "anomalies/<int:pk>/acknowledge/",
        api.AnomalyAcknowledge.as_view(),
        name="api-anomaly-acknowledge",
    ),
    re_path(r".*", api.Unknown.as_view()),
]
