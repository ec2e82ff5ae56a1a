"""An application in all its states: what each person sees of it, and what they can do next."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, flash, make_response, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import InvalidInputError, NotFoundError, RefusedError
from issuer.service import applications
from issuer.service.circles import circle_page
from issuer.service.models import ApplicationPage, RoleHolder
from issuer.web.application_forms import form_name, perform, taken
from issuer.web.badges import EVIDENCE_WORDS
from issuer.web.context import Routes, Web, me
from issuer.web.draft_forms import EVIDENCE_KINDS, DraftChangedError, stored_words
from issuer.web.forms import Form, sent
from issuer.web.i18n import N_, _
from issuer.web.signed_forms import to_sign_response

CHECKS = (
    ("seen", N_("seen"), N_("I saw it clearly.")),
    ("partly", N_("partly"), N_("I saw some of it.")),
    ("not_yet", N_("not yet"), N_("I looked for it and did not see it.")),
    ("cannot_say", N_("cannot say"), N_("I could not look at this.")),
)
CONFLICT_WORDS = (
    ("none", N_("None of these"), ""),
    ("household", N_("We live together, or are family"), N_("Then you do not decide here.")),
    ("paid_work", N_("One of us works for the other for pay"), N_("Then you do not decide here.")),
    ("dispute", N_("We have an open dispute"), N_("Then you do not decide here.")),
    ("mentor", N_("I am their mentor"), N_("Then you have a voice and do not decide.")),
    ("other", N_("Something else could stand in the way"), N_("The others say whether you can stay.")),
)


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the pages of applications at their addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/applications/<id_>", application, members=True)
    routes.page("/applications/<id_>/evidence/<evidence>", evidence_file, members=True)
    routes.page("/applications/<id_>/to-sign.json", application_to_sign, members=True)
    routes.action("/applications/<id_>/<action>", application_action)


def application(web: Web, *, id_: str) -> ResponseReturnValue:
    """Show an application to somebody who has a part in it."""
    page = applications.application_page(web.academy, id_=id_, reader=me().id)
    return show(web, page, Form())


def application_action(web: Web, *, id_: str, action: str) -> ResponseReturnValue:
    """Do one step; when it is refused, show the page as it stands now with what was typed."""
    page = applications.application_page(web.academy, id_=id_, reader=me().id)
    try:
        done = perform(web.academy, action, by=me().id, page=page)
    except (InvalidInputError, RefusedError) as error:
        try:
            now = applications.application_page(web.academy, id_=id_, reader=me().id)
        except NotFoundError:
            raise error from None
        form = sent(form_name(action), error, leave_out=taken(page, now))
        response = make_response(show(web, now, form))
        response.status_code = error.status
        return response
    flash(done.sentence)
    place = done.place or None
    return redirect(done.path or url_for("academy.application", id_=id_, _anchor=place), 303)


def application_to_sign(web: Web, *, id_: str) -> ResponseReturnValue:
    """Hand out what the applicant can sign now, for a command line."""
    page = applications.application_page(web.academy, id_=id_, reader=me().id)
    return to_sign_response(page.to_sign)


def evidence_file(web: Web, *, id_: str, evidence: str) -> ResponseReturnValue:
    """Hand out a file of evidence: to be saved, never to be run in the page."""
    name, content = applications.evidence_file(web.academy, reader=me().id, id_=id_, evidence=evidence)
    response = send_file(
        BytesIO(content), mimetype="application/octet-stream", as_attachment=True, download_name=name
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


def show(web: Web, page: ApplicationPage, form: Form) -> str:
    """Return an application's page with what stands in its forms."""
    roles: tuple[RoleHolder, ...] = ()
    if "take_up" in page.actions:
        roles = circle_page(web.academy, slug=page.circle.slug, reader=me().id).roles
    kinds = [*page.badge.evidence_kinds, *EVIDENCE_KINDS]
    return render_template(
        "applications/one.html",
        facilitators=_holding(page, roles, "facilitator"),
        secretaries=_holding(page, roles, "secretary"),
        role_choices=[(person.id, person.name) for person in page.role_holders],
        page=page,
        form=form,
        checks=[(word, _(words), _(about)) for word, words, about in CHECKS],
        check_words={word: _(words) for word, words, _about in CHECKS},
        conflicts=[(kind, _(words), _(about) if about else "") for kind, words, about in CONFLICT_WORDS],
        kinds=[(kind, _(EVIDENCE_WORDS[kind])) for kind in dict.fromkeys(kinds) if kind in EVIDENCE_KINDS],
        kind_words=EVIDENCE_WORDS,
        sees=page.applicant.is_me or not page.actions & {"declare_conflict", "see_evidence"},
        seen=stored_words(page).fingerprint,
        changed=_changed(page, form),
    )


def _changed(page: ApplicationPage, form: Form) -> list[tuple[str, str, str]]:
    """Return where words typed here differ from those that another window stored: label, stored, typed."""
    if not isinstance(form.refusal, DraftChangedError):
        return []
    stored = stored_words(page)
    name = form.value("signed_name") if form.value("named") == "yes" else ""
    fields = [
        *((one.criterion, one.text, form.value(f"claims-{number}")) for number, one in enumerate(page.claims)),
        (_("Self-reflection"), stored.reflection, form.value("reflection")),
        (_("The name on the badge"), stored.name, name),
    ]
    return [(label, kept, typed) for label, kept, typed in fields if kept != typed.replace("\r\n", "\n").strip()]


def _holding(page: ApplicationPage, roles: tuple[RoleHolder, ...], role: str) -> list[tuple[str, str]]:
    """Return who among the circle's members holds the process now, the one with this very role first."""
    names = {holder.name for holder in roles if holder.role in {"facilitator", "secretary"} and holder.name}
    first = {holder.name for holder in roles if holder.role == role}
    able = [person for person in page.candidates if person.name in names]
    able.sort(key=lambda person: person.name not in first)
    return [
        (person.id, _("%(name)s (me)") % {"name": person.name} if person.is_me else person.name) for person in able
    ]
