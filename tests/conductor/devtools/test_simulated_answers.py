"""A made-up audience answers what is sent to it."""

import random

import pytest
import redis

from conductor.devtools.simulated_answers import Answers
from engagement.simulation import Audience
from interventions.models import Intervention, PollVote
from interventions.vocabulary.statuses import Status
from tests.interventions.agent.rooms import after, lost_room, suggested

pytestmark = pytest.mark.django_db


def delivered_poll() -> Intervention:
    """A poll with two options that went out at NOON and is open for a minute."""
    row = suggested(lost_room())
    content = {
        "kind": "POLL", "language": "en", "text": "Shall we slow down?", "options": ["Yes", "No"],
        "correct": None, "seconds": 60, "quote": "",
    }  # fmt: skip
    Intervention.objects.filter(pk=row.pk).update(
        kind="POLL", content=content, status=Status.DELIVERED, acted_at=after(0),
        closes_at=after(60), due_at=after(300),
    )  # fmt: skip
    return Intervention.objects.get(pk=row.pk)


def quiet_audience(seconds: int) -> Audience:
    """A hundred people at a moment at which the demo has gone quiet."""
    audience = Audience(100, "demo", random.Random(1))
    for _ in range(seconds):
        audience.step()
    return audience


def acts(audience: Audience, seconds: int) -> int:
    kinds = {"chat", "reaction", "question"}
    return sum(each.kind in kinds for _ in range(seconds) for each in audience.step())


def test_audience_votes_until_the_poll_closes(valkey: "redis.Redis") -> None:
    poll = delivered_poll()
    audience = quiet_audience(200)
    answers = Answers(poll.session, random.Random(2))

    said = [each for second in range(70) for each in answers.step(audience, after(second))]

    votes = PollVote.objects.filter(intervention=poll)
    assert 0.3 * audience.present < votes.count() < 0.9 * audience.present
    assert len(said) == votes.count()
    assert all(each["text"].startswith(f"iv-{poll.pk}:") for each in said)
    assert max(votes.values_list("voted_at", flat=True)) < after(60)


def test_room_comes_back_after_what_was_sent(valkey: "redis.Redis") -> None:
    poll = delivered_poll()
    stirred, alone = quiet_audience(200), quiet_audience(200)

    Answers(poll.session, random.Random(2)).step(stirred, after(1))

    assert acts(stirred, 60) > 4 * acts(alone, 60)


def test_without_an_effect_the_room_stays_as_it_is(valkey: "redis.Redis") -> None:
    poll = delivered_poll()
    told, alone = quiet_audience(200), quiet_audience(200)

    Answers(poll.session, random.Random(2), effect=0.0).step(told, after(1))

    assert acts(told, 60) == acts(alone, 60)
