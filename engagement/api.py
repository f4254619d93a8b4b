"""The DRF API for integrations and scripts: read sessions, metrics and anomalies.

Signals are sent through the door in `engagement.ingest`, which stands before Django.
"""

from typing import Any

from django.db.models import QuerySet
from rest_framework import generics, pagination
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement import queries
from engagement.errors import Category, ProblemError, invalid
from engagement.models import Anomaly, ApiKey, Metric, Session, SessionStatus
from engagement.serializers import AnomalySerializer, MetricSerializer, SessionSerializer


class NewestFirst(pagination.CursorPagination):
    """Pages of 100 (at most 1,000 by `page_size`), newest first; `next` is a link."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
    invalid_cursor_message = "This cursor is none that was given out here."


class ByCreation(NewestFirst):
    ordering = ("-created_at", "-id")


class ByTime(NewestFirst):
    ordering = "-time"


class ByDetection(NewestFirst):
    ordering = ("-detected_at", "-id")


def visible_sessions(request: Request) -> QuerySet[Session]:
    """Return the sessions the caller may see: a key's organisation, or a person's organisations.

    Raises a permission error for a key that may only send signals.
    """
    key = request.auth
    if not isinstance(key, ApiKey):
        return queries.sessions_visible_to(request.user)
    if not key.can_read:
        raise ProblemError(
            Category.PERMISSION, "key_cannot_read", "This API key may only send signals."
        )
    return queries.sessions_of(key.organisation_id)


class SessionList(generics.ListAPIView[Session]):
    """Every session of the organisation; `?status=planned`, `live` or `ended` filters."""

    serializer_class = SessionSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Session]:
        """Return the caller's sessions."""
        found = visible_sessions(self.request)
        status = self.request.query_params.get("status")
        if status is None:
            return found
        if status not in SessionStatus.values:
            words = ", ".join(SessionStatus.values)
            raise invalid("unknown_status", f"`status` is one of: {words}.", "status")
        return found.filter(status=status)


class SessionDetail(generics.RetrieveAPIView[Session]):
    """One session."""

    serializer_class = SessionSerializer

    def get_queryset(self) -> QuerySet[Session]:
        """Return the caller's sessions."""
        return visible_sessions(self.request)


class _OfSession(generics.ListAPIView[Any]):
    def session_id(self) -> int:
        """Return the session of the address if the caller may see it. Raises NotFound."""
        pk = int(self.kwargs["pk"])
        if not visible_sessions(self.request).filter(pk=pk).exists():
            raise NotFound("There is no such session, or it is not yours.")
        return pk


class MetricList(_OfSession):
    """The ticks of a session, newest first."""

    serializer_class = MetricSerializer
    pagination_class = ByTime

    def get_queryset(self) -> QuerySet[Metric]:
        """Return the session's metric rows."""
        return Metric.objects.filter(session_id=self.session_id())


class AnomalyList(_OfSession):
    """The anomalies of a session, newest first."""

    serializer_class = AnomalySerializer
    pagination_class = ByDetection

    def get_queryset(self) -> QuerySet[Anomaly]:
        """Return the session's anomalies."""
        return Anomaly.objects.filter(session_id=self.session_id())


class Unknown(APIView):
    """Every other path below /api/v1/: a JSON 404, never a page."""

    authentication_classes = ()
    permission_classes = ()

    def dispatch_unknown(self, request: Request, **kwargs: Any) -> Response:
        """Answer 404 in the envelope."""
        raise NotFound("There is no such endpoint.")

    get = post = put = patch = delete = dispatch_unknown
