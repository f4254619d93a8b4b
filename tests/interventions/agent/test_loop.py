"""From alarm to learning, at given moments and with given dice."""

import json
import random
from collections.abc import Iterator

import pytest
import redis
from django.test import override_settings

from engagement.live.broadcast import read
from engagement.models import Metric, Session
from engagement.vocabulary.signal_kinds import AnomalyKind
from interventions.agent.approval import services as approval
from interventions.agent.decision import services as decision
from interventions.agent.decision.decision_context import facts_of
from interventions.agent.decision.guards import allow
from interventions.agent.measurement.services import chance_of
from interventions.kinds import Kind
from interventions.learning.bandit import Policy, replay
from interventions.lifecycle.agent_setup import Setup
from interventions.models import (
    AgentSettings,
    ArmSample,
    ArmState,
    AskedBy,
    Delivery,
    Intervention,
    Webhook,
    WebhookMessage,
)
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import (
    HELD_SEED,
    NOW_TICK,
    SENT_SEED,
    after,
    alarm,
    fresh,
    lost_room,
    recovery,
    steps,
    suggested,
    sweep,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener(valkey: "redis.Redis") -> "Iterator[redis.client.PubSub]":
    """Somebody who listens to the bus as a web process does."""
    with valkey.pubsub() as pubsub:  # type: ignore[no-untyped-call]
        pubsub.subscribe("bus")
        pubsub.get_message(timeout=5)
        yield pubsub


def test_alarm_in_manual_mode_becomes_words_that_wait(valkey: "redis.Redis") -> None:
    room = lost_room()

    row = suggested(room)

    assert row.status == Status.WAITING
    assert row.content is not None
    assert row.content["text"]
    assert row.gate["code"] == "manual_mode"
    assert row.expires_at == after(90)
    assert steps(row) == ["perceived", "assessed", "selected", "drafted", "waiting"]


def test_alarm_is_answered_once_however_often_swept(valkey: "redis.Redis") -> None:
    room = lost_room()
    suggested(room)

    sweep(1)
    sweep(2)

    assert Intervention.objects.filter(session=room).count() == 1


def test_decision_replays_from_its_row(valkey: "redis.Redis") -> None:
    row = suggested(lost_room())

    assert replay(row.decision["row"]) == row.decision["action"]
    assert sum(row.decision["propensities"].values()) == pytest.approx(1.0)
    assert {reason["code"] for reason in row.decision["reasons"]} >= {"room", "alone", "chosen"}


def test_approval_is_sent_after_the_undo_window_and_measured(
    valkey: "redis.Redis", listener: "redis.client.PubSub"
) -> None:
    room = lost_room()
    row = suggested(room)

    approval.approve(row.pk, by=None, who="Mara", now=after(10))
    sweep(14)
    undecided = fresh(row).status
    sweep(15)
    recovery(room, 0, 340, 65.0)
    sweep(15 + 300 + 10)

    done = fresh(row)
    assert undecided == Status.APPROVED
    assert done.status == Status.LEARNED
    assert done.outcome.verdict == "worked"
    assert done.outcome.change == pytest.approx(35.0)
    assert Delivery.objects.get(intervention=row).reached == 40
    state = ArmState.objects.get(organisation=room.event.organisation)
    assert Policy.from_json(state.policy).deliveries[row.kind] == 1


@pytest.mark.parametrize(
    ("begins", "ends", "status"),
    [
        (100, None, Status.NOT_MEASURED),
        (-600, 60, Status.NOT_MEASURED),
        (-600, -300, Status.LEARNED),
        (320, None, Status.LEARNED),
    ],
)
def test_what_is_measured_beside_a_script_teaches_nothing(
    valkey: "redis.Redis", begins: float, ends: float | None, status: Status
) -> None:
    room = lost_room()
    row = suggested(room)
    script = alarm(
        room, kind=AnomalyKind.SCRIPTED, tick=NOW_TICK + 1, detected_at=after(begins),
        resolved_at=None if ends is None else after(ends), detail={},
    )  # fmt: skip

    approval.approve(row.pk, by=None, who="Mara", now=after(10))
    sweep(15)
    recovery(room, 0, 340, 65.0)
    sweep(15 + 300 + 10)

    done = fresh(row)
    assert done.status == status
    assert done.outcome.is_learned == (status == Status.LEARNED)
    assert (done.outcome.missing == "implausible") == (status == Status.NOT_MEASURED)
    assert not Intervention.objects.filter(anomaly=script).exists()


def test_asked_for_is_measured_for_the_report_and_teaches_nothing(valkey: "redis.Redis") -> None:
    room = lost_room()
    row = approval.trigger(
        room, Kind.POLL, by=None, who="API key console", asked_by=AskedBy.API, now=after(0),
        rng=random.Random(1),
    )  # fmt: skip
    sweep(1)

    approval.approve(row.pk, by=None, who="API key console", now=after(10))
    sweep(15)
    recovery(room, 0, 340, 65.0)
    sweep(15 + 300 + 10)

    done = fresh(row)
    assert (done.status, done.outcome.verdict) == (Status.LEARNED, "worked")
    assert (done.outcome.is_learned, done.outcome.is_trial) == (False, False)
    policy = Policy.from_json(ArmState.objects.get().policy)
    assert (policy.deliveries["POLL"], policy.waiting) == (0, ())
    assert not ArmSample.objects.exists()


def test_key_that_approves_in_auto_is_no_countdown(
    valkey: "redis.Redis", listener: "redis.client.PubSub"
) -> None:
    room = lost_room(mode="auto")
    row = suggested(room)
    approval.hold(row.pk, by=None, who="Mara", now=after(2))

    approval.approve(row.pk, by=None, who="API key console", now=after(3))
    sweep(8)
    recovery(room, 0, 340, 65.0)
    sweep(8 + 300 + 10)

    done = fresh(row)
    assert done.approved_as == "API key console"
    # Somebody filtered: only the coin of the hold-out decided.
    assert done.outcome.chance == pytest.approx(1.0 - done.decision["row"]["holdout"])


def test_young_auto_asks_about_what_nobody_has_measured_and_learns_from_the_answer(
    valkey: "redis.Redis", listener: "redis.client.PubSub"
) -> None:
    room = lost_room(mode="auto")
    AgentSettings.objects.filter(session=room).update(explores=False)
    row = suggested(room)
    sweep(60)
    waiting = fresh(row)

    approval.approve(row.pk, by=None, who="Mara", now=after(61))
    sweep(67)
    recovery(room, 0, 400, 65.0)
    sweep(67 + 300 + 10)

    assert (waiting.status, waiting.gate["code"]) == (Status.WAITING, "too_little_data")
    done = fresh(row)
    assert (done.status, done.outcome.is_learned) == (Status.LEARNED, True)
    assert done.outcome.chance == pytest.approx(1.0 - done.decision["row"]["holdout"])


@pytest.mark.parametrize(
    ("mode", "is_filtered", "status", "approved_as", "chance"),
    [
        ("auto", False, "delivered", "", 0.8),
        ("auto", False, "left_alone", "", 0.8),
        ("auto", False, "delivered", "Mara", 0.9),
        ("auto", True, "delivered", "", 0.9),
        ("auto", True, "held_out", "", 0.9),
        ("auto", True, "left_alone", "", None),
        ("manual", True, "left_alone", "", None),
    ],
)
def test_doing_nothing_is_part_of_the_coin_only_where_nobody_filters(
    mode: str, is_filtered: bool, status: str, approved_as: str, chance: float | None
) -> None:
    made = {
        "measurable": True, "is_filtered": is_filtered, "row": {"holdout": 0.1},
        "propensities": {"POLL": 0.8, "HOLD": 0.2},
    }  # fmt: skip
    row = Intervention(mode=mode, status=status, approved_as=approved_as, decision=made)

    assert chance_of(row) == (None if chance is None else pytest.approx(chance))


def test_countdown_that_began_while_exploring_was_allowed_waits_when_it_is_not(
    valkey: "redis.Redis",
) -> None:
    room = lost_room(mode="auto")
    row = suggested(room)
    approval.set_permission(room, "explores", False, by=None, who="Mara", now=after(2))
    sweep(30)

    assert (row.status, fresh(row).status) == (Status.COUNTDOWN, Status.WAITING)


@pytest.mark.parametrize("ends", ["dismissed", "expired"])
@pytest.mark.parametrize("extensions", [0, 5])
def test_what_came_to_nothing_counts_for_the_gap_from_its_end(
    valkey: "redis.Redis", ends: str, extensions: int
) -> None:
    room = lost_room()
    row = suggested(room)
    for _ in range(extensions):
        approval.extend(row.pk, by=None, now=after(1))
    end = 90 + 60 * extensions
    if ends == "dismissed":
        approval.dismiss(row.pk, by=None, who="Mara", now=after(end))
    sweep(end)
    setup = Setup()
    refused = {
        seconds: {each.code for each in allow(
            facts_of(room, setup, after(end + seconds)), setup.limits, after(end + seconds)
        ).refused}
        for seconds in (1.5, 299, 300)
    }  # fmt: skip

    assert fresh(row).status == ends
    assert ["gap" in refused[seconds] for seconds in (1.5, 299, 300)] == [True, True, False]


def test_held_out_suggestion_is_never_sent_and_teaches_doing_nothing(valkey: "redis.Redis") -> None:
    room = lost_room()
    row = suggested(room, HELD_SEED)

    approval.approve(row.pk, by=None, who="Mara", now=after(10))
    sweep(15)

    done = fresh(row)
    assert done.status == Status.HELD_OUT
    assert not Delivery.objects.exists()


def test_auto_counts_down_and_sends_by_itself(
    valkey: "redis.Redis", listener: "redis.client.PubSub"
) -> None:
    row = suggested(lost_room(mode="auto"))

    sweep(9)
    before = fresh(row).status
    sweep(10)

    assert row.acts_at == after(10)
    assert before == Status.COUNTDOWN
    assert fresh(row).status == Status.DELIVERED
    assert fresh(row).approved_as == ""
    frame = _interaction(listener)
    assert frame["id"] == row.pk
    assert frame["text"] == (row.content or {})["text"]


def _interaction(listener: "redis.client.PubSub") -> dict[str, object]:
    while message := listener.get_message(timeout=2):
        for _, audience, text in read(message["data"]):
            frame = json.loads(text)
            if audience == "attendee" and frame["type"] == "interaction":
                return dict(frame)
    raise AssertionError("nothing was sent")


def test_delivery_run_twice_is_sent_once(
    valkey: "redis.Redis", listener: "redis.client.PubSub"
) -> None:
    row = suggested(lost_room(mode="auto"))
    sweep(10)
    # A worker that died between sending and writing down that it had.
    Intervention.objects.filter(pk=row.pk).update(status=Status.SENDING)
    Delivery.objects.update(status="pending", sent_at=None)

    sweep(40)

    _interaction(listener)
    with pytest.raises(AssertionError, match="nothing was sent"):
        _interaction(listener)
    assert fresh(row).status == Status.DELIVERED


@override_settings(PLATFORM_CHANNELS_OUT=True)
def test_platform_that_does_not_listen_fails_alone_after_half_a_minute(
    valkey: "redis.Redis",
) -> None:
    row = suggested(lost_room(mode="auto"))

    for second in (10, 13, 30, 41):
        sweep(second)

    found = dict(Delivery.objects.values_list("target", "error"))
    assert fresh(row).status == Status.DELIVERED
    assert found.pop("sockets") == ""
    assert list(found.values()) == ["nobody_listens"]


def test_session_that_ends_stops_what_waits(valkey: "redis.Redis") -> None:
    room = lost_room()
    row = suggested(room)
    Session.objects.filter(pk=room.pk).update(status="ended", ended_at=after(5))

    sweep(6)

    assert fresh(row).status == Status.STOPPED
    state = ArmState.objects.get(organisation=room.event.organisation)
    assert not Policy.from_json(state.policy).waiting


def test_session_that_ends_inside_the_window_is_cut_short(
    valkey: "redis.Redis", listener: "redis.client.PubSub"
) -> None:
    room = lost_room(mode="auto")
    row = suggested(room)
    sweep(10)
    Session.objects.filter(pk=room.pk).update(status="ended", ended_at=after(60))

    sweep(61)

    done = fresh(row)
    assert done.status == Status.NOT_MEASURED
    assert done.outcome.missing == "cut_short"


def test_alarm_while_measuring_is_held_back_with_the_reason(
    valkey: "redis.Redis", listener: "redis.client.PubSub"
) -> None:
    room = lost_room(mode="auto")
    suggested(room)
    sweep(10)
    alarm(room, tick=1, detected_at=after(60))

    sweep(61)

    held = Intervention.objects.filter(session=room, status=Status.REFUSED).get()
    assert {"measuring", "gap"} <= {each["code"] for each in held.refused_by}


def test_too_few_people_are_left_in_peace(valkey: "redis.Redis") -> None:
    room = lost_room()
    Metric.objects.filter(session=room).update(present=3)

    row = suggested(room)

    assert row.status == Status.REFUSED
    assert [each["code"] for each in row.refused_by if not each["kind"]] == ["too_few"]


def test_demo_learns_apart(valkey: "redis.Redis") -> None:
    room = lost_room(is_demo=True)

    suggested(room)

    assert list(ArmState.objects.values_list("is_demo", flat=True)) == [True]


def test_first_alarm_of_a_demo_is_answered_whatever_the_dice_say(valkey: "redis.Redis") -> None:
    rooms = [lost_room(is_demo=True) for _ in range(12)]

    rows = [suggested(room, seed) for seed, room in enumerate(rooms)]

    assert {row.status for row in rows} == {Status.WAITING}


def test_alarm_is_told_to_webhooks_once(valkey: "redis.Redis") -> None:
    room = lost_room()
    Webhook.objects.create(
        organisation=room.event.organisation, url="https://example.org", secret="", created_at=NOON
    )

    suggested(room)
    sweep(1)

    types = list(WebhookMessage.objects.order_by("event_type").values_list("event_type", flat=True))
    assert types == ["anomaly.detected", "intervention.suggested"]


def test_room_that_is_still_lost_is_looked_at_again(valkey: "redis.Redis") -> None:
    room = lost_room()
    row = suggested(room)
    approval.dismiss(row.pk, by=None, who="Mara", now=after(20))
    recovery(room, 0, 325, 30.0)
    Metric.objects.filter(session=room).update(state="losing")

    decision.second_look(after(310), random.Random(1))
    too_soon = Intervention.objects.filter(session=room).count()
    decision.second_look(after(325), random.Random(1))

    assert too_soon == 1
    second = Intervention.objects.filter(session=room).latest("created_at")
    assert second.created_at == after(325)
    assert second.decision["anomaly"] == row.anomaly_id


def test_room_that_came_back_is_left_in_peace(valkey: "redis.Redis") -> None:
    room = lost_room()
    row = suggested(room)
    approval.dismiss(row.pk, by=None, who="Mara", now=after(20))
    recovery(room, 0, 310, 60.0)
    Metric.objects.filter(session=room).update(state="recovering")

    assert decision.second_look(after(310), random.Random(SENT_SEED)) == []


@override_settings(PLATFORM_CHANNELS_OUT=True)
def test_suggestion_with_two_targets_counts_once(valkey: "redis.Redis") -> None:
    room = lost_room(mode="auto")
    suggested(room)
    sweep(10)

    facts = facts_of(room, Setup(), after(60))

    assert Delivery.objects.count() == 2
    assert [past.is_delivered for past in facts.past] == [True]
