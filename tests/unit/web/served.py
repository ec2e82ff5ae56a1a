"""The Academy's pages with use cases that we write, so that a test sees exactly one page and what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from issuer.service import people
from issuer.service.academy import Academy
from issuer.service.models import Me
from issuer.web import create_blueprint
from issuer.web.security import COOKIE
from tests.unit.web.decision_samples import BASE_URL, a_report

SECRET = "only-for-tests"
ELI = Me(id="eli", name="Eli Stone", email="eli@academy.example", time_zone="Europe/Berlin")


class OwnForms(FlaskClient):
    """A browser that sends our own forms: each with its token."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send a request, with the form's token where it changes something."""
        if options.get("method") == "POST":
            with self.session_transaction() as session:
                session["csrf_token"] = "token-of-the-test"
            serializer = URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token")
            options["headers"] = {
                **options.get("headers", {}),
                "X-CSRFToken": serializer.dumps("token-of-the-test"),
            }
        return super().open(*args, **options)


@dataclass(slots=True)
class Calls:
    """Remembers how use cases were called."""

    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def of(self, name: str, *, raises: Exception | None = None) -> Callable[..., None]:
        """Return a use case that remembers its call, and refuses when it is told to."""

        def use_case(_academy: object, **values: Any) -> None:
            self.seen.append((name, values))
            if raises is not None:
                raise raises

        return use_case


def a_client(
    monkeypatch: pytest.MonkeyPatch,
    *,
    signed_in: bool = True,
    check: Callable[[bytes], Mapping[str, Any]] = lambda _badge: a_report(),
    own_forms: bool = True,
) -> FlaskClient:
    """Return a client of the Academy's pages; it sends the tokens of `own_forms`, or none."""
    academy = cast("Academy", SimpleNamespace(base_url=BASE_URL, name="Academy of Circles", dev=False))
    app = Flask("academy-under-test")
    app.config["SECRET_KEY"] = SECRET
    app.register_blueprint(create_blueprint(academy, check=check, secure_cookies=False))
    if own_forms:
        app.test_client_class = OwnForms
    client = app.test_client()
    monkeypatch.setattr(people, "member_of_session", lambda _academy, *, token: ELI if token == "eli" else None)
    if signed_in:
        client.set_cookie(COOKIE, "eli")
    return client


def everywhere(value: Any, change: Callable[[str], str]) -> Any:
    """Return a page with every text in it changed, for what people may type anywhere."""
    if isinstance(value, str):
        return change(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: everywhere(getattr(value, one.name), change) for one in fields(value)})
    if isinstance(value, tuple):
        return tuple(everywhere(one, change) for one in value)
    if isinstance(value, list):
        return [everywhere(one, change) for one in value]
    if isinstance(value, Mapping):
        return {key: everywhere(one, change) for key, one in value.items()}
    return value
