"""The way from an empty database to the first badge, step by step."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from issuer.errors import InvalidInputError, NotFoundError, RefusedError
from issuer.service import circles as circle_service
from issuer.service.setup import proposed_circle, setup_page
from issuer.web.circle_forms import read_circle, read_mode, rows, typed_circle
from issuer.web.context import Routes, Web, reader
from issuer.web.forms import Form, Reading, sent
from issuer.web.i18n import N_, _

_MAX_CODE = 64
STEPS = (
    (
        "circle",
        N_("The first circle"),
        N_("Name the people and what you are there for: three or more, as nobody decides on their own badge."),
    ),
    ("consent", N_("The first decision"), N_("Those people decide together that they begin as this circle.")),
    ("badges", N_("The first badges"), N_("The circle adopts badges, and names who may decide on them at first.")),
    ("first_application", N_("The first application"), N_("Somebody applies, peers look, the circle decides.")),
)


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the set-up at its address."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/setup", setup)
    routes.action("/setup", begin, members=False)


def setup(web: Web) -> ResponseReturnValue:
    """Show where the Academy stands on its way to the first badge."""
    code = request.args.get("code", "")[:_MAX_CODE]
    return _page(web, _proposed(web, code) or Form())


def begin(web: Web) -> ResponseReturnValue:
    """Propose the first circle. Whoever started the service knows the code; nobody else does."""
    if "more" in request.form:
        return _page(web, sent(""))
    if "fill" in request.form:
        code = request.form.get("setup_code", "")[:_MAX_CODE]
        wrong = InvalidInputError({"setup_code": _("This is not the set-up code that the terminal shows.")})
        found = _proposed(web, code)
        return (_page(web, found), 200) if found else (_page(web, sent("", wrong)), wrong.status)
    reading = Reading()
    try:
        code = reading.line("setup_code", needed=_("Write the set-up code that the terminal shows."))
        draft = read_circle(reading, first=True)
        mode = read_mode(reading)
        reading.check()
        circle_service.propose_circle(web.academy, by=None, draft=draft, mode=mode, setup_code=code)
    except (InvalidInputError, RefusedError) as error:
        return _page(web, sent("", error)), error.status
    flash(_("The first circle is proposed. Everybody named got a mail with a link to the decision."))
    return redirect("/setup", 303)


def _proposed(web: Web, code: str) -> Form | None:
    """Return the form filled with what is proposed now, for who knows the code."""
    found = proposed_circle(web.academy, setup_code=code) if code else None
    return Form(typed=typed_circle(*found) | {"setup_code": (code,)}) if found else None


def _page(web: Web, form: Form) -> str:
    person = reader()
    page = setup_page(web.academy, reader=person.id if person else None)
    if page is None:
        raise NotFoundError("The Academy is set up.")
    code = request.args.get("code", "")[:_MAX_CODE]
    people = sum(name.startswith("person-") for name in form.typed)
    done = [step[0] for step in STEPS].index(page.step)
    return render_template(
        "circles/setup.html", page=page, steps=STEPS, done=done, form=form, rows=max(rows(), people), code=code
    )
