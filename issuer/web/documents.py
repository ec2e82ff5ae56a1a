"""The documents that others' software reads: badges in every form, achievements, keys, status lists, pictures.

Content negotiation of a badge (DESIGN.md section 4): a page only if the request names text/html; JSON otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import NotFoundError
from issuer.rules.handover import Certificate, badge_png, badge_svg, baked_png, baked_svg, certificate_pdf
from issuer.service import badges, status
from issuer.service import credentials as credential_service
from issuer.service.models import CredentialPage
from issuer.service.published import policy_document
from issuer.web.badge_view import badge_view
from issuer.web.context import Routes, View, Web
from issuer.web.credentials import show_credential
from issuer.web.filters import day
from issuer.web.i18n import _, language
from issuer.web.negotiation import (
    CREDENTIAL,
    JWT,
    attachment,
    credential_form,
    document_response,
    json_response,
    problem_json,
    wants_html,
)

KEYS_MAX_AGE_S = 300
PICTURE_MAX_AGE_S = 24 * 3600
LIST_MAX_AGE_S = 300
MAX_LISTS = 2**31 - 1  # what a column for numbers holds in every database
# What a picture may do when somebody opens it by itself: nothing.
PICTURE_POLICY = "default-src 'none'; sandbox"


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the documents at their addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/credentials/<id_>", credential)
    for view, suffix in (
        (credential_json, "json"),
        (credential_jwt, "jwt"),
        (credential_png, "png"),
        (credential_svg, "svg"),
        (credential_pdf, "pdf"),
    ):
        routes.page(f"/credentials/<id_>.{suffix}", _or_problem(view))
    routes.page("/achievements/<name>", _or_problem(achievement))
    routes.page("/issuer", issuer)
    routes.page("/images/<slug>.png", _or_problem(image_png))
    routes.page("/images/<slug>.svg", _or_problem(image_svg))
    routes.page(f"/status/<int(max={MAX_LISTS}):number>", _or_problem(status_list))
    routes.page("/policies/<digest>", _or_problem(award_policy))
    routes.page("/.well-known/did.json", did_document)
    routes.page("/.well-known/jwks.json", jwks)


def _or_problem(view: View) -> View:
    """Answer what is not there with a page for people, and with problem details for everybody else."""

    @wraps(view)
    def guarded(*args: Any, **parts: Any) -> ResponseReturnValue:
        try:
            return view(*args, **parts)
        except NotFoundError as error:
            if wants_html():
                raise
            return problem_json(error)

    return guarded


# The badge.


def credential(web: Web, *, id_: str) -> ResponseReturnValue:
    """Serve a badge in the form that the request asks for."""
    form, media_type = credential_form()
    try:
        if form == "html":
            response = show_credential(web, id_=id_)
        else:
            signed = credential_service.signed_credential(web.academy, id_=id_)
            response = document_response(signed.jwt if form == "jwt" else signed.json, media_type=media_type)
    except NotFoundError as error:
        if form == "html":
            raise
        response = problem_json(error)
    response.vary.add("Accept")
    return response


def credential_json(web: Web, *, id_: str) -> Response:
    """Serve the badge as a file of JSON."""
    signed = credential_service.signed_credential(web.academy, id_=id_)
    return attachment(document_response(signed.json, media_type=CREDENTIAL), _file_name(web, id_, "json"))


def credential_jwt(web: Web, *, id_: str) -> Response:
    """Serve the badge as a JWT."""
    signed = credential_service.signed_credential(web.academy, id_=id_)
    return attachment(document_response(signed.jwt, media_type=JWT), _file_name(web, id_, "jwt"))


def credential_png(web: Web, *, id_: str) -> Response:
    """Serve the badge's picture with the badge in it."""
    page = credential_service.credential_page(web.academy, id_=id_, reader=None)
    image = _png(page.badge.card.slug, page.badge.card.name, page.badge.card.level)
    response = _picture(baked_png(_signed(web, id_), image=image), "image/png", max_age=None)
    return attachment(response, _named(page, "png"))


def credential_svg(web: Web, *, id_: str) -> Response:
    """Serve the badge's drawing with the badge in it."""
    page = credential_service.credential_page(web.academy, id_=id_, reader=None)
    card = page.badge.card
    image = badge_svg(card.slug, name=card.name, level=card.level)
    response = _picture(baked_svg(_signed(web, id_), image=image), "image/svg+xml", max_age=None)
    return attachment(response, _named(page, "svg"))


