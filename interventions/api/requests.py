"""What every acting view does first: find the row, check who may, name who did it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.api.principals import caller_of, require_act, visible_sessions
from engagement.vocabulary.errors import invalid, not_found
from interventions.api.serializers import InterventionDetailSerializer
from interventions.kinds import Kind
from interventions.kinds.content import Content, usual
from interventions.models import Delivery, Intervention, Transition


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something and when, as the services take it."""

    by: User | None
    who: str
    now: dt.datetime

    def words(self) -> dict[str, Any]:
        """Return it as keyword arguments."""
        return {"by": self.by, "who": self.who, "now": self.now}


def doing(request: Request) -> Doing:
    """Return who calls, at this moment."""
    caller = caller_of(request)
    return Doing(caller.user, caller.name, timezone.now())


STEPS = (
    Prefetch("transitions", Transition.objects.order_by("version")),
    Prefetch("deliveries", Delivery.objects.order_by("pk")),
)
"""What a detail shows of an intervention, in the order in which it happened."""


def visible_interventions(request: Request) -> Any:
    """Return the interventions of the sessions the caller may see, with what lists show."""
    return Intervention.objects.filter(session__in=visible_sessions(request)).select_related(
        "outcome"
    )


def to_act_on(request: Request, pk: int) -> int:
    """Return the number of an intervention the caller may change. Raises not_found or permission."""
    found = (
        visible_interventions(request)
        .filter(pk=pk)
        .values_list("session__event__organisation_id", flat=True)
        .first()
    )
    if found is None:
        raise not_found("intervention_unknown", "There is no such suggestion, or it is not yours.")
    require_act(request, found)
    return pk


def shown(pk: int, status: int = 200) -> Response:
    """Return an intervention as it stands now."""
    row = Intervention.objects.select_related("outcome").prefetch_related(*STEPS).get(pk=pk)
    return Response(InterventionDetailSerializer(row).data, status)


def content_of(data: dict[str, Any] | None, language: str) -> Content | None:
    """Return the words of a body, with what its kind usually has where nothing is said."""
    if data is None:
        return None
    plain = usual(
        Kind(data["kind"]), data.get("language") or language, data["text"],
        tuple(data.get("options") or ()),
    )  # fmt: skip
    return Content(
        plain.kind, plain.language, plain.text, plain.options, data.get("correct"),
        data.get("seconds") or plain.seconds, data.get("quote") or "",
    )  # fmt: skip


def of_kind(content: Content | None, kind: str) -> Content | None:
    """Return the content. Raises a validation error where it is of another kind than the row."""
    if content is not None and kind and content.kind.value != kind:
        raise invalid(
            "content_kind", "The content's kind must be %(kind)s.", "content.kind", kind=kind
        )
    return content
