"""What every page module is handed, and the two ways to put a page at an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

if TYPE_CHECKING:
    from issuer.service.academy import Academy
    from issuer.service.models import Me

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """What pages need: the use cases' academy, the verifier's report on a badge's bytes, https or not."""

    academy: Academy
    check: Callable[[bytes], Mapping[str, Any]]
    secure_cookies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Puts views at addresses. A view takes `web` first, then the parts of the address by name.

    `members` asks for sign-in first and comes back to the same page afterwards. What is sent (POST) is checked
    against forgery for all of this blueprint (security.py); an endpoint is named after its view.
    """

    blueprint: Blueprint
    web: Web

    def page(self, rule: str, view: View, *, members: bool = False) -> None:
        """Serve a page (GET)."""
        self._add(rule, view, "GET", members=members)

    def action(self, rule: str, view: View, *, members: bool = True) -> None:
        """Take what a form sends (POST)."""
        self._add(rule, view, "POST", members=members)

    def _add(self, rule: str, view: View, method: str, *, members: bool) -> None:
        @wraps(view)
        def bound(**parts: Any) -> ResponseReturnValue:
            if members and reader() is None:
                return sign_in_first()
            return view(self.web, **parts)

        self.blueprint.add_url_rule(rule, view.__name__, bound, methods=[method])


def reader() -> Me | None:
    """Return who reads this page, None for a visitor."""
    found: Me | None = g.get("me")
    return found


def me() -> Me:
    """Return the member who is signed in, on pages that ask for it."""
    found = reader()
    assert found is not None, "this page does not ask for sign-in"
    return found


def sign_in_first() -> ResponseReturnValue:
    """Lead to sign-in and remember where the person wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/me"
    return redirect(url_for("academy.sign_in", next=wanted), 303)
