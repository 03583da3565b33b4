"""Sections and groups that launches tell, by the variables of each LMS."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from framework.store import sections
from framework.store.sessions import Store
from framework.store.tables import Identity, Membership, Section
from tests.lti_tool.platform import enter
from workers import vocabulary as v

ONE = pytest.mark.one_database


def custom(**told: Any) -> dict[str, Any]:
    """A launch's custom parameters."""
    return {v.CUSTOM: {"activity_id": "self-belief", **told}}


def of(store: Store, sub: str) -> list[str]:
    """Somebody's sections."""
    with store.reading(1) as session:
        row = session.scalars(
            sa.select(Membership).join(Identity, Identity.id == Membership.identity_id).where(Identity.sub == sub)
        ).one()
        return row.sections


@pytest.mark.parametrize(
    ("told", "ids", "titles"),
    [
        ({"user_group_ids": "9,5"}, ["5", "9"], {}),
        ({"user_group_ids": ""}, [], {}),
        (
            {"section_ids": "42, 43", "section_names": json.dumps(["Ward, M–T", "Clinic"])},
            ["42", "43"],
            {"42": "Ward, M–T", "43": "Clinic"},
        ),
        ({"section_ids": "42", "section_names": '[\\"Ward\\"]'}, ["42"], {"42": "Ward"}),
        ({"section_ids": "42", "section_names": ["Ward"]}, ["42"], {"42": "Ward"}),
        ({"section_ids": "42,43", "section_names": '["one name for two"]'}, ["42", "43"], {}),
        ({"section_ids": "42", "section_names": '["a\\u0000b"]'}, ["42"], {"42": "ab"}),
        ({"section_ids": "42", "section_names": "[" * 5000}, ["42"], {}),
        ({"section_ids": "1," * 200 + "x" * 300 + ",a\u0007b"}, ["1"], {}),
        (
            {"section_ids": ",".join(map(str, range(500)))},
            sorted(map(str, range(500)))[: sections.MOST_OF_A_PERSON],
            {},
        ),
    ],
)
@ONE
def test_a_launch_tells_the_sections(
    app: Flask, store: Store, told: dict[str, Any], ids: list[str], titles: dict[str, str]
) -> None:
    enter(app, **custom(**told))
    assert of(store, "user-1") == ids
    with store.reading(1) as session:
        assert {row.lti_id: row.title for row in session.scalars(sa.select(Section))} == titles


@ONE
def test_an_lms_that_fills_in_nothing_changes_nothing(app: Flask, store: Store) -> None:
    enter(app, sub="ann", **custom(user_group_ids="5"))
    for told in ({"user_group_ids": "$Moodle.Person.userGroupIds"}, {}, {"user_group_ids": 5}, {"section_ids": "$x"}):
        enter(app, sub="ann", **custom(**told))
        assert of(store, "ann") == ["5"]
    enter(app, sub="ann", **custom(user_group_ids=""))
    assert of(store, "ann") == []
