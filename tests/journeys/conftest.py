"""Journeys run on the whole system, once per database, in a real browser."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright

from framework.catalogue import Catalogue
from tests import own_content, servers
from tests.journeys.browser import Browsers
from tests.journeys.people import Person
from tests.journeys.stack import Stack


@pytest.fixture(scope="session")
def stack(kind_of_database: str, template: str | Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The running system on a database of this kind."""
    name = f"journey_{kind_of_database}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    folder = servers.root() / name
    folder.mkdir()
    if isinstance(template, Path):
        database = f"sqlite:///{folder / 'lqf.db'}"
        (folder / "lqf.db").write_bytes(template.read_bytes())
    else:
        database = request.getfixturevalue("postgresql").create(name, template)
    running = Stack(folder, database)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def content() -> Catalogue:
    """The product's own content, to know the right answers from."""
    return own_content.content()


@pytest.fixture
def system(stack: Stack, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The system with empty courses; a failing test shows the ends of its logs."""
    stack.mend()
    stack.lms.post("/-/reset", {})
    yield stack
    if request.node.stash.get(FAILED, False):
        print(stack.logs())  # noqa: T201  # pytest shows it with the failure


@pytest.fixture(scope="session")
def browsers(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    """The browsers of this process, started when they are first needed."""
    opened = Browsers(playwright, tmp_path_factory.mktemp("browsers"))
    yield opened
    opened.close()


@pytest.fixture
def person(system: Stack, browsers: Browsers) -> Iterator[Callable[..., Person]]:
    """``person("moodle", "priya")``: somebody signed in to the LMS, with cookies and storage of their own."""
    contexts: list[BrowserContext] = []

    def sign_in(platform: str, slug: str, **options: Any) -> Person:
        contexts.append(browsers.context(**options))
        return Person(contexts[-1], system.lms.url, platform, slug)

    yield sign_in
    for context in contexts:
        context.close()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report
