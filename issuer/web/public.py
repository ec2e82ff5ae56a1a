"""Pages for a stranger: who we are, how to join, who sees what."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from issuer.service import badges as catalogue_service
from issuer.service import circles as circle_service
from issuer.service.setup import setup_page
from issuer.web.context import Routes, Web, reader

TEASER = 6


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the pages for strangers at their addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/", home)
    routes.page("/join", join)
    routes.page("/privacy", privacy)


def home(web: Web) -> ResponseReturnValue:
    """Say who the Academy is and what its badges prove; lead to the set-up while nothing is here."""
    person = reader()
    setup = setup_page(web.academy, reader=person.id if person else None)
    if setup is not None and setup.step == "circle":
        return redirect("/setup", 303)
    badges = catalogue_service.catalogue(web.academy)
    return render_template("public/home.html", setup=setup, badges=badges[:TEASER], more=len(badges) > TEASER)


def join(web: Web) -> ResponseReturnValue:
    """Say how a person or an ally group comes in, who decides, and when."""
    circles = circle_service.all_circles(web.academy)
    return render_template("public/join.html", pods=[circle for circle in circles if circle.kind == "pod"])


def privacy(_web: Web) -> ResponseReturnValue:
    """Say in plain words who sees what (DOMAIN.md section 7)."""
    return render_template("public/privacy.html")
