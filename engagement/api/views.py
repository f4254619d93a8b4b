"""The DRF API for integrations and scripts: events, sessions, metrics and anomalies.

Signals are sent through the door in `engagement.doors.http.signals_api`, which stands before Django. What
the agent does is told in `interventions.api`.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api.bodies import changed
from engagement.api.filters import AnomalyFilter, MetricFilter, SessionFilter
from engagement.api.pagination import ByCreation, ByTime
from engagement.api.principals import (
    caller_of,
    event_to_act_on,
    organisation_of,
    require_act,
    session_to_act_on,
    visible_events,
    visible_session,
    visible_sessions,
)
from engagement.api.serializers import (
    AnomalySerializer,
    EventSerializer,
    MetricSerializer,
    SessionChangeSerializer,
    SessionCreateSerializer,
    SessionSerializer,
)
from engagement.models import ActKind, Anomaly, Event, Metric, Session, SessionStatus
from engagement.organisations import audit
from engagement.sessions import services
from engagement.vocabulary.errors import invalid, not_found


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
            organisation=organisation, now=timezone.now(), **serializer.validated_data
        )
        audit.note(
            ActKind.SETTINGS, who=caller_of(self.request).name, now=timezone.now(),
            organisation_id=organisation.pk, detail=f"{serializer.instance.title}: made",
        )  # fmt: skip


class EventDetail(generics.RetrieveAPIView[Event]):
    """One event."""

    serializer_class = EventSerializer

    def get_queryset(self) -> QuerySet[Event]:
        """Return the caller's events."""
        return visible_events(self.request)

    @extend_schema(summary="One event")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return an event."""
        return self.retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="Change an event",
        request=EventSerializer,
        responses=EventSerializer,
        examples=[
            OpenApiExample(
                "Quote nothing to a model", {"model_reads_audience": False}, request_only=True
            )
        ],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; sessions keep a language and a time zone of their own."""
        event = event_to_act_on(request, pk)
        data = changed(request.data, EventSerializer(event).data)
        asked = EventSerializer(event, data=data, partial=True)
        asked.is_valid(raise_exception=True)
        if asked.validated_data:
            now = timezone.now()
            services.change_event(event=event, now=now, **asked.validated_data)
            audit.note(
                ActKind.SETTINGS, who=caller_of(request).name, now=now,
                organisation_id=event.organisation_id,
                detail=f"{event.title}: {', '.join(asked.validated_data)}",
            )  # fmt: skip
        return Response(EventSerializer(event).data)


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
            raise invalid("unknown_status", "`status` is one of: %(words)s.", "status", words=words)
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
        data = changed(request.data, SessionSerializer(session).data)
        asked = SessionChangeSerializer(session, data=data, partial=True)
        asked.is_valid(raise_exception=True)
        if asked.validated_data:
            services.change_session(session=session, **asked.validated_data)
            _note(request, ActKind.SETTINGS, session, ", ".join(asked.validated_data))
        return Response(SessionSerializer(session).data)


def _note(request: Request, kind: ActKind, session: Session, detail: str = "") -> None:
    audit.note(
        kind, who=caller_of(request).name, now=timezone.now(), session=session, detail=detail
    )


@extend_schema(summary="Start a session", request=None, responses=SessionSerializer)
class SessionStart(APIView):
    """Make a planned session live: it is heard from now on."""

    def post(self, request: Request, pk: int) -> Response:
        """Start it. A conflict where it was started before."""
        session = session_to_act_on(request, pk)
        services.start_session(session=session, now=timezone.now())
        _note(request, ActKind.STARTED, session)
        return Response(SessionSerializer(session).data)


@extend_schema(summary="End a session", request=None, responses=SessionSerializer)
class SessionEnd(APIView):
    """End a live session for good; what waited for approval is not sent."""

    def post(self, request: Request, pk: int) -> Response:
        """End it. A conflict where it is not live."""
        session = session_to_act_on(request, pk)
        services.end_session(session=session, now=timezone.now())
        _note(request, ActKind.ENDED, session)
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
    pagination_class = ByCreation

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
