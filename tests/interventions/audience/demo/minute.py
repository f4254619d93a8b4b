"""A demo watched on a clock of the test's own: every process of the product does its part each second."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import redis
from django.contrib.auth.models import User

from engagement.models import Demo, Organisation, Session
from engagement.ticks import ShardTicker
from interventions.agent import sweep
from interventions.agent.decision import services as decision
from interventions.agent.writing import services as writing
from interventions.audience import demo
from interventions.audience.polls import closing, tallies
from interventions.models import Intervention
from interventions.notifications.webhooks import session_events
from tests.conftest import NOON

LAG: float = 0.4
"""Seconds after the full second at which everything looks."""


@dataclass
class Minute:
    """One machine that runs; `at` is seconds since it began."""

    log: redis.Redis
    at: float = 0.0
    began: dt.datetime = NOON
    ticker: ShardTicker = field(init=False)
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        self.ticker = ShardTicker(0, self.log)
        self.ticker.run(self.now.timestamp())

    @property
    def now(self) -> dt.datetime:
        return self.began + dt.timedelta(seconds=self.at + LAG)

    def press(self, user: User, organisation: Organisation) -> Demo:
        return demo.start(user=user, organisation=organisation, now=self.now)

    def second(self) -> None:
        """Let a second go by: what beat wakes in it, in an unlucky order."""
        self.at += 1.0
        now = self.now
        done = sweep.sweep(now, self.rng, "test")
        for pk in [*done.to_write, *decision.second_look(now, self.rng)]:
            writing.draft(pk, worker="test", now=now, rng=self.rng, clock=lambda: 0.0)
        closing.close_due(now)
        tallies.publish_changed(now)
        session_events.announce(now)
        demo.play(now)
        self.ticker.run(now.timestamp())

    def seconds(self, count: int) -> Iterator[float]:
        for _ in range(count):
            self.second()
            yield self.at

    def until(self, told: Callable[[], bool], most: int = 70) -> float:
        """Return the second at which something is so. StopIteration where it never is."""
        return next(at for at in self.seconds(most) if told())


def suggestion(session: Session) -> Intervention:
    return Intervention.objects.get(session=session, content__isnull=False)
