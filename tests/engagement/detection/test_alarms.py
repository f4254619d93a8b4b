import json

from hypothesis import given
from hypothesis import strategies as st

from engagement.detection import Detail, Readings, Source, Watch
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity

DROP, DECLINE = AnomalyKind.SUDDEN_DROP, AnomalyKind.GRADUAL_DECLINE
EXIT, LOW = AnomalyKind.MASS_EXIT, AnomalyKind.LOW_ENGAGEMENT
STATISTIC = {DROP: "fast", DECLINE: "slow", EXIT: "exit", LOW: "low"}
scores = st.lists(
    st.tuples(st.sampled_from([DROP, DECLINE, EXIT, LOW]), st.floats(0, 1)), max_size=80
)


def reading(kind: AnomalyKind = DROP, score: float = 0.0) -> Readings:
    detail = Detail(STATISTIC[kind], 30, 20.0, 2.0) if score >= 0.5 else None
    return Readings(0.0, 0.0, 0.0, 0.0, score, kind, detail)


def play(*told: tuple[AnomalyKind, float, int]) -> list[tuple[int, AnomalyKind, Severity]]:
    """Alarms of a course given as (kind, score, ticks)."""
    watch, out, tick = Watch(), [], 0
    for kind, score, ticks in told:
        for _ in range(ticks):
            alarm = watch.step(reading(kind, score))
            if alarm is not None:
                out.append((tick, alarm.kind, alarm.severity))
            tick += 1
    return out


def test_crossing_is_told_once():
    assert play((DROP, 0.1, 5), (DROP, 0.7, 40)) == [(5, DROP, Severity.WARNING)]


def test_below_the_threshold_nothing_is_told():
    assert play((DROP, 0.59, 50)) == []


def test_second_crossing_within_a_minute_is_not_told():
    assert play((DROP, 0.7, 1), (DROP, 0.1, 8), (DROP, 0.7, 1)) == [(0, DROP, Severity.WARNING)]


def test_second_crossing_after_a_minute_is_told():
    told = play((DROP, 0.7, 1), (DROP, 0.1, 11), (DROP, 0.7, 1))

    assert [tick for tick, _, _ in told] == [0, 12]


def test_escalation_is_told_inside_the_cooldown():
    told = play((DROP, 0.7, 2), (DROP, 0.9, 5))

    assert told == [(0, DROP, Severity.WARNING), (2, DROP, Severity.CRITICAL)]


def test_drop_and_decline_are_one_trouble():
    assert len(play((DROP, 0.7, 3), (DECLINE, 0.7, 30))) == 1


def test_slow_scan_does_not_repeat_an_exit():
    told = play((EXIT, 0.9, 3), (DROP, 0.1, 20), (DECLINE, 0.7, 10))

    assert told == [(0, EXIT, Severity.CRITICAL)]


def test_exit_after_a_drop_is_told():
    told = play((DROP, 0.7, 3), (EXIT, 0.9, 3))

    assert [kind for _, kind, _ in told] == [DROP, EXIT]


def test_drop_after_a_low_start_is_told_at_once():
    told = play((LOW, 0.7, 3), (DROP, 0.7, 3))

    assert [(tick, kind) for tick, kind, _ in told] == [(0, LOW), (3, DROP)]


def test_muted_phase_tells_nothing_but_a_lost_source():
    watch = Watch()

    muted = watch.step(reading(DROP, 0.9), muted=True)
    lost = watch.step(reading(), Source(stream_offline=True), muted=True)

    assert muted is None
    assert lost is not None
    assert (lost.kind, lost.severity) == (AnomalyKind.SOURCE_SILENT, Severity.CRITICAL)


def test_lost_source_is_never_the_audience_being_bored():
    watch = Watch()

    told = [watch.step(reading(DROP, 0.95), Source(stream_offline=True)) for _ in range(30)]

    assert [alarm.kind for alarm in told if alarm] == [AnomalyKind.SOURCE_SILENT]


@given(scores, st.integers(0, 80))
def test_state_survives_json(course: list[tuple[AnomalyKind, float]], cut: int):
    watch = Watch()
    for kind, score in course[:cut]:
        watch.step(reading(kind, score))
    copy = Watch.from_json(json.loads(json.dumps(watch.to_json())))

    rest = [reading(kind, score) for kind, score in course[cut:]]

    assert [watch.step(each) for each in rest] == [copy.step(each) for each in rest]


@given(scores)
def test_same_kind_is_told_at_most_twice_a_minute(course: list[tuple[AnomalyKind, float]]):
    watch, last = Watch(), {}

    for tick, (kind, score) in enumerate(course):
        alarm = watch.step(reading(kind, score))
        if alarm is not None and alarm.severity is Severity.WARNING:
            assert tick - last.get(alarm.kind, -99) >= 12
            last[alarm.kind] = tick
