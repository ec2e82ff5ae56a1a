"""The Academy's pages: one blueprint, server-rendered, works without a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from issuer.web import filters, i18n, security
from issuer.web.context import Web
from issuer.web.errors import add_error_pages

if TYPE_CHECKING:
    from issuer.service.academy import Academy

__all__ = ["Web", "create_blueprint"]


def create_blueprint(
    academy: Academy, *, check: Callable[[bytes], Mapping[str, Any]], secure_cookies: bool
) -> Blueprint:
    """Return the Academy's pages.

    `check` gives the verifier's whole report on a badge's bytes. `secure_cookies` when served over https.
    """
    from issuer.web import (
        applications,
        badges,
        circles,
        credentials,
        decisions,
        documents,
        log,
        passkeys,
        people,
        public,
        setup,
    )

    web = Web(academy=academy, check=check, secure_cookies=secure_cookies)
    blueprint = Blueprint(
        "academy", __name__, template_folder="templates", static_folder="static", static_url_path=security.ASSETS
    )
    blueprint.record_once(_set_up)
    security.prepare(blueprint, web)
    blueprint.app_context_processor(lambda: {"academy": academy})
    add_error_pages(blueprint)
    for pages in (
        public,
        people,
        passkeys,
        badges,
        circles,
        setup,
        applications,
        decisions,
        credentials,
        documents,
        log,
    ):
        pages.add_routes(blueprint, web)
    return blueprint


def _set_up(state: BlueprintSetupState) -> None:
    i18n.install(state.app)
    filters.install(state.app)
