"""Where a visit begins: each kind of activity has its first page."""

from flask import Flask

from framework.catalogue.activities import KINDS
from lti_tool.start import FIRST_PAGES


def test_every_kind_of_activity_has_a_first_page(app: Flask) -> None:
    """Red without the entry of a kind in ``FIRST_PAGES`` (tried: without ``"board"``)."""
    assert set(FIRST_PAGES) == set(KINDS)
    assert set(FIRST_PAGES.values()) <= set(app.view_functions)
