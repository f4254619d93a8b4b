"""Fields of kept answers and webhook messages that hold words of the audience: those change, no code does."""

import json

import pytest
from rest_framework import serializers

from interventions.agent.writing.services import told_of
from interventions.api.requests import STEPS
from interventions.api.serializers import (
    ContentSerializer,
    DeliverySerializer,
    InterventionDetailSerializer,
    OutcomeSerializer,
    TransitionSerializer,
)
from interventions.lifecycle.autonomy import Gate, Step
from interventions.models import Delivery, Intervention, Transition
from interventions.notifications.webhooks import events
from interventions.personal_data.redaction import TEXTS, Said, without
from tests.conftest import NOON
from tests.interventions.api.cast import make_intervention, make_outcome
from tests.support.factories import make_event, make_session

SHOWN = (
    InterventionDetailSerializer, TransitionSerializer, DeliverySerializer, OutcomeSerializer,
    ContentSerializer,
)  # fmt: skip
OURS = {
    "action", "after", "approved_by", "asked_by", "author", "author_reason", "before", "by", "code",
    "detector", "dismiss_reason", "error", "from", "kind", "language", "missing", "mode", "node",
    "quote_from", "status", "step", "suggested", "target", "type", "variant", "verdict", "warned", "warnings",
    "who", "why", "body",
}  # fmt: skip
"""Names of fields with codes, and of people on the organizers' side."""


def leaves(value, name=""):
    """Every text of a JSON value, with the name of the field that it is in."""
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in leaves(each, key)]
    if isinstance(value, list):
        return [found for each in value for found in leaves(each, name)]
    return [(name, value)] if isinstance(value, str) and value else []


def is_text(field):
    holds = (serializers.CharField, serializers.ChoiceField)
    return isinstance(field, holds) or isinstance(getattr(field, "child", None), holds)


@pytest.mark.parametrize("serializer", SHOWN)
def test_every_field_with_letters_is_words_of_people_or_ours(serializer):
    fields = {name for name, field in serializer().fields.items() if is_text(field)}

    assert fields
    assert fields <= TEXTS | OURS
    assert not TEXTS & OURS


@pytest.fixture
def answer(organisation):
    """An answer as it is kept, and a message as it is sent, with every field that may hold letters."""
    row = make_intervention(
        make_session(make_event(organisation)), "delivered", acted_at=NOON, author="claude",
        author_reason="given", dismiss_reason="wrong_moment", variant="b", approved_as="Alice",
        original={"kind": "POLL", "language": "en", "text": "How is it?", "options": ["Good", "Bad"]},
        gate=told_of(Gate(Step.ASK, "below_line", {"percent": 3})) | {
            "warnings": ["cold"], "warned": "Alice", "detail": "They said so",
        },
    )  # fmt: skip
    Transition.objects.create(
        time=NOON, intervention=row, version=1, before="perceived", after="assessed", node="gate",
        by="agent", who="Alice", why="below_line",
    )  # fmt: skip
    Delivery.objects.create(
        intervention=row, target="stage", status="failed", error="away", error_detail="Not there"
    )
    make_outcome(row)
    row = Intervention.objects.prefetch_related(*STEPS).get(pk=row.pk)
    shown = json.loads(json.dumps(InterventionDetailSerializer(row).data, default=str))
    message = json.loads(events.body("intervention.delivered", events.about(row), NOON))
    return {"body": "0af3", "status": 201, "data": shown, "message": message}


@pytest.mark.django_db
def test_whatever_somebody_is_called_only_words_of_people_change(answer):
    found = leaves(answer)

    for _, value in found:
        for said in (Said(frozenset(), frozenset({value})), Said(frozenset({value}))):
            after = leaves(without(answer, said, "[-]"))
            changed = {old[0] for old, new in zip(found, after, strict=True) if old != new}
            hers = {name for name, each in found if value in each and name in TEXTS}
            assert changed == hers, value

    names = {name for name, _ in found}
    assert {"before", "after", "node", "why", "who", "text", "options", "detail"} <= names
