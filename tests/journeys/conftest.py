"""A real service on the loopback, with the demo academy in it, and a real Chromium to walk through it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import waitress
from playwright.sync_api import Browser, Error, Page, Playwright, expect

from app import Settings, build_app, utc_now
from issuer.service.academy import Academy
from issuer.service.models import AnswerDraft, ToSign
from issuer.service.opening import open_academy
from issuer.service.seeding.pens import Pens
from schemas import dump_json
from tests.tools import chromium, missing

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
_LINK = re.compile(r"/sign-in/[A-Za-z0-9_-]{20,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service: its address, and its academy for what a browser cannot see."""

    base: str
    academy: Academy


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, prepare: Callable[[Academy], object]) -> Iterator[Service]:
    """Serve an academy from a folder on a free port, prepared before it is served, as `make run` does."""
    port = _free_port()
    base = f"http://localhost:{port}"
    settings = Settings(data_dir=folder, base_url=base, port=port, dev=True)
    academy = open_academy(settings.academy(), clock=utc_now)
    prepare(academy)
    app = build_app(academy, settings)
    server: Any = waitress.create_server(app, host="127.0.0.1", port=port, threads=12)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Service(base=base, academy=academy)
    finally:
        server.close()
        thread.join(timeout=10)
        academy.engine.dispose()


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A headless Chromium; says loudly when there is none."""
    try:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
    except Error:
        missing("the journeys in a browser", "a Chromium (CHROMIUM, /usr/bin/chromium or Playwright's own)")
    yield browser
    browser.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person with a browser of their own, signed in by the link of a mail."""

    page: Page
    base: str

    def open(self, path: str) -> Page:
        """Open a path of the service."""
        address = path if path.startswith("http") else self.base + path
        try:
            self.page.goto(address)
        except Error as error:
            if "ERR_ABORTED" not in str(error):
                raise
            self.page.goto(address)  # the page was about to load itself again, as those of a meeting do
        return self.page

    def press(self, name: str) -> Page:
        """Press the one button of that name, and wait for the page that comes: a browser may sign first."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()
        return self.page

    def unfold(self, name: str) -> None:
        """Open what is folded away under some words."""
        self.page.locator("summary").get_by_text(name, exact=True).click()

    def facts(self, path: str) -> ToSign:
        """Save what is to be signed, as for a command line."""
        answer = self.page.request.get(self.base + path)
        assert answer.ok, answer.text()
        return ToSign(**answer.json())

    def paste_answer(self, answer: AnswerDraft, *, pens: Pens, name: str) -> None:
        """Answer in the decision that is open as somebody does who signs on a command line."""
        path = urlsplit(self.page.url).path
        signed = pens.sign(self.facts(f"{path}/to-sign.json"), by=name, answer=answer)
        self.unfold("Sign on a command line")
        self.page.get_by_label("What was signed").fill(dump_json(signed))
        self.press("Send my signed answer")

    def sees(self, words: str) -> None:
        """Find words on the page, waiting for it to come."""
        expect(self.page.locator("main")).to_contain_text(words)

    def does_not_see(self, words: str) -> None:
        """Find that words are not on the page that is open."""
        expect(self.page.locator("main")).not_to_contain_text(words)


@contextmanager
def new_page(browser: Browser, *, viewport: dict[str, int], script: bool = True) -> Iterator[Page]:
    """Open a browser of one's own, with no cookies of others."""
    context = browser.new_context(viewport=viewport, java_script_enabled=script)  # type: ignore[arg-type]  # two integers
    context.set_default_timeout(10_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def sign_in(page: Page, base: str, email: str) -> Somebody:
    """Sign somebody in: ask for a link, take it from the local outbox, press the one button."""
    page.goto(f"{base}/sign-in")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a link").click()
    page.goto(f"{base}/outbox")
    link = _LINK.search(page.content())
    assert link is not None, "no link came"
    page.goto(base + link[0])
    page.locator("main form button").click()
    return Somebody(page=page, base=base)
