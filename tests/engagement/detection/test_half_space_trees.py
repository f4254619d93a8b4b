import json

from engagement.detection import make
from engagement.detection.half_space_trees import WINDOW, Hybrid
from engagement.simulation import Plot, Trouble
from tests.engagement.detection.sessions import constant, made, readings

STOP = Plot(Trouble.DROP, 1.0, 300)


def test_hybrid_sees_a_full_stop():
    told = readings(made(3, 1000, STOP, 330), make("hybrid"))

    assert max(r.score for r in told[300:330]) >= 0.6


def test_hybrid_is_blind_in_its_first_window():
    told = readings(made(3, 1000, Plot(Trouble.DROP, 1.0, 30), WINDOW), make("hybrid"))

    assert {r.score for r in told} == {0.0}


def test_what_does_not_go_down_is_no_anomaly():
    burst = constant(100, 10, 100) + constant(10, 100, 100)

    told = readings(burst, make("hybrid"))

    assert {r.score for r in told} == {0.0}


def test_state_survives_json_in_the_middle_of_an_event():
    ticks = made(4, 150, STOP, ticks=330)
    live, detector = readings(ticks, make("hybrid")), Hybrid()
    before = readings(ticks[:305], detector)
    copy = Hybrid.from_json(json.loads(json.dumps(detector.to_json())))

    assert before + readings(ticks[305:], copy) == live
