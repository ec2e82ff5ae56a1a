"""The page of a badge (PAGES.md section 3), and what its holder does with it.

The verdict is the verifier's own; where it cannot be had, the page says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from issuer.errors import RefusedError
from issuer.rules.handover import linkedin_url, qr_svg, share_text
from issuer.service import credentials as credential_service
from issuer.service.models import CredentialPage
from issuer.web.badge_view import badge_view
from issuer.web.context import Routes, Web, me, reader
from issuer.web.decisions import opened_values
from issuer.web.forms import Form, sent
from issuer.web.i18n import N_, _
from schemas import DocumentError, parse_date_time

LOG = logging.getLogger(__name__)
RESULTS = frozenset({"pass", "fail", "unknown", "warning", "info", "skipped"})

# Each check: how it is called on the page, and what it means.
CHECKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "readable": (N_("Readable"), N_("The file holds exactly one badge and nothing that tries to mislead.")),
        "context": (N_("Vocabulary"), N_("Every word in it has one published meaning that we know.")),
        "model": (N_("Form"), N_("It has the parts that a badge needs, in the right places.")),
        "schema": (
            N_("Open Badges 3.0"),
            N_("It follows the published form of Open Badges, so other software reads it."),
        ),
        "proof": (N_("Signature"), N_("Not one letter was changed since it was signed.")),
        "issuer_binding": (N_("Issuer"), N_("The key that signed it belongs to the issuer that it names.")),
        "status": (
            N_("Status"),
            N_("We asked the issuer's public list whether it was given back or revoked."),
        ),
        "time": (N_("Dates"), N_("Today lies between its first and its last day.")),
        "recipient": (
            N_("Person"),
            N_("Whether it is for the person you have in mind. Give their e-mail to compare."),
        ),
        "issuer_known": (N_("Issuer on your list"), N_("Whether you trust this issuer is for you to say.")),
        "decision": (N_("Peers' decision"), N_("Whether the file itself proves how the peers decided.")),
        "log": (N_("Public log"), N_("Whether the decision stands in a log that nobody can rewrite unseen.")),
        "witnesses": (N_("Witnesses"), N_("Whether others have confirmed that log.")),
    }
)
ENDORSEMENT = (N_("Endorsement"), N_("Somebody else signed that they stand behind this badge."))


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check of the verifier as the page shows it."""

    result: str
    name: str
    message: str
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the verifier found, or that it could not be asked."""

    word: str
    sentence: str
    checked_at: datetime | None
    lines: tuple[CheckLine, ...] = ()


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put what a holder does at its addresses; the page itself stands among the documents."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.action("/credentials/<id_>/give_back", credential_give_back)
    routes.action("/credentials/<id_>/publish", credential_publish)
    routes.action("/credentials/<id_>/send", credential_send)


def show_credential(web: Web, *, id_: str, form: Form | None = None) -> Response:
    """Show a badge with the verdict on it."""
    person = reader()
    page = credential_service.credential_page(web.academy, id_=id_, reader=person.id if person else None)
    signed = credential_service.signed_credential(web.academy, id_=id_)
    address = f"{web.academy.base_url}{page.path}"
    response = make_response(
        render_template(
            "credentials/credential.html",
            page=page,
            form=form or Form(),
            badge=badge_view(page.credential),
            verdict=verdict(web, signed.json),
            facts=opened_values(page.decision.fields),
            peers=named_peers(page),
            address=address,
            qr=Markup(qr_svg(address)),  # noqa: S704 - drawn by ourselves from an address
            share=share_text(badge=page.badge.card.name, issuer=page.issuer_name, url=address, translate=_),
            linkedin=linkedin_url(
                badge=page.badge.card.name,
                issuer=page.issuer_name,
                url=address,
                credential_id=page.id,
                issued_on=page.issued_on,
                valid_until=page.valid_until,
            ),
        )
    )
    if not page.published:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def verdict(web: Web, badge: str) -> Verdict:
    """Return what the verifier says about a badge's bytes; it is never made up here."""
    try:
        report = web.check(badge.encode("utf-8"))
    except Exception:  # a page about a badge stands whatever happens to the check
        LOG.exception("a badge could not be checked for its page")
        return Verdict(word="unknown", sentence=_("It could not be checked just now."), checked_at=None)
    word = report.get("verdict")
    return Verdict(
        word=word if word in ("valid", "invalid", "unknown") else "unknown",
        sentence=str(report.get("sentence") or _("It could not be checked just now.")),
        checked_at=_moment(report.get("checkedAt")),
        lines=tuple(_line(check) for check in report.get("checks", ())),
    )


def _moment(text: object) -> datetime | None:
    try:
        return parse_date_time(text) if isinstance(text, str) else None
    except DocumentError:
        return None


def _line(check: Mapping[str, Any]) -> CheckLine:
    id_ = str(check.get("id", ""))
    name, means = CHECKS.get(id_, ENDORSEMENT if id_.startswith("endorsement") else (id_, ""))
    result = check.get("result")
    return CheckLine(
        result=result if result in RESULTS else "unknown",
        name=_(name),
        message=str(check.get("message", "")),
        means=_(means) if means else "",
    )


def named_peers(page: CredentialPage) -> tuple[str, ...]:
    """Return the deciders as the record names them: by name where they chose it, else by a pseudonym."""
    return tuple(
        str(field.value)
        for field in page.decision.fields
        if field.open and field.value is not None and field.path[0] == "deciders" and field.path[-1] == "name"
    )


# What a holder does.


def credential_give_back(web: Web, *, id_: str) -> ResponseReturnValue:
    """Give a badge back: whoever checks it sees that it is not in force any more."""
    return _do(
        web, id_, lambda: credential_service.give_back(web.academy, by=me().id, id_=id_), _("You gave it back.")
    )


def credential_publish(web: Web, *, id_: str) -> ResponseReturnValue:
    """Show a badge in public, or keep it to those who have its address."""
    published = request.form.get("published") == "yes"
    done = _("It is public now.") if published else _("It is shown only to those who have its address.")
    return _do(
        web,
        id_,
        lambda: credential_service.publish(web.academy, by=me().id, id_=id_, published=published),
        done,
    )


def credential_send(web: Web, *, id_: str) -> ResponseReturnValue:
    """Send a badge to its holder's own address."""
    return _do(
        web,
        id_,
        lambda: credential_service.send_badge(web.academy, by=me().id, id_=id_),
        _("It is on its way to your e-mail address."),
    )


def _do(web: Web, id_: str, act: Any, done: str) -> ResponseReturnValue:
    try:
        act()
    except RefusedError as error:
        response = show_credential(web, id_=id_, form=sent("", error))
        response.status_code = error.status
        return response
    flash(done)
    return redirect(f"/credentials/{id_}", 303)
