"""What the audience wrote and a moderator has to look at: listed, shown, refused."""

from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api.bodies import Known
from engagement.api.principals import caller_of, session_to_act_on, visible_session
from interventions.api.bodies import read
from interventions.audience.chat import moderation as chat_moderation
from interventions.audience.questions import moderation as question_moderation
from interventions.models import ChatLine, ChatState, Question

CHAT: Final = "chat"
QUESTION: Final = "question"


class HeldSerializer(serializers.Serializer[Any]):
    """A chat message or a question that waits; `why`: first, all, name, or what its words hold."""

    type = serializers.ChoiceField(choices=[CHAT, QUESTION])
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    why = serializers.CharField(allow_blank=True)
    said_at = serializers.DateTimeField()


class HeldListSerializer(serializers.Serializer[Any]):
    """The oldest 100 of each; `chat_count` and `question_count` say how many wait in all."""

    results = HeldSerializer(many=True)
    chat_count = serializers.IntegerField()
    question_count = serializers.IntegerField()


class DecisionSerializer(Known, serializers.Serializer[Any]):
    """What becomes of it: show or refuse."""

    shown = HeldSerializer

    decision = serializers.ChoiceField(choices=["show", "refuse"])


class DecidedSerializer(serializers.Serializer[Any]):
    """What became of it: shown or hidden."""

    type = serializers.ChoiceField(choices=[CHAT, QUESTION])
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["shown", "hidden"])


def _of_line(row: ChatLine) -> dict[str, Any]:
    return {
        "type": CHAT, "id": row.pk, "name": row.name, "text": row.text, "why": row.why,
        "said_at": row.said_at,
    }  # fmt: skip


def _of_question(row: Question) -> dict[str, Any]:
    return {
        "type": QUESTION, "id": row.pk, "name": "", "text": row.text, "why": row.why,
        "said_at": row.asked_at,
    }  # fmt: skip


class HeldList(APIView):
    """Chat messages and questions that wait for a moderator, the oldest first."""

    @extend_schema(summary="What waits for a moderator", responses=HeldListSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return what is held in a session."""
        session = visible_session(request, pk)
        lines = chat_moderation.held(session.pk)
        asked = question_moderation.held(session.pk)
        found = [
            *map(_of_line, lines[: chat_moderation.MOST_LISTED]),
            *map(_of_question, asked[: question_moderation.MOST_LISTED]),
        ]
        body = {
            "results": sorted(found, key=lambda each: each["said_at"]),
            "chat_count": lines.count(), "question_count": asked.count(),
        }  # fmt: skip
        return Response(HeldListSerializer(body).data)


class _Decide(APIView):
    """Decide about one thing that waits; its author is told. A conflict where somebody was faster."""

    kind = ""

    @extend_schema(
        summary="Show or refuse what waits",
        request=DecisionSerializer,
        responses=DecidedSerializer,
        examples=[OpenApiExample("Let others see it", {"decision": "show"}, request_only=True)],
    )
    def post(self, request: Request, pk: int, held_pk: int) -> Response:
        """Decide."""
        session = session_to_act_on(request, pk)
        is_shown = read(DecisionSerializer, request.data)["decision"] == "show"
        doing = {"by": caller_of(request).user, "now": timezone.now()}
        self.decide(session.pk, held_pk, is_shown=is_shown, doing=doing)
        state = "shown" if is_shown else "hidden"
        return Response({"type": self.kind, "id": held_pk, "state": state})

    def decide(self, session_pk: int, pk: int, *, is_shown: bool, doing: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError


class HeldChat(_Decide):
    """A chat message that waits."""

    kind = CHAT

    def decide(self, session_pk: int, pk: int, *, is_shown: bool, doing: dict[str, Any]) -> None:
        """Call the service."""
        service = chat_moderation.show if is_shown else chat_moderation.hide
        service(session_pk, pk, was=ChatState.WAITING, **doing)


class HeldQuestion(_Decide):
    """A question that waits."""

    kind = QUESTION

    def decide(self, session_pk: int, pk: int, *, is_shown: bool, doing: dict[str, Any]) -> None:
        """Call the service."""
        service = question_moderation.show if is_shown else question_moderation.refuse
        service(session_pk, pk, **doing)
