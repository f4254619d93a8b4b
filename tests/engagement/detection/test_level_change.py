import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.detection import DetectorTick, make
from engagement.detection.base import NOTHING_READ
from engagement.detection.level_change import LONGEST, LevelWatch, rate_difference
from engagement.simulation.random_draws import poisson

counts = st.lists(st.integers(0, 30), max_size=120)


def watched(acts: list[int], fell: dict[int, int] | None = None) -> list[tuple[int, bool]]:
    """`since` and `is_down` after each tick; `fell`: at which ticks the detector sees a fall so long."""
    watch, told = LevelWatch(), []
    for tick, count in enumerate(acts):
        readings = NOTHING_READ._replace(fell_for=(fell or {}).get(tick, 0))
        watch.step(DetectorTick(chat=count, present=100), readings)
        told.append((watch.since, watch.is_down))
    return told


def test_fall_begins_with_the_window_that_shows_it_and_is_forgotten_after_five_minutes() -> None:
    told = watched([5] * 30 + [0] * 70, {32: 3})

    assert told[31] == (0, False)
    assert told[32] == (3, True)
    assert [since for since, _ in told[32:]] == [*range(3, LONGEST + 1), *[0] * 10]


def test_room_that_comes_back_changed_within_three_ticks() -> None:
    told = watched([5] * 30 + [0] * 40 + [5] * 10, {32: 3})

    first = next(at for at, (_, down) in enumerate(told) if at > 32 and not down)
    assert first - 70 < 3
    assert told[first][0] <= first - 70 + 2


@pytest.mark.parametrize("seed", range(20))
def test_evidence_that_reaches_behind_the_last_change_is_of_the_trouble_before_it(
    seed: int,
) -> None:
    rng = Random(seed)
    acts = [poisson(rng, 5.0) for _ in range(30)] + [0] * 20 + [5] * 30

    told = watched(acts, {32: 3, 60: 30})

    assert told[60] == (told[59][0] + 1, False)


@pytest.mark.parametrize("mean", [0.5, 3.0, 30.0])
def test_constant_rate_hardly_ever_differs_from_itself(mean: float) -> None:
    rng = Random(7)
    found = [
        rate_difference(
            sum(poisson(rng, mean) for _ in range(3)), 3.0,
            sum(poisson(rng, mean) for _ in range(12)), 12.0,
        )
        for _ in range(4_000)
    ]  # fmt: skip

    assert sum(abs(z) >= 3.0 for z in found) <= 12


@given(counts, st.integers(0, 120), st.integers(0, 119))
def test_state_survives_json(acts: list[int], cut: int, fell: int) -> None:
    watch, detector = LevelWatch(), make()
    ticks = [DetectorTick(chat=count, present=100) for count in acts]
    for tick in ticks[:cut]:
        watch.step(tick, detector.step(tick)._replace(fell_for=fell % 7))
    copy = LevelWatch.from_json(json.loads(json.dumps(watch.to_json())))

    rest = [(tick, detector.step(tick)) for tick in ticks[cut:]]

    assert [copy.step(*each) for each in rest] == [watch.step(*each) for each in rest]
