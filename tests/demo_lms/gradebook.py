"""Grade columns and grades: what the LMS keeps, without any protocol."""

import json
from dataclasses import dataclass
from typing import Any

from tests.demo_lms import store
from tests.demo_lms.platforms import Platform


@dataclass(frozen=True)
class LineItem:
    """One grade column. ``coupled`` is the placement's own grade; others were made by the tool."""

    id: int
    platform: str
    placement_id: int | None
    coupled: bool
    label: str
    score_maximum: float
    resource_id: str | None
    tag: str | None
    extra: dict[str, Any]


@dataclass(frozen=True)
class Grade:
    """One person's grade in one column. ``modified`` (Unix seconds) is what the next timestamp must beat."""

    line_item_id: int
    person_id: str
    raw: float | None = None
    final: float | None = None
    overridden: bool = False
    graded_by: str | None = None
    comment: str | None = None
    modified: float | None = None
    submitted_at: float | None = None
    attempts: int = 0
    activity_progress: str | None = None
    grading_progress: str | None = None


def _line_item(row: Any) -> LineItem:
    values = dict(row)
    return LineItem(**values | {"coupled": bool(row["coupled"]), "extra": json.loads(row["extra"])})


def line_items(platform: Platform) -> list[LineItem]:
    """All grade columns of the platform's course, oldest first."""
    rows = store.every("SELECT * FROM line_item WHERE platform = ? ORDER BY id", platform.key)
    return [_line_item(row) for row in rows]


def find(platform: Platform, line_item_id: int) -> LineItem | None:
    """One column of this platform, or None."""
    row = store.one("SELECT * FROM line_item WHERE id = ? AND platform = ?", line_item_id, platform.key)
    return None if row is None else _line_item(row)


def of_placement(placement_id: int) -> list[LineItem]:
    """The columns tied to a placement, oldest first."""
    rows = store.every("SELECT * FROM line_item WHERE placement_id = ? ORDER BY id", placement_id)
    return [_line_item(row) for row in rows]


def save(item: LineItem) -> int:
    """Insert (id 0) or replace a column; returns its id."""
    values = (
        item.platform, item.placement_id, item.coupled, item.label, item.score_maximum, item.resource_id,
        item.tag, json.dumps(item.extra),
    )  # fmt: skip
    if item.id:
        store.change(
            "UPDATE line_item SET platform = ?, placement_id = ?, coupled = ?, label = ?, score_maximum = ?,"
            " resource_id = ?, tag = ?, extra = ? WHERE id = ?",
            *values, item.id,
        )  # fmt: skip
        return item.id
    cursor = store.change(
        "INSERT INTO line_item (platform, placement_id, coupled, label, score_maximum, resource_id, tag, extra)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *values,
    )
    return cursor.lastrowid or 0


def delete(item: LineItem) -> None:
    """Remove a column with its grades."""
    store.change("DELETE FROM line_item WHERE id = ?", item.id)


def grade(line_item_id: int, person_id: str) -> Grade:
    """One person's grade; an empty one when there is none yet."""
    row = store.one("SELECT * FROM grade WHERE line_item_id = ? AND person_id = ?", line_item_id, person_id)
    return Grade(line_item_id, person_id) if row is None else _grade(row)


def grades(line_item_id: int) -> list[Grade]:
    """All grades of a column, by person id."""
    rows = store.every("SELECT * FROM grade WHERE line_item_id = ? ORDER BY CAST(person_id AS INTEGER)", line_item_id)
    return [_grade(row) for row in rows]


def _grade(row: Any) -> Grade:
    return Grade(**dict(row) | {"overridden": bool(row["overridden"])})


def save_grade(changed: Grade) -> None:
    """Insert or replace one person's grade."""
    store.change(
        "INSERT OR REPLACE INTO grade (line_item_id, person_id, raw, final, overridden, graded_by, comment,"
        " modified, submitted_at, attempts, activity_progress, grading_progress)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        changed.line_item_id, changed.person_id, changed.raw, changed.final, changed.overridden,
        changed.graded_by, changed.comment, changed.modified, changed.submitted_at, changed.attempts,
        changed.activity_progress, changed.grading_progress,
    )  # fmt: skip


def rescale(item: LineItem, new_maximum: float) -> None:
    """Change a column's maximum and every grade in it in proportion, as Moodle does."""
    if item.score_maximum <= 0:
        return
    factor = new_maximum / item.score_maximum
    store.change(
        "UPDATE grade SET raw = round(raw * ?, 5), final = round(final * ?, 5) WHERE line_item_id = ?",
        factor, factor, item.id,
    )  # fmt: skip
