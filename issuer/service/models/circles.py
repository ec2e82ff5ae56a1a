"""Circles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from issuer.service.models.common import CaseRow, Person
from issuer.service.models.passkeys import EnrolmentView


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleCard:
    """A circle in a list."""

    slug: str
    name: str
    kind: str  # academy, superpod, pod, helping
    aim: str
    parent: str | None = None  # slug


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHolder:
    """Who holds a role, and until when. `name` is None where the seat is empty."""

    role: str  # leader, delegate, facilitator, secretary
    name: str | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CirclePage:
    """A circle's public page; the last block is for its members only."""

    card: CircleCard
    domain: str
    parent: CircleCard | None
    children: tuple[CircleCard, ...]
    roles: tuple[RoleHolder, ...]
    single_link: bool
    member_count: int
    policy: Mapping[str, str]
    decided_on: date | None
    review_on: date | None
    decision_id: str | None
    is_member: bool = False
    members: tuple[Person, ...] = ()
    waiting: tuple[CaseRow, ...] = ()
    running: tuple[CaseRow, ...] = ()
    closed: tuple[CaseRow, ...] = ()
    enrolments: tuple[EnrolmentView, ...] = ()
    actions: frozenset[str] = frozenset()
