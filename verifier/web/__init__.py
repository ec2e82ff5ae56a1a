"""The verifier's pages and HTTP interface: one blueprint, which only the app imports (DESIGN.md, section 4).

Nothing here has a side effect: a check stores nothing, needs no session and signs nobody in. So its forms carry
no CSRF token: whoever makes another person's browser send one gains nothing. A DID document or a status list that
came with an upload is never used; keys and lists come from their issuers, through the one guarded fetcher.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge

from schemas import PINNED, ContextSet, dump_json
from verifier.fetch import Fetcher
from verifier.policy import Policy
from verifier.report import Report
from verifier.seen import SeenLists
from verifier.web.form import Form, read_form
from verifier.web.given import MAX_BYTES, Checker, for_one_request
from verifier.web.identifiers import identifier_in, resolve_identifier
from verifier.web.presentations import verify_presentation
from verifier.web.problems import CONTENT_TYPE, RequestError, read_body
from verifier.web.vc_api import verify_credential, verify_many

__all__ = ["create_blueprint", "verify_bytes"]

FORM_BYTES = 100_000  # what a form adds around the badges in it
_PACKAGE = Path(__file__).resolve().parent.parent
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ALONE = "verify/base.html"
_INTERFACE = ("/credentials/verify", "/presentations/verify", "/api/verify")


def verify_bytes(
    data: bytes, *, fetcher: Fetcher, policy: Policy, now: datetime, recipient: str | None = None
) -> Report:
    """Return the whole report on a badge's bytes: what the app hands to the issuer's pages for its own badges."""
    return Checker(fetcher=fetcher, policy=policy, now=now).check_bytes(data, recipient=recipient)


def create_blueprint(
    *,
    fetcher: Fetcher,
    policy: Policy,
    clock: Callable[[], datetime],
    layout: str | None = None,
    contexts: ContextSet = PINNED,
) -> Blueprint:
    """Return the blueprint.

    `layout` is a template that the pages extend instead of their own; it has the blocks `title`, `head` and
    `main` (or `content`). The result of one badge and its sheet always stand alone, since nothing may be above a
    verdict. Translations are Jinja's, in the new style; without any, the sentences stand as they are written.
    `contexts` are other than the pinned ones in the program for the public test suites alone.
    """
    blueprint = Blueprint(
        "verify",
        __name__,
        template_folder=str(_PACKAGE / "templates"),
        static_folder=str(_PACKAGE / "static"),
        static_url_path="/verify/static",
    )

    face = _Face(
        fetcher=fetcher,
        policy=policy,
        clock=clock,
        layout=layout or _ALONE,
        contexts=contexts,
        seen=SeenLists(),
    )
    _add_guards(blueprint, face)
    _add_pages(blueprint, face)
    _add_interface(blueprint, face)
    blueprint.record_once(_prepare)
    return blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class _Face:
    """What every route works with."""

    fetcher: Fetcher
    policy: Policy
    clock: Callable[[], datetime]
    layout: str
    contexts: ContextSet
    seen: SeenLists  # for as long as this process lives

    def checker(self) -> Checker:
        """Return the checker for one request: its time is the same for all badges in it."""
        return Checker(
            fetcher=for_one_request(self.fetcher),
            policy=self.policy,
            now=self.clock(),
            contexts=self.contexts,
            seen=self.seen,
        )

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """Return a page. It is not kept by caches: the next check may find something else."""
        layout = _ALONE if "result" in values else self.layout
        html = render_template(f"verify/{template}", layout=layout, **values)
        answer = Response(html, status=status, mimetype="text/html")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def check(self, template: str) -> Response:
        """Check what was given, and show it by this template, or as a table where it is more than one badge."""
        if request.method == "POST":
            files = [(file.filename or "", file.read()) for file in request.files.getlist("file")]
            form = read_form(request.form, files)
        else:
            form = read_form({name: request.args.get(name, "") for name in ("url", "recipient")})
        if form.problem:
            untouched = form.problem == "empty" and request.method == "GET"
            return self.page("form.html", status=200 if untouched else 400, form=form, untouched=untouched)
        results = form.check(self.checker())
        if len(results) > 1:
            return self.page("several.html", form=form, results=results)
        return self.page(template, form=form, result=results[0])


def _add_guards(blueprint: Blueprint, face: _Face) -> None:
    """Limit what comes in, protect what goes out, and answer refusals as a page or as problem details."""

    @blueprint.before_request
    def limit() -> None:
        request.max_content_length = MAX_BYTES + FORM_BYTES
        request.max_form_memory_size = MAX_BYTES + FORM_BYTES

    @blueprint.after_request
    def protect(answer: Response) -> Response:
        for name, value in _HEADERS.items():
            answer.headers[name] = value
        return answer

    @blueprint.errorhandler(RequestEntityTooLarge)
    def too_large(_: RequestEntityTooLarge) -> Response:
        message = f"This is larger than {MAX_BYTES // 1_000_000} MB. Send fewer badges at once, or smaller files."
        if request.path in _INTERFACE:
            return _problem(RequestError(message, code="LIMIT_EXCEEDED", status=413))
        return face.page("form.html", status=413, form=Form(problem="large"), untouched=False)

    @blueprint.errorhandler(RequestError)
    def bad_request(error: RequestError) -> Response:
        return _problem(error)


def _add_pages(blueprint: Blueprint, face: _Face) -> None:
    @blueprint.route("/verify", methods=["GET", "POST"])
    def verify_page() -> Response:
        return face.check("result.html")

    @blueprint.route("/verify/print", methods=["GET", "POST"])
    def print_page() -> Response:
        return face.check("sheet.html")


def _add_interface(blueprint: Blueprint, face: _Face) -> None:
    @blueprint.post("/credentials/verify")
    def credentials_verify() -> Response:
        good, answer = verify_credential(_body(), checker=face.checker())
        return _json(200 if good else 400, answer)

    @blueprint.post("/presentations/verify")
    def presentations_verify() -> Response:
        good, answer = verify_presentation(_body(), checker=face.checker())
        return _json(200 if good else 400, answer)

    @blueprint.post("/api/verify")
    def api_verify() -> Response:
        return _json(200, verify_many(_body(), checker=face.checker()))

    @blueprint.get("/1.0/identifiers/<path:did>")
    def identifiers(did: str) -> Response:
        address = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or ""
        answer = resolve_identifier(
            identifier_in(address, did),
            accept=[kind for kind, quality in request.accept_mimetypes if quality > 0],
            fetcher=for_one_request(face.fetcher),
            key_format=request.args.get("publicKeyFormat"),
        )
        return _json(answer.status, answer.body, content_type=answer.content_type)


def _prepare(state: BlueprintSetupState) -> None:
    """Give the templates their filters, and words as they are written where the app has no translations."""
    app = state.app
    assert isinstance(app, Flask)
    environment = app.jinja_env
    if "gettext" not in environment.globals:
        environment.add_extension("jinja2.ext.i18n")
        environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.filters["verify_day"] = lambda moment: f"{moment.day} {moment:%B %Y}"
    environment.filters["verify_time"] = lambda moment: f"{moment.day} {moment:%B %Y, %H:%M} UTC"
    environment.filters["verify_iso"] = lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _body() -> dict[str, Any]:
    return read_body(request.get_data(), content_type=request.content_type or "", max_bytes=MAX_BYTES)


def _json(status: int, value: Mapping[str, Any], *, content_type: str = "application/json") -> Response:
    answer = Response(dump_json(value), status=status, content_type=content_type)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _problem(error: RequestError) -> Response:
    # VC-API clients look for `verified` in every answer of a verifier.
    told = error.to_json()
    more = {"verified": False, "problemDetails": [dict(told)]} if not request.path.startswith("/api/") else {}
    return _json(error.status, told | more, content_type=CONTENT_TYPE)
