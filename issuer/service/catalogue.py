"""The starting catalogue: twelve badges of demonstration, as drafts that a circle can adopt or change."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from issuer.rules.achievements import Definition

FILE = "demo_catalogue.json"


@cache
def starting_catalogue() -> tuple[Definition, ...]:
    """Return the badges of the starting catalogue."""
    value = json.loads((resources.files("issuer.data") / FILE).read_text(encoding="utf-8"))
    return tuple(
        Definition(
            slug=badge["slug"],
            name=badge["name"],
            skill=badge["skill"],
            level=badge["level"],
            bundle=badge["bundle"],
            criteria=tuple(badge["criteria"]),
            show=tuple(badge["show"]),
            evidence_kinds=tuple(badge["evidence"]),
            requires=tuple(badge["requires"]),
            min_peers=badge.get("min_peers"),
            min_holders=badge.get("min_holders"),
            min_witnesses=badge.get("min_witnesses"),
            award_term_months=badge.get("award_term_months"),
            review_months=badge.get("review_months", value["defaults"]["review_months"]),
            version=value["defaults"]["version"],
            reflection_needed="self_reflection" in badge["evidence"],
        )
        for badge in value["badges"]
    )
