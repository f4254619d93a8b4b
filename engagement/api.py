"""The DRF API for integrations and scripts: events, sessions, metrics and anomalies.

Signals are sent through the door in `engagement.ingest`, which stands before Django. What the agent does
is told in `interventions.api`.
"""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement import services
from engagement.api_pages import ByCreation, ByDetection, ByTime, Filter, SinceFilter, choices
from engagement.callers import (
    caller_of,
    organisation_of,
    require_act,
    session_to_act_on,
    visible_events,
    visible_session,
    visible_sessions,
)
from engagement.errors import invalid, not_found
from engagement.kinds import AnomalyKind, Severity
from engagement.models import Anomaly, Event, Metric, Session, SessionStatus
from engagement.serializers import (
    AnomalySerializer,
    EventSerializer,
    MetricSerializer,
    SessionChangeSerializer,
    SessionCreateSerializer,
    SessionSerializer,
)


class SessionFilter(Filter):
    lookups: ClassVar = {"event": "event_id"}
    status = choices(SessionStatus.values)
    event = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    external_id = serializers.CharField(max_length=120)
    is_demo = serializers.BooleanField()


class MetricFilter(SinceFilter):
    lookups: ClassVar = {"since": "time__gte", "until": "time__lt"}


class AnomalyFilter(SinceFilter):
    lookups: ClassVar = {
        "since": "detected_at__gte", "until": "detected_at__lt",
        "is_open": "resolved_at__isnull",
    }  # fmt: skip
    kind = choices([each.value for each in AnomalyKind])
    severity = choices([each.value for each in Severity])
    is_open = serializers.BooleanField(help_text="Not over yet.")


@extend_schema_view(
    get=extend_schema(summary="Events", description="Every event of the organisation."),
    post=extend_schema(
        summary="Add an event",
        examples=[OpenApiExample("An event", {"title": "Summit 2026"}, request_only=True)],
    ),
)
class EventList(generics.ListCreateAPIView[Event]):
    """Events: a conference, a webinar, a course."""

    serializer_class = EventSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Event]:
        """Return the caller's events."""
        return visible_events(self.request).exclude(sessions__is_sandboxed=True)

    def perform_create(self, serializer: Any) -> None:
        """Add an event to the caller's organisation."""
        organisation = organisation_of(self.request)
        require_act(self.request, organisation.pk)
        serializer.instance = services.create_event(
            organisation=organisation, **serializer.validated_data
        )


class SessionList(generics.ListAPIView[Session]):
    """Sessions, newest first; a new one is planned until it is started."""

    serializer_class = SessionSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Session]:
        """Return the caller's sessions, without the demos that people watch."""
        found = visible_sessions(self.request).filter(is_sandboxed=False)
        status = self.request.query_params.get("status")
        if status is not None and status not in SessionStatus.values:
            words = ", ".join(SessionStatus.values)
            raise invalid("unknown_status", f"`status` is one of: {words}.", "status")
        return SessionFilter.narrow(found, self.request)  # type: ignore[no-any-return]

    @extend_schema(summary="Sessions", parameters=[SessionFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of sessions."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        summary="Add a session",
        request=SessionCreateSerializer,
        responses={201: SessionSerializer},
        examples=[
            OpenApiExample(
                "A talk",
                {
                    "event_id": 1,
                    "title": "Designing agents people trust",
                    "expected_size": 120,
                    "agenda": [{"title": "Talk", "minutes": 35}, {"title": "Q&A", "minutes": 10}],
                    "external_id": "room-1",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Add a planned session to one of the caller's events."""
        asked = SessionCreateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        event = visible_events(request).filter(pk=fields.pop("event_id")).first()
        if event is None:
            raise not_found("event_unknown", "There is no such event, or it is not yours.")
        require_act(request, event.organisation_id)
        session = services.create_session(event=event, **fields)
        return Response(SessionSerializer(session).data, status=201)


class SessionDetail(generics.RetrieveAPIView[Session]):
    """One session."""

    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet[Session]:
        """Return the caller's sessions."""
        return visible_sessions(self.request)

    @extend_schema(summary="One session")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a session."""
        return self.retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="Change a session",
        request=SessionChangeSerializer,
        responses=SessionSerializer,
        examples=[OpenApiExample("Another room", {"room": "Hall 2"}, request_only=True)],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given. An agenda counts from the next tick on."""
        session = session_to_act_on(request, pk)
        asked = SessionChangeSerializer(session, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        services.change_session(session=session, **asked.validated_data)
        return Response(SessionSerializer(session).data)


@extend_schema(summary="Start a session", request=None, responses=SessionSerializer)
class SessionStart(APIView):
    """Make a planned session live: it is heard from now on."""

    def post(self, request: Request, pk: int) -> Response:
        """Start it. A conflict where it was started before."""
        session = session_to_act_on(request, pk)
        services.start_session(session=session, now=timezone.now())
        return Response(SessionSerializer(session).data)


@extend_schema(summary="End a session", request=None, responses=SessionSerializer)
class SessionEnd(APIView):
    """End a live session for good; what waited for approval is not sent."""

    def post(self, request: Request, pk: int) -> Response:
        """End it. A conflict where it is not live."""
        session = session_to_act_on(request, pk)
        services.end_session(session=session, now=timezone.now())
        return Response(SessionSerializer(session).data)


@extend_schema_view(get=extend_schema(summary="Metrics of a session", parameters=[MetricFilter]))
class MetricList(generics.ListAPIView[Metric]):
    """The ticks of a session, newest first."""

    serializer_class = MetricSerializer
    pagination_class = ByTime

    def get_queryset(self) -> QuerySet[Metric]:
        """Return the session's metric rows."""
        session = visible_session(self.request, self.kwargs["pk"])
        rows = Metric.objects.filter(session_id=session.pk)
        return MetricFilter.narrow(rows, self.request, session.time_zone)  # type: ignore[no-any-return]


@extend_schema_view(get=extend_schema(summary="Anomalies", parameters=[AnomalyFilter]))
class AnomalyList(generics.ListAPIView[Anomaly]):
    """The anomalies of a session, newest first."""

    serializer_class = AnomalySerializer
    pagination_class = ByDetection

    def get_queryset(self) -> QuerySet[Anomaly]:
        """Return the session's anomalies."""
        session = visible_session(self.request, self.kwargs["pk"])
        rows = Anomaly.objects.filter(session_id=session.pk)
        return AnomalyFilter.narrow(rows, self.request, session.time_zone)  # type: ignore[no-any-return]


@extend_schema(summary="Acknowledge an anomaly", request=None, responses=AnomalySerializer)
class AnomalyAcknowledge(APIView):
    """Say that somebody has seen it; the first stays."""

    def post(self, request: Request, pk: int) -> Response:
        """Acknowledge it; twice does no harm."""
        anomaly = (
            Anomaly.objects.filter(pk=pk, session__in=visible_sessions(request))
            .select_related("session__event")
            .first()
        )
        if anomaly is None:
            raise not_found("not_found", "There is no such anomaly, or it is not yours.")
        require_act(request, anomaly.session.event.organisation_id)
        services.acknowledge(anomaly=anomaly, by=caller_of(request).user, now=timezone.now())
        anomaly.refresh_from_db()
        return Response(AnomalySerializer(anomaly).data)


class Unknown(APIView):
    """Every other path below /api/v1/: a JSON 404, never a page."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def dispatch_unknown(self, request: Request, **kwargs: Any) -> Response:
        """Answer 404 in the envelope."""
        raise NotFound("There is no such endpoint.")

    get = post = put = patch = delete = dispatch_unknown
