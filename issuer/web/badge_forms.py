"""Reads the form that proposes badges: one written here, others from the starting catalogue, and founders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import request

from issuer.rules.achievements import Definition
from issuer.service.catalogue import starting_catalogue
from issuer.service.models import FounderDraft, Mode
from issuer.web.circle_forms import read_mode
from issuer.web.forms import Reading
from issuer.web.i18n import N_, _

CRITERIA = 6
FOUNDERS = 5
MAX_BADGES = 12
LEVELS = (
    ("practitioner", N_("Practitioner: does it in their own circle")),
    ("facilitator", N_("Facilitator: holds it for a circle")),
    ("trainer", N_("Trainer: helps others to learn it")),
    ("consultant", N_("Consultant: brings it into organisations")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeProposal:
    """What the form proposes. `own` says that the first draft was written in the form itself."""

    drafts: tuple[Definition, ...]
    own: bool
    founders: tuple[FounderDraft, ...]
    founding_until: date | None
    mode: Mode


def read_proposal(reading: Reading) -> BadgeProposal:
    """Return the badges, founders and mode that were typed."""
    taken = _taken(reading)
    own = _own(reading) if request.form.get("name", "").strip() or not taken else None
    drafts = ((own, *taken) if own else taken)[: MAX_BADGES + 1]
    if len(drafts) > MAX_BADGES:
        reading.fault("take", _("Propose at most %(most)s badges in one decision.") % {"most": MAX_BADGES})
    return BadgeProposal(
        drafts=drafts,
        own=own is not None,
        founders=_founders(reading),
        founding_until=reading.day("founding_until"),
        mode=read_mode(reading),
    )


def faults_by_field(faults: Mapping[str, str], *, own: bool) -> dict[str, str]:
    """Return the rules' faults under the names that the form has: those of taken badges stand with their list."""
    named: dict[str, str] = {}
    for name, sentence in faults.items():
        number, _dash, rest = name.removeprefix("badges-").partition("-")
        if name.startswith("badges-") and number == "0" and own:
            named[rest] = sentence
        elif name.startswith("badges"):
            named["take"] = f"{named['take']} {sentence}" if "take" in named else sentence
        else:
            named[name if own or name.startswith("found") else "take"] = sentence
    return named


def _taken(reading: Reading) -> tuple[Definition, ...]:
    wanted = set(reading.choices("take"))
    return tuple(badge for badge in starting_catalogue() if badge.slug in wanted)


def _own(reading: Reading) -> Definition:
    name = reading.line("name", needed=_("Give the badge a name, or choose some from the starting catalogue."))
    slug = reading.line("slug", most=60) or _short_name(name)
    criteria = [reading.text(f"criterion-{number}", most=500) for number in range(CRITERIA)]
    show = reading.text("show", most=2000)
    return Definition(
        slug=slug,
        name=name,
        skill=reading.text("skill", needed=_("Say in one sentence what the person can do."), most=500),
        level=reading.choice("level", [level for level, _words in LEVELS], needed=_("Choose the badge's level.")),
        bundle=reading.line("bundle", needed=_("Say which group of badges it belongs to.")),
        criteria=tuple(criterion for criterion in criteria if criterion),
        show=tuple(line.strip() for line in show.splitlines() if line.strip()),
        requires=reading.choices("requires"),
        min_peers=reading.number("min_peers", least=2, most=12),
        min_holders=reading.number("min_holders", least=0, most=12),
        min_witnesses=reading.number("min_witnesses", least=0, most=12),
        award_term_months=reading.number("award_term_months", least=1, most=240),
        review_months=reading.number("review_months", least=1, most=60) or 24,
        version=reading.line("version", most=20) or "1",
        reflection_needed=reading.ticked("reflection_needed"),
    )


def _short_name(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")


def _founders(reading: Reading) -> tuple[FounderDraft, ...]:
    found = []
    for number in range(FOUNDERS):
        member = reading.line(f"founder-{number}")
        reason = reading.line(f"reason-{number}", most=300)
        if member and not reason:
            reading.fault(f"reason-{number}", _("Say why the circle trusts this person with it."))
        if reason and not member:
            reading.fault(f"founder-{number}", _("Choose the person this reason is about."))
        if member:
            found.append(FounderDraft(member=member, reason=reason))
    return tuple(found)
