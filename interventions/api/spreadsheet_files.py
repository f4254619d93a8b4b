"""Rows as files: CSV for machines, a workbook for people. Nothing in them is a formula.

Spreadsheets rewrite a CSV when they open it ("2-5" becomes a day, "007" a seven, in many countries
the separator is another one), and no quoting keeps them from it. In a workbook text is text.
"""

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import xlsxwriter

BOM: Final = "\ufeff"
"""Without it a well-known spreadsheet reads UTF-8 as something else."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that make a cell a formula somewhere (OWASP, "CSV injection")."""
_BEFORE: Final = "\"'“”„«»‘’ \u00a0"
"""What may stand between a separator and the sign: blanks, and quotes that open a cell and are not shown."""
_INSIDE: Final = re.compile(rf"([;\t\r\n][\s{_BEFORE}]*)(?=[=+@＝＋－＠-])")
"""The same where a spreadsheet of another country, to which ; or a tab ends a cell, begins a new one."""
_MOST_EXACT: Final = 10**15
"""A spreadsheet keeps fifteen digits of a number; what is longer is text."""
_WIDEST: Final = 60
"""Characters of a column; what is longer is read in the cell."""


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the rows as CSV (RFC 4180) with a header line and a byte order mark.

    Texts of people get an apostrophe where a spreadsheet would compute them, also inside; numbers,
    also negative ones, stay numbers. Times are ISO 8601 in UTC, nothing is an empty cell.
    """
    written = io.StringIO()
    written.write(BOM)
    writer = csv.writer(written)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in columns])
    return written.getvalue()


def cell(value: Any) -> str:
    """Return one value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    text = _plain(value)
    if isinstance(value, int | float):
        return text
    text = _INSIDE.sub(r"\1'", text)
    # Blanks and quotes before it do not keep a spreadsheet from computing.
    return f"'{text}" if text.lstrip(_BEFORE).startswith(_FORMULA) else text


def _plain(value: Any) -> str:
    """Return a value of no time as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return " | ".join(map(str, value))
    return str(value)


def to_xlsx(title: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the rows as a workbook of one sheet named `title` (1 to 31 characters).

    The heads are the columns' names in words. Text stays text also when somebody edits it, numbers
    are numbers, times are in UTC and their heads say so; truth is "yes" or "no", lists are one text.
    """
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "remove_timezone": True}) as book:
        book.set_properties({"title": title})
        sheet = book.add_worksheet(title)
        looks = {
            "head": book.add_format({"bold": True}),
            "text": book.add_format({"num_format": "@"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        widths, last = [len(_head(name)) + 3 for name in columns], 0
        for last, row in enumerate(rows, start=1):
            for at, name in enumerate(columns):
                widths[at] = max(widths[at], _put(sheet, last, at, row.get(name), looks))
        for at, name in enumerate(columns):
            sheet.write_string(0, at, _head(name), looks["head"])
            sheet.set_column(at, at, min(_WIDEST, widths[at]))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    return written.getvalue()


def _put(sheet: Any, row: int, column: int, value: Any, looks: Mapping[str, Any]) -> int:
    """Write one value; return how wide it is, in characters."""
    if value is None:
        return 0
    if isinstance(value, dt.datetime):
        sheet.write_datetime(row, column, value.astimezone(dt.UTC), looks["time"])
        return 20
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_exact(value):
        sheet.write_number(row, column, value)
        return 12
    text = _plain(value)
    sheet.write_string(row, column, text, looks["text"])
    return max(map(len, text.split("\n")))


def _is_exact(value: int | float) -> bool:
    return math.isfinite(value) and (isinstance(value, float) or abs(value) < _MOST_EXACT)


def _head(name: str) -> str:
    """Return a column's name in words; those of times say in which zone they are."""
    words = name.replace("_", " ")
    is_time = name == "time" or name.endswith("_at")
    return f"{words[:1].upper()}{words[1:]}{' (UTC)' if is_time else ''}"
