import json

from engagement.detection.source_silence import SILENT_SCORE, Source, SourceWatch
from engagement.scoring.tick_facts import TickFacts


def play(gaps: list[int]) -> list[float]:
    """The score per tick of a source that is silent for `gaps` ticks between two words."""
    watch, told = SourceWatch(), []
    for gap in gaps:
        told += [watch.step(Source(silent_for=silent)) for silent in range(gap + 1)]
    return told


def test_steady_source_that_stops_is_silent_after_ninety_seconds():
    told = play([0] * 60 + [30])

    assert told.index(0.7) == 59 + 1 + 18


def test_source_that_speaks_in_bouts_is_given_time():
    assert max(play([20, 0, 0, 0] * 10 + [35])) == 0.0


def test_stream_that_says_it_is_offline_is_certain():
    assert SourceWatch().step(Source(stream_offline=True)) == 1.0


def test_empty_room_and_unheard_source_are_no_trouble():
    watch = SourceWatch()
    for _ in range(100):
        watch.step(Source())

    assert watch.step(Source(silent_for=100, empty=True)) == 0.0
    assert SourceWatch().step(Source(heard=False, silent_for=100)) == 0.0


def test_facts_tell_the_source():
    facts = TickFacts(1, present=0, presence_known=True, heard=True, silent_for=3)

    assert Source.of(facts) == Source(True, 3, False, True)


def test_state_survives_json():
    watch = SourceWatch()
    for silent in (0, 0, 1, 2, 0, 1):
        watch.step(Source(silent_for=silent))
    copy = SourceWatch.from_json(json.loads(json.dumps(watch.to_json())))

    assert copy.to_json() == watch.to_json()
    assert copy.share == watch.share


def test_time_in_which_we_were_away_is_no_silence_of_the_source():
    watch = SourceWatch()
    for _ in range(60):
        watch.step(Source())

    back = watch.step(Source(silent_for=500))
    goes_on = [watch.step(Source(silent_for=501 + tick)) for tick in range(40)]

    assert back == 0.0
    assert goes_on[10] == 0.0
    assert goes_on[-1] == SILENT_SCORE
