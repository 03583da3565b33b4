"""The page on conformance tells the truth."""

from tests.certification import conformance


def test_the_page_is_what_the_tests_say() -> None:
    """When it is red: ``python -m tests.certification.conformance``."""
    assert conformance.PAGE.read_text(encoding="utf-8") == conformance.page()


def test_markers_name_requirements_that_exist() -> None:
    known = {one.number for one in conformance.requirements()}
    assert set(conformance.proofs()) <= known
    assert len(known) == 128
