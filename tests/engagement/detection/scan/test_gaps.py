"""Sources that hand over now and then, and stalls on the way."""

import json

import pytest

from engagement.detection import DetectorTick
from engagement.detection.scan.gaps import Gaps
from engagement.simulation import SIZES, Plot, Trouble
from engagement.vocabulary.signal_kinds import AnomalyKind
from tests.engagement.detection.sessions import alarms, made


def handed_over(ticks: list[DetectorTick], every: int) -> list[DetectorTick]:
    """The same session from a source that hands over every so many ticks."""
    found, chat, reactions = [], 0, 0
    for number, tick in enumerate(ticks, start=1):
        chat, reactions = chat + tick.chat, reactions + tick.reactions
        whole = number % every == 0
        found.append(tick._replace(chat=chat * whole, reactions=reactions * whole))
        if whole:
            chat = reactions = 0
    return found


@pytest.mark.parametrize("every", [2, 3])
def test_source_that_hands_over_now_and_then_is_no_storm(every: int):
    told = [
        alarm
        for seed in range(20, 23)
        for _, alarm in alarms(handed_over(made(seed, SIZES["large"], ticks=540), every))
    ]

    assert len(told) <= 10  # in 2.25 hours; without what is learnt of gaps it was 130


def test_full_stop_of_such_a_source_is_seen():
    ticks = made(24, SIZES["large"], Plot(Trouble.DROP, 1.0, 300), 330)

    told = [(i, a) for i, a in alarms(handed_over(ticks, 3)) if i >= 300]

    assert told[0][1].kind is AnomalyKind.SUDDEN_DROP
    assert told[0][0] < 308


def test_empty_tick_is_no_trouble_when_its_acts_come_a_tick_late():
    ticks = made(25, SIZES["large"], ticks=420)
    late = ticks[400]
    ticks[401] = ticks[401]._replace(
        chat=ticks[401].chat + late.chat, reactions=ticks[401].reactions + late.reactions
    )
    ticks[400] = late._replace(chat=0, reactions=0)

    assert not [i for i, _ in alarms(ticks) if i >= 400]


def test_length_is_the_middle_of_the_last_three_silences():
    gaps = Gaps()
    for tick, silent in ((10, 2), (14, 1), (18, 2)):
        gaps.still = silent
        gaps.came(tick, 8.0)

    assert gaps.length == 2


def test_rare_or_likely_silences_are_not_the_sources_doing():
    rare, likely = Gaps(), Gaps()
    for number in range(4):
        rare.still = likely.still = 2
        rare.came(30 * number, 8.0)
        likely.came(3 * number, 1.0)

    assert (rare.length, likely.length) == (0, 0)


def test_state_survives_json():
    gaps = Gaps()
    for tick in (10, 14, 18):
        gaps.still = 2
        gaps.came(tick, 8.0)
    gaps.still = 1

    back = Gaps.from_json(json.loads(json.dumps(gaps.to_json())))

    assert (back.still, back.length, back.to_json()) == (1, 2, gaps.to_json())
