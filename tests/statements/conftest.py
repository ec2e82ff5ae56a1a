"""What the tests of the browser's scripts share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Playwright

from tests.statements.scripts import Node
from tests.statements.site import Site, running
from tests.tools import chromium, missing


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The scripts in Node; says loudly when there is none."""
    return Node(tmp_path_factory.mktemp("scripts"))


@pytest.fixture(scope="session")
def _browser(playwright: Playwright) -> Iterator[Browser]:
    # Every name leads to this machine; only "localhost" is one that browsers trust with keys.
    rules = ["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1"]
    try:
        browser = playwright.chromium.launch(executable_path=chromium(), args=rules)
    except Error:
        missing("the scripts in a browser", "a Chromium (CHROMIUM, /usr/bin/chromium or Playwright's own)")
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def _site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def site(_site: Site) -> Site:
    """The small site, with nothing on it yet."""
    _site.pages.clear()
    _site.files.clear()
    _site.came.clear()
    _site.asked.clear()
    return _site


@pytest.fixture
def context(_browser: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody's own, with nothing kept in it."""
    context = _browser.new_context()
    context.set_default_timeout(10_000)
    yield context
    context.close()
