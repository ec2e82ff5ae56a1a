"""The routes of the issuing endpoints (VC-API 0.3; VC-API.md, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from issuer.conformance.issuing import DEFAULT, ENDPOINTS, Endpoint, derive, issue
from issuer.conformance.keys import ThrowAwayKeys
from issuer.conformance.requests import RequestError, read_body, take_object, take_options, take_pointers
from issuer.conformance.status import PATH, StatusList
from schemas import dump_json

MAX_BYTES = 1_000_000


def create_blueprint(*, keys: ThrowAwayKeys, status_list: StatusList, clock: Callable[[], datetime]) -> Blueprint:
    """Return the issuing endpoints; the verifier's blueprint stands beside it in the same program."""
    blueprint = Blueprint("conformance", __name__)

    def answer_issue(endpoint: Endpoint) -> Response:
        body = _body()
        options = take_options(body)
        secured = issue(
            take_object(body, "credential"),
            endpoint=endpoint,
            keys=keys,
            now=clock(),
            mandatory_pointers=take_pointers(options, "mandatoryPointers"),
            status_entry=status_list.next_entry,
        )
        return _json(201, {"verifiableCredential": secured})

    @blueprint.post("/credentials/issue")
    def issue_by_default() -> Response:
        return answer_issue(DEFAULT)

    @blueprint.post("/issuers/<name>/credentials/issue")
    def issue_by_name(name: str) -> Response:
        if name not in ENDPOINTS:
            raise RequestError(f"There is no issuer {name[:80]!r} here.")
        return answer_issue(ENDPOINTS[name])

    @blueprint.post("/credentials/derive")
    def derive_credential() -> Response:
        body = _body()
        pointers = take_pointers(take_options(body), "selectivePointers")
        shown = derive(take_object(body, "verifiableCredential"), selective_pointers=pointers)
        return _json(201, {"verifiableCredential": shown})

    @blueprint.get("/manifest")
    def manifest() -> Response:
        return _json(200, keys.manifest())

    @blueprint.get(PATH)
    def list_credential() -> Response:
        return _json(200, status_list.document)

    _add_guards(blueprint)
    return blueprint


def _add_guards(blueprint: Blueprint) -> None:
    """Limit what comes in, and answer refusals as problem details."""

    @blueprint.before_request
    def limit() -> None:
        request.max_content_length = MAX_BYTES

    @blueprint.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        return _problem(400, error.to_json())

    @blueprint.errorhandler(RequestEntityTooLarge)
    def too_large(_: RequestEntityTooLarge) -> Response:
        error = RequestError(f"A request has at most {MAX_BYTES:,} bytes.", code="LIMIT_EXCEEDED")
        return _problem(413, error.to_json() | {"status": 413})


def _body() -> dict[str, Any]:
    return read_body(request.get_data(), max_bytes=MAX_BYTES)


def _json(status: int, value: Mapping[str, Any], *, content_type: str = "application/json") -> Response:
    answer = Response(dump_json(value), status=status, content_type=content_type)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _problem(status: int, value: Mapping[str, Any]) -> Response:
    return _json(status, value, content_type="application/problem+json")
