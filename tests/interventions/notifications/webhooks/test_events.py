"""Rows for those who want to know, within what a receiver takes."""

import json

import pytest
from django.db import transaction

from engagement.models import Organisation
from interventions.models import Webhook, WebhookMessage
from interventions.notifications.webhooks.events import MOST_BYTES, body, enqueue
from tests.conftest import NOON
from tests.support.factories import make_organisation

pytestmark = pytest.mark.django_db


def make_hook(organisation: Organisation, *types: str, **fields: object) -> Webhook:
    return Webhook.objects.create(
        organisation=organisation, url="https://example.org/", secret="whsec_AAAA",
        event_types=list(types), created_at=NOON, **fields,
    )  # fmt: skip


def test_only_webhooks_that_want_the_type_get_a_message(organisation: Organisation) -> None:
    everything = make_hook(organisation)
    wanted = make_hook(organisation, "outcome.measured", "session.ended")
    make_hook(organisation, "session.ended")
    make_hook(organisation, is_active=False)
    make_hook(organisation, disabled_at=NOON)
    make_hook(make_organisation("Elsewhere"))

    count = enqueue(organisation.pk, "outcome.measured", {"id": 1}, now=NOON)

    assert count == 2
    rows = WebhookMessage.objects.all()
    assert {row.webhook_id for row in rows} == {everything.pk, wanted.pk}
    assert {(row.status, row.next_at, row.tries) for row in rows} == {("pending", NOON, 0)}


def test_what_is_rolled_back_is_not_told(organisation: Organisation) -> None:
    make_hook(organisation)

    with transaction.atomic():
        enqueue(organisation.pk, "session.ended", {}, now=NOON)
        transaction.set_rollback(True)

    assert not WebhookMessage.objects.exists()


def test_unknown_type_is_a_mistake_of_the_caller(organisation: Organisation) -> None:
    with pytest.raises(ValueError, match="no such webhook type"):
        enqueue(organisation.pk, "something.else", {}, now=NOON)


def test_body_that_is_too_long_keeps_its_short_values() -> None:
    data = {"id": 7, "text": "ü" * 50_000, **{f"n{i}": "x" * 480 for i in range(60)}}

    text = body("outcome.measured", data, NOON)

    assert len(text.encode()) <= MOST_BYTES
    kept = json.loads(text)["data"]
    assert (kept["id"], kept["is_shortened"]) == (7, True)
    assert "text" not in kept
