"""The API keeps what its description promises, whatever it is sent."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engagement.models import Organisation
from interventions.api.views.exports import description
from interventions.models import Experiment, Question, Template, Webhook
from tests.conftest import NOON
from tests.interventions.api.cast import Caller, make_intervention, make_outcome
from tests.support.factories import (
    make_anomaly,
    make_event,
    make_metric,
    make_organisation,
    make_session,
)

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
TICK = int(NOON.timestamp()) // 5
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


def test_description_has_no_gaps(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=os.devnull)

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("path", "begins"), [("schema/", b'{"openapi"'), ("schema.yaml", b"openapi:")]
)
def test_description_is_served_to_anybody(path: str, begins: bytes) -> None:
    answer = Client().get(f"/api/v1/{path}")

    assert answer.status_code == 200
    assert answer.content.startswith(begins)


def test_description_is_a_page_for_people_without_any_script_of_its_own() -> None:
    answer = Client().get("/api/v1/docs/")
    text = answer.content.decode()

    assert answer.status_code == 200
    assert text.count("<details") == sum(len(each) for each in description()["paths"].values())
    assert "/api/v1/interventions/{id}/approve/" in text
    assert "Just right" in text
    assert text.count("<script") == 1  # the theme's, from a file
    assert " style=" not in text


def test_every_operation_is_summed_up_and_names_its_errors() -> None:
    for path, operations in description()["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path}"
            assert {"401", "403", "429"} <= set(operation["responses"]), f"{method} {path}"


# --- whatever is sent ------------------------------------------------------------------------------

SCHEMA = schemathesis.openapi.from_dict(description())
SCHEMA.app = get_wsgi_application()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
BOUNDED = settings(
    max_examples=20,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def open_connection() -> Iterator[None]:
    """Keep the test's connection open after a request, as Django's own test client does."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def known(organisation: Organisation) -> dict[str, int]:
    """One of everything, so that not every number leads nowhere."""
    session = make_session(make_event(organisation))
    make_metric(session, TICK)
    intervention = make_intervention(session)
    make_outcome(make_intervention(session, "learned", acted_at=NOON))
    template = Template.objects.create(kind="POLL", text="Is this clear?", options=["Yes", "No"])
    experiment = Experiment.objects.create(
        organisation=organisation, name="Two", subject="rule", salt="x", created_at=NOON,
        variants=[{"key": "a", "label": "a", "settings": {}},
                  {"key": "b", "label": "b", "settings": {"line": 0.6}}],
    )  # fmt: skip
    hook = Webhook.objects.create(
        organisation=organisation, url="https://example.org/", secret="whsec_AAAA", created_at=NOON
    )
    question = Question.objects.create(
        session=session, source=1, seq=1, actor=1, text="Why?", asked_at=NOON
    )
    return {
        "events": session.event_id, "sessions": session.pk, "anomalies": make_anomaly(session, TICK).pk,
        "interventions": intervention.pk, "templates": template.pk, "experiments": experiment.pk,
        "webhooks": hook.pk, "questions": question.pk,
    }  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_whatever_is_sent_is_answered_as_described(
    operation: Any, known: dict[str, int], organisation: Organisation, settings: Any
) -> None:
    settings.API_PER_MINUTE = 1_000_000
    caller = Caller(organisation)
    number = iter(range(10_000))

    @given(case=operation.as_strategy())
    @BOUNDED
    def send(case: schemathesis.Case) -> None:
        # Three of four requests are about something that is there.
        if "id" in (case.path_parameters or {}) and next(number) % 4:
            case.path_parameters["id"] = known[operation.path.split("/")[3]]
        # In one process nobody unpacks what was packed for the way.
        plain = {"Accept-Encoding": "identity"}
        answer = case.call(headers={"Authorization": f"Bearer {caller.key}", **plain})
        case.validate_response(answer, checks=list(CHECKS))

    send()


def test_limits_and_strangers_are_described_as_well(known: dict[str, int]) -> None:
    foreign = Caller(make_organisation("Elsewhere"), frozenset({"signals"}))
    for operation in OPERATIONS:
        path = operation.path
        for name, value in (
            ("{id}", "1"),
            ("{held_pk}", "1"),
            ("{removed_pk}", "1"),
            ("{table}", "votes"),
            ("{form}", "csv"),
        ):
            path = path.replace(name, value)

        answers = [
            Client(headers=headers).generic(
                operation.method.upper(), path, b"{}", "application/json"
            )
            for headers in ({}, {"Authorization": f"Bearer {foreign.key}"})
        ]

        assert answers[0].status_code == 401, operation.label
        assert answers[1].status_code in {400, 403, 404}, operation.label
