"""Wordings and experiments with them."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.api.pagination import ByCreation
from engagement.api.principals import (
    caller_of,
    organisation_of,
    reading_key,
    require_act,
    require_library,
)
from engagement.models import ActKind
from engagement.organisations import audit
from engagement.vocabulary.errors import conflict, invalid, not_found
from interventions.agent.measurement import experiment_results, experiments
from interventions.agent.writing.template_library import template_selection
from interventions.api.bodies import (
    ExperimentCreateSerializer,
    TemplateCreateSerializer,
    WinnerSerializer,
    read,
)
from interventions.api.filters import ExperimentFilter, TemplateFilter
from interventions.api.library_serializers import (
    ExperimentDetailSerializer,
    ExperimentSerializer,
    TemplateSerializer,
)
from interventions.kinds import Kind
from interventions.kinds.content import Content
from interventions.kinds.registry import shape_of
from interventions.models import Experiment, Template

ORGANISATION = OpenApiParameter(
    "organisation", int, description="For a person with several; a key has its own."
)


class TemplateList(generics.ListAPIView[Template]):
    """Wordings, newest first, with their results. All organisations share them."""

    serializer_class = TemplateSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Template]:
        """Return what is asked for."""
        reading_key(self.request)
        return TemplateFilter.narrow(Template.objects.all(), self.request)  # type: ignore[no-any-return]

    @extend_schema(summary="Templates", parameters=[TemplateFilter])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of templates."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        summary="Propose a template",
        request=TemplateCreateSerializer,
        responses={201: TemplateSerializer},
        examples=[
            OpenApiExample(
                "A poll about the topic",
                {
                    "kind": "POLL",
                    "text": "Would you use {topic}?",
                    "options": ["Yes", "Not yet", "No"],
                    "seconds": 60,
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Add a draft; it passes the gate like everything else, and waits for approval."""
        reading_key(request)
        require_library(request)
        asked = read(TemplateCreateSerializer, request.data)
        asked["seconds"] = asked["seconds"] or shape_of(Kind(asked["kind"])).usual_seconds
        content = Content(
            Kind(asked["kind"]), asked["language"], asked["text"], tuple(asked["options"]),
            asked["correct"], asked["seconds"],
        )  # fmt: skip
        if found := template_selection.problem(content):
            raise invalid("content_refused", "This could not be shown: %(why)s.", "text", why=found)
        return Response(TemplateSerializer(_add(asked)).data, 201)


def _add(fields: dict[str, Any]) -> Template:
    try:
        with transaction.atomic():
            return Template.objects.create(**fields)
    except IntegrityError as error:
        raise conflict("worded_before", "There is a template with these words already.") from error


@extend_schema_view(get=extend_schema(summary="One template"))
class TemplateDetail(generics.RetrieveAPIView[Template]):
    """One wording and its results."""

    serializer_class = TemplateSerializer

    def get_queryset(self) -> QuerySet[Template]:
        """Return all: wordings are shared."""
        reading_key(self.request)
        return Template.objects.all()


@extend_schema(summary="Approve a template", request=None, responses=TemplateSerializer)
class TemplateApprove(APIView):
    """Let a wording be used."""

    def post(self, request: Request, pk: int) -> Response:
        """Approve it; twice does no harm."""
        require_library(request)
        template_selection.approve([_template(pk).pk], caller_of(request).user, timezone.now())
        row = _template(pk)
        if row.status != "approved":
            raise invalid("content_refused", "This could not be shown.", "text")
        return Response(TemplateSerializer(row).data)


@extend_schema(summary="Retire a template", request=None, responses=TemplateSerializer)
class TemplateRetire(APIView):
    """Use a wording no more; its results stay."""

    def post(self, request: Request, pk: int) -> Response:
        """Retire it; twice does no harm."""
        require_library(request)
        template_selection.retire([_template(pk).pk], timezone.now())
        return Response(TemplateSerializer(_template(pk)).data)


def _template(pk: int) -> Template:
    row = Template.objects.filter(pk=pk).first()
    if row is None:
        raise not_found("template_unknown", "There is no such template.")
    return row


