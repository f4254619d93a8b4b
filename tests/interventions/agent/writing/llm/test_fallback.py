"""The ladder: who is asked, for how long, and that the deadline holds whatever happens."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.agent.writing.llm.fallback import Attempt, Climb, climb, seconds_for
from interventions.kinds import Kind
from interventions.kinds.content import Content, usual

GOOD = usual(Kind.CHAT_PROMPT, "en", "What stays with you?")
MODELS = ("first", "second")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def script(clock: Clock, *steps: tuple[str, float]) -> Callable[[str, float], Attempt]:
    """Answer with each outcome in turn, taking the given share of the time allowed."""
    left = list(steps)

    def ask(model: str, seconds: float) -> Attempt:
        outcome, share = left.pop(0)
        clock.now += seconds * share
        content: Content | None = GOOD if outcome == "ok" else None
        return Attempt(model, outcome, seconds * share, content)

    return ask


def run(*steps: tuple[str, float], seconds: float = 4.5) -> tuple[Climb, float]:
    clock = Clock()
    done = climb(MODELS, script(clock, *steps), clock=clock, deadline=100.0 + seconds)
    return done, clock.now - 100.0


def test_first_model_that_answers_well_writes() -> None:
    done, _ = run(("ok", 0.1))

    assert (done.model, done.content, done.outcome) == ("first", GOOD, "ok")


def test_second_model_gets_what_the_first_left() -> None:
    done, took = run(("timeout", 1.0), ("ok", 1.0))

    assert (done.model, [a.outcome for a in done.attempts]) == ("second", ["timeout", "ok"])
    assert took == pytest.approx(4.5)


@pytest.mark.parametrize("outcome", ["http_401", "http_402", "http_403", "loading"])
def test_nobody_else_is_asked_when_the_account_is_the_problem(outcome: str) -> None:
    done, _ = run((outcome, 0.0))

    assert (done.outcome, len(done.attempts), done.content) == (outcome, 1, None)


def test_nobody_is_asked_when_it_is_too_late() -> None:
    done, took = run(seconds=0.5)

    assert (done.outcome, took) == ("unasked", 0.0)


@given(
    shares=st.lists(st.floats(0, 1), min_size=2, max_size=2),
    outcomes=st.lists(st.sampled_from(["ok", "timeout", "http_429", "unsafe:link"]), min_size=2, max_size=2),
    seconds=st.floats(0, 30),
)  # fmt: skip
def test_deadline_holds_whatever_happens(
    shares: list[float], outcomes: list[str], seconds: float
) -> None:
    done, took = run(*zip(outcomes, shares, strict=True), seconds=seconds)

    assert took <= seconds + 1e-9
    assert (done.content is not None) == (done.outcome == "ok")


def test_last_model_may_use_all_that_is_left() -> None:
    assert seconds_for(2, 4.5) == pytest.approx(2.79)
    assert seconds_for(1, 1.71) == 1.71
    assert seconds_for(0, 4.5) == 0.0
