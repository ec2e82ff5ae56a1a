"""Badges on offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from issuer.service.models.circles import CircleCard
from issuer.service.models.common import CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeCard:
    """A badge in the catalogue."""

    slug: str
    name: str
    skill: str
    level: str
    bundle: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgePage:
    """A badge definition in force (or an older version, by `version`)."""

    card: BadgeCard
    criteria: tuple[str, ...]
    show: tuple[str, ...]
    evidence_kinds: tuple[str, ...]
    requires: tuple[BadgeCard, ...]
    min_peers: int
    min_holders: int
    min_witnesses: int
    award_term_months: int | None
    review_on: date
    adopted_on: date
    decision_id: str
    achievement_url: str
    founding: bool
    founding_until: date | None
    circles: tuple[CircleCard, ...] = ()  # where this reader may apply
    why_not: str | None = None  # why this reader cannot apply now, in a sentence
    my_application: str | None = None
    shown_by: tuple[CaseRow, ...] = ()  # public and in force, newest first; the title is the signed name, or empty