class ExperimentList(generics.ListAPIView[Experiment]):
    """Experiments of the organisation, newest first."""

    serializer_class = ExperimentSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Experiment]:
        """Return what is asked for."""
        rows = Experiment.objects.filter(organisation=organisation_of(self.request))
        return ExperimentFilter.narrow(rows, self.request)  # type: ignore[no-any-return]

    @extend_schema(summary="Experiments", parameters=[ExperimentFilter, ORGANISATION])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of experiments."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        summary="Plan an experiment",
        parameters=[ORGANISATION],
        request=ExperimentCreateSerializer,
        responses={201: ExperimentSerializer},
        examples=[
            OpenApiExample(
                "Expiry",
                {
                    "name": "Longer to decide",
                    "subject": "rule",
                    "variants": [
                        {"key": "now", "settings": {}},
                        {"key": "long", "settings": {"expiry_seconds": 180}},
                    ],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Add a draft; `start` begins to split sessions."""
        organisation = organisation_of(request)
        require_act(request, organisation.pk)
        asked = read(ExperimentCreateSerializer, request.data)
        made = experiments.create(organisation, now=timezone.now(), **asked)
        return Response(ExperimentSerializer(made).data, 201)


def _experiment(request: Request, pk: int, *, to_act: bool) -> Experiment:
    organisation = organisation_of(request)
    row = Experiment.objects.filter(pk=pk, organisation=organisation).first()
    if row is None:
        raise not_found("experiment_unknown", "There is no such experiment, or it is not yours.")
    if to_act:
        require_act(request, organisation.pk)
    return row


@extend_schema(
    summary="One experiment with its results",
    parameters=[ORGANISATION],
    responses=ExperimentDetailSerializer,
)
class ExperimentDetail(APIView):
    """Results so far: intervals hold however often one looks."""

    def get(self, request: Request, pk: int) -> Response:
        """Return the experiment and what its variants brought."""
        row = _experiment(request, pk, to_act=False)
        return Response(
            {**ExperimentSerializer(row).data, "results": experiment_results.as_plain(row)}
        )


class _Change(APIView):
    """A step of an experiment."""

    def answer(self, row: Experiment, step: str) -> Response:
        """Return it as it stands after a step, which the audit log is told of."""
        audit.note(
            ActKind.SETTINGS, who=caller_of(self.request).name, now=timezone.now(),
            organisation_id=row.organisation_id, detail=f"experiment {step}: {row.name}",
        )  # fmt: skip
        return Response(ExperimentSerializer(row).data)


@extend_schema(
    summary="Start an experiment",
    parameters=[ORGANISATION],
    request=None,
    responses=ExperimentSerializer,
)
class ExperimentStart(_Change):
    """Split sessions from now on."""

    def post(self, request: Request, pk: int) -> Response:
        """Start it. A conflict while another about the same runs."""
        row = _experiment(request, pk, to_act=True)
        return self.answer(experiments.start(row, timezone.now()), "start")


@extend_schema(
    summary="Stop an experiment",
    parameters=[ORGANISATION],
    request=WinnerSerializer,
    responses=ExperimentSerializer,
)
class ExperimentStop(_Change):
    """End the split; a winner is what every session gets until it is archived."""

    def post(self, request: Request, pk: int) -> Response:
        """Stop it."""
        row = _experiment(request, pk, to_act=True)
        winner = read(WinnerSerializer, request.data)["winner"]
        return self.answer(experiments.stop(row, timezone.now(), winner), "stop")


@extend_schema(
    summary="Name the winner",
    parameters=[ORGANISATION],
    request=WinnerSerializer,
    responses=ExperimentSerializer,
)
class ExperimentWinner(_Change):
    """Name, change or (empty) take back the winner of a stopped experiment."""

    def post(self, request: Request, pk: int) -> Response:
        """Name it."""
        row = _experiment(request, pk, to_act=True)
        winner = read(WinnerSerializer, request.data)["winner"]
        return self.answer(experiments.name_winner(row, winner), "winner")


@extend_schema(
    summary="Archive an experiment",
    parameters=[ORGANISATION],
    request=None,
    responses=ExperimentSerializer,
)
class ExperimentArchive(_Change):
    """Take it off the list; a winner no longer holds."""

    def post(self, request: Request, pk: int) -> Response:
        """Archive it."""
        row = _experiment(request, pk, to_act=True)
        return self.answer(experiments.archive(row), "archive")
