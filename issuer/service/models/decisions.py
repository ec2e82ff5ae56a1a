"""A consent process and its sealed record (PAGES.md section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from issuer.service.models.badges import BadgeCard
from issuer.service.models.circles import CircleCard
from issuer.service.models.common import Mode, Person, StoryItem

Spoken = Literal["spoken", "not_yet", "objection", "passed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """The version that is being decided on."""

    version: int
    outcome: str  # award, not_yet, adopt, constitute
    title: str
    text: str  # Markdown
    review_on: date | None
    term_months: int | None
    measures: tuple[str, ...]
    plan: str | None
    look_again_on: date | None
    digest: str
    # What is proposed, in full. award: the badge as it would be issued. constitute: {"circle": {kind, name, aim,
    # domain, parent (a name), members (names), roles {role: name}, policy}}. adopt: {"badges": [definitions as in
    # Definition], "founders": {name: reason}, "founding_until": day}.
    preview: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One person in the round's circle."""

    person: Person
    state: Spoken
    decides: bool  # has consent rights; the person concerned and a mentor have none
    holder: bool
    part: str  # decider, facilitator, secretary, applicant, mentor; the words shown beside the name
    founder: bool = False  # names the badge's founding evaluators, who decide while few hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """An answer in a round. Others' are there only after one's own."""

    by: Person
    response: Literal["consent", "objection"]
    concern: str
    reason: str
    version: int
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """A clarifying question."""

    id: str
    by: Person
    text: str
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionView:
    """A quick reaction."""

    by: Person
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionView:
    """An objection with its life. It belongs to the circle once raised; `by` is for the circle only."""

    id: str
    by: Person
    reason: str
    about: str  # a criterion's text or the circle's aim
    wording: str | None  # the circle's wording, to be confirmed by the one who objected
    state: str  # the states of machine O
    how_met: str | None
    actions: frozenset[str] = frozenset()  # word, understood, concern, take_back


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """What a person's own key would sign here: the browser and `academy sign` read the same.

    `key` is the did:key that stands for the person in this decision, None where none does yet; `badge` is None
    where the decision awards none. `identity` is for the applicant alone: their address, and the salted identity
    that stands in the badge.
    """

    decision: str
    proposal: str
    badge: str | None
    version: int
    round: int
    digest: str
    now: str
    name: str
    outcome: str
    deciders: int
    key: str | None = None
    identity: Mapping[str, object] | None = None

    def to_json(self) -> dict[str, object]:
        """Return what a signer needs."""
        return {
            "decision": self.decision,
            "proposal": self.proposal,
            "badge": self.badge,
            "version": self.version,
            "round": self.round,
            "digest": self.digest,
            "now": self.now,
            "name": self.name,
            "outcome": self.outcome,
            "deciders": self.deciders,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidView:
    """An answer to be confirmed: who said it, what it was, and who wrote it down where that was another."""

    by: Person
    response: Literal["consent", "objection"]
    concern: str
    reason: str
    noted_by: Person | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPage:
    """The consent page (PAGES.md section 5)."""

    id: str
    kind: str  # award, adopt, constitute
    phase: str  # the states of machine C
    paused_from: str | None
    mode: Mode
    title: str
    question: str  # what is asked of the deciders, one sentence
    circle: CircleCard
    proposal: ProposalView
    seats: tuple[Seat, ...]
    turn_sentence: str
    until: datetime | None
    round: int
    my_answer: AnswerView | None
    answers: tuple[AnswerView, ...]
    questions: tuple[QuestionView, ...]
    reactions: tuple[ReactionView, ...]
    objections: tuple[ObjectionView, ...]
    blockers: tuple[str, ...]  # what keeps the next phase from opening, a sentence each
    extensions_left: int
    meeting_code: str | None
    closing_said: frozenset[str]  # ids of those who said "nothing more"
    criteria: tuple[str, ...]  # for "which criterion is this about"
    outcome: str | None
    decision_id: str | None
    application_id: str | None
    concerned: Person | None
    story: tuple[StoryItem, ...]
    decision_url: str = ""
    my_key: str | None = None  # the did:key that stands for the reader here
    without_key: tuple[Person, ...] = ()  # those who decide and have given no key yet
    to_sign: ToSign | None = None
    my_said: SaidView | None = None
    said: tuple[SaidView, ...] = ()  # what others said and have to confirm
    actions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordField:
    """One slot of a sealed record. A closed slot has neither value nor salt, only its leaf."""

    path: tuple[str, ...]
    label: str
    value: object | None
    open: bool
    leaf: str
    salt: str | None = None  # base64url, of an open slot that holds something: with it anybody recomputes the leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEntry:
    """Where a decision stands in the log: the leaf's text and place (from 0; None while it waits), and the key."""

    leaf: str
    index: int | None
    vkey: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """A sealed decision record as this reader may see it."""

    id: str
    kind: str
    outcome: str
    title: str
    circle: CircleCard
    decided_on: date
    review_on: date | None
    facts: tuple[tuple[str, str], ...]  # label, value: rounds, deciders, holders, objections met ...
    fields: tuple[RecordField, ...]
    root: str
    signature: str
    record_key: str
    story: tuple[StoryItem, ...]
    badge: BadgeCard | None
    entry: LoggedEntry | None = None  # of a consent; other endings have none
