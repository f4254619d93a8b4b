"""A kind that no file of the product knows, from the alarm to what is learned of it."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from interventions.agent.approval import services as approval
from interventions.audience import snapshots
from interventions.audience.polls import tallies, voting
from interventions.kinds import Kind, name_of, registry
from interventions.kinds.declaration import Answer, Declaration, Labels, Shape
from interventions.learning.services import policy_of
from interventions.models import AgentSettings, ArmState, Intervention, Template
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import after, fresh, lost_room, recovery, suggested, sweep
from tests.support.factories import make_event, make_organisation

pytestmark = pytest.mark.django_db
CHOSEN = 4
"""Dice with which it is sent, not HOLD."""
HANDS = Declaration(
    kind=name_of("SHOW_OF_HANDS"),
    icon="hand",
    labels=Labels(
        name="Show of hands",
        proposal="Ask for a show of hands",
        going_out="Hands go up in %(n)s s",
        ask_for="A show of hands",
        send_edited="Send edited show of hands",
        close="Hands down",
        headline="Hands up",
        text="What for",
        options="Which hand",
    ),
    shape=Shape(80, (2, 2), seconds=(10, 60), usual_seconds=20),
    answer=Answer.OPTION,
    cooldown_seconds=45,
    most_per_session=3,
    brief="something that everybody can show by a hand.",
)


@pytest.fixture
def hands() -> Iterator[Kind]:
    with registry.declared(HANDS) as kind:
        yield kind


def only(room: Any, kind: Kind) -> None:
    """Switch every other kind off, and give this one words."""
    AgentSettings.objects.update_or_create(
        session=room,
        defaults={
            "forbidden": [each.value for each in registry.acts() if each != kind],
        },
    )  # fmt: skip
    Template.objects.create(
        kind=kind.value, language="en", status="approved", approved_at=NOON,
        text="Who has tried this at home?", options=["Left: I have", "Right: not yet"], seconds=20,
    )  # fmt: skip


def test_added_kind_is_suggested_sent_answered_measured_and_learned(
    valkey: "redis.Redis", hands: Kind
) -> None:
    room = lost_room()
    only(room, hands)

    row = suggested(room, CHOSEN)
    approval.approve(row.pk, by=None, who="Mara", now=after(10))
    sweep(15)
    opened = snapshots.open_frames(room.pk, after(16))
    voting.cast(row.pk, 7, 1, after(17))
    counts = tallies.counts_of_all([fresh(row)])[row.pk]
    recovery(room, 0, 340, 65.0)
    sweep(15 + 300 + 10)

    done = fresh(row)
    assert done.kind == "SHOW_OF_HANDS"
    assert done.content is not None
    assert done.content["options"] == ["Left: I have", "Right: not yet"]
    assert '"answer":"option"' in opened[0].replace(" ", "")
    assert counts == [0, 1]
    assert done.status == Status.LEARNED
    state = ArmState.objects.get(organisation=room.event.organisation)
    assert policy_of(state).deliveries["SHOW_OF_HANDS"] == 1


def test_organisation_that_has_learned_meets_it_with_its_prior(valkey: "redis.Redis") -> None:
    event = make_event(make_organisation("Learned"))
    suggested(lost_room(event), CHOSEN)
    known = policy_of(ArmState.objects.get(organisation=event.organisation)).standings()

    with registry.declared(HANDS) as kind:
        later = lost_room(event)
        only(later, kind)
        row = suggested(later)
        standings = policy_of(ArmState.objects.get(organisation=event.organisation)).standings()

    assert row.kind == "SHOW_OF_HANDS"
    assert "SHOW_OF_HANDS" not in known
    assert standings["SHOW_OF_HANDS"].effect == pytest.approx(0.0, abs=1.0)
    assert {name: standings[name].effect for name in known} == pytest.approx(
        {name: each.effect for name, each in known.items()}, abs=0.5
    )


def test_page_offers_it_in_its_words(
    valkey: "redis.Redis", hands: Kind, client: Client, time_machine: Any, owner: User
) -> None:
    time_machine.move_to(NOON, tick=False)
    room = lost_room(make_event(owner.memberships.get().organisation))
    only(room, hands)
    client.force_login(owner)

    def page() -> str:
        return unescape(client.get(reverse("session-live", args=[room.pk])).content.decode())

    calm = page()
    suggested(room, CHOSEN)
    alarmed = page()

    assert "A show of hands" in calm
    assert "Ask for a show of hands" in alarmed
    with pytest.raises(ValueError, match="declared already"), registry.declared(HANDS):
        pass


def test_nothing_is_left_of_it_afterwards() -> None:
    with registry.declared(HANDS):
        pass

    assert registry.is_kind("SHOW_OF_HANDS") is False
    assert Intervention(kind="SHOW_OF_HANDS").get_kind_display() == "SHOW_OF_HANDS"
