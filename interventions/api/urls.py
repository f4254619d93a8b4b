"""Addresses of the API below /api/v1/."""

from django.urls import path
from django.views.decorators.http import require_safe

from interventions.api.views import (
    exports,
    held_texts,
    library,
    person_removal,
    sessions,
    suggestions,
    webhooks,
)

urlpatterns = [
    path("schema/", require_safe(exports.schema_json), name="api-schema"),
    path("schema.yaml", require_safe(exports.schema_yaml), name="api-schema-yaml"),
    path("docs/", require_safe(exports.docs), name="api-docs"),
    path("interventions/", suggestions.InterventionList.as_view(), name="api-interventions"),
    path(
        "interventions/<int:pk>/",
        suggestions.InterventionDetail.as_view(),
        name="api-intervention",
    ),
    path("interventions/<int:pk>/approve/", suggestions.Approve.as_view(), name="api-approve"),
    path("interventions/<int:pk>/edit/", suggestions.Edit.as_view(), name="api-edit"),
    path("interventions/<int:pk>/dismiss/", suggestions.Dismiss.as_view(), name="api-dismiss"),
    path("interventions/<int:pk>/hold/", suggestions.Hold.as_view(), name="api-hold"),
    path("interventions/<int:pk>/undo/", suggestions.Undo.as_view(), name="api-undo"),
    path("interventions/<int:pk>/extend/", suggestions.Extend.as_view(), name="api-extend"),
    path("interventions/<int:pk>/retry/", suggestions.Retry.as_view(), name="api-retry"),
    path("sessions/<int:pk>/trigger/", suggestions.Trigger.as_view(), name="api-trigger"),
    path("sessions/<int:pk>/agent/", sessions.SettingsView.as_view(), name="api-agent"),
    path("sessions/<int:pk>/mode/", sessions.ModeView.as_view(), name="api-mode"),
    path("sessions/<int:pk>/stop/", sessions.Stop.as_view(), name="api-stop"),
    path("sessions/<int:pk>/resume/", sessions.Resume.as_view(), name="api-resume"),
    path("sessions/<int:pk>/lock/", sessions.Lock.as_view(), name="api-lock"),
    path("sessions/<int:pk>/unlock/", sessions.Unlock.as_view(), name="api-unlock"),
    path("sessions/<int:pk>/words/", sessions.DoorWords.as_view(), name="api-words"),
    path("sessions/<int:pk>/questions/", sessions.QuestionList.as_view(), name="api-questions"),
    path("sessions/<int:pk>/held/", held_texts.HeldList.as_view(), name="api-held"),
    path(
        "sessions/<int:pk>/held/chat/<int:held_pk>/",
        held_texts.HeldChat.as_view(),
        name="api-held-chat",
    ),
    path(
        "sessions/<int:pk>/held/questions/<int:held_pk>/",
        held_texts.HeldQuestion.as_view(),
        name="api-held-question",
    ),
    path("sessions/<int:pk>/people/erase/", person_removal.Erase.as_view(), name="api-erase"),
    path("sessions/<int:pk>/people/remove/", person_removal.Remove.as_view(), name="api-remove"),
    path("sessions/<int:pk>/removed/", person_removal.RemovedList.as_view(), name="api-removed"),
    path(
        "sessions/<int:pk>/removed/<int:removed_pk>/return/",
        person_removal.LetIn.as_view(),
        name="api-removed-return",
    ),
    path("questions/<int:pk>/", sessions.QuestionView.as_view(), name="api-question"),
    path("sessions/<int:pk>/lift/", sessions.SessionLift.as_view(), name="api-session-lift"),
    path("lift/", sessions.OrganisationLift.as_view(), name="api-lift"),
    path("outcomes/", sessions.OutcomeList.as_view(), name="api-outcomes"),
    path(
        "sessions/<int:pk>/exports/<str:table>.<str:form>",
        exports.Export.as_view(),
        name="api-export",
    ),
    path("templates/", library.TemplateList.as_view(), name="api-templates"),
    path("templates/<int:pk>/", library.TemplateDetail.as_view(), name="api-template"),
    path(
        "templates/<int:pk>/approve/",
        library.TemplateApprove.as_view(),
        name="api-template-approve",
    ),
    path(
        "templates/<int:pk>/retire/", library.TemplateRetire.as_view(), name="api-template-retire"
    ),
    path("experiments/", library.ExperimentList.as_view(), name="api-experiments"),
    path("experiments/<int:pk>/", library.ExperimentDetail.as_view(), name="api-experiment"),
    path("experiments/<int:pk>/start/", library.ExperimentStart.as_view(), name="api-exp-start"),
    path("experiments/<int:pk>/stop/", library.ExperimentStop.as_view(), name="api-exp-stop"),
    path("experiments/<int:pk>/winner/", library.ExperimentWinner.as_view(), name="api-exp-winner"),
    path(
        "experiments/<int:pk>/archive/", library.ExperimentArchive.as_view(), name="api-exp-archive"
    ),
    path("webhooks/", webhooks.WebhookList.as_view(), name="api-webhooks"),
    path("webhooks/<int:pk>/", webhooks.WebhookDetail.as_view(), name="api-webhook"),
    path("webhooks/<int:pk>/rotate/", webhooks.WebhookRotate.as_view(), name="api-webhook-rotate"),
    path(
        "webhooks/<int:pk>/finish-rotation/",
        webhooks.WebhookFinishRotation.as_view(),
        name="api-webhook-finish",
    ),
    path("webhooks/<int:pk>/ping/", webhooks.WebhookPing.as_view(), name="api-webhook-ping"),
    path(
        "webhooks/<int:pk>/messages/",
        webhooks.WebhookMessages.as_view(),
        name="api-webhook-messages",
    ),
]
