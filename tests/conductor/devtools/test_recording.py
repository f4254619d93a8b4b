from collections import Counter
from pathlib import Path

import pytest

from conductor.devtools.recording import Header, RecordedSignal, RecordingError, read

HEADER = '{"recording": 1, "title": "A talk", "source": "us", "seconds": 60.0, "signals": 2}'


def written(folder: Path, *lines: str) -> Path:
    path = folder / "talk.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_recording_is_read_in_order(tmp_path: Path):
    path = written(
        tmp_path,
        HEADER,
        '{"t": 1.5, "kind": "join", "actor": "p1", "role": "viewer"}',
        '{"t": 2, "kind": "chat", "actor": "p1"}',
        '{"t": 3, "kind": "poll_open", "poll": "q1", "options": 3}',
        '{"t": 4, "kind": "vote", "actor": "p1", "poll": "q1", "option": 2}',
        '{"t": 5, "kind": "count", "number": 90}',
    )

    header, signals = read(path)

    assert header == Header("A talk", "us", 60.0, 2)
    assert list(signals) == [
        RecordedSignal(1.5, "join", "p1", "viewer"),
        RecordedSignal(2.0, "chat", "p1"),
        RecordedSignal(3.0, "poll_open", "", text="q1"),
        RecordedSignal(4.0, "vote", "p1", text="q1:2"),
        RecordedSignal(5.0, "count", "", number=90),
    ]


def test_staff_and_what_is_no_signal_are_left_out_and_counted(tmp_path: Path):
    path = written(
        tmp_path,
        HEADER,
        '{"t": 1, "kind": "join", "actor": "p1", "role": "moderator"}',
        '{"t": 2, "kind": "chat", "actor": "p1"}',
        '{"t": 3, "kind": "talk", "actor": "p2"}',
        "",
        '{"t": 4, "kind": "chat", "actor": "p2"}',
    )

    _, signals = read(path)

    assert [each.actor for each in signals] == ["p2"]
    assert signals.skipped == Counter(staff=2, talk=1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: not a JSON object"),
        ('{"kind": "chat", "actor": "p1"}', "line 2: t is no number of seconds"),
        ('{"t": true, "kind": "chat", "actor": "p1"}', "line 2: t is no number of seconds"),
        ('{"t": -1, "kind": "chat", "actor": "p1"}', "line 2: t is no number of seconds"),
        ('{"t": 1, "actor": "p1"}', "line 2: no kind"),
        ('{"t": 1, "kind": "chat"}', "line 2: chat without an actor"),
        ('{"t": 1, "kind": "chat", "actor": []}', "line 2: actor is no text"),
        ('{"t": 1, "kind": "count", "count": 1.5}', "line 2: count is no whole number"),
        ('{"t": 1, "kind": "' + "x" * 20_000 + '"}', "line 2: longer than 20000"),
    ],
)
def test_wrong_line_is_named(tmp_path: Path, line: str, told: str):
    _, signals = read(written(tmp_path, HEADER, line))

    with pytest.raises(RecordingError, match=told):
        list(signals)


def test_time_that_goes_back_is_refused(tmp_path: Path):
    path = written(
        tmp_path,
        HEADER,
        '{"t": 5, "kind": "chat", "actor": "p1"}',
        '{"t": 4, "kind": "chat", "actor": "p1"}',
    )

    with pytest.raises(RecordingError, match=r"line 3: t goes back from 5\.0 to 4\.0"):
        list(read(path)[1])


@pytest.mark.parametrize(
    "header", ["", "{}", '{"recording": 2}', '{"recording": 1}', "not json", "[]"]
)
def test_file_without_a_header_is_no_recording(tmp_path: Path, header: str):
    with pytest.raises(RecordingError, match="line 1"):
        read(written(tmp_path, header))
