import itertools
from random import Random
from statistics import fmean, median, pvariance

import pytest

from engagement.simulation import SIZES, Plot, TickCounts, Trouble, session

SEEDS = range(8)


def played(people: int, plot: Plot | None = None, ticks: int = 600) -> list[list[TickCounts]]:
    return [list(session(Random(seed), people, ticks, plot)) for seed in SEEDS]


def lag_one(counts: list[int]) -> float:
    mean = fmean(counts)
    products = [(a - mean) * (b - mean) for a, b in itertools.pairwise(counts)]
    return fmean(products) / pvariance(counts)


def test_chat_of_a_crowd_is_over_dispersed_and_autocorrelated():
    chats = [[tick.chat for tick in ticks[60:]] for ticks in played(SIZES["large"])]

    assert 1.8 < median(pvariance(chat) / fmean(chat) for chat in chats) < 9.0
    assert 0.4 < median(lag_one(chat) for chat in chats) < 0.9


def test_rates_are_those_of_recorded_audiences():
    per_minute = {
        size: 12 * median(fmean(t.chat for t in ticks) for ticks in played(people))
        for size, people in SIZES.items()
    }

    assert per_minute["small"] == pytest.approx(4, abs=2)
    assert per_minute["medium"] == pytest.approx(25, abs=10)
    assert per_minute["large"] == pytest.approx(140, abs=50)


def test_people_add_up():
    for ticks in played(150):
        for before, now in itertools.pairwise(ticks):
            assert now.present == before.present + now.joins - now.leaves


@pytest.mark.parametrize(
    ("trouble", "second", "factor"),
    [
        (Trouble.DROP, 0, 0.5),
        (Trouble.DROP, 60, 1.0),
        (Trouble.DECLINE, 23, 0.75),
        (Trouble.DECLINE, 60, 0.5),
        (Trouble.EXIT, 0, 1.0),
    ],
)
def test_plot_lowers_activity(trouble: Trouble, second: int, factor: float):
    plot = Plot(trouble, 0.5, onset=100, ticks=48)

    assert plot.activity(100 + second) == pytest.approx(factor)
    assert plot.activity(99) == 1.0


def test_exit_takes_its_share_within_half_a_minute():
    for ticks in played(1000, Plot(Trouble.EXIT, 0.5, onset=300), ticks=310):
        assert ticks[306].present == pytest.approx(0.5 * ticks[299].present, rel=0.12)


def test_same_seed_makes_the_same_session():
    assert list(session(Random(3), 150, 50)) == list(session(Random(3), 150, 50))
