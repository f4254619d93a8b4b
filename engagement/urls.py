from django.urls import path, re_path

from engagement import api

urlpatterns = [
    path("sessions/", api.SessionList.as_view(), name="api-sessions"),
    path("sessions/<int:pk>/", api.SessionDetail.as_view(), name="api-session"),
    path("sessions/<int:pk>/metrics/", api.MetricList.as_view(), name="api-metrics"),
    path("sessions/<int:pk>/anomalies/", api.AnomalyList.as_view(), name="api-anomalies"),
    re_path(r".*", api.Unknown.as_view()),
]
