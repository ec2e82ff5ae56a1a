"""The state of one consent process. One shape for every kind of decision; texts by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from issuer.rules.policy import DEFAULT, Policy, Requirements
from schemas import OPEN_OBJECTION_STATES, Response

RECUSING = frozenset({"household", "paid_work", "dispute"})
CONFLICT_KINDS = ("none", "household", "paid_work", "mentor", "dispute", "other")
TALKING = frozenset({"clarifying", "reacting", "consent_round", "integrating", "settling"})
MAX_DECIDERS = 12  # a record has so many places (schemas/record_v1.json)
MAX_MEASURES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Somebody who has a part in the decision: a decider, or who holds its process."""

    member: str
    decides: bool = True
    conflict: str | None = None
    conflict_accepted: frozenset[str] = frozenset()
    opened: bool = False  # has opened the evidence
    checklist: str | None = None  # text id of the filled checklist
    asked: bool = False  # has asked or passed
    passed: bool = False  # has passed on questions, so a new question asks again
    reacted: bool = False  # has reacted or passed
    key: str | None = None  # did:key of the statement key that this person made for this decision
    assurance: str = "link"  # how the person showed who they are when giving the key: passkey | link

    @property
    def recused(self) -> bool:
        """Say whether a conflict of interest ended every part in it (G4)."""
        return self.conflict in RECUSING

    @property
    def voice(self) -> bool:
        """Say whether the person asks, reacts and says what they saw: a mentor does, without consent rights."""
        return self.decides or self.conflict == "mentor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the proposal; its digest is what people consent to, and names those who decide."""

    number: int
    outcome: str
    digest: str
    terms: str
    text: str
    review_on: date | None = None
    term_months: int | None = None
    measures: tuple[str, ...] = ()
    plan: str | None = None
    look_again_on: date | None = None
    deciders: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()  # K: the statement keys of those who decide, in the digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A clarifying question; texts by id."""

    id: str
    by: str
    text: str
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody said in a round, to one exact version.

    `statement` is the digest of what was signed and `signed` the id of its text; both are None for what was only
    said, and is to be confirmed. `noted_by` is whoever wrote it down for somebody else.
    """

    by: str
    version: int
    round: int
    response: Response
    concern: str | None = None
    reason: str | None = None
    show_name: bool = False
    assurance: str = "link"
    statement: str | None = None
    signed: str | None = None
    noted_by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """An objection and where its life stands. It belongs to the circle once raised."""

    id: str
    by: str
    version: int
    round: int
    reason: str
    about: str = ""
    state: str = "raised"
    wording: str | None = None
    confirmed: bool = False  # the objecting person confirmed the wording (O1)
    met: str | None = None

    @property
    def summary(self) -> str:
        """What the record may quote: the circle's wording once it was confirmed, else the reason given."""
        return self.wording if self.wording and self.confirmed else self.reason

    @property
    def open(self) -> bool:
        """Say whether it keeps the proposal from becoming a decision."""
        return self.state in OPEN_OBJECTION_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutMe:
    """The word of the person concerned that the badge is about them: their key, and the id of the signed text."""

    key: str
    signed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One decision on its way. `concerned` is the person it is about, who has no consent rights."""

    id: str
    kind: str = ""
    circle: str = ""
    subject: str = ""
    proposer: str = ""
    concerned: str | None = None
    facilitator: str = ""
    secretary: str = ""
    mode: str = "async"
    policy: Policy = DEFAULT
    needs: Requirements = field(default_factory=lambda: Requirements(min_peers=3, min_holders=1))
    phase: str = "preparing"
    paused_from: str | None = None
    time_left: timedelta | None = None  # of the phase that was paused
    peers: Mapping[str, Peer] = field(default_factory=lambda: MappingProxyType({}))
    feedback_read: bool = False
    feedback_read_at: datetime | None = None
    about_me: AboutMe | None = None
    released: int = 0  # how many said "not this time"
    versions: tuple[Version, ...] = ()
    questions: tuple[Question, ...] = ()
    reactions: tuple[tuple[str, str], ...] = ()
    round: int = 0
    answers: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))
    past_answers: tuple[Answer, ...] = ()
    said: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))  # to be confirmed with a key
    objections: tuple[Objection, ...] = ()
    deadline: datetime | None = None
    extensions: int = 0
    nothing_more: frozenset[str] = frozenset()
    plan_agreed: bool | None = None  # what the person concerned says to the plan of a "not yet"
    outcome: str | None = None
    record: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def deciders(self) -> tuple[str, ...]:
        """Those with consent rights, in a stable order."""
        return tuple(sorted(peer.member for peer in self.peers.values() if peer.decides))

    @property
    def keys(self) -> tuple[str, ...]:
        """The statement keys of those with consent rights, sorted; the list K once each has given one."""
        return tuple(sorted(peer.key for peer in self.peers.values() if peer.decides and peer.key))

    @property
    def version(self) -> Version | None:
        """The version that is being decided on."""
        return self.versions[-1] if self.versions else None

    @property
    def deciders_changed(self) -> bool:
        """Say whether others decide now, or with other keys, than those whom the version on the table names."""
        version = self.version
        return version is not None and (version.deciders, version.keys) != (self.deciders, self.keys)

    @property
    def closed(self) -> bool:
        """Say whether it has ended."""
        return self.phase == "closed"
