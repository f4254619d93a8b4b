from django.urls import path, re_path

from engagement.api import views

urlpatterns = [
    path("events/", views.EventList.as_view(), name="api-events"),
    path("events/<int:pk>/", views.EventDetail.as_view(), name="api-event"),
    path("sessions/", views.SessionList.as_view(), name="api-sessions"),
    path("sessions/<int:pk>/", views.SessionDetail.as_view(), name="api-session"),
    path("sessions/<int:pk>/metrics/", views.MetricList.as_view(), name="api-metrics"),
    path("sessions/<int:pk>/anomalies/", views.AnomalyList.as_view(), name="api-anomalies"),
    path("sessions/<int:pk>/start/", views.SessionStart.as_view(), name="api-session-start"),
    path("sessions/<int:pk>/end/", views.SessionEnd.as_view(), name="api-session-end"),
    path(
        "anomalies/<int:pk>/acknowledge/",
        views.AnomalyAcknowledge.as_view(),
        name="api-anomaly-acknowledge",
    ),
    re_path(r".*", views.Unknown.as_view()),
]
