"""The Academy's pages over use cases that answer what a test says, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from issuer.service import people
from issuer.service.academy import Academy
from issuer.service.models import Me
from issuer.web import create_blueprint
from issuer.web.security import COOKIE

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeAcademy:
    """What pages read of an academy."""

    base_url: str = "https://academy.example"
    name: str = "Academy of Circles"
    email: str | None = "circle@academy.example"
    dev: bool = False


@dataclass(slots=True, kw_only=True)
class Site:
    """A browser on the Academy's pages."""

    app: Flask
    client: FlaskClient

    def token(self, path: str = "/sign-in") -> str:
        """Return the form token that a page hands out."""
        page = look(self.client.get(path).text)
        return next(tag["value"] for tag in page.tags("input") if tag.get("name") == "csrf_token")

    def post(self, path: str, data: Mapping[str, Any] | None = None, *, page: str = "/profile") -> TestResponse:
        """Send a form as a browser does, with the token of a page."""
        return self.client.post(path, data={"csrf_token": self.token(page)} | dict(data or {}))


def a_site(
    monkeypatch: pytest.MonkeyPatch, *, me: Me | None = None, dev: bool = False, secure: bool = False
) -> Site:
    """Return a site read by a visitor or by a member."""
    app = Flask("test", static_folder=None)
    app.config.update(SECRET_KEY="k" * 32, MAX_CONTENT_LENGTH=12_000_000, TESTING=True)
    academy = cast("Academy", FakeAcademy(dev=dev))
    app.register_blueprint(create_blueprint(academy, check=lambda _data: {}, secure_cookies=secure))
    client = app.test_client()
    monkeypatch.setattr(people, "member_of_session", lambda _academy, *, token: me if token == "session" else None)
    if me is not None:
        client.set_cookie(COOKIE, "session", domain="localhost")
    return Site(app=app, client=client)


@dataclass(slots=True)
class Page:
    """What a page holds, as a browser would see it."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)
    text: str = ""

    def tags(self, *names: str) -> list[dict[str, str]]:
        """Return the attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name in names]

    @property
    def ids(self) -> list[str]:
        """All ids, in order."""
        return [attributes["id"] for _name, attributes in self.elements if "id" in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.labelled_inside: set[int] = set()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "label" in self._open:
            attributes["inside-label"] = "yes"
        self.page.elements.append((tag, attributes))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.page.unclosed.append(f"</{tag}> inside {self._open[-3:]}")

    def handle_data(self, data: str) -> None:
        self.page.text += data


def look(html: str) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.page.unclosed += reader._open
    return reader.page


def faults_of(html: str) -> list[str]:
    """Return what is wrong with a page: nesting, ids, labels, pictures without words, inline script or style."""
    page = look(html)
    ids = page.ids
    faults = [f"not closed: {tag}" for tag in page.unclosed]
    faults += [f"id twice: {name}" for name in sorted(set(ids)) if ids.count(name) > 1]
    for name, tag in page.elements:
        faults += [f"inline {key} at {name}" for key in tag if key == "style" or key.startswith("on")]
        for key in ("aria-describedby", "aria-labelledby", "popovertarget", "for", "data-shows"):
            faults += [f"{key} leads nowhere: {id_}" for id_ in tag.get(key, "").split() if id_ not in ids]
        if name == "a" and tag.get("href", "").startswith("#") and tag["href"][1:] not in ids:
            faults.append(f"link leads nowhere: {tag['href']}")
    labelled = {tag.get("for") for tag in page.tags("label")}
    for tag in page.tags("input", "select", "textarea"):
        if (
            tag.get("type") == "hidden"
            or tag.get("id") in labelled
            or tag.get("inside-label")
            or tag.get("aria-label")
        ):
            continue
        faults.append(f"no label: {tag.get('name')}")
    faults += [f"no alt: {tag.get('src')}" for tag in page.tags("img") if "alt" not in tag]
    faults += ["script without src" for tag in page.tags("script") if "src" not in tag]
    faults += ["style element"] * len(page.tags("style"))
    if len(page.tags("h1")) != 1:
        faults.append(f"{len(page.tags('h1'))} first headings")
    for name, tag in page.elements:
        for key in ("src", "href", "action"):
            if name in {"script", "link", "img", "form"} and not tag.get(key, "/").startswith(("/", "data:")):
                faults.append(f"loads from elsewhere: {tag[key]}")
    return faults
