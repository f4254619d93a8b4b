"""Cells that a spreadsheet shows as they were meant."""

import csv
import datetime as dt
import io
import re

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.api.spreadsheet_files import BOM, cell, to_csv, to_xlsx


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=SUM(A1)", "'=SUM(A1)"), ("  =1", "'  =1"), ("+49 30", "'+49 30"), ("-x", "'-x"),
        ("@cmd", "'@cmd"), ("\t=1", "'\t'=1"), ("＝1", "'＝1"), ("a=b", "a=b"), (-3.5, "-3.5"),
        (";=1", ";'=1"), ('a;"=1";', 'a;"\'=1";'), ('a;" "@b', 'a;" "\'@b'), ('"=1', '\'"=1'),
        ("a;=1+1", "a;'=1+1"), ("b\t =1", "b\t '=1"), ("one; two", "one; two"),
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
    assert [one.replace("'", "") for one in found] == [one.replace("'", "") for one in texts]
    assert not any(re.search(r"[;\t]\s*[=+@-]", value) for value in found)
    assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for value in found)


blocks = st.lists(
    st.sampled_from([*"=+-@;\t\n\"' ab", "\u00a0", "\u2003", "“", "cmd"]), max_size=12
)


@given(st.lists(blocks.map("".join), min_size=1, max_size=3), st.sampled_from(";\t"))
def test_no_cell_computes_where_another_separator_is_read(texts: list[str], separator: str) -> None:
    columns = [f"c{n}" for n in range(len(texts))]
    file = to_csv(columns, [dict(zip(columns, texts, strict=True))]).removeprefix(BOM)

    cells = [
        each
        for row in csv.reader(io.StringIO(file, newline=""), delimiter=separator)
        for each in row
    ]
    assert [each for each in cells if each.strip('" “').startswith(("=", "+", "-", "@"))] == []


# --- workbooks -------------------------------------------------------------------------------------


def opened(book: bytes) -> list[list[object]]:
    """Return the rows of the only sheet, the heads first."""
    [sheet] = openpyxl.load_workbook(io.BytesIO(book)).worksheets
    return [[each.value for each in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize(
    "answer",
    [
        "0-1", "2-5", "1/2", "007", "1E5", "3-4", "12345678901234567890", "1,5", "1.5", "1.000",
        "TRUE", "=1+1", "=HYPERLINK(1)", "-1", "@team", "+49 30", "{=1}", "https://example.org",
        "mailto:a@example.org", "internal:Sheet1!A1", "two\nlines", '"quotes"', "a;b", "a\tb",
        "  spaces  ", "10:30", "5 %", "€ 5", "März 5", "#N/A", "'quoted", "_x0041_",
        "👩‍💻 می‌خواهم",
    ],
)  # fmt: skip
def test_answer_is_the_text_it_was(answer: str) -> None:
    [_, [value]] = opened(to_xlsx("votes", ["answer"], [{"answer": answer}]))

    assert value == answer


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]))))
def test_every_text_is_text_in_a_workbook(texts: list[str]) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(to_xlsx("a", ["a", "n"], [{"a": value, "n": 1} for value in texts]))
    )

    cells = [row[0] for row in book["a"].iter_rows(min_row=2)]
    assert [each.value or "" for each in cells] == texts
    assert all(each.data_type == "s" and each.number_format == "@" for each in cells if each.value)


def test_numbers_times_and_truth_cannot_be_read_in_two_ways() -> None:
    row = {
        "time": dt.datetime(2026, 3, 3, 13, tzinfo=dt.timezone(dt.timedelta(hours=1))),
        "score": -3.5, "count": 12, "id": 12345678901234567890, "share": float("nan"),
        "is_trial": True, "resolved_at": None, "options": ["=a", "2-5"],
    }  # fmt: skip

    heads, values = opened(to_xlsx("metrics", list(row), [row]))

    assert heads == [
        "Time (UTC)", "Score", "Count", "Id", "Share", "Is trial", "Resolved at (UTC)", "Options",
    ]  # fmt: skip
    assert values == [
        dt.datetime(2026, 3, 3, 12), -3.5, 12, "12345678901234567890", "nan", "yes", None, "=a | 2-5",
    ]  # fmt: skip


def test_workbook_of_nothing_has_its_heads() -> None:
    assert opened(to_xlsx("votes", ["answer", "votes"], [])) == [["Answer", "Votes"]]
