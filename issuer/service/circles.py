"""Circles: who they are, and the decision that constitutes one."""

from __future__ import annotations

import base64
import hashlib
import hmac
from types import MappingProxyType

from issuer.errors import InvalidInputError, NotAllowedError, NotFoundError
from issuer.rules.circles import ROLES, Circle, PlannedCircle, check_planned
from issuer.rules.policy import PRESETS, Requirements
from issuer.rules.process import Process
from issuer.rules.rounds import prepare, withdraw
from issuer.service.academy import Academy, Work, query, use_case
from issuer.service.cases import circle_case, process_case, store, store_new_process
from issuer.service.inputs import MAX_LINE, name_faults, text_faults
from issuer.service.models import CaseRow, CircleCard, CircleDraft, CirclePage, Mode, Person, RoleHolder
from issuer.service.notices import invite_deciders
from issuer.service.passkeys.enrolment import enrolments_in
from issuer.service.people import account_for
from issuer.service.proposals import Proposal, write_proposal
from issuer.store.cases import AnyRow

_SETUP_CODE_LETTERS = 12
_RUNNING_APPLICATIONS = ("submitted", "in_evaluation", "in_consent", "consented")
_MIN_DECIDERS = 2


def setup_code(academy: Academy) -> str:
    """Return the code that lets whoever started the service name the first people. It is on the terminal only."""
    secret = hmac.digest(academy.keyring.journal_key, b"academy-badges/setup/v1", hashlib.sha256)
    return base64.b32encode(secret).decode("ascii").lower()[:_SETUP_CODE_LETTERS]


def is_setup_code(academy: Academy, code: str | None) -> bool:
    """Say whether somebody knows the set-up code."""
    return hmac.compare_digest((code or "").strip().lower().encode(), setup_code(academy).encode())


def circle_card(row: AnyRow, *, slugs: dict[str, str]) -> CircleCard:
    """Return a circle's card; `slugs` maps ids of circles to their short names."""
    return CircleCard(
        slug=row.slug, name=row.name, kind=row.kind, aim=row.aim, parent=slugs.get(row.parent_id or "")
    )


def card_of(work: Work, circle: str) -> CircleCard:
    """Return the card of one circle; a circle that is only proposed has an empty short name."""
    row = work.unit.cases.circle(id_=circle)
    if row is None:
        return CircleCard(slug="", name="A circle to be", kind="pod", aim="")
    parent = work.unit.cases.circle(id_=row.parent_id) if row.parent_id else None
    return circle_card(row, slugs={parent.id: parent.slug} if parent else {})


@query
def all_circles(work: Work) -> tuple[CircleCard, ...]:
    """Return every circle."""
    rows = work.unit.cases.all_circles()
    slugs = {row.id: row.slug for row in rows}
    return tuple(circle_card(row, slugs=slugs) for row in rows)


@query
def circle_page(work: Work, *, slug: str, reader: str | None) -> CirclePage:
    """Return a circle's page; members see who is in it and what it is busy with."""
    row = work.unit.cases.circle(slug=slug)
    if row is None:
        raise NotFoundError("There is no circle of this name.")
    circle = circle_case(work, row.id).state
    is_member = reader in circle.members
    today = work.now.date()
    actions = set()
    if is_member and circle.kind == "academy":
        actions = {"propose_circle", "propose_badges"}
    return CirclePage(
        card=card_of(work, row.id),
        domain=row.domain,
        parent=card_of(work, row.parent_id) if row.parent_id else None,
        children=tuple(card_of(work, child.id) for child in work.unit.cases.children(row.id)),
        roles=_roles(work, circle),
        single_link=circle.single_link(today=today),
        member_count=len(circle.members),
        policy=_policy_words(circle),
        decided_on=circle.constituted_on,
        review_on=circle.review_on,
        decision_id=circle.decision,
        is_member=is_member,
        members=_members(work, circle, reader=reader) if is_member else (),
        waiting=_applications(work, row.id) if is_member else (),
        running=_processes(work, row.id, closed=False) if is_member else (),
        closed=_processes(work, row.id, closed=True) if is_member else (),
        enrolments=enrolments_in(work, circle.members, reader=reader) if reader and is_member else (),
        actions=frozenset(actions),
    )


