"""Pages for organizers, and the page of the people in the room."""

from django.contrib.auth import views as auth
from django.urls import URLPattern, path

from dashboard.views import agent, attendee, decision, events, experiments, live, sessions, stage

urlpatterns: list[URLPattern] = [
    path("", sessions.session_list, name="session-list"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("events/new/", events.event_new, name="event-new"),
    path("events/<int:pk>/edit/", events.event_edit, name="event-edit"),
    path("events/<int:event_pk>/sessions/new/", sessions.session_new, name="session-new"),
    path("agenda/row/", sessions.agenda_row, name="agenda-row"),
    path("sessions/<int:pk>/", live.session_live, name="session-live"),
    path("sessions/<int:pk>/about/", sessions.session_detail, name="session-detail"),
    path("sessions/<int:pk>/edit/", sessions.session_edit, name="session-edit"),
    path("sessions/<int:pk>/join/", attendee.session_join, name="session-join"),
    path("sessions/<int:pk>/start/", sessions.session_start, name="session-start"),
    path("sessions/<int:pk>/end/", sessions.session_end, name="session-end"),
    path("sessions/<int:pk>/mode/", agent.session_mode, name="session-mode"),
    path("sessions/<int:pk>/stop/", agent.session_stop, name="session-stop"),
    path("sessions/<int:pk>/resume/", agent.session_resume, name="session-resume"),
    path("sessions/<int:pk>/agent/", agent.session_agent, name="session-agent"),
    path("sessions/<int:pk>/suggestion/", agent.suggestion_ask, name="suggestion-ask"),
    path(
        "sessions/<int:pk>/suggestion/<int:row_pk>/<slug:action>/",
        agent.suggestion_act,
        name="suggestion-act",
    ),
    path("sessions/<int:pk>/decisions/<int:row_pk>/", decision.decision, name="decision"),
    path(
        "sessions/<int:pk>/anomalies/<int:anomaly_pk>/acknowledge/",
        sessions.anomaly_acknowledge,
        name="anomaly-acknowledge",
    ),
    path("sessions/<int:pk>/series/", live.session_series, name="session-series"),
    path("sessions/<int:pk>/table/", live.session_table, name="session-table"),
    path("sessions/<int:pk>/formula/", live.session_formula, name="session-formula"),
    path("sessions/<int:pk>/keys/", live.session_keys, name="session-keys"),
    path("sessions/<int:pk>/part/banner/", live.session_banner, name="session-banner"),
    path("sessions/<int:pk>/part/headline/", live.session_headline, name="session-headline"),
    path("sessions/<int:pk>/part/score/", live.session_score, name="session-score"),
    path("sessions/<int:pk>/part/signals/", live.session_signals, name="session-signals"),
    path("sessions/<int:pk>/part/parts/", live.session_parts, name="session-parts"),
    path("sessions/<int:pk>/part/suggest/", live.session_suggest, name="session-suggest"),
    path("sessions/<int:pk>/part/outcomes/", live.session_outcomes, name="session-outcomes"),
    path("sessions/<int:pk>/part/feed/", live.session_feed, name="session-feed"),
    path("sessions/<int:pk>/part/mode/", live.session_mode_control, name="session-mode-control"),
    path("sessions/<int:pk>/screens/", stage.screen_list, name="session-screens"),
    path(
        "sessions/<int:pk>/screens/<int:screen_pk>/revoke/",
        stage.screen_revoke,
        name="screen-revoke",
    ),
    path("stage/<str:token>", stage.stage, name="stage"),
    path("stage/<str:token>/arm/", stage.stage_arm, name="stage-arm"),
    path("overlay/<str:token>", stage.overlay, name="overlay"),
    path("cue/<str:token>", stage.cue, name="cue"),
    path("cue/<str:token>/pulses/", stage.cue_pulses, name="cue-pulses"),
    path("experiments/", experiments.experiment_list, name="experiment-list"),
    path(
        "experiments/<int:pk>/<slug:action>/", experiments.experiment_act, name="experiment-act"
    ),
    path("j/", attendee.attendee_code, name="attendee-code"),
    path("j/<str:code>", attendee.attendee, name="attendee"),
]
