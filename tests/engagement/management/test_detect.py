import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

KEYS = ["file", "tick", "fast", "slow", "exit", "low", "score", "kind", "severity"]
STOP = ["tick,chat,present", *(f"{t},{20 if t < 120 else 0},100" for t in range(130))]


def written(folder: Path, name: str, lines: list[str]) -> str:
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def detect(*args: str) -> list[dict[str, object]]:
    out = io.StringIO()
    call_command("detect", *args, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_detect_prints_one_line_per_tick(tmp_path: Path):
    path = written(tmp_path, "stop.csv", STOP)

    lines = detect("--counts", path)

    assert [list(line) for line in lines] == [KEYS] * 130
    assert [line["tick"] for line in lines] == list(range(130))
    assert {line["file"] for line in lines} == {path}


def test_detect_names_kind_and_severity_only_where_an_alarm_is_raised(tmp_path: Path):
    lines = detect("--counts", written(tmp_path, "stop.csv", STOP))

    told = [(line["kind"], line["severity"]) for line in lines if line["kind"]]

    assert told == [("SUDDEN_DROP", "CRITICAL")]
    assert all(line["severity"] is None for line in lines if line["kind"] is None)


def test_each_file_is_its_own_session(tmp_path: Path):
    one = written(tmp_path, "one.csv", STOP)
    other = written(tmp_path, "other.csv", STOP)

    together = detect("--counts", one, other)

    assert [{**line, "file": one} for line in together[130:]] == together[:130]


@pytest.mark.parametrize("name", ["scan", "hybrid"])
def test_detector_is_chosen_by_name(tmp_path: Path, name: str):
    lines = detect("--detector", name, "--counts", written(tmp_path, "stop.csv", STOP))

    assert len(lines) == 130


def test_file_that_cannot_be_read_is_named(tmp_path: Path):
    wrong = written(tmp_path, "wrong.csv", ["tick,chat", "0,many"])

    with pytest.raises(CommandError, match=r"wrong\.csv: line 2: chat is no number"):
        detect("--counts", wrong)
    with pytest.raises(CommandError, match=r"none\.csv"):
        detect("--counts", str(tmp_path / "none.csv"))