def _roles(work: Work, circle: Circle) -> tuple[RoleHolder, ...]:
    today = work.now.date()
    names = work.unit.people.named({role.member for role in circle.roles})
    holders = []
    for role in ROLES if circle.parent else ("facilitator", "secretary"):
        held = [a for a in circle.roles if a.role == role and a.until >= today]
        holders += [RoleHolder(role=role, name=names[a.member].name, until=a.until) for a in held]
        if not held:
            holders.append(RoleHolder(role=role, name=None, until=None))
    return tuple(holders)


def _policy_words(circle: Circle) -> MappingProxyType[str, str]:
    policy = PRESETS[circle.policy]
    return MappingProxyType(
        {
            "Policy": "Small circle" if policy.name == "small_circle" else "As written in the badges",
            "Time for questions": _days(policy.questions_days),
            "Time for reactions": _days(policy.reactions_days),
            "Time for a consent round": _days(policy.round_days),
            "Settling time": _days(policy.settling_days),
        }
    )


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _members(work: Work, circle: Circle, *, reader: str | None) -> tuple[Person, ...]:
    people = work.unit.people.named(circle.members).values()
    return tuple(
        Person(id=row.id, name=row.name, is_me=row.id == reader) for row in sorted(people, key=lambda r: r.name)
    )


def _applications(work: Work, circle: str) -> tuple[CaseRow, ...]:
    rows = work.unit.cases.applications_in(circle, _RUNNING_APPLICATIONS)
    badges = work.unit.cases.badges_named({row.badge for row in rows})
    people = work.unit.people.named({row.applicant_id for row in rows})
    return tuple(
        CaseRow(
            path=f"/applications/{row.id}",
            title=f"{people[row.applicant_id].name}: {badges[row.badge].name}",
            sentence=STATE_WORDS[row.state],
        )
        for row in rows
    )


STATE_WORDS = MappingProxyType(
    {
        "draft": "A draft that only its author sees.",
        "submitted": "Waits for the circle to take it up.",
        "in_evaluation": "Peers look at it, criterion by criterion.",
        "in_consent": "The circle is deciding by consent.",
        "consented": "The circle consented; the applicant accepts or not.",
        "not_yet": "Not yet, and there is a plan.",
        "issued": "The badge is issued.",
        "declined": "The applicant did not take the badge.",
        "withdrawn": "Taken back by the applicant.",
        "referred": "Referred to the broader circle.",
        "lapsed": "Ended, as nothing happened for long.",
        "unclaimed": "Waits for the applicant to accept.",
    }
)
PHASE_WORDS = MappingProxyType(
    {
        "preparing": "Being prepared.",
        "clarifying": "Clarifying questions.",
        "reacting": "Quick reactions.",
        "consent_round": "Consent round.",
        "integrating": "An objection is being integrated.",
        "settling": "All consented; the decision settles.",
        "paused": "Paused.",
        "closed": "Closed.",
    }
)


def _processes(work: Work, circle: str, *, closed: bool) -> tuple[CaseRow, ...]:
    """Return a circle's decisions. Those about a person's badge stand with the application instead."""
    rows = work.unit.cases.processes_in(circle, closed=closed)
    return tuple(
        CaseRow(
            path=f"/decisions/{row.id}" if closed and row.outcome == "consented" else f"/processes/{row.id}",
            title="Begin as a circle" if row.kind == "constitute" else "Badges to adopt",
            sentence=PHASE_WORDS[row.phase],
        )
        for row in rows
        if row.kind != "award"
    )


