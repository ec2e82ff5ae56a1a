"""Terms of art, each with its explanation in one sentence, one tap away."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import g
from markupsafe import Markup

from issuer.web.i18n import N_, _

TERMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "consent": (
            N_("consent"),
            N_("I have no objection: it is good enough for now, safe enough to try. It need not be my favourite."),
        ),
        "objection": (
            N_("objection"),
            N_("A reason why doing this would get in the way of the circle's aim. All of the circle work on it."),
        ),
        "concern": (
            N_("concern"),
            N_("A worry that does not stop the decision. It is written down, and looked at again at the review."),
        ),
        "consent round": (
            N_("consent round"),
            N_("Everyone who decides speaks once, in turn. One objection holds the decision until it is met."),
        ),
        "circle": (
            N_("circle"),
            N_("A small group with an aim, and with full authority to decide in its own domain."),
        ),
        "domain": (N_("domain"), N_("What a circle decides about by itself, without asking anybody.")),
        "double link": (
            N_("double link"),
            N_("Two people are full members of both circles, so that news and wishes travel both ways."),
        ),
        "leader": (N_("leader"), N_("Brings the matters of the broader circle into this one.")),
        "delegate": (N_("delegate"), N_("Carries the matters of this circle into the broader one.")),
        "facilitator": (
            N_("facilitator"),
            N_("Holds the process as an equal, with no extra say in what is decided."),
        ),
        "secretary": (
            N_("secretary"),
            N_("Keeps the circle's minutes and records, and looks whether an application is complete."),
        ),
        "holder": (
            N_("holder"),
            N_("Somebody who has this badge already, and so knows the skill from the inside."),
        ),
        "not yet": (
            N_("not yet"),
            N_("A decision to look again on a date, with a plan for getting there. Only the circle can see it."),
        ),
        "deciding peers": (
            N_("deciding peers"),
            N_("The members whose consent this decision needs. Each of them speaks; silence is not consent."),
        ),
        "founding": (
            N_("founding"),
            N_("Nobody holds this badge yet: for a limited time the circle trusts named people to decide on it."),
        ),
        "witness": (
            N_("witness"),
            N_("Somebody who saw the person at work and says in their own words what they saw."),
        ),
        "sealed": (
            N_("sealed"),
            N_("Signed when it was decided, so that any later change to the record would show."),
        ),
        "review": (N_("review"), N_("A date on which the circle looks at a decision again.")),
        "pseudonym": (N_("pseudonym"), N_("A made-up name, new for each record, that stands for a real person.")),
        "meeting mode": (
            N_("meeting mode"),
            N_("Everybody is in one room or call, each on their own phone; nothing waits for a clock."),
        ),
    }
)


def term(name: str, label: str | None = None) -> Markup:
    """Return a term as a button that opens its explanation; works by keyboard and without a script."""
    shown, explanation = TERMS[name]
    number = g.get("terms", 0) + 1
    g.terms = number
    return Markup(
        '<button type="button" class="term" popovertarget="term-{n}">{shown}</button>'
        '<span popover id="term-{n}" class="explanation" role="note">{explanation}</span>'
    ).format(n=number, shown=label or _(shown), explanation=_(explanation))
