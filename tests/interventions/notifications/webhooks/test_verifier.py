"""Our webhooks at a receiver that verifies them with the library of Standard Webhooks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from engagement.models import Organisation
from interventions.models import Webhook
from interventions.notifications.webhooks import services as webhooks
from interventions.notifications.webhooks.session_events import announce
from tests.interventions.notifications.sink import Sink, running
from tests.interventions.notifications.webhooks.posting import post_due
from tests.support.factories import make_event, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with running() as server:
        yield server


@pytest.fixture
def hook(organisation: Organisation, sink: Sink) -> Webhook:
    return webhooks.create(organisation, sink.url, [], timezone.now())


def verified(secret: str, got: tuple[dict[str, str], bytes]) -> Any:
    headers, body = got
    return Verifier(secret).verify(body, headers)


def test_ping_and_the_ends_of_a_session_are_verified(hook: Webhook, sink: Sink) -> None:
    # The library looks at its own clock: five minutes are allowed.
    now = timezone.now()
    session = make_session(make_event(hook.organisation), started_at=now)
    webhooks.ping(hook, now)
    announce(now)
    session.status, session.ended_at = "ended", now
    session.save()
    announce(now)

    while post_due(now):
        pass

    types = [verified(hook.secret, got)["type"] for got in sink.got]
    assert sorted(types) == ["ping", "session.ended", "session.started"]


def test_both_secrets_verify_while_one_replaces_the_other(hook: Webhook, sink: Sink) -> None:
    now, old = timezone.now(), hook.secret
    hook = webhooks.rotate(hook)
    webhooks.ping(hook, now)
    post_due(now)
    webhooks.finish_rotation(hook)
    webhooks.ping(hook, now)
    post_due(now)
    during, after = sink.got

    said = [verified(old, during), verified(hook.secret, during), verified(hook.secret, after)]

    assert [each["type"] for each in said] == ["ping"] * 3
    with pytest.raises(WebhookVerificationError):
        verified(old, after)


def test_message_that_was_changed_on_the_way_is_not_verified(hook: Webhook, sink: Sink) -> None:
    now = timezone.now()
    webhooks.ping(hook, now)
    post_due(now)
    [(headers, body)] = sink.got

    changed = json.dumps({**json.loads(body), "type": "session.ended"}).encode()

    with pytest.raises(WebhookVerificationError):
        verified(hook.secret, (headers, changed))
