"""Sessions that began or ended are told once each."""

import datetime as dt
import json

import pytest

from engagement.models import Organisation
from interventions.models import Webhook, WebhookMessage
from interventions.notifications.webhooks.session_events import LOOKS_BACK, announce
from tests.conftest import NOON
from tests.support.factories import make_event, make_organisation, make_session

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def make_hook(organisation: Organisation, *types: str) -> Webhook:
    return Webhook.objects.create(
        organisation=organisation, url="https://example.org/", secret="whsec_AAAA",
        event_types=list(types), created_at=NOON - HOUR,
    )  # fmt: skip


def told() -> list[str]:
    return sorted(WebhookMessage.objects.values_list("event_type", flat=True))


def test_beginning_and_end_are_told_once(organisation: Organisation) -> None:
    make_hook(organisation)
    session = make_session(make_event(organisation), started_at=NOON)
    announce(NOON)
    assert announce(NOON) == 0
    session.status, session.ended_at = "ended", NOON + HOUR
    session.save()

    announce(NOON + HOUR)

    assert told() == ["session.ended", "session.started"]
    message = WebhookMessage.objects.get(event_type="session.started")
    assert message.next_at == NOON
    found = json.loads(message.body)
    assert (found["data"]["id"], found["timestamp"]) == (session.pk, NOON.isoformat())


def test_only_who_wants_to_know_and_was_there_is_told(organisation: Organisation) -> None:
    make_hook(organisation, "session.ended")
    make_hook(make_organisation("Elsewhere"))
    late = make_hook(organisation)
    Webhook.objects.filter(pk=late.pk).update(created_at=NOON + HOUR)
    make_session(make_event(organisation), started_at=NOON)

    announce(NOON)

    assert told() == []


def test_what_is_long_past_is_not_told(organisation: Organisation) -> None:
    make_hook(organisation)
    make_session(make_event(organisation), started_at=NOON)

    announce(NOON + LOOKS_BACK)

    assert told() == []


def test_nobody_to_tell_costs_one_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert announce(NOON) == 0
