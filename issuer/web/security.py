"""Headers, the member's session, and forms that only our own pages can send."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request, session
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFProtect

from issuer.web.context import Web, reader

COOKIE = "academy_session"
ASSETS = "/assets"
STATIC = Path(__file__).parent / "static"
SIGNED_IN_FOR = timedelta(days=90)
FORM_LIFETIME_S = 12 * 3600
MAX_PLAIN_FORM = 1_000_000  # bytes: eight texts of 8,000 letters, each letter written as %F0%9F%98%80
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

POLICY = (
    "default-src 'none'; "
    "style-src 'self'; "
    "script-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'none'; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # sign-in links carry a secret in their path
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


def prepare(blueprint: Blueprint, web: Web) -> None:
    """Read the session before each request, ask for the form's token, and put the headers on each answer."""
    csrf = CSRFProtect()

    def set_up(state: BlueprintSetupState) -> None:
        state.app.config |= {
            "SESSION_COOKIE_NAME": "academy_forms",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": web.secure_cookies,
            "PERMANENT_SESSION_LIFETIME": SIGNED_IN_FOR,
            "SESSION_REFRESH_EACH_REQUEST": False,  # readers without a form get no cookie, and caches may keep
            "WTF_CSRF_CHECK_DEFAULT": False,  # asked for below; APIs of others carry no cookie
            "WTF_CSRF_SSL_STRICT": False,  # it wants the Referer, which we never let browsers send
            "WTF_CSRF_TIME_LIMIT": FORM_LIFETIME_S,
        }
        csrf.init_app(state.app)
        state.app.url_map.merge_slashes = (
            False  # it redirects to the host that the request names, whoever named it
        )
        state.app.jinja_env.globals["asset"] = Assets(ASSETS)

    def load_member() -> None:
        token = request.cookies.get(COOKIE)
        if token and request.endpoint != f"{blueprint.name}.static":
            from issuer.service import people

            g.me = people.member_of_session(web.academy, token=token)

    def protect() -> None:
        if request.mimetype != "multipart/form-data":
            request.max_content_length = MAX_PLAIN_FORM  # these are read as a whole, however many fields they have
        csrf.protect()

    def headers(response: Response) -> Response:
        return _finish(response, static=request.endpoint == f"{blueprint.name}.static", secure=web.secure_cookies)

    blueprint.record_once(set_up)
    blueprint.before_app_request(load_member)
    blueprint.before_request(protect)
    blueprint.after_app_request(headers)


def _finish(response: Response, *, static: bool, secure: bool) -> Response:
    """Put the headers on an answer, and say who may keep it."""
    if "csrf_token" in g and session.modified:  # whatever looks at the session makes an answer vary by cookie
        session.permanent = True  # a form that stood open over night can still be sent
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    if static and "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif "Cache-Control" not in response.headers:
        private = reader() is not None or request.path.startswith("/sign-in")
        response.headers["Cache-Control"] = "no-store" if private else "private, no-cache"
    return response


def remember(response: Response, token: str, *, secure: bool) -> None:
    """Keep a member signed in on this device."""
    lifetime = int(SIGNED_IN_FOR.total_seconds())
    response.set_cookie(COOKIE, token, max_age=lifetime, secure=secure, httponly=True, samesite="Lax", path="/")


def forget(response: Response, *, secure: bool) -> None:
    """End the session on this device."""
    session.clear()
    response.delete_cookie(COOKIE, secure=secure, httponly=True, samesite="Lax", path="/")


def from_this_machine(base_url: str) -> bool:
    """Say whether a request came over the loopback address, and to a name of ours.

    The name is looked at too: a page of somebody else's can give its own name the loopback address.
    """
    try:
        near = ip_address(request.remote_addr or "").is_loopback
        named = urlsplit(f"//{request.host}").hostname
    except ValueError:
        return False
    return near and named in {*_LOOPBACK, urlsplit(base_url).hostname}


class Assets:
    """Addresses of our own style and script, with a digest so that browsers may keep them."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._digests: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Return the address of a file in static/."""
        if name not in self._digests:
            self._digests[name] = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
        return f"{self._base}/{name}?v={self._digests[name]}"
