"""What the agenda says changes what is expected, not what is seen."""

import json

import pytest

from engagement.detection import DetectorTick, make
from engagement.simulation import SIZES, Plot, Trouble
from engagement.vocabulary.signal_kinds import AnomalyKind
from tests.engagement.detection.sessions import alarms, made, readings

AT = 330
QUESTIONS = Plot(Trouble.DROP, 0.5, AT, 1000)


def marked(ticks: list[DetectorTick], activity: float = 1.0) -> list[DetectorTick]:
    """A new phase begins at AT, in which that much is expected."""
    return [
        tick._replace(activity=activity if i >= AT else 1.0, turn=i == AT)
        for i, tick in enumerate(ticks)
    ]


def is_told(ticks: list[DetectorTick]) -> bool:
    return any(i >= AT for i, _ in alarms(ticks))


@pytest.mark.parametrize("people", [SIZES["medium"], SIZES["large"]])
def test_calmer_phase_is_no_fall_where_the_agenda_says_so(people: int):
    sessions = [made(seed, people, QUESTIONS, 500) for seed in range(100, 112)]

    unsaid = sum(is_told(ticks) for ticks in sessions)
    turned = sum(is_told(marked(ticks)) for ticks in sessions)
    expected = sum(is_told(marked(ticks, 0.5)) for ticks in sessions)

    assert unsaid >= 9
    assert turned < unsaid
    assert expected <= unsaid / 2


def test_full_stop_right_after_a_turn_is_seen():
    ticks = made(61, SIZES["large"], Plot(Trouble.DROP, 1.0, AT + 2), 380)

    told = [(i, alarm) for i, alarm in alarms(marked(ticks)) if i >= AT]

    assert told[0][0] <= AT + 6
    assert told[0][1].kind is AnomalyKind.SUDDEN_DROP


def test_state_survives_json_within_a_turn():
    ticks = marked(made(62, SIZES["medium"], QUESTIONS, 420), 0.7)
    detector = make()
    readings(ticks[: AT + 5], detector)

    back = make(state=json.loads(json.dumps(detector.to_json())))

    assert readings(ticks[AT + 5 :], back) == readings(ticks[AT + 5 :], detector)


@pytest.mark.parametrize("learnt", [24, 30])
def test_turn_in_the_first_minutes_is_doubted_for_about_a_minute(learnt: int):
    stop = learnt + 12
    delays = []
    for seed in range(12):
        ticks = made(seed, 250, Plot(Trouble.DROP, 1.0, stop), stop + 24)
        turned = [tick._replace(turn=i == learnt) for i, tick in enumerate(ticks)]
        delays += [i - stop + 1 for i, _ in alarms(turned) if i >= stop][:1]

    assert len(delays) == 12
    assert sorted(delays)[6] <= 3
