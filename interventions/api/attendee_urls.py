"""Addresses below /api/v1/ of the acting half."""

from django.urls import include, path

from interventions.api.views import attendee

urlpatterns = [
    path("", include("interventions.api.urls")),
    path(
        "attend/<int:session_id>/interventions/<int:pk>/",
        attendee.interaction,
        name="attend-interaction",
    ),
    path(
        "attend/<int:session_id>/interventions/<int:pk>/vote/",
        attendee.vote,
        name="attend-vote",
    ),
    path("attend/<int:session_id>/chat/", attendee.chat, name="attend-chat"),
    path("attend/<int:session_id>/questions/", attendee.question_list, name="attend-questions"),
    path(
        "attend/<int:session_id>/questions/<int:pk>/upvote/",
        attendee.question_upvote,
        name="attend-upvote",
    ),
]
