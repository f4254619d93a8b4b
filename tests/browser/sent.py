"""What the organizers send to the people in the room, as the workers send it."""

import datetime as dt
from typing import Any

from django.utils import timezone

from engagement.live import broadcast
from engagement.models import Session
from interventions.audience.frames import interaction_frame
from interventions.audience.polls import closing, tallies, voting
from interventions.kinds import Kind
from interventions.models import Intervention
from tests.interventions.audience.rooms import make_sent


def send(session: Session, kind: Kind = Kind.POLL, **fields: Any) -> Intervention:
    """Store it as sent and tell the pages."""
    now = timezone.now()
    sent = make_sent(session, kind, at=now, **fields)
    tell(sent)
    return sent


def tell(sent: Intervention) -> None:
    """Tell the pages what opened."""
    text = interaction_frame(sent, timezone.now())
    broadcast.publish([(sent.session_id, broadcast.ATTENDEE, text)])


def answers(sent: Intervention, *counts: int) -> None:
    """Let so many people choose each option, and tell the pages."""
    person = 1000 + sent.votes.count()
    for option, count in enumerate(counts):
        for _ in range(count):
            person += 1
            voting.cast(sent.pk, person, option, timezone.now())
    tallies.publish_changed(timezone.now())


def end(sent: Intervention) -> None:
    """Let its time be over."""
    Intervention.objects.filter(pk=sent.pk).update(
        closes_at=timezone.now() - dt.timedelta(milliseconds=1)
    )
    closing.close_due(timezone.now())
