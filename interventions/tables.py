"""Rows as CSV that a spreadsheet opens as it was meant: UTF-8 marked, and nothing is a formula."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

BOM: Final = "\ufeff"
"""Without it a well-known spreadsheet reads UTF-8 as something else."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that make a cell a formula somewhere (OWASP, "CSV injection")."""


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the rows as CSV (RFC 4180) with a header line and a byte order mark.

    Texts of people are quoted with an apostrophe where a spreadsheet would compute them; numbers,
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
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return cell(" | ".join(map(str, value)))
    text = str(value)
    # Blanks before it do not keep a spreadsheet from computing.
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text
