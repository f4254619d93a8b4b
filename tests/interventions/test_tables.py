"""Cells that a spreadsheet shows as they were meant."""

import csv
import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.tables import BOM, cell, to_csv


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=SUM(A1)", "'=SUM(A1)"), ("  =1", "'  =1"), ("+49 30", "'+49 30"), ("-x", "'-x"),
        ("@cmd", "'@cmd"), ("\t=1", "'\t=1"), ("＝1", "'＝1"), ("a=b", "a=b"), (-3.5, "-3.5"),
        (0, "0"), (None, ""), (True, "yes"), (["=a", "b"], "'=a | b"),
        (dt.datetime(2026, 3, 3, 13, tzinfo=dt.timezone(dt.timedelta(hours=1))),
         "2026-03-03T12:00:00Z"),
    ],
)  # fmt: skip
def test_cell(value: object, shown: str) -> None:
    assert cell(value) == shown


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"))))
def test_every_text_survives_and_none_computes(texts: list[str]) -> None:
    text = to_csv(["a"], [{"a": value} for value in texts])

    assert text.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))
    found = [row["a"] for row in rows]
    assert [one.removeprefix("'") for one in found] == [one.removeprefix("'") for one in texts]
    assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for value in found)