@use_case
def propose_circle(
    work: Work, *, by: str | None, draft: CircleDraft, mode: Mode, setup_code: str | None = None
) -> str:
    """Put a new circle before the people named in it; return the process's id.

    The first circle is proposed by whoever started the service, with the code from the terminal; every other
    one by a member of the Academy Circle. Nobody is a member before they themselves consent.
    """
    first = work.unit.cases.circle_of_kind("academy") is None
    _may_propose(work, by=by, first=first, code=setup_code)
    if first:
        _begin_anew(work)
    plan = _plan(work, draft)
    kinds = {row.id: row.kind for row in work.unit.cases.all_circles()}
    parent = circle_case(work, plan.parent).state if plan.parent else None
    check_planned(plan, existing_kinds=kinds, parent=parent)
    circle_id = work.new_id()
    process = Process(id=work.new_id())
    author = by or plan.roles["facilitator"]
    proposal = Proposal(circle=plan, circle_id=circle_id)
    events = prepare(
        kind="constitute",
        circle=circle_id,
        subject=write_proposal(work, proposal, stream=f"process/{process.id}", author=author),
        proposer=author,
        concerned=None,
        facilitator=plan.roles["facilitator"],
        secretary=plan.roles["secretary"],
        deciders=plan.members,
        mode=mode,
        policy=PRESETS[plan.policy],
        needs=Requirements(min_peers=_MIN_DECIDERS, min_holders=0),
        now=work.now,
    )
    case = store_new_process(work, process_case(work, process.id), events)
    text = f"You are named in a new circle, {plan.name}. It begins when everybody named in it consents."
    invite_deciders(work, case.state, path=f"/processes/{process.id}", text=text)
    return process.id


def _begin_anew(work: Work) -> None:
    """Take back a first circle that was proposed before, perhaps with a mistyped address: it has not begun."""
    for row in work.unit.cases.running_of_kind("constitute"):
        case = process_case(work, row.id)
        store(work, case, withdraw(case.state, by=case.state.proposer, now=work.now))


def _may_propose(work: Work, *, by: str | None, first: bool, code: str | None) -> None:
    if first:
        if not is_setup_code(work.academy, code):
            raise InvalidInputError({"setup_code": "This is not the set-up code that the terminal shows."})
        return
    academy = work.unit.cases.circle_of_kind("academy")
    if academy is None or by not in circle_case(work, academy.id).state.members:
        raise NotAllowedError(
            "New circles are proposed by a member of the Academy Circle.",
            rule="constitute",
            remedy="Talk to somebody from the Academy Circle.",
        )


def _plan(work: Work, draft: CircleDraft) -> PlannedCircle:
    faults = {
        f"members-{number}": "Give a name and an address, or leave both empty."
        for number, member in enumerate(draft.members)
        if not (member.name.strip() and member.email.strip())
    }
    faults |= name_faults(name=draft.name) | text_faults({"name": draft.name}, limit=MAX_LINE)
    faults |= text_faults({"aim": draft.aim, "domain": draft.domain})
    if faults:
        raise InvalidInputError(faults)
    parent = work.unit.cases.circle(slug=draft.parent) if draft.parent else None
    if draft.parent and parent is None:
        raise InvalidInputError({"parent": "There is no such circle."})
    members: list[str] = []
    roles: dict[str, str] = {}
    for named in draft.members:
        member = account_for(work, email=named.email, name=named.name)
        members.append(member)
        roles |= dict.fromkeys(named.roles, member)
    if len(set(members)) < len(members):
        raise InvalidInputError({"members": "One address stands twice; each person has their own."})
    for role, email in (("leader", draft.leader), ("delegate", draft.delegate)):
        if email:
            row = work.unit.people.by_email(email.strip().lower())
            if row is None or row.id not in members:
                raise InvalidInputError({role: "Who links the circles is one of its members."})
            roles[role] = row.id
    return PlannedCircle(
        kind=draft.kind,
        name=draft.name.strip(),
        aim=draft.aim.strip(),
        domain=draft.domain.strip(),
        parent=parent.id if parent else None,
        members=tuple(members),
        roles=MappingProxyType(roles),
        policy=draft.policy,
    )
