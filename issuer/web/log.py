"""The log's public files, just as they lie in its folder, and the page that explains them (TRANSPARENCY.md, 4).

Nobody learns from here which badge is checked: clients get tiles, and build proofs themselves.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from issuer.errors import NotFoundError
from issuer.service.log.serving import public_file
from issuer.service.log.status import log_status
from issuer.web.context import Routes, Web

_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_FOR_EVER = "public, max-age=31536000, immutable"
_MOMENT = "public, max-age=3, no-transform"
_HOUR = "public, max-age=3600, no-transform"


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the log at its addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/log", log_page)
    routes.page("/log/checkpoint", log_checkpoint)
    routes.page("/log/vkey", log_vkey)
    routes.page("/log/policy", log_policy)
    routes.page("/log/tile/<path:path>", log_tile)


def log_page(web: Web) -> ResponseReturnValue:
    """Say what the log is, how it stands, what it proves and what not, and how to follow it."""
    return render_template("log.html", log=log_status(web.academy))


def log_checkpoint(web: Web) -> Response:
    """Serve what the log says it is now; caches may keep it for three seconds."""
    return _file(web, "checkpoint", content_type=_TEXT, keep=_MOMENT)


def log_vkey(web: Web) -> Response:
    """Serve the key that checkpoints are signed with."""
    return _file(web, "vkey", content_type=_TEXT, keep=_HOUR)


def log_policy(web: Web) -> Response:
    """Serve the policy that names the witnesses and their quorum."""
    return _file(web, "policy", content_type=_TEXT, keep=_HOUR)


def log_tile(web: Web, *, path: str) -> Response:
    """Serve a tile or an entry bundle, which says the same for ever."""
    return _file(web, f"tile/{path}", content_type=_BYTES, keep=_FOR_EVER)


def _file(web: Web, name: str, *, content_type: str, keep: str) -> Response:
    data = public_file(web.academy, name)
    if data is None:
        raise NotFoundError("The log has no such file.")
    response = Response(data, content_type=content_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = keep
    response.add_etag()
    response.make_conditional(request)
    return response
