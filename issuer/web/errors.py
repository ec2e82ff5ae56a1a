"""Refusals and faults as pages: what happened, where, what to do. JSON (RFC 9457) for those who ask for it."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from issuer.errors import (
    AcademyError,
    BeingSealedError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    TamperedError,
)
from issuer.web.context import reader
from issuer.web.i18n import N_, _
from issuer.web.negotiation import RETRY_AFTER_S, problem_json

LOG = logging.getLogger(__name__)
MAX_KEPT = 200
_PLAIN = {
    400: (N_("This request could not be read"), N_("Go back, and try it again from the page itself.")),
    403: (N_("This is not open to you"), N_("Sign in with the account that has a part in it, or ask the circle.")),
    404: (
        N_("There is nothing here"),
        N_("The address may be mistyped, or what was here is private. Start again from the first page."),
    ),
    405: (N_("This page cannot be used in that way"), N_("Go back, and use the buttons on the page.")),
    409: (N_("This cannot be done now"), N_("Look at how things stand, then decide what to do.")),
    413: (
        N_("This is too large"),
        N_("A file may have up to 10 MB, a text 8,000 characters. Make it smaller, or give a link to the file."),
    ),
    422: (N_("Something is missing or cannot be taken as it is"), N_("Go back and look at what you typed.")),
    500: (N_("Something went wrong on our side"), N_("Nothing was changed. Please try again in a few minutes.")),
    503: (N_("Something went wrong on our side"), N_("Nothing was changed. Please try again in a few minutes.")),
}
_FALLBACK = _PLAIN[400]
# Addresses that programs fetch without saying what they read (DESIGN.md section 4).
_DOCUMENTS = (
    "/.well-known/",
    "/achievements/",
    "/api/",
    "/credentials/",
    "/issuer",
    "/presentations/",
    "/status/",
)


def add_error_pages(blueprint: Blueprint) -> None:
    """Answer every refusal with a page."""
    blueprint.app_errorhandler(CSRFError)(_form_too_old)
    blueprint.app_errorhandler(RequestEntityTooLarge)(_too_large)
    blueprint.app_errorhandler(HTTPException)(_http)
    blueprint.app_errorhandler(AcademyError)(_refused)


def wants_json() -> bool:
    """Say whether a program asks: it says that it reads or sends JSON, or fetches a document."""
    accepts = request.headers.get("Accept", "")
    if "text/html" in accepts:
        return False
    return "json" in accepts or request.is_json or request.path.startswith(_DOCUMENTS)


def problem(status: int, title: str, *, detail: str = "", remedy: str = "", rule: str = "") -> Response:
    """Return a refusal as a page or, for programs, as problem details."""
    if wants_json():
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail or title}
        response = jsonify(body | ({"rule": rule} if rule else {}) | ({"remedy": remedy} if remedy else {}))
        response.mimetype = "application/problem+json"
    else:
        page = render_template(
            "problem.html", status=status, heading=title, detail=detail, remedy=remedy, rule=rule
        )
        response = make_response(page)
    response.status_code = status
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _refused(error: AcademyError) -> ResponseReturnValue:
    title, advice = (_(sentence) for sentence in _PLAIN.get(error.status, _FALLBACK))
    match error:
        case RefusedError():
            return problem(error.status, title, detail=error.message, remedy=error.remedy, rule=error.rule)
        case InvalidInputError():
            return problem(error.status, title, detail=" ".join(error.faults.values()), remedy=advice)
        case BeingSealedError():
            return _being_sealed(error)
        case NotFoundError():
            return problem(error.status, title, remedy=advice)
        case TamperedError():
            LOG.error("a stored row does not carry our seal: %s", error)
            detail = _("A stored entry was not written by this service, so nothing is built on it.")
            return problem(error.status, title, detail=detail, remedy=_("Please tell the people who run it."))
    return problem(error.status, title, detail=str(error), remedy=advice)


def _being_sealed(error: BeingSealedError) -> Response:
    """Say that a badge was accepted and is not there yet; the page looks again by itself."""
    if wants_json():
        return problem_json(error)
    response = make_response(render_template("credentials/sealing.html"))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    title, advice = (_(sentence) for sentence in _PLAIN.get(error.code, _FALLBACK))
    response = problem(error.code, title, remedy=advice)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    title, advice = (_(sentence) for sentence in _PLAIN[413])
    return problem(413, title, remedy=advice)


def _form_too_old(_error: CSRFError) -> ResponseReturnValue:
    """The page stood open too long, or cookies are off: what was typed is kept and can be sent again."""
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        return problem(400, _("Another site tried to send this"), remedy=_("Nothing was done."))
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"][:MAX_KEPT]
    may_send = reader() is not None or request.path.startswith(("/sign-in", "/setup"))
    page = render_template(
        "form_too_old.html",
        kept=kept,
        may_send=may_send,
        files=[file.filename for file in request.files.values() if file.filename],
        path=request.path,
    )
    return make_response(page, 400)
