"""Badge pictures: the same key gives the same emblem, another key another, and state is told without colour."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.emblem import REACH, Emblem, motif, picture, seed
from tests.lti_tool.rendering import catalogue

KEYS = [badge.key for badge in catalogue().badges]
NUMBER = re.compile(r"-?\d+\.\d+")


def drawn(level: int | None, kind: str = "quality") -> str:
    return str(picture(Emblem(kind, "self-belief", level, 4, "Self-belief", "About it"), "one"))


def test_every_badge_of_the_product_has_a_motif_of_its_own() -> None:
    assert len({motif(key) for key in KEYS}) == len(KEYS)


def test_qualities_differ_in_family_or_fold() -> None:
    seeds = [seed(quality.key) for quality in catalogue().qualities]
    assert len({(one.family, one.fold) for one in seeds}) == len(seeds)


@given(st.text(max_size=60))
def test_any_key_has_a_motif_that_stays_inside_its_frame(key: str) -> None:
    one = str(motif(key))
    assert one == str(motif(key))
    assert all(abs(float(number)) <= REACH + 0.1 for number in NUMBER.findall(one.split("rotate(-90)")[1]))


@pytest.mark.parametrize("kind", ["quality", "cluster", "framework"])
@pytest.mark.parametrize("level", [None, 0, 1, 2, 3, 4])
def test_a_picture_is_well_formed_and_named(kind: str, level: int | None) -> None:
    root = ElementTree.fromstring(drawn(level, kind))  # noqa: S314  # our own text
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "one-t one-d"
    assert [root[0].text, root[1].text] == ["Self-belief", "About it"]
    assert "style" not in drawn(level, kind)


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_level_is_told_by_the_number_of_filled_marks(level: int) -> None:
    assert drawn(level).count('fill="#fff"') == level


def test_states_differ_without_colour() -> None:
    assert len({drawn(level) for level in (None, 0, 1, 2, 3, 4)}) == 6
    assert "stroke-dasharray" in drawn(None)
    assert 'fill="#fff"' not in drawn(0)


def test_a_hostile_title_stays_text() -> None:
    assert "<script>" not in picture(Emblem("quality", "k", None, 4, "<script>", "<script>"), '"><script>')
