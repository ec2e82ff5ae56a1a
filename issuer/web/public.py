"""Pages for a stranger: who we are, how to join, who sees what."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from issuer.service import badges as catalogue_service
from issuer.service import circles as circle_service
from issuer.service.setup import setup_page
from issuer.web.context import Routes, Web, reader
from issuer.web.i18n import N_

TEASER = 6
# What the service itself looks after in every decision (DOMAIN.md 4.1), one sentence each.
RULES = (
    ("G1", N_("Nobody decides, facilitates or keeps the record about their own badge.")),
    ("G2", N_("Enough peers decide, each of them a full member of the circle, and never one person alone.")),
    ("G3", N_("Enough of them hold the badge themselves; while nobody does, founding evaluators stand in.")),
    ("G4", N_("Who has a conflict of interest says so first, and does not decide where it weighs.")),
    (
        "G5",
        N_(
            "Where everybody who decides got a badge from the applicant before, somebody from outside decides too."
        ),
    ),
    (
        "G6",
        N_(
            "Before it opens, all who decide have looked and given a key of their own, witnesses have written, and"
            " the applicant has read it and signed that it is about them."
        ),
    ),
    ("G7", N_("Everyone who decides has spoken, about this very version; silence is not consent.")),
    ("G8", N_("No objection is open: one objection holds the decision until it is met.")),
    (
        "G9",
        N_(
            "A badge is signed only for a sealed decision that all this holds for, and that the applicant accepts."
        ),
    ),
)


def add_routes(blueprint: Blueprint, web: Web) -> None:
    """Put the pages for strangers at their addresses."""
    routes = Routes(blueprint=blueprint, web=web)
    routes.page("/", home)
    routes.page("/join", join)
    routes.page("/privacy", privacy)
    routes.page("/rules", rules)


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


def rules(_web: Web) -> ResponseReturnValue:
    """Say in one sentence each what is looked after in every decision (DOMAIN.md 4.1)."""
    return render_template("public/rules.html", rules=RULES)
