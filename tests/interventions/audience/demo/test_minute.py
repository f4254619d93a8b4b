"""The whole minute, second by second, through the real services: what is seen when, what is left."""

import random
from typing import Any, Final

import pytest
import redis
from django.apps import apps
from django.contrib.auth.models import User
from django.core import serializers

from engagement.models import Anomaly, Membership, Metric, Organisation, Role, Signal
from interventions.agent.approval import services as approval
from interventions.learning import services as learning
from interventions.models import Delivery, Intervention, Outcome, PollVote, Webhook
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.audience.demo.minute import Minute, suggestion
from tests.interventions.notifications.push.browsers import Browser
from tests.support.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db
OWN: Final = {
    "Event", "Session", "Demo", "Signal", "Metric", "Anomaly",
    "StreamOffset", "Intervention", "Transition", "Outcome", "Delivery", "PollVote", "Question",
    "AgentSettings", "ChatLine", "ChatOffset",
}  # fmt: skip
"""What a demo is made of; every other table must be as it was."""


def tables() -> dict[str, str]:
    """Return the rows of every table that a demo has no business with, as text."""
    models = [
        model
        for app in ("engagement", "interventions")
        for model in apps.get_app_config(app).get_models()
        if model._meta.managed
    ]
    return {
        model.__name__: serializers.serialize("json", model._default_manager.order_by("pk"))
        for model in models
        if model.__name__ not in OWN
    }


def prepared(organisation: Organisation, owner: User) -> None:
    """Give an organisation a policy, a webhook that wants everything, and a phone."""
    with learning.locked(organisation.pk, is_demo=False, now=NOON, rng=random.Random(3)):
        pass
    Webhook.objects.create(
        organisation=organisation, url="https://example.org/", secret="whsec_AAAA", created_at=NOON
    )
    Browser().subscribed(owner, "https://push.example.org/phone")


def test_minute_shows_the_whole_loop_and_leaves_nothing_behind(
    valkey: "redis.Redis", organisation: Organisation, owner: User, settings: Any
) -> None:
    settings.PLATFORM_CHANNELS_OUT = True
    settings.ANTHROPIC_API_KEY = "not a key"
    prepared(organisation, owner)
    machine = Minute(valkey)
    demo = machine.press(owner, organisation)
    session = demo.session
    before = tables()
    seen = {
        "alarm": machine.until(Anomaly.objects.exists),
        "words": machine.until(Intervention.objects.filter(status=Status.COUNTDOWN).exists),
        "sent": machine.until(Intervention.objects.filter(status=Status.DELIVERED).exists),
        "votes": machine.until(PollVote.objects.exists),
        "verdict": machine.until(Outcome.objects.exists),
        "over": machine.until(lambda: type(session).objects.get(pk=session.pk).status == "ended"),
    }

    assert seen["alarm"] <= 11
    assert seen["words"] - seen["alarm"] <= 2
    assert 8 <= seen["sent"] - seen["words"] <= 9
    assert seen["votes"] - seen["sent"] <= 3
    assert seen["verdict"] <= 56
    assert 60 <= seen["over"] <= 62
    outcome = Outcome.objects.get()
    assert (outcome.verdict, outcome.is_learned, outcome.is_trial) == ("worked", False, False)
    assert PollVote.objects.count() > 150
    row = suggestion(session)
    assert (row.kind, row.author, row.approved_by) == ("POLL", "template", None)
    assert list(Delivery.objects.values_list("target", flat=True)) == ["sockets"]
    assert tables() == before


def test_room_is_warm_when_the_page_opens(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)
    session = machine.press(owner, organisation).session
    before = list(Metric.objects.filter(session=session).order_by("time"))
    machine.until(lambda: Metric.objects.filter(session=session).count() > 120)
    after = Metric.objects.filter(session=session).latest("time")

    assert len(before) == 120
    assert before[-1].state == "engaged"
    assert not Anomaly.objects.filter(session=session, tick__lte=before[-1].tick).exists()
    assert after.tick == before[-1].tick + 1
    assert after.score == pytest.approx(before[-1].score, abs=3)
    assert after.present == pytest.approx(before[-1].present, abs=5)


def test_verdict_comes_in_time_for_whoever_approves_at_the_last_moment(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)
    machine.press(owner, organisation)
    machine.until(Intervention.objects.filter(status=Status.COUNTDOWN).exists)
    for _ in machine.seconds(7):
        pass
    row = Intervention.objects.get(status=Status.COUNTDOWN)

    approval.approve(row.pk, by=owner, who="alice", now=machine.now)
    verdict = machine.until(Outcome.objects.exists)

    assert verdict < 60
    assert Outcome.objects.get().missing == ""


def test_killed_worker_says_nothing_twice(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)
    demo = machine.press(owner, organisation)
    for _ in machine.seconds(30):
        pass
    type(demo).objects.filter(pk=demo.pk).update(played_until=demo.story_at)
    heard = Signal.objects.filter(session=demo.session).count()

    for _ in machine.seconds(10):
        pass

    signals = Signal.objects.filter(session=demo.session)
    assert signals.count() > heard
    assert signals.values("source", "seq").distinct().count() == signals.count()


def test_demos_of_two_organisations_do_not_mix(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    other, bob = make_organisation("Elsewhere"), make_user("bob")
    Membership.objects.create(organisation=other, user=bob, role=Role.OWNER)
    machine = Minute(valkey)
    ours = machine.press(owner, organisation).session
    for _ in machine.seconds(6):
        pass

    theirs = machine.press(bob, other).session
    for _ in machine.seconds(30):
        pass

    votes = [PollVote.objects.filter(intervention=suggestion(each)) for each in (ours, theirs)]
    people = [set(each.values_list("actor", flat=True)) for each in votes]
    assert min(map(len, people)) > 50
    assert not people[0] & people[1]
    alarms = [Anomaly.objects.filter(session=each).earliest("tick") for each in (ours, theirs)]
    # The same story for both, each from its own press.
    assert alarms[1].tick == alarms[0].tick + 1
    assert alarms[1].headline == alarms[0].headline
