"""Circles: how they are linked, what each is for, and how a new one is proposed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from issuer.errors import InvalidInputError, NotAllowedError, RefusedError
from issuer.service import circles as circle_service
from issuer.web.circle_forms import KINDS, read_circle, read_mode, rows
from issuer.web.context import Routes, Web, me, reader
from issuer.web.forms import Form, Reading, sent
from issuer.web.i18n import N_, _

KIND_WORDS = {
    "academy": N_("Academy Circle"),
    "superpod": N_("Superpod: the circle of all students"),
    "pod": N_("Pod: students who practise together"),
    "helping": N_("Helping circle: formed for one task"),
}


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the pages of circles at their addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/circles", circles)
    routes.page("/circles/new", new_circle, members=True)
    routes.action("/circles/new", propose_circle)
    routes.page("/circles/<slug>", circle)


def circles(web: Web) -> ResponseReturnValue:
    """Show every circle and how they are linked."""
    cards = circle_service.all_circles(web.academy)
    return render_template("circles/all.html", cards=cards, kinds=KIND_WORDS, may_propose=_is_academy_member())


def circle(web: Web, *, slug: str) -> ResponseReturnValue:
    """Show a circle: its aim, domain, roles and policy; its members see what it is busy with."""
    person = reader()
    page = circle_service.circle_page(web.academy, slug=slug, reader=person.id if person else None)
    return render_template("circles/one.html", page=page, kinds=KIND_WORDS)


def new_circle(web: Web) -> ResponseReturnValue:
    """Show the form of a new circle."""
    if not _is_academy_member():
        raise NotAllowedError(
            _("New circles are proposed by a member of the Academy Circle."),
            rule="constitute",
            remedy=_("Talk to somebody from the Academy Circle."),
        )
    return _form(web, Form())


def propose_circle(web: Web) -> ResponseReturnValue:
    """Put a new circle before the people named in it."""
    if "more" in request.form:
        return _form(web, sent(""))
    reading = Reading()
    try:
        draft = read_circle(reading, first=False)
        mode = read_mode(reading)
        reading.check()
        process = circle_service.propose_circle(web.academy, by=me().id, draft=draft, mode=mode)
    except (InvalidInputError, RefusedError) as error:
        return _form(web, sent("", error)), error.status
    flash(_("The circle is proposed. Everybody named in it gets a mail and decides by consent."))
    return redirect(f"/processes/{process}", 303)


def _form(web: Web, form: Form) -> str:
    cards = circle_service.all_circles(web.academy)
    parents = [(card.slug, card.name) for card in cards]
    kinds = [(kind, _(KIND_WORDS[kind])) for kind in KINDS]
    return render_template("circles/new.html", form=form, rows=rows(), parents=parents, kinds=kinds)


def _is_academy_member() -> bool:
    person = reader()
    return person is not None and person.is_academy_member
