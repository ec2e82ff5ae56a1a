"""Every page of the demo academy that a link leads to: whole, small, and never an error."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.integration.test_pages_first_run import ORIGIN, Browser, Town, a_town, signed_in
from tests.integration.world import World
from tests.unit.web.site import faults_of, look

AT_MOST = 300
FILES = (".json", ".jwt", ".png", ".svg", ".pdf", ".ics")


def crawl(browser: Browser, start: tuple[str, ...]) -> dict[str, TestResponse]:
    """Open every page of ours that a link leads to, each address once."""
    seen: dict[str, TestResponse] = {}
    waiting = list(start)
    while waiting and len(seen) < AT_MOST:
        path = waiting.pop()
        if path in seen or path.endswith(FILES) or path.startswith("/verify?"):
            continue
        response = browser.client.get(path, base_url=ORIGIN, headers={"Accept": "text/html"}, buffered=True)
        seen[path] = response
        if response.mimetype != "text/html":
            continue
        for tag in look(response.text).tags("a"):
            parts = urlsplit(tag.get("href", ""))
            if parts.netloc in {"", "academy.example"} and parts.scheme in {"", "https"} and parts.path:
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return seen


@pytest.fixture
def town(world: World) -> Town:
    world.accepted()
    world.in_round(badge="feedback")
    return a_town(world)


@pytest.mark.parametrize("name", [None, "asha", "chiara"])
def test_every_page_that_a_link_leads_to_is_whole(town: Town, name: str | None) -> None:
    browser = signed_in(town, name) if name else town.stranger()
    start = ("/", "/verify", *(("/me", "/profile", "/badges/propose", "/circles/new") if name == "chiara" else ()))
    pages = crawl(browser, start)
    assert len(pages) > 10
    wrong = {path: response.status_code for path, response in pages.items() if response.status_code >= 400}
    wrong = {path: status for path, status in wrong.items() if path not in {"/badges/propose", "/circles/new"}}
    assert wrong == {}
    html = {path: page for path, page in pages.items() if page.mimetype == "text/html" and page.status_code == 200}
    assert {path: found for path, page in html.items() if (found := faults_of(page.text))} == {}
    assert {path for path, page in html.items() if len(page.data) > 100_000} == set()
