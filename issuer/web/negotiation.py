"""Which form of a document a request asks for (DESIGN.md section 4), and answers that others may keep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from flask import Response, jsonify, request

from issuer.errors import AcademyError
from issuer.web.i18n import _

Form = Literal["html", "json", "jwt"]
CREDENTIAL = "application/vc+ld+json"
JSON = "application/json"
LINKED = "application/ld+json"
JWT = "text/plain"
RETRY_AFTER_S = 30
_JSON_TYPES = (CREDENTIAL, JSON, LINKED)


def wants_html() -> bool:
    """Say whether the request names text/html and does not like another form of ours better."""
    return _quality("text/html", *_JSON_TYPES, JWT)[0] == "text/html"


def credential_form() -> tuple[Form, str]:
    """Return the form of a badge that is wanted and its media type; JSON where the request names none of ours.

    A wildcard names nothing: browsers say text/html, programs that say nothing get the badge itself.
    """
    chosen, quality = _quality("text/html", *_JSON_TYPES, JWT)
    if not quality:
        return "json", CREDENTIAL
    if chosen == "text/html":
        return "html", chosen
    return ("jwt" if chosen == JWT else "json"), chosen


def _quality(*offered: str) -> tuple[str, float]:
    """Return which of ours is named with the highest quality, the first of equals; ("", 0.0) for none."""
    named: dict[str, float] = {}
    for entry, quality in request.accept_mimetypes:
        bare = entry.split(";", 1)[0].strip().lower()
        named[bare] = max(quality, named.get(bare, 0.0))
    best = max(offered, key=lambda media_type: named.get(media_type, 0.0))
    quality = named.get(best, 0.0)
    return (best, quality) if quality else ("", 0.0)


def json_response(document: Mapping[str, Any] | Sequence[Any], *, media_type: str = JSON) -> Response:
    """Return a document as JSON that pages of others may read."""
    return document_response(json.dumps(document, ensure_ascii=False, indent=2), media_type=media_type)


def document_response(body: str | bytes, *, media_type: str, max_age: int | None = None) -> Response:
    """Return a document with an ETag, open to pages of others; `max_age` seconds for what may be kept."""
    is_text = media_type.startswith("text/") or media_type == "image/svg+xml"
    response = Response(body, content_type=f"{media_type}; charset=utf-8" if is_text else media_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-cache" if max_age is None else f"public, max-age={max_age}"
    response.add_etag()
    response.make_conditional(request)
    return response


def problem_json(error: AcademyError) -> Response:
    """Return a refusal as problem details (RFC 9457), for clients that did not ask for a page."""
    sentence = str(error) or _("There is nothing here.")
    body = {"type": "about:blank", "title": sentence, "status": error.status, "detail": sentence}
    response = jsonify(body)
    response.status_code = error.status
    response.mimetype = "application/problem+json"
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def attachment(response: Response, name: str) -> Response:
    """Let a response be saved under a name of plain letters."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