def credential_pdf(web: Web, *, id_: str) -> ResponseReturnValue:
    """Serve the certificate on paper: what is signed, and the address where it can be checked.

    Of a badge that was given back there is none: paper would not say so, its page does.
    """
    page = credential_service.credential_page(web.academy, id_=id_, reader=None)
    if page.given_back:
        return redirect(page.path, 303)
    seen = badge_view(page.credential)
    certificate = Certificate(
        slug=page.badge.card.slug,
        level=page.badge.card.level,
        badge=seen.name,
        skill=seen.skill,
        criteria=seen.criteria,
        circle=seen.circle,
        issuer=seen.issuer,
        issuer_url=page.issuer_url,
        url=f"{web.academy.base_url}{page.path}",
        issued_on=page.issued_on,
        valid_until=page.valid_until,
        person=seen.person,
        lang=language(),
    )
    pdf = certificate_pdf(certificate, translate=_, write_date=day)
    return attachment(document_response(pdf, media_type="application/pdf"), _named(page, "pdf"))


def _signed(web: Web, id_: str) -> Any:
    return credential_service.signed_credential(web.academy, id_=id_).credential


def _file_name(web: Web, id_: str, suffix: str) -> str:
    return _named(credential_service.credential_page(web.academy, id_=id_, reader=None), suffix)


def _named(page: CredentialPage, suffix: str) -> str:
    """Return a file's name: the badge's short name and the start of its id, plain letters both."""
    return f"{page.badge.card.slug}-{page.id[:8]}.{suffix}"


# Pictures.


@lru_cache(maxsize=128)
def _png(slug: str, name: str, level: str) -> bytes:
    return badge_png(slug, name=name, level=level)


def image_png(web: Web, *, slug: str) -> Response:
    """Serve a badge's picture."""
    card = badges.badge_page(web.academy, slug=slug, reader=None).card
    return _picture(_png(card.slug, card.name, card.level), "image/png", max_age=PICTURE_MAX_AGE_S)


def image_svg(web: Web, *, slug: str) -> Response:
    """Serve a badge's drawing."""
    card = badges.badge_page(web.academy, slug=slug, reader=None).card
    drawing = badge_svg(card.slug, name=card.name, level=card.level)
    return _picture(drawing, "image/svg+xml", max_age=PICTURE_MAX_AGE_S)


def _picture(body: str | bytes, media_type: str, *, max_age: int | None) -> Response:
    response = document_response(body, media_type=media_type, max_age=max_age)
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response


# The Academy's own documents.


def achievement(web: Web, *, name: str) -> ResponseReturnValue:
    """Serve what a badge's version says as JSON; people are led to its page."""
    if wants_html():
        slug, _dash, version = name.rpartition("-v")
        response = redirect(url_for("academy.badge", slug=slug or name, version=version), 303)
        response.vary.add("Accept")
        return response
    return _vary(json_response(badges.achievement_document(web.academy, name=name)))


def issuer(web: Web) -> ResponseReturnValue:
    """Serve the Academy's Profile as JSON or as a page."""
    document = badges.issuer_document(web.academy)
    if wants_html():
        page = render_template("credentials/issuer.html", profile=document, did=document.get("id", ""))
        return _vary(Response(page))
    return _vary(json_response(document))


def status_list(web: Web, *, number: int) -> Response:
    """Serve a signed status list; nobody keeps it longer than the list itself allows."""
    text = status.status_list(web.academy, number=number)
    return document_response(text, media_type=CREDENTIAL, max_age=_max_age(text))


def _max_age(text: str) -> int:
    """Return how many seconds a list may be kept: its ttl (milliseconds), and never more than LIST_MAX_AGE_S."""
    subject = json.loads(text).get("credentialSubject", {})
    ttl = subject.get("ttl") if isinstance(subject, dict) else None
    return max(0, min(LIST_MAX_AGE_S, int(ttl) // 1000 if isinstance(ttl, int) else LIST_MAX_AGE_S))


def award_policy(_web: Web, *, digest: str) -> Response:
    """Serve the award policy that the log names by this digest, as its exact bytes."""
    return document_response(policy_document(digest), media_type="application/json", max_age=PICTURE_MAX_AGE_S)


def did_document(web: Web) -> Response:
    """Serve the Academy's keys with their history, as its DID document."""
    return _kept(lambda: status.did_document(web.academy))


def jwks(web: Web) -> Response:
    """Serve the Academy's keys as a JWK set."""
    return _kept(lambda: status.jwks(web.academy))


def _kept(read: Callable[[], Any]) -> Response:
    try:
        document = read()
    except NotFoundError as error:
        return problem_json(error)
    body = json.dumps(document, ensure_ascii=False, indent=2)
    return document_response(body, media_type="application/json", max_age=KEYS_MAX_AGE_S)


def _vary(response: Response) -> Response:
    response.vary.add("Accept")
    return response
