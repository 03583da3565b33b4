"""What a measurement answers: a table of words, the same in the terminal and in docs/benchmarks.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` are as long as ``columns``. ``notes`` say what was measured, how, and where the time goes."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def markdown(table: Table) -> str:
    """The table as Markdown: a heading, the rows in aligned columns, the notes as a list."""
    widths = [max(len(cells[at]) for cells in (table.columns, *table.rows)) for at in range(len(table.columns))]
    lines = [_line(table.columns, widths), _line(tuple("-" * width for width in widths), widths)]
    lines += [_line(row, widths) for row in table.rows]
    notes = ["", *(f"- {note}" for note in table.notes)] if table.notes else []
    return "\n".join([f"## {table.title}", "", *lines, *notes, ""])


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return (
        "| "
        + " | ".join(cell.replace("|", "\\|").ljust(width) for cell, width in zip(cells, widths, strict=True))
        + " |"
    )
