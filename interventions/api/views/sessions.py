"""What the agent may do in a session, its questions, its outcomes and what they add up to."""

from django.db.models import Count, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api_pages import NewestFirst
from engagement.callers import (
    organisation_of,
    require_act,
    session_to_act_on,
    visible_session,
    visible_sessions,
)
from engagement.errors import not_found
from engagement.models import AgentMode, Session
from interventions import queries
from interventions.agent import asking
from interventions.api.acting import doing
from interventions.api.asked import (
    ModeSerializer,
    OutcomeFilter,
    QuestionChangeSerializer,
    QuestionFilter,
    read,
)
from interventions.api.shown import (
    AgentSettingsSerializer,
    OutcomeSerializer,
    QuestionSerializer,
)
from interventions.api.shown_library import LiftAnswerSerializer
from interventions.audience import questions
from interventions.lift import Lift
from interventions.models import AgentSettings, Outcome, Question, QuestionStatus


class ByAsking(NewestFirst):
    ordering = ("-asked_at", "-id")


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
        asked = AgentSettingsSerializer(row, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        AgentSettings.objects.update_or_create(
            session=row.session, defaults=dict(asked.validated_data)
        )
        return Response(AgentSettingsSerializer(_settings(row.session)).data)


@extend_schema(
    summary="Who sends",
    request=ModeSerializer,
    responses=AgentSettingsSerializer,
    examples=[OpenApiExample("The agent, above the line", {"mode": "semi_auto"})],
)
class ModeView(APIView):
    """Switch between manual, semi_auto and auto; a running countdown is held."""

    def put(self, request: Request, pk: int) -> Response:
        """Set the mode."""
        session = session_to_act_on(request, pk)
        mode = AgentMode(read(ModeSerializer, request.data)["mode"])
        asking.set_mode(session, mode, **doing(request).words())
        session.refresh_from_db()
        return Response(AgentSettingsSerializer(_settings(session)).data)


@extend_schema(summary="Stop the agent at once", request=None, responses=StoppedSerializer)
class Stop(APIView):
    """Panic stop: whatever is not sent yet never will be."""

    def post(self, request: Request, pk: int) -> Response:
        """Stop it."""
        session = session_to_act_on(request, pk)
        return Response({"ended": asking.stop(session, **doing(request).words())})


@extend_schema(summary="Let the agent work again", request=None, responses=AgentSettingsSerializer)
class Resume(APIView):
    """Take a stop back."""

    def post(self, request: Request, pk: int) -> Response:
        """Resume."""
        session = session_to_act_on(request, pk)
        asking.resume(session, **doing(request).words())
        return Response(AgentSettingsSerializer(_settings(session)).data)


@extend_schema_view(get=extend_schema(summary="Questions", parameters=[QuestionFilter]))
class QuestionList(generics.ListAPIView[Question]):
    """The questions of a session's audience, newest first."""

    serializer_class = QuestionSerializer
    pagination_class = ByAsking

    def get_queryset(self) -> QuerySet[Question]:
        """Return the session's questions, upvotes counted in the same query."""
        session = visible_session(self.request, self.kwargs["pk"])
        rows = Question.objects.filter(session_id=session.pk).annotate(
            upvote_count=Count("upvotes")
        )
        return QuestionFilter.narrow(rows, self.request)  # type: ignore[no-any-return]


@extend_schema(
    summary="Answer, hide or reopen a question",
    request=QuestionChangeSerializer,
    responses=QuestionSerializer,
    examples=[OpenApiExample("Answered", {"status": "answered"}, request_only=True)],
)
class QuestionView(APIView):
    """One question of the audience."""

    def patch(self, request: Request, pk: int) -> Response:
        """Change where it stands."""
        row = (
            Question.objects.filter(pk=pk, session__in=visible_sessions(request))
            .select_related("session__event")
            .first()
        )
        if row is None:
            raise not_found("question_unknown", "There is no such question, or it is not yours.")
        require_act(request, row.session.event.organisation_id)
        status = QuestionStatus(read(QuestionChangeSerializer, request.data)["status"])
        questions.set_status(row, status, timezone.now())
        found = Question.objects.annotate(upvote_count=Count("upvotes")).get(pk=pk)
        return Response(QuestionSerializer(found).data)


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
        measurable = queries.is_measurable(session)
        return _answer(queries.session_lift(session.pk), is_measurable=measurable)


@extend_schema(summary="Does it help over all sessions?", responses=LiftAnswerSerializer)
class OrganisationLift(APIView):
    """The same over every session of the organisation; demos are left out."""

    def get(self, request: Request) -> Response:
        """Return the lift, or null while there is too little to tell."""
        organisation = organisation_of(request)
        return _answer(queries.organisation_lift(organisation.pk), is_measurable=True)
