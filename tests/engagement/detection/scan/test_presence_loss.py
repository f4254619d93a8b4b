import json

from hypothesis import given
from hypothesis import strategies as st

from engagement.detection.base import DetectorTick
from engagement.detection.scan.presence_loss import ExitScan


def named(present: int, leaves: int = 0) -> DetectorTick:
    return DetectorTick(present=present, leaves=leaves)


def numbered(present: int) -> DetectorTick:
    return DetectorTick(present=present, leaves_known=False)


def last_z(ticks: list[DetectorTick]) -> float:
    scan = ExitScan()
    return [scan.step(tick).z for tick in ticks][-1]


def test_calm_room_shows_no_exit():
    assert last_z([named(100)] * 40) == 0.0


def test_many_leaves_at_once_are_an_exit():
    assert last_z([named(100)] * 40 + [named(80, 20)]) > 3.4


def test_two_people_or_a_small_share_are_none():
    assert last_z([named(10)] * 40 + [named(8, 2)]) == 0.0
    assert last_z([named(1000)] * 40 + [named(930, 70)]) == 0.0


def test_churn_is_learnt():
    busy = [named(100, 2 * (tick % 2)) for tick in range(400)]

    assert last_z([*busy, named(91, 9)]) < last_z([named(100)] * 400 + [named(91, 9)])


def test_number_that_falls_is_an_exit():
    ticks = [numbered(1000 + tick % 5) for tick in range(40)]

    assert last_z([*ticks, numbered(700)]) > 3.4


def test_number_that_wavers_is_none():
    ticks = [numbered(50 + (3 if tick % 2 else -3)) for tick in range(200)]

    assert last_z(ticks) < 3.4


def test_who_left_was_here_whatever_the_joins_add_up_to():
    assert last_z([named(2)] * 200 + [named(0, 3), named(0, 4)]) > 3.4


def test_unknown_presence_says_nothing():
    assert last_z([DetectorTick(presence_known=False, leaves=50)] * 40) == 0.0


@given(st.lists(st.integers(5, 500), min_size=20, max_size=60), st.booleans())
def test_state_survives_json(numbers: list[int], names: bool):
    ticks = [named(n, n % 4) if names else numbered(n) for n in numbers]
    scan = ExitScan()
    for tick in ticks[:15]:
        scan.step(tick)
    copy = ExitScan.from_json(json.loads(json.dumps(scan.to_json())))

    assert [scan.step(t) for t in ticks[15:]] == [copy.step(t) for t in ticks[15:]]
