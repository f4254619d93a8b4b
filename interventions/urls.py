"""Addresses below /api/v1/ of the acting half."""

from django.urls import include, path

from interventions import audience_api

urlpatterns = [
    path("", include("interventions.api.urls")),
    path(
        "attend/<int:session_id>/interventions/<int:pk>/",
        audience_api.interaction,
        name="attend-interaction",
    ),
    path(
        "attend/<int:session_id>/interventions/<int:pk>/vote/",
        audience_api.vote,
        name="attend-vote",
    ),
    path("attend/<int:session_id>/chat/", audience_api.chat, name="attend-chat"),
    path("attend/<int:session_id>/questions/", audience_api.question_list, name="attend-questions"),
    path(
        "attend/<int:session_id>/questions/<int:pk>/upvote/",
        audience_api.question_upvote,
        name="attend-upvote",
    ),
]
