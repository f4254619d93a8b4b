"""Model, second model, template: who is asked, for how long, and what comes after a failure.

The clock and the caller are parameters. Whatever happens, `climb` returns within its deadline as
long as the caller keeps to the seconds it is given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from interventions.kinds.content import Content

FIRST_SHARE: Final = 0.62
"""Of the time that is left for a model that has another one behind it."""
LEAST_SECONDS: Final = 0.6
"""No answer was ever seen in less: then the template goes at once."""
# The account, or what is asked, is the problem, not the model: the next one would fail alike.
HOPELESS: Final = frozenset({"http_401", "http_402", "http_403", "loading", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One model asked: what came of it. `content` only where the outcome is "ok"."""

    model: str
    outcome: str
    seconds: float
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Climb:
    """How the ladder went. Without content the template writes."""

    attempts: tuple[Attempt, ...]
    content: Content | None = None
    model: str = ""

    @property
    def outcome(self) -> str:
        """What the last one asked came to: "ok", why it failed, or "unasked"."""
        return self.attempts[-1].outcome if self.attempts else "unasked"


def seconds_for(rungs_left: int, seconds_left: float) -> float:
    """Return how long the next model may take; 0 where it is too late to ask.

    `rungs_left` counts it and the models behind it.
    """
    if rungs_left < 1 or seconds_left < LEAST_SECONDS:
        return 0.0
    return seconds_left * FIRST_SHARE if rungs_left > 1 else seconds_left


def climb(
    models: Sequence[str],
    ask: Callable[[str, float], Attempt],
    *,
    clock: Callable[[], float],
    deadline: float,
) -> Climb:
    """Ask one model after the other until one answers with good content.

    `ask(model, seconds)` returns within its seconds and never raises; `clock` and `deadline` are
    in the same seconds.
    """
    attempts: list[Attempt] = []
    for place, model in enumerate(models):
        seconds = seconds_for(len(models) - place, deadline - clock())
        if not seconds:
            break
        attempt = ask(model, seconds)
        attempts.append(attempt)
        if attempt.content is not None:
            return Climb(tuple(attempts), attempt.content, model)
        if attempt.outcome in HOPELESS:
            break
    return Climb(tuple(attempts))
