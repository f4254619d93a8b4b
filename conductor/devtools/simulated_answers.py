"""How a made-up audience answers what is sent to it: votes, and a room that comes back."""

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any, Final

from engagement.intake.pseudonyms import actor_of
from engagement.models import Session
from engagement.simulation import Audience
from engagement.vocabulary.errors import ProblemError
from interventions.audience import signal_log_marks
from interventions.audience.polls import voting
from interventions.kinds.registry import has_teams, taking_votes
from interventions.models import Intervention
from interventions.vocabulary.statuses import Status

EFFECT: Final = 0.85
"""Share of what the room has lost that an intervention brings back, where an effect is wanted."""
VOTES_PER_SECOND: Final = 0.015
"""Share of those here who answer in a second; three in five do within a minute."""


@dataclass(slots=True)
class Answers:
    """Watches one session for what is delivered. `effect`: 0 (none at all) to 1."""

    session: Session
    rng: random.Random
    effect: float = EFFECT
    _stirred: set[int] = field(default_factory=set)
    _voted: dict[int, set[str]] = field(default_factory=dict)

    def step(self, audience: Audience, now: dt.datetime) -> list[dict[str, Any]]:
        """Stir the audience where something new was sent; return the signals of who votes now."""
        rows = Intervention.objects.filter(
            session=self.session,
            status__in=[Status.SENDING, Status.DELIVERED],
            acted_at__gt=now - dt.timedelta(minutes=10),
        )
        made: list[dict[str, Any]] = []
        for row in rows:
            if row.pk not in self._stirred and row.status == Status.DELIVERED:
                self._stirred.add(row.pk)
                audience.stir(self.effect)
            made += self._votes(row, audience, now)
        return made

    def _votes(
        self, row: Intervention, audience: Audience, now: dt.datetime
    ) -> list[dict[str, Any]]:
        if row.kind not in taking_votes() or row.closes_at is None or row.closes_at <= now:
            return []
        voted = self._voted.setdefault(row.pk, set())
        options = voting.options_of(row)
        made = []
        for guest in audience.guests():
            if guest in voted or self.rng.random() >= VOTES_PER_SECOND:
                continue
            voted.add(guest)
            option = min(int(self.rng.expovariate(0.9)), options - 1)
            actor = actor_of(bytes(self.session.event.salt), guest)
            try:
                voting.cast(row.pk, actor, option, now)
            except ProblemError:
                continue  # it closed in this second
            if not has_teams(row.kind):
                text = f"{signal_log_marks.poll_key(row.pk)}:{option}"
                made.append({"kind": "vote", "actor": guest, "text": text})
        return made
