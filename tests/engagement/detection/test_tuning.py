import pytest

from engagement.detection import DEFAULT_TUNING, Tuning, TuningError, make
from tests.engagement.detection.sessions import constant, readings


def test_tuning_survives_json():
    tuning = Tuning(fast=4.0, rate=0.1)

    assert Tuning.from_json(tuning.to_json()) == tuning


def test_empty_json_is_the_default():
    assert Tuning.from_json({}) == DEFAULT_TUNING


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"quick": 3}, "quick: no such field"),
        ({"fast": "3"}, "fast: not a number"),
        ({"fast": True}, "fast: not a number"),
        ({"slow": 0.2}, "slow: a number from 1.5"),
        ({"rate": 0}, "rate: a number from 1e-05"),
    ],
)
def test_tuning_that_cannot_be_meant_names_the_field(data: dict[str, object], told: str):
    with pytest.raises(TuningError, match=told):
        Tuning.from_json(data)


def test_stricter_settings_say_less_about_the_same_room():
    ticks = constant(120, 10, 100) + constant(4, 1, 100)

    usual = readings(ticks)
    strict = readings(ticks, make("scan", tuning=Tuning(fast=5.0)))

    assert [r.fast for r in usual] == [r.fast for r in strict]
    assert max(r.score for r in strict) < max(r.score for r in usual)
