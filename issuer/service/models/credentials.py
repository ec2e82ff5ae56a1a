"""Badges that were issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from issuer.service.models.applications import EvidenceItem
from issuer.service.models.badges import BadgePage
from issuer.service.models.circles import CircleCard
from issuer.service.models.decisions import DecisionPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed badge as it was stored."""

    json: str
    jwt: str
    credential: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialPage:
    """A badge that was issued, for its page; the verdict comes from the verifier, not from here."""

    id: str
    path: str
    credential: Mapping[str, object]
    jwt: str | None
    badge: BadgePage
    circle: CircleCard
    issuer_name: str
    issuer_url: str
    person_name: str | None  # the signed name, if the holder chose one
    issued_on: date
    valid_until: date | None
    review_on: date | None
    decision: DecisionPage
    published_evidence: tuple[EvidenceItem, ...]
    is_mine: bool
    published: bool
    given_back: bool
    given_back_on: date | None = None
    actions: frozenset[str] = frozenset()
