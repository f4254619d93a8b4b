"""Files of a session, and the description of the API."""

from functools import cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from engagement.api.principals import caller_of, visible_session
from engagement.limits.costly_answers import put_off
from engagement.models import ActKind
from engagement.organisations import audit
from engagement.vocabulary.errors import not_found
from interventions.api.exports import TABLES
from interventions.api.schema_page import Operation, chapters
from interventions.api.spreadsheet_files import to_csv, to_xlsx

FORMATS: Final = ("xlsx", "csv", "json")
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AnyAccept(BaseContentNegotiation):
    """The address says the format; errors are JSON whatever was asked for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the only one."""
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        """Return JSON, for errors."""
        return JSONRenderer(), "application/json"


@extend_schema(
    summary="Download a table of a session",
    description="As a workbook for a spreadsheet (text stays text), as CSV for machines (commas, UTF-8"
    " with its mark; what a spreadsheet would compute is quoted) or as JSON"
    ' (`{"session", "table", "columns", "rows"}`). The same in every language.',
    parameters=[
        OpenApiParameter("table", str, OpenApiParameter.PATH, enum=list(TABLES)),
        OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(FORMATS)),
    ],
    responses={
        (200, "text/csv"): OpenApiTypes.STR,
        (200, WORKBOOK): OpenApiTypes.BINARY,
        (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT),
    },
)
class Export(APIView):
    """Metrics, anomalies, interventions, questions or votes of one session."""

    content_negotiation_class = AnyAccept

    def get(self, request: Request, pk: int, table: str, form: str) -> HttpResponse:
        """Return the file."""
        session = visible_session(request, pk)
        if table not in TABLES or form not in FORMATS:
            words = ", ".join(TABLES)
            raise not_found(
                "no_such_table", "There are %(words)s; as .xlsx, .csv and .json.", words=words
            )
        if (later := put_off(request, session.event.organisation_id)) is not None:
            return later
        columns, rows = TABLES[table]
        audit.note(
            ActKind.EXPORTED, who=caller_of(request).name, now=timezone.now(), session=session,
            detail=f"{table}.{form}",
        )  # fmt: skip
        name = f"session-{session.pk}-{table}.{form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        if form == "xlsx":
            book = to_xlsx(table, columns, rows(session))
            return HttpResponse(book, content_type=WORKBOOK, headers=headers)
        if form == "csv":
            text = to_csv(columns, rows(session))
            return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
        found = {
            "session": session.pk, "table": table, "columns": columns, "rows": list(rows(session)),
        }  # fmt: skip
        return JsonResponse(found, headers=headers)


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI description; made once in a process, because it takes a moment."""
    # In one language, whoever asks first.
    with translation.override("en"):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


@cache
def _as_yaml() -> bytes:
    text: bytes = OpenApiYamlRenderer().render(description())  # type: ignore[no-untyped-call]
    return text


def schema_json(request: HttpRequest) -> JsonResponse:
    """Answer with the description as JSON; anybody may read it."""
    return JsonResponse(description())


def schema_yaml(request: HttpRequest) -> HttpResponse:
    """Answer with the description as YAML."""
    return HttpResponse(_as_yaml(), content_type="application/yaml")


@cache
def _chapters() -> dict[str, list[Operation]]:
    return chapters(description())


def docs(request: HttpRequest) -> HttpResponse:
    """Show the description to people: no script, nothing from elsewhere."""
    context = {"chapters": _chapters(), "description": description()["info"]["description"]}
    return render(request, "api/docs.html", context)
