"""The score forgets what was before the level changed: how fast it moves; a constant room is calm."""

from statistics import fmean, median

import pytest

from engagement.scoring import ScoreState, step
from engagement.simulation.scenarios import Course
from tests.engagement.ticks.played import new_state, play

STOP: Course = ((0, 1), (600, 1), (600.1, 0), (900, 0), (900.1, 1), (1500, 1))
STOPS, COMES_BACK = 120, 180
"""Ticks."""


def values(people: int, seed: int, course: Course, minutes: float) -> list[float]:
    return [each.closed.score.value or 0.0 for each in play(people, seed, minutes, course)]


def seconds_to(part: float, told: list[float], first: int, start: float, end: float) -> int:
    """How long the score takes to make this part of its way."""
    way = (abs(value - start) >= part * abs(end - start) for value in told[first:])
    return 5 * (1 + list(way).index(True))


@pytest.mark.parametrize("people", [60, 120, 500])
def test_full_stop_and_coming_back_are_in_the_score_within_a_minute(people: int) -> None:
    down, up = [], []
    for seed in range(8):
        told = values(people, seed, STOP, 22.0)
        usual, lowest = fmean(told[STOPS - 24 : STOPS]), min(told[STOPS:COMES_BACK])
        back = fmean(told[COMES_BACK + 30 : COMES_BACK + 72])
        down.append(seconds_to(0.8, told, STOPS, usual, lowest))
        up.append(seconds_to(0.8, told, COMES_BACK, lowest, back))

    assert max(down) <= 60
    assert median(up) <= 60


@pytest.mark.parametrize(("people", "most"), [(30, 60), (120, 45), (500, 40)])
def test_constant_room_is_calm(people: int, most: int) -> None:
    changes = forgot = 0
    for seed in range(3):
        before = ""
        for each in play(people, 5000 + seed, 60.0):
            word = each.closed.score.state
            changes += before not in ("", "none", word)
            forgot += each.closed.facts.since_change == 1
            before = word
    assert changes / 3 <= most
    assert forgot / 3 <= 4


def test_band_is_wider_while_less_is_known() -> None:
    told = [each.closed for each in play(120, 1, 22.0, STOP)]
    full = told[STOPS - 1].score
    changed = next(at for at in range(COMES_BACK, len(told)) if told[at].facts.since_change == 2)
    short, later = told[changed].score, told[changed + 24].score

    assert short.high - short.low > 1.5 * (full.high - full.low)
    assert later.high - later.low < 0.7 * (short.high - short.low)


def test_stored_facts_tell_the_same_scores_again() -> None:
    told = [each.closed for each in play(120, 2, 20.0, STOP, polls=True)]
    state = new_state()

    for each in told:
        state.replay_tick(each.facts)
        assert state.recent[-1][1] == each.score


def test_state_of_an_older_version_is_read() -> None:
    state = ScoreState()
    for each in play(30, 3, 3.0):
        state, _ = step(state, each.state.profile, each.closed.facts)

    older = state.to_json()[:-1]

    assert ScoreState.from_json(older) == state._replace(heard_for=0)
