"""What the agent may do in a session, its questions, its outcomes and what they add up to."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api.bodies import changed
from engagement.api.pagination import ByCreation, NewestFirst
from engagement.api.principals import (
    caller_of,
    organisation_of,
    require_act,
    session_to_act_on,
    visible_session,
    visible_sessions,
)
from engagement.api.serializers import SessionSerializer
from engagement.limits.costly_answers import put_off
from engagement.models import ActKind, Session
from engagement.organisations import audit
from engagement.vocabulary.errors import not_found
from engagement.vocabulary.modes import Mode
from interventions.agent.approval import services as approval
from interventions.agent.measurement import queries as effects
from interventions.agent.measurement.lift import Lift
from interventions.api.bodies import ModeSerializer, QuestionChangeSerializer, read, read_change
from interventions.api.filters import OutcomeFilter, QuestionFilter
from interventions.api.library_serializers import LiftAnswerSerializer
from interventions.api.requests import doing
from interventions.api.serializers import (
    AgentSettingsSerializer,
    OutcomeSerializer,
    QuestionSerializer,
    WordsSerializer,
)
from interventions.audience import counted_people
from interventions.audience.join_lock import set_asks_word, set_locked
from interventions.audience.questions import services as questions
from interventions.models import AgentSettings, Outcome, Question, QuestionStatus


class ByMeasuring(NewestFirst):
    ordering = ("-measured_at", "-intervention_id")


class StoppedSerializer(serializers.Serializer[None]):
    """How many suggestions the stop ended."""

    ended = serializers.IntegerField()


def _settings(session: Session) -> AgentSettings:
    row = AgentSettings.objects.filter(session=session).first() or AgentSettings()
    row.session = session
    return row


class SettingsView(APIView):
    """Limits, line, what is switched off; names of limits are those of the guards."""

    @extend_schema(summary="What the agent may do", responses=AgentSettingsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return the settings; without any the defaults."""
        row = _settings(visible_session(request, pk))
        return Response(AgentSettingsSerializer(row).data)

    @extend_schema(
        summary="Change what the agent may do",
        request=AgentSettingsSerializer,
        responses=AgentSettingsSerializer,
        examples=[
            OpenApiExample(
                "Fewer, and never a break",
                {"limits": {"per_hour": 3}, "forbidden": ["BREAK"]},
                request_only=True,
            )
        ],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given."""
        row = _settings(session_to_act_on(request, pk))
        data = changed(request.data, AgentSettingsSerializer(row).data)
        asked = AgentSettingsSerializer(row, data=data, partial=True)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        allowed = {name: said.pop(name) for name in approval.PERMISSIONS if name in said}
        if said:
            AgentSettings.objects.update_or_create(session=row.session, defaults=said)
        for name, is_allowed in allowed.items():
            approval.set_permission(row.session, name, is_allowed, **doing(request).words())
        if asked.validated_data:
            audit.note(
                ActKind.SETTINGS, who=caller_of(request).name, now=timezone.now(),
                session=row.session, detail=f"agent: {', '.join(asked.validated_data)}",
            )  # fmt: skip
        return Response(AgentSettingsSerializer(_settings(row.session)).data)


class ModeView(APIView):
    """Who sends: manual, semi_auto or auto. Leaving auto holds a running countdown."""

    @extend_schema(summary="Who sends", responses=ModeSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return the mode."""
        return Response({"mode": visible_session(request, pk).agent_mode})

    @extend_schema(
        summary="Say who sends",
        request=ModeSerializer,
        responses=AgentSettingsSerializer,
        examples=[
            OpenApiExample("The agent, above the line", {"mode": "semi_auto"}, request_only=True)
        ],
    )
    def put(self, request: Request, pk: int) -> Response:
        """Set the mode; the one that it has is no change."""
        session = session_to_act_on(request, pk)
        mode = Mode(read(ModeSerializer, request.data)["mode"])
        if mode != session.agent_mode:
            approval.set_mode(session, mode, **doing(request).words())
            session.refresh_from_db()
        return Response(AgentSettingsSerializer(_settings(session)).data)


@extend_schema(summary="Stop the agent at once", request=None, responses=StoppedSerializer)
class Stop(APIView):
    """Panic stop: whatever is not sent yet never will be."""

    def post(self, request: Request, pk: int) -> Response:
        """Stop it."""
        session = session_to_act_on(request, pk)
        return Response({"ended": approval.stop(session, **doing(request).words())})


@extend_schema(summary="Let the agent work again", request=None, responses=AgentSettingsSerializer)
class Resume(APIView):
    """Take a stop back."""

    def post(self, request: Request, pk: int) -> Response:
        """Resume."""
        session = session_to_act_on(request, pk)
        approval.resume(session, **doing(request).words())
        return Response(AgentSettingsSerializer(_settings(session)).data)


@extend_schema(summary="Lock the room", request=None, responses=SessionSerializer)
class Lock(APIView):
    """Nobody new gets in; who is in stays."""

    is_locked = True

    def post(self, request: Request, pk: int) -> Response:
        """Lock it; what is locked stays so. A conflict where the session is over."""
        session = session_to_act_on(request, pk)
        set_locked(session, self.is_locked, **doing(request).words())
        return Response(SessionSerializer(session).data)


@extend_schema(summary="Let new people in again", request=None, responses=SessionSerializer)
class Unlock(Lock):
    """Take a lock back."""

    is_locked = False

    def post(self, request: Request, pk: int) -> Response:
        """Unlock it; what is open stays so."""
        return super().post(request, pk)


class DoorWords(APIView):
    """The words on the screen that joiners type, new every two minutes."""

    @extend_schema(summary="The words on the screen", responses=WordsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return them; "" where none are asked for."""
        return Response(WordsSerializer(visible_session(request, pk)).data)

    @extend_schema(
        summary="Ask for words",
        request=WordsSerializer,
        responses=WordsSerializer,
        examples=[OpenApiExample("Ask for them", {"is_asked": True}, request_only=True)],
    )
    def put(self, request: Request, pk: int) -> Response:
        """Ask joiners for them from now on, or no more. A conflict where the session is over."""
        session = session_to_act_on(request, pk)
        is_asked = read(WordsSerializer, request.data)["asks_word"]
        if is_asked != session.asks_word:
            set_asks_word(session, is_asked, **doing(request).words())
        return Response(WordsSerializer(session).data)


@extend_schema_view(get=extend_schema(summary="Questions", parameters=[QuestionFilter]))
class QuestionList(generics.ListAPIView[Question]):
    """The questions of a session's audience, newest first."""

    serializer_class = QuestionSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Question]:
        """Return the session's questions, upvotes counted in the same query."""
        session = visible_session(self.request, self.kwargs["pk"])
        rows = counted_people.questions().filter(session_id=session.pk)
        rows = rows.annotate(upvote_count=counted_people.upvotes())
        return QuestionFilter.narrow(rows, self.request)  # type: ignore[no-any-return]


class QuestionView(APIView):
    """One question of the audience."""

    @extend_schema(summary="One question", responses=QuestionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return the question."""
        return Response(QuestionSerializer(_question(request, pk)).data)

    @extend_schema(
        summary="Answer, hide or reopen a question",
        request=QuestionChangeSerializer,
        responses=QuestionSerializer,
        examples=[OpenApiExample("Answered", {"status": "answered"}, request_only=True)],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change where it stands."""
        row = _question(request, pk)
        require_act(request, row.session.event.organisation_id)
        asked = read_change(QuestionChangeSerializer, request.data, QuestionSerializer(row).data)
        if asked:
            questions.set_status(row, QuestionStatus(asked["status"]), timezone.now())
        return Response(QuestionSerializer(_question(request, pk)).data)


def _question(request: Request, pk: int) -> Question:
    row = (
        counted_people.questions()
        .filter(pk=pk, session__in=visible_sessions(request))
        .annotate(upvote_count=counted_people.upvotes())
        .select_related("session__event")
        .first()
    )
    if row is None:
        raise not_found("question_unknown", "There is no such question, or it is not yours.")
    return row


@extend_schema_view(get=extend_schema(summary="Outcomes", parameters=[OutcomeFilter]))
class OutcomeList(generics.ListAPIView[Outcome]):
    """What followed each decision, newest first."""

    serializer_class = OutcomeSerializer
    pagination_class = ByMeasuring

    def get_queryset(self) -> QuerySet[Outcome]:
        """Return what is asked for."""
        rows = Outcome.objects.filter(intervention__session__in=visible_sessions(self.request))
        return OutcomeFilter.narrow(rows, self.request)  # type: ignore[no-any-return]


def _answer(found: Lift | None, *, is_measurable: bool) -> Response:
    answer = {"lift": found, "is_measurable": is_measurable}
    return Response(LiftAnswerSerializer(answer).data)


@extend_schema(summary="Does it help in this session?", responses=LiftAnswerSerializer)
class SessionLift(APIView):
    """Sending against holding back, with an interval that may be looked at any time."""

    def get(self, request: Request, pk: int) -> Response:
        """Return the lift, or null while there is too little to tell."""
        session = visible_session(request, pk)
        measurable = effects.is_measurable(session)
        return _answer(effects.session_lift(session.pk), is_measurable=measurable)


@extend_schema(summary="Does it help over all sessions?", responses=LiftAnswerSerializer)
class OrganisationLift(APIView):
    """The same over every session of the organisation; demos are left out."""

    def get(self, request: Request) -> Response | HttpResponse:
        """Return the lift, or null while there is too little to tell."""
        organisation = organisation_of(request)
        if (later := put_off(request, organisation.pk)) is not None:
            return later
        return _answer(effects.organisation_lift(organisation.pk), is_measurable=True)
