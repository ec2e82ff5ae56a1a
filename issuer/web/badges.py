"""The catalogue, a badge's page where one applies, and the form that proposes badges."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from issuer.errors import InvalidInputError, NotAllowedError, RefusedError
from issuer.service import applications as application_service
from issuer.service import badges as badge_service
from issuer.service.catalogue import starting_catalogue
from issuer.service.models import BadgeCard
from issuer.web.badge_forms import CRITERIA, FOUNDERS, LEVELS, faults_by_field, read_proposal
from issuer.web.context import Routes, Web, me, reader
from issuer.web.forms import Form, Reading, sent
from issuer.web.i18n import N_, _

LEVEL_WORDS = {
    "practitioner": N_("Practitioner"),
    "facilitator": N_("Facilitator"),
    "trainer": N_("Trainer"),
    "consultant": N_("Consultant"),
}
EVIDENCE_WORDS = {
    "minutes": N_("Minutes of a meeting"),
    "recording_link": N_("Recording (link)"),
    "document": N_("Document"),
    "decision_record": N_("Record of a decision"),
    "backlog": N_("Backlog"),
    "plan_outline": N_("Outline of a plan"),
    "shown_live": N_("Shown live"),
    "witness_statement": N_("Words of witnesses"),
    "mentor_statement": N_("Words of a mentor"),
    "self_reflection": N_("Self-reflection"),
}


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the pages of badges at their addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/badges", catalogue)
    routes.page("/badges/propose", new_badges, members=True)
    routes.action("/badges/propose", propose_badges)
    routes.page("/badges/<slug>", badge)
    routes.action("/badges/<slug>", apply)


def catalogue(web: Web) -> ResponseReturnValue:
    """Show all badges on offer, by bundle, and in it by level."""
    order = list(LEVEL_WORDS)

    def place(card: BadgeCard) -> tuple[str, int, str]:
        return card.bundle, order.index(card.level) if card.level in order else len(order), card.name

    cards = sorted(badge_service.catalogue(web.academy), key=place)
    bundles = [(bundle, list(inside)) for bundle, inside in groupby(cards, key=lambda card: card.bundle)]
    return render_template(
        "badges/all.html", bundles=bundles, levels=LEVEL_WORDS, may_propose=_is_academy_member()
    )


def badge(web: Web, *, slug: str) -> ResponseReturnValue:
    """Show a badge: what it asks, how it can be shown, who decides, and where this reader may apply."""
    return _badge_page(web, slug, Form())


def apply(web: Web, *, slug: str) -> ResponseReturnValue:
    """Begin a draft that only its author sees."""
    reading = Reading()
    circle = reading.line("circle", needed=_("Choose the circle that will look at your application."))
    try:
        reading.check()
        id_ = application_service.start(web.academy, by=me().id, badge=slug, circle=circle)
    except (InvalidInputError, RefusedError) as error:
        return _badge_page(web, slug, sent("", error)), error.status
    return redirect(f"/applications/{id_}", 303)


def new_badges(web: Web) -> ResponseReturnValue:
    """Show the form that proposes badges to the Academy Circle."""
    if not _is_academy_member():
        raise NotAllowedError(
            _("Badges are proposed to the Academy Circle by one of its members."),
            rule="V1",
            remedy=_("Bring your idea to somebody from the Academy Circle."),
        )
    return _form(web, Form())


def propose_badges(web: Web) -> ResponseReturnValue:
    """Put badges before the Academy Circle."""
    reading = Reading()
    own = False
    try:
        proposal = read_proposal(reading)
        own = proposal.own
        reading.check()
        process = badge_service.propose_badges(
            web.academy,
            by=me().id,
            drafts=proposal.drafts,
            founders=proposal.founders,
            founding_until=proposal.founding_until,
            mode=proposal.mode,
        )
    except InvalidInputError as error:
        form = sent("", InvalidInputError(faults_by_field(error.faults, own=own or "name" in error.faults)))
        return _form(web, form), error.status
    except RefusedError as error:
        return _form(web, sent("", error)), error.status
    flash(_("The badges are proposed. The Academy Circle decides on them by consent."))
    return redirect(f"/processes/{process}", 303)


def _badge_page(web: Web, slug: str, form: Form) -> str:
    person = reader()
    page = badge_service.badge_page(
        web.academy,
        slug=slug,
        reader=person.id if person else None,
        version=request.args.get("version") or None,
        people=True,
    )
    return render_template(
        "badges/one.html", page=page, form=form, levels=LEVEL_WORDS, evidence_words=EVIDENCE_WORDS
    )


def _form(web: Web, form: Form) -> str:
    known = badge_service.catalogue(web.academy)
    slugs = {card.slug for card in known}
    return render_template(
        "badges/propose.html",
        form=form,
        starting=[badge for badge in starting_catalogue() if badge.slug not in slugs],
        known=known,
        levels=[(level, _(words)) for level, words in LEVELS],
        candidates=[
            (person.id, person.name) for person in badge_service.founder_candidates(web.academy, by=me().id)
        ],
        criteria=CRITERIA,
        founders=FOUNDERS,
    )


def _is_academy_member() -> bool:
    person = reader()
    return person is not None and person.is_academy_member
