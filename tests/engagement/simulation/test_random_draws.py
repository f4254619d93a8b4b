from random import Random
from statistics import fmean, pvariance

import pytest

from engagement.simulation.random_draws import binomial, poisson


@pytest.mark.parametrize("mean", [0.3, 4.0, 60.0])
def test_poisson_has_its_mean_and_variance(mean: float):
    rng = Random(1)
    made = [poisson(rng, mean) for _ in range(4000)]

    assert fmean(made) == pytest.approx(mean, rel=0.06)
    assert pvariance(made) == pytest.approx(mean, rel=0.12)


@pytest.mark.parametrize(("n", "p"), [(20, 0.3), (1000, 0.02), (1000, 0.5)])
def test_binomial_has_its_mean_and_stays_within(n: int, p: float):
    rng = Random(2)
    made = [binomial(rng, n, p) for _ in range(3000)]

    assert fmean(made) == pytest.approx(n * p, rel=0.05)
    assert 0 <= min(made) <= max(made) <= n


def test_certain_things_are_certain():
    rng = Random(3)

    assert [poisson(rng, 0.0), binomial(rng, 9, 0.0), binomial(rng, 9, 1.0)] == [0, 0, 9]
