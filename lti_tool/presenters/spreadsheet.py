"""Lines as a CSV file (RFC 4180) that spreadsheets open as text and never run."""

import csv
import io
from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv; charset=utf-8"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell


def csv_file(lines: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a byte order mark: without one Excel reads it in the machine's own code page."""
    text = io.StringIO()
    csv.writer(text).writerows([guarded(cell) for cell in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")
