"""One demo LMS and one little tool for all tests of this folder; each test starts with empty courses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.demo_lms.serving import in_thread
from tests.demo_lms_tests.tool import Side, Tool, served


@pytest.fixture(scope="session")
def tool() -> Iterator[Tool]:
    """A little tool with its key set over HTTP."""
    with served() as tool:
        yield tool


@pytest.fixture(scope="session")
def lms(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The root URL of a running demo LMS."""
    with in_thread(Path(tmp_path_factory.mktemp("lms")), tool.url) as config:
        yield config.public_url


@pytest.fixture
def moodle(lms: str, tool: Tool) -> Side:
    """The Moodle way, with an empty course."""
    requests.post(f"{lms}/-/reset", timeout=5).raise_for_status()
    return Side(tool, lms, "moodle")


@pytest.fixture
def canvas(lms: str, tool: Tool) -> Side:
    """The Canvas way, with an empty course."""
    requests.post(f"{lms}/-/reset", timeout=5).raise_for_status()
    return Side(tool, lms, "canvas")
