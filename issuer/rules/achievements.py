"""Badges on offer: versions that never change after adoption, and founding evaluators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from issuer.errors import InvalidInputError, RefusedError
from issuer.rules.journal import Event

ANOTHER_WAY = "Another way: say how it meets the criterion."
FINISH_ON_OLD_VERSION = timedelta(days=180)
ENOUGH_HOLDERS = 3
MIN_CRITERIA, MAX_CRITERIA = 2, 6
LEVELS = ("practitioner", "facilitator", "trainer", "consultant")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION = re.compile(r"[A-Za-z0-9.]{1,20}")  # it stands in addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of a badge, as it was adopted."""

    slug: str
    name: str
    skill: str
    level: str
    bundle: str
    criteria: tuple[str, ...]
    show: tuple[str, ...]
    version: str = "1"
    evidence_kinds: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    min_peers: int | None = None
    min_holders: int | None = None
    min_witnesses: int | None = None
    award_term_months: int | None = None
    review_months: int = 24
    reflection_needed: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the definition as JSON."""
        return asdict(self) | {
            name: list(getattr(self, name)) for name in ("criteria", "show", "evidence_kinds", "requires")
        }


def definition_from_json(value: Mapping[str, Any]) -> Definition:
    """Return a definition from the JSON that `to_json` made."""
    lists = {name: tuple(value[name]) for name in ("criteria", "show", "evidence_kinds", "requires")}
    return Definition(**{**value, **lists})


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version's life. `digest` is the multihash of its definition's canonical JSON."""

    version: str
    digest: str
    text: str
    decision: str
    adopted_on: date
    review_on: date
    superseded_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A badge with all its versions, newest last, and the founders while their window is open."""

    slug: str
    versions: tuple[Version, ...] = ()
    founders: frozenset[str] = frozenset()
    founding_until: date | None = None
    founding_decision: str | None = None

    @property
    def current(self) -> Version | None:
        """The version in force."""
        return self.versions[-1] if self.versions else None

    def version(self, name: str) -> Version | None:
        """Return a version by its name."""
        return next((version for version in self.versions if version.version == name), None)

    def is_open(self, name: str, *, today: date) -> bool:
        """Say whether an application may still be decided on this version (V3)."""
        version = self.version(name)
        if version is None:
            return False
        return version.superseded_on is None or today <= version.superseded_on + FINISH_ON_OLD_VERSION

    def founders_now(self, *, today: date, ordinary_holders: int) -> frozenset[str]:
        """Return the founding evaluators while the founding decision is in force (DOMAIN.md section 5)."""
        if self.founding_until is None or today > self.founding_until or ordinary_holders >= ENOUGH_HOLDERS:
            return frozenset()
        return self.founders


def evolve_badge(badge: Badge, event: Event) -> Badge:
    """Return the badge after an event."""
    if event.type != "adopted":
        raise AssertionError(f"a badge has no event {event.type}")
    today = event.at.date()
    version = Version(
        version=event["version"],
        digest=event["digest"],
        text=event["text"],
        decision=event["decision"],
        adopted_on=today,
        review_on=date.fromisoformat(event["review_on"]),
    )
    older = tuple(replace(old, superseded_on=old.superseded_on or today) for old in badge.versions)
    badge = replace(badge, versions=(*older, version))
    if event["founders"]:
        badge = replace(
            badge,
            founders=frozenset(event["founders"]),
            founding_until=date.fromisoformat(event["founding_until"]),
            founding_decision=event["decision"],
        )
    return badge


def check_definition(definition: Definition, *, known: Sequence[str], existing: Badge | None) -> Definition:
    """Return a definition that can be adopted, its last way to show completed; raise InvalidInputError.

    `known` are the slugs of badges that exist or are adopted together with this one.
    """
    faults: dict[str, str] = {}
    if not _SLUG.fullmatch(definition.slug) or len(definition.slug) > 60:  # noqa: PLR2004 - fits an address
        faults["slug"] = "The short name has small letters, digits and hyphens, at most 60."
    for name in ("name", "skill"):
        if not getattr(definition, name).strip():
            faults[name] = f"Say the badge's {name}."
    criteria = tuple(criterion for criterion in definition.criteria if criterion.strip())
    if not MIN_CRITERIA <= len(criteria) <= MAX_CRITERIA:
        faults["criteria"] = f"A badge has {MIN_CRITERIA} to {MAX_CRITERIA} criteria that can be observed."
    if definition.level not in LEVELS:
        faults["level"] = "Choose the badge's level."
    if missing := [slug for slug in definition.requires if slug not in known or slug == definition.slug]:
        faults["requires"] = f"There is no badge {missing[0]!r} to ask for."
    if not _VERSION.fullmatch(definition.version):
        faults["version"] = "A version has digits, letters and dots, at most 20."
    if existing is not None and existing.version(definition.version) is not None:
        faults["version"] = f"Version {definition.version} of this badge was adopted already and never changes."
    faults |= _numbers(definition)
    if faults:
        raise InvalidInputError(faults)
    show = tuple(way for way in definition.show if way.strip() and way != ANOTHER_WAY)
    return replace(definition, criteria=criteria, show=(*show, ANOTHER_WAY))


def _numbers(definition: Definition) -> dict[str, str]:
    limits = {
        "min_peers": (2, 12),  # nobody decides alone, and a record has twelve places
        "min_holders": (0, 12),
        "min_witnesses": (0, 12),
        "award_term_months": (1, 1200),
        "review_months": (1, 1200),
    }
    return {
        name: f"Choose a number from {least} to {most}."
        for name, (least, most) in limits.items()
        if (number := getattr(definition, name)) is not None and not least <= number <= most
    }


def check_founding(*, founders: Mapping[str, str], until: date | None, today: date, min_peers: int) -> None:
    """Refuse a founding decision without reasons, an end, or enough people (DOMAIN.md section 5)."""
    if not founders:
        return
    if until is None or until <= today:
        raise InvalidInputError({"founding_until": "A founding decision ends on a day to come."})
    if any(not reason.strip() for reason in founders.values()):
        raise InvalidInputError(
            {"founders": "Say for each founding evaluator why the circle trusts them with it."}
        )
    if not 2 <= len(founders) <= 5:  # noqa: PLR2004 - DOMAIN.md section 5
        raise RefusedError(
            "There are three to five founding evaluators, or two with guests from outside.",
            rule="G3",
            remedy=f"Name at least two; the badge's decisions need {min_peers} deciding peers.",
        )
