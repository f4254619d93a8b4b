import json
import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.detection.count_tail import TEACHES_BELOW, root_deviance, shortfall
from engagement.detection.scan.detector import FAST, SLOW
from engagement.detection.scan.rate_scan import Scan


def test_root_deviance_is_signed_and_zero_at_the_mean():
    assert root_deviance(10, 10, 0.1) == 0.0
    assert root_deviance(4, 10, 0.1) < 0.0 < root_deviance(20, 10, 0.1)


@pytest.mark.parametrize(("seen", "expected"), [(0, 7), (0, 10), (2, 10), (4, 25), (55, 100)])
def test_root_deviance_is_the_tail_of_a_poisson_count(seen: int, expected: float):
    tail = sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(seen + 1))

    assert -root_deviance(seen, expected, 1e-9) == pytest.approx(
        -NormalDist().inv_cdf(tail), abs=0.11
    )


def test_root_deviance_within_half_an_act_is_nothing():
    assert root_deviance(3, 3.4, 0.1) == 0.0


@given(st.integers(0, 200), st.floats(0.5, 200), st.floats(0.01, 1))
def test_more_dispersion_is_less_evidence(seen: int, expected: float, iv: float):
    assert abs(root_deviance(seen, expected, iv)) <= abs(root_deviance(seen, expected, iv / 2))


def test_nothing_is_said_while_the_level_is_unknown():
    scan = Scan(FAST, 0.08)

    told = [scan.step(0.0 if tick > 15 else 20.0, 100.0).z for tick in range(FAST.warm)]

    assert told == [0.0] * FAST.warm


def test_rate_is_per_exposure():
    scan = Scan(FAST, 0.08)

    for _ in range(200):
        scan.step(10.0, 50.0)

    assert scan.rate == pytest.approx(0.2)


def test_stop_shows_in_a_short_window():
    scan = Scan(FAST, 0.08)
    for _ in range(100):
        scan.step(10.0, 50.0)

    scan.step(0.0, 50.0)
    evidence = scan.step(0.0, 50.0)

    assert evidence.z > 3.4
    assert (evidence.window, evidence.seen) == (2, 0.0)
    assert evidence.expected == pytest.approx(20.0)


def test_level_does_not_learn_from_the_event_for_four_minutes():
    scan = Scan(FAST, 0.08)
    for _ in range(100):
        scan.step(10.0, 50.0)

    for _ in range(40):
        scan.step(0.0, 50.0)

    assert scan.rate > 0.15


def test_burst_hardly_lifts_the_level():
    calm, burst = Scan(FAST, 0.08), Scan(FAST, 0.08)
    for tick in range(120):
        calm.step(10.0, 50.0)
        burst.step(200.0 if tick in (60, 61) else 10.0, 50.0)

    assert burst.rate < 1.1 * calm.rate


def test_fall_teaches_what_is_known_already():
    surprise, residual = shortfall(10.0, 60.0, 0.1, 0.0)

    taught = (2.0 * residual - 60.0) / 60.0**2

    assert surprise > TEACHES_BELOW
    assert taught == pytest.approx(0.1)


@given(st.lists(st.integers(0, 30), min_size=30, max_size=200), st.integers(1, 29))
def test_state_survives_json(counts: list[int], cut: int):
    for shape in (FAST, SLOW):
        scan = Scan(shape, 0.08)
        for count in counts[:cut]:
            scan.step(float(count), 50.0)
        copy = Scan.from_json(shape, json.loads(json.dumps(scan.to_json())))

        rest = counts[cut:]

        assert [scan.step(float(c), 50.0) for c in rest] == [
            copy.step(float(c), 50.0) for c in rest
        ]
