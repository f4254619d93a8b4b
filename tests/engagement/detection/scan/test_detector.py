import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.detection import DetectorTick, make
from engagement.detection.scan.detector import Sentinel
from engagement.simulation import SIZES, Plot, Trouble
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity
from tests.engagement.detection.sessions import alarms, constant, made, readings

ONSET = 300
STOP = Plot(Trouble.DROP, 1.0, ONSET)
rates = st.integers(4, 500)
audiences = st.integers(5, 20_000)


@given(rates, audiences)
@settings(max_examples=30)
def test_silence_is_always_seen(acts: int, people: int):
    ticks = constant(120, acts, people) + constant(12, 0, people)

    drops = [i for i, alarm in alarms(ticks) if alarm.kind is AnomalyKind.SUDDEN_DROP]

    assert drops
    assert 120 <= drops[0] < 130


@given(st.integers(0, 500), audiences)
@settings(max_examples=30)
def test_constant_room_never_falls(acts: int, people: int):
    told = {alarm.kind for _, alarm in alarms(constant(500, acts, people))}

    assert told <= {AnomalyKind.LOW_ENGAGEMENT}


@given(st.integers(0, 5), st.integers(2, 40))
@settings(max_examples=20)
def test_evidence_is_the_same_per_person(seed: int, times: int):
    ticks = made(seed, 150, STOP, ticks=330)
    crowded = [tick._replace(present=tick.present * times) for tick in ticks]

    one, other = readings(ticks), readings(crowded)

    assert [r.fast for r in one] == pytest.approx([r.fast for r in other])
    assert [r.slow for r in one] == pytest.approx([r.slow for r in other])


@pytest.mark.parametrize("people", [SIZES["medium"], SIZES["large"]])
def test_full_stop_is_critical_within_half_a_minute(people: int):
    told = [(i, a) for i, a in alarms(made(11, people, STOP, 330)) if i >= ONSET]

    assert told[0][0] - ONSET < 6
    assert any(alarm.severity is Severity.CRITICAL for _, alarm in told)


def test_exit_is_told_as_an_exit():
    told = [
        (i, a) for i, a in alarms(made(12, 150, Plot(Trouble.EXIT, 0.3, ONSET), 330)) if i >= ONSET
    ]

    assert told[0][0] - ONSET < 3
    assert told[0][1].kind is AnomalyKind.MASS_EXIT
    assert told[0][1].detail.statistic == "exit"


def test_low_start_is_told_within_four_minutes():
    told = alarms(made(13, 1000, Plot(Trouble.LOW, 0.85, 0, ticks=720), 60))

    assert [(alarm.kind, alarm.severity) for _, alarm in told] == [
        (AnomalyKind.LOW_ENGAGEMENT, Severity.WARNING)
    ]


def test_session_that_started_well_is_not_low_later():
    ticks = constant(60, 5, 100) + constant(200, 1, 100)

    kinds = {alarm.kind for _, alarm in alarms(ticks)}

    assert AnomalyKind.LOW_ENGAGEMENT not in kinds


def test_score_below_thirty_for_a_minute_is_low():
    ticks = [DetectorTick(present=40, value=20.0)] * 13

    told = readings(ticks)

    assert [r.kind is AnomalyKind.LOW_ENGAGEMENT and r.score >= 0.6 for r in told] == (
        [False] * 11 + [True] * 2
    )


def test_source_that_gives_only_presence_is_not_low():
    assert alarms([DetectorTick(present=900, leaves_known=False)] * 200) == []


def test_counts_without_presence_are_watched_as_they_are():
    ticks = [
        tick._replace(present=0, presence_known=False) for tick in made(14, 1000, STOP, ticks=330)
    ]

    told = [(i, a) for i, a in alarms(ticks) if i >= ONSET]

    assert told[0][1].kind is AnomalyKind.SUDDEN_DROP


def test_detail_says_which_window_expected_what():
    told = readings(constant(120, 10, 100) + constant(2, 0, 100))[-1]

    assert told.detail is not None
    assert (told.detail.statistic, told.detail.window_seconds) == ("fast", 10)
    assert (told.detail.expected, told.detail.seen) == (pytest.approx(20.0), 0.0)


