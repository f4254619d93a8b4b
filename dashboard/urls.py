"""Pages for organizers, and the page of the people in the room."""

from django.urls import URLPattern, path

from dashboard.account import devices, installable_app, push
from dashboard.account import views as sign_in
from dashboard.audience.attendee import embed, personal_data
from dashboard.audience.attendee import views as attendee
from dashboard.audience.chat import views as chat
from dashboard.audience.screens import views as screens
from dashboard.live import actions
from dashboard.live import views as live
from dashboard.report import experiments
from dashboard.sessions import demo_views as demo
from dashboard.sessions import event_views as events
from dashboard.sessions import sources_views as sources
from dashboard.sessions import views as sessions
from dashboard.suggestion import views as decision

urlpatterns: list[URLPattern] = [
    path("", sessions.session_list, name="session-list"),
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", sign_in.SignOut.as_view(), name="logout"),
    path("demo/", demo.demo_start, name="demo-start"),
    path("demo/<int:pk>/stop/", demo.demo_stop, name="demo-stop"),
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
    path("sessions/<int:pk>/mode/", actions.session_mode, name="session-mode"),
    path("sessions/<int:pk>/stop/", actions.session_stop, name="session-stop"),
    path("sessions/<int:pk>/resume/", actions.session_resume, name="session-resume"),
    path("sessions/<int:pk>/lock/", actions.session_lock, name="session-lock"),
    path("sessions/<int:pk>/words/", actions.session_word, name="session-word"),
    path("sessions/<int:pk>/words/now/", attendee.session_words_now, name="session-words-now"),
    path("sessions/<int:pk>/agent/", actions.session_agent, name="session-agent"),
    path("sessions/<int:pk>/suggestion/", actions.suggestion_ask, name="suggestion-ask"),
    path(
        "sessions/<int:pk>/suggestion/<int:row_pk>/<slug:action>/",
        actions.suggestion_act,
        name="suggestion-act",
    ),
    path("sessions/<int:pk>/decisions/<int:row_pk>/", decision.decision, name="decision"),
    path(
        "sessions/<int:pk>/anomalies/<int:anomaly_pk>/acknowledge/",
        sessions.anomaly_acknowledge,
        name="anomaly-acknowledge",
    ),
    path("sessions/<int:pk>/sources/", sources.session_sources, name="session-sources"),
    path("sessions/<int:pk>/chat/", chat.session_chat, name="session-chat"),
    path("sessions/<int:pk>/chat/rest/", chat.chat_show_rest, name="session-chat-rest"),
    path("sessions/<int:pk>/chat/set/", chat.chat_set, name="session-chat-set"),
    path(
        "sessions/<int:pk>/chat/<int:line_pk>/<slug:action>/",
        chat.chat_act,
        name="session-chat-act",
    ),
    path(
        "sessions/<int:pk>/questions/<int:question_pk>/<slug:action>/",
        chat.question_act,
        name="session-question-act",
    ),
    path(
        "sessions/<int:pk>/chat/blocked/<int:block_pk>/allow/",
        chat.chat_unblock,
        name="session-chat-unblock",
    ),
    path(
        "sessions/<int:pk>/people/remove/<slug:what>/<int:of_pk>/",
        chat.person_remove,
        name="session-person-remove",
    ),
    path(
        "sessions/<int:pk>/people/removed/<int:removed_pk>/return/",
        chat.person_return,
        name="session-person-return",
    ),
    path("sessions/<int:pk>/report/", live.session_report, name="session-report"),
    path("sessions/<int:pk>/series/", live.session_series, name="session-series"),
    path("sessions/<int:pk>/table/", live.session_table, name="session-table"),
    path("sessions/<int:pk>/formula/", live.session_formula, name="session-formula"),
    path("sessions/<int:pk>/claims/", live.session_claims, name="session-claims"),
    path("sessions/<int:pk>/keys/", live.session_keys, name="session-keys"),
    path("sessions/<int:pk>/part/<str:names>/", live.session_part, name="session-part"),
    path("sessions/<int:pk>/screens/", screens.screen_list, name="session-screens"),
    path(
        "sessions/<int:pk>/screens/<int:screen_pk>/revoke/",
        screens.screen_revoke,
        name="screen-revoke",
    ),
    path("stage/<str:token>", screens.stage, name="stage"),
    path("stage/<str:token>/arm/", screens.stage_arm, name="stage-arm"),
    path("stage/<str:token>/words/", screens.stage_words_now, name="stage-words-now"),
    path("overlay/<str:token>", screens.overlay, name="overlay"),
    path("cue/<str:token>", screens.cue, name="cue"),
    path("cue/<str:token>/pulses/", screens.cue_pulses, name="cue-pulses"),
    path("experiments/", experiments.experiment_list, name="experiment-list"),
    path("experiments/<int:pk>/<slug:action>/", experiments.experiment_act, name="experiment-act"),
    path("manifest.webmanifest", installable_app.manifest, name="manifest"),
    path("sw.js", installable_app.worker, name="worker"),
    path("phone/", push.phone, name="phone"),
    path("phone/subscribe/", push.phone_subscribe, name="phone-subscribe"),
    path("phone/unsubscribe/", push.phone_unsubscribe, name="phone-unsubscribe"),
    path("phone/try/", push.phone_try, name="phone-try"),
    path("phone/approve/", push.phone_approve, name="phone-approve"),
    path("devices/", devices.device_list, name="devices"),
    path("devices/others/end/", devices.device_others, name="device-others"),
    path("devices/<slug:kind>/<int:pk>/end/", devices.device_end, name="device-end"),
    path("offline/", installable_app.offline, name="offline"),
    path("j/", attendee.attendee_code, name="attendee-code"),
    path("j/<str:code>", attendee.attendee, name="attendee"),
    path("j/<str:code>/data/", personal_data.attendee_data, name="attendee-data"),
    path("embed/<str:code>", embed.embed, name="embed"),
    path("embed/<str:code>/pass/", embed.embed_pass, name="embed-pass"),
    path("embed.js", embed.embed_script, name="embed-script"),
]
