"""One application, as one reader may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from issuer.service.models.badges import BadgePage
from issuer.service.models.circles import CircleCard
from issuer.service.models.common import Mode, Person, StoryItem
from issuer.service.models.decisions import ToSign

CheckWord = Literal["seen", "partly", "not_yet", "cannot_say"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the applicant says for one criterion."""

    criterion: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """One piece of evidence. `link` (https) or a file, not both."""

    id: str
    kind: str
    title: str
    note: str
    link: str | None
    file_name: str | None
    size: int | None
    about_others: bool
    data_permission: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessItem:
    """A witness: invited, then with words, or taken back, or one who would rather not."""

    id: str
    name: str
    relation: str
    text: str | None
    is_me: bool
    state: str  # invited, given, taken_back, declined


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """A peer's word on one criterion."""

    criterion: str
    word: CheckWord | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A peer's checklist. No numbers anywhere."""

    by: Person
    items: tuple[CheckItem, ...]
    appreciation: str
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationPage:
    """One application as this reader may see it (applicant, deciders, facilitator, secretary, witnesses)."""

    id: str
    state: str  # the states of machine A
    state_sentence: str
    turn_sentence: str
    until: datetime | None
    badge: BadgePage
    circle: CircleCard
    mode: Mode
    applicant: Person
    claims: tuple[Claim, ...]
    reflection: str
    evidence: tuple[EvidenceItem, ...]
    witnesses: tuple[WitnessItem, ...]
    evaluations: tuple[Evaluation, ...]
    my_evaluation: Evaluation | None
    missing: tuple[str, ...]  # what is missing before the next step, one sentence each
    deciders: tuple[Person, ...]
    facilitator: Person | None
    secretary: Person | None
    candidates: tuple[Person, ...]  # members who may become deciders, for who can say so
    role_holders: tuple[Person, ...]  # who may hold the process here now: running facilitators and secretaries
    holders: frozenset[str]  # ids among deciders and candidates who hold this badge or are founders
    conflict_asked: bool  # this reader has still to answer the conflict question
    conflicts_to_settle: tuple[Person, ...]  # named "other": this reader says whether they can stay
    heard: tuple[Person, ...]  # deciders who have filled in their checklist
    signed_name: str | None
    plan: str | None  # the plan of a "not yet"
    look_again_on: date | None
    returned: str | None  # the secretary's reason for sending it back
    process_id: str | None
    process_phase: str | None
    credential_path: str | None
    story: tuple[StoryItem, ...]
    decision_url: str | None = None  # for the key that a decider gives with what they saw
    my_key: str | None = None
    to_sign: ToSign | None = None  # the applicant's own word: about-me before the round, accept after it
    actions: frozenset[str] = frozenset()