def test_floor_is_shorter_where_more_happens():
    floors = []
    for acts in (1, 3, 10, 100):
        detector = make()
        readings(constant(100, acts, 100), detector)
        floors.append(detector.floor_seconds())

    assert floors == sorted(floors, reverse=True)
    assert floors[-1] == 10.0
    assert make().floor_seconds() is None


@given(st.integers(0, 50), st.integers(ONSET - 3, ONSET + 20))
@settings(max_examples=15)
def test_state_survives_json_in_the_middle_of_an_event(seed: int, cut: int):
    ticks = made(seed, 150, STOP, ticks=340)
    live, detector = readings(ticks), Sentinel()
    before = readings(ticks[:cut], detector)
    copy = Sentinel.from_json(json.loads(json.dumps(detector.to_json())))

    assert before + readings(ticks[cut:], copy) == live


def test_state_of_another_version_is_refused():
    state = {**make().to_json(), "version": 0}

    with pytest.raises(ValueError, match="version 0"):
        make("scan", state)


def test_state_is_small():
    detector = make()
    readings(made(15, 1000), detector)

    assert len(json.dumps(detector.to_json())) < 16_000


@given(st.permutations([1, 2, 3]))
@settings(max_examples=6)
def test_order_of_sessions_does_not_matter(order: list[int]):
    sessions = {seed: made(seed, 100, STOP, ticks=320) for seed in order}
    detectors = {seed: make() for seed in order}
    together: dict[int, list[object]] = {seed: [] for seed in order}

    for tick in range(320):
        for seed in order:
            together[seed].append(detectors[seed].step(sessions[seed][tick]))

    assert together == {seed: readings(sessions[seed]) for seed in order}


@given(st.integers(0, 5), st.integers(2, 20))
@settings(max_examples=15)
def test_counts_and_people_scaled_together_are_the_same_room_seen_more_sharply(
    seed: int, times: int
):
    ticks = made(seed, 150, STOP, ticks=306)
    scaled = [
        t._replace(chat=t.chat * times, reactions=t.reactions * times, present=t.present * times)
        for t in ticks
    ]

    one, other = readings(ticks)[-1], readings(scaled)[-1]

    assert one.fast <= other.fast <= one.fast * times**0.5 * 1.1
    assert (one.kind, one.score >= 0.6) == (other.kind, other.score >= 0.6)


@given(st.integers(0, 50), st.integers(1, 329))
@settings(max_examples=10)
def test_replay_from_any_state_equals_live(seed: int, cut: int):
    ticks = made(seed, 150, STOP, ticks=330)
    detector = make()
    before = [detector.step(tick) for tick in ticks[:cut]]
    copy = make("scan", json.loads(json.dumps(detector.to_json())))

    assert before + readings(ticks[cut:], copy) == readings(ticks)


def test_of_fewer_than_five_people_nothing_is_told():
    ticks = constant(120, 3, 4) + constant(60, 0, 4)

    assert alarms(ticks) == []


def test_votes_stand_in_for_the_chat_that_a_poll_displaces():
    before = constant(120, 20, 100)
    rested = constant(8, 11, 100)
    voting = [tick._replace(votes=12) for tick in rested]

    plain, poll = readings(before + rested), readings(before + voting)

    assert max(r.fast for r in poll) < max(r.fast for r in plain)


def test_votes_do_not_hide_a_room_that_stopped():
    stopped = [tick._replace(votes=12) for tick in constant(12, 0, 100)]

    told = alarms(constant(120, 20, 100) + stopped)

    assert told[0][1].kind is AnomalyKind.SUDDEN_DROP


def test_detail_says_how_soon_a_full_stop_shows():
    busy = alarms(constant(120, 20, 100) + constant(12, 0, 100))[0][1]
    slow = make()
    readings([*constant(120, 0, 100), DetectorTick(chat=1, present=100)], slow)

    assert busy.detail.floor_seconds == 10.0
    assert slow.floor_seconds() is None
