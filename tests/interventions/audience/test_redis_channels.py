"""What another system on the platform's Redis hears."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.test import override_settings

from interventions.audience.polls import closing, tallies, voting
from interventions.models import Intervention
from tests.interventions.agent.rooms import after, lost_room, suggested, sweep
from tests.support.factories import make_organisation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]


@pytest.fixture
def platform(valkey: "redis.Redis") -> Iterator["redis.client.PubSub"]:
    with valkey.pubsub() as ears:  # type: ignore[no-untyped-call]
        ears.psubscribe("conductor.events.*")
        ears.get_message(timeout=5)
        yield ears


def heard(ears: "redis.client.PubSub") -> list[tuple[str, dict[str, Any]]]:
    found = []
    while message := ears.get_message(timeout=0.5):
        found.append((message["channel"].decode(), json.loads(message["data"])))
    return found


def poll_in(room_seed: int) -> Intervention:
    """A poll or quiz that a room in AUTO mode was sent."""
    row = suggested(lost_room(mode="auto", external_id=f"room-{room_seed}"), room_seed)
    content = {
        "kind": "POLL", "language": "en", "text": "Shall we slow down?", "options": ["Yes", "No"],
        "correct": None, "seconds": 60, "quote": "",
    }  # fmt: skip
    Intervention.objects.filter(pk=row.pk).update(kind="POLL", content=content)
    return row


@pytest.mark.parametrize("is_chosen", [False, True])
def test_platform_hears_of_its_own_organisation_only(
    platform: "redis.client.PubSub", settings: Any, is_chosen: bool
) -> None:
    row = poll_in(2)
    other = make_organisation("others")
    settings.PLATFORM_CHANNELS_OUT = True
    settings.PLATFORM_ORGANISATION = other.pk if is_chosen else None

    sweep(10)

    assert Intervention.objects.get(pk=row.pk).status == "delivered"
    assert heard(platform) == []


@override_settings(PLATFORM_CHANNELS_OUT=True)
def test_poll_is_told_from_opening_to_result(platform: "redis.client.PubSub") -> None:
    row = poll_in(2)

    sweep(10)
    voting.cast(row.pk, 7, 1, after(20))
    tallies.publish_changed(after(21))
    closing.close_due(after(71))

    told = heard(platform)
    assert [(channel, body["type"]) for channel, body in told] == [
        ("conductor.events.live.sync.v1", "poll_opened"),
        ("conductor.events.poll.vote.v1", "tally"),
        ("conductor.events.poll.closed.v1", "poll_closed"),
    ]
    assert {body["id"] for _, body in told} == {f"iv-{row.pk}"}
    assert {body["session_id"] for _, body in told} == {"room-2"}
    assert told[0][1]["content"]["options"] == ["Yes", "No"]
    assert told[2][1]["counts"] == [0, 1]


def test_platform_that_does_not_want_it_hears_nothing(platform: "redis.client.PubSub") -> None:
    row = poll_in(2)

    sweep(10)
    closing.close_due(after(71))

    assert heard(platform) == []
    assert Intervention.objects.get(pk=row.pk).closed_at == after(71)
