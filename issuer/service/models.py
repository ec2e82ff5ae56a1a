"""What the pages show: plain values that the use cases return and the templates read.

Nothing in here knows the database or Flask. Texts are as people typed them (Markdown where a page says so);
times are aware and in UTC, the page shows them in the reader's zone. `actions` holds the names of the use
cases that this reader may call now, so that a page offers exactly what the rules would accept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Spoken = Literal["spoken", "not_yet", "objection", "passed"]
CheckWord = Literal["seen", "partly", "not_yet", "cannot_say"]
Mode = Literal["async", "meeting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The person who is signed in."""

    id: str
    name: str
    email: str
    time_zone: str = "UTC"
    is_academy_member: bool = False
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that has begun: its token for the cookie, and where the person wanted to go."""

    session: str = field(repr=False)
    next_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed badge as it was stored."""

    json: str
    jwt: str
    credential: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as this reader may see them: a display name or a pseudonym."""

    id: str
    name: str
    is_me: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that waits for this reader."""

    sentence: str
    path: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryItem:
    """One step of a case or a decision, for the timeline."""

    at: datetime
    kind: str  # proposal, question, reaction, round, objection, met, decision, review, badge, pause
    sentence: str


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
class CaseRow:
    """An application or a decision in a list that members see."""

    path: str
    title: str
    sentence: str
    until: datetime | None = None


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
    actions: frozenset[str] = frozenset()


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
    """A witness: invited, then with words, or taken back."""

    id: str
    name: str
    relation: str
    text: str | None
    is_me: bool
    state: str  # invited, given, taken_back


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
    actions: frozenset[str] = frozenset()


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
    # BadgeDraft], "founders": {name: reason}, "founding_until": day}.
    preview: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One person in the round's circle."""

    person: Person
    state: Spoken
    decides: bool  # has consent rights; the person concerned and a mentor have none
    holder: bool
    part: str  # decider, facilitator, secretary, applicant, mentor; the words shown beside the name


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MePage:
    """What waits for me, and what is mine."""

    me: Me
    tasks: tuple[Task, ...]
    applications: tuple[CaseRow, ...]
    badges: tuple[CaseRow, ...]
    circles: tuple[CircleCard, ...]
    statements: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPage:
    """The way from an empty database to the first badge."""

    step: Literal["circle", "consent", "badges", "first_application"]
    path: str | None  # the page of the running step
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """A mail in the local outbox page (development only)."""

    id: int
    to: str
    subject: str
    body: str
    at: datetime
    sent: bool


# Drafts: what a form hands in. Parsed by the view, judged by the rules.


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDraft:
    """A person named in a proposal."""

    name: str
    email: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleDraft:
    """A circle to constitute: the people named are its deciders."""

    name: str
    kind: str
    aim: str
    domain: str
    parent: str | None  # slug; None for the Academy Circle only
    members: tuple[MemberDraft, ...]
    leader: str | None = None  # e-mail: full member of both circles, when there is a parent
    delegate: str | None = None
    policy: Literal["default", "small_circle"] = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeDraft:
    """A badge version to adopt."""

    slug: str
    name: str
    skill: str
    level: str
    bundle: str
    criteria: tuple[str, ...]
    show: tuple[str, ...]
    evidence_kinds: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    min_peers: int | None = None
    min_holders: int | None = None
    min_witnesses: int | None = None
    award_term_months: int | None = None
    review_months: int = 24
    version: str = "1"
    reflection_needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FounderDraft:
    """A founding evaluator with the reason why the circle trusts them with it."""

    member: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDraft:
    """A piece of evidence to add: a link or a file."""

    kind: str
    title: str
    note: str = ""
    link: str | None = None
    file_name: str | None = None
    content: bytes | None = field(default=None, repr=False)
    about_others: bool = False
    data_permission: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDraft:
    """An answer in a round, to one exact version."""

    version: int
    response: Literal["consent", "objection"]
    concern: str = ""
    reason: str = ""
    about: str = ""
    show_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A new version of a proposal: at least one of its parts differs from the one before."""

    outcome: str
    text: str = ""
    review_on: date | None = None
    term_months: int | None = None
    measures: tuple[str, ...] = ()
    plan: str | None = None
    look_again_on: date | None = None
    how_met: Mapping[str, str] = field(default_factory=dict)  # objection id -> how this version meets it
