"""What follows from a closed decision: the applicant is told, the circle exists, the badges are on offer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from issuer.rules.applications import outcome_step, step
from issuer.rules.credentials import add_months
from issuer.rules.journal import Event
from issuer.rules.process import Process
from issuer.service.academy import Work
from issuer.service.cases import application_case, badge_case, circle_case, store
from issuer.service.log.entries import SALT_BYTES, keep_opening, moment, put_leaf
from issuer.service.notices import send
from issuer.service.proposals import Proposal
from schemas import canonicalize_json, multihash
from schemas.tlog import AchievementPublished, MemberEnrolled, commit

_ROLE_MONTHS = 12
_MAX_SLUG = 50


def _awarded(work: Work, process: Process, _proposal: Proposal, leaf: str | None) -> None:
    """A6, A7: the applicant is told; nothing is issued before the applicant accepts."""
    assert process.outcome is not None
    assert process.version is not None
    case = application_case(work, process.subject.removeprefix("application/"))
    look_again = process.version.look_again_on
    plan = process.version.plan if process.plan_agreed else None  # a plan stands when the applicant agreed to it
    event = step(
        case.state,
        outcome_step(process.outcome),
        by=None,
        now=work.now,
        leaf=leaf,
        plan=plan,
        look_again_on=look_again.isoformat() if look_again else None,
    )
    store(work, case, (event,))
    send(
        work,
        member=case.state.applicant,
        topic=f"outcome/{process.id}",
        subject=f"{work.academy.name}: your circle has decided",
        text="Your circle has decided about your application. This link opens what comes next.",
        path=f"/applications/{case.state.id}",
    )


def _constituted(work: Work, process: Process, proposal: Proposal, _leaf: str | None) -> None:
    """The circle exists from here on; who was named in it consented in this very decision."""
    plan, version = proposal.circle, process.version
    assert plan is not None
    assert version is not None
    assert version.review_on is not None
    until = add_months(work.now.date(), _ROLE_MONTHS).isoformat()
    event = Event(
        type="constituted",
        at=work.now,
        data={
            "kind": plan.kind,
            "parent": plan.parent,
            "members": sorted(plan.members),
            "roles": [{"role": role, "member": member, "until": until} for role, member in plan.roles.items()],
            "policy": plan.policy,
            "decision": process.id,
            "review_on": version.review_on.isoformat(),
        },
    )
    case = store(work, circle_case(work, process.circle), (event,))
    slug = free_slug(plan.name, taken=lambda name: work.unit.cases.circle(slug=name) is not None)
    work.unit.cases.put_circle(case.state, slug=slug, name=plan.name, aim=plan.aim, domain=plan.domain)
    for person in sorted(work.unit.people.named(plan.members).values(), key=lambda row: str(row.id)):
        _enrolled(work, process.circle, str(person.id), str(person.name))


def _enrolled(work: Work, circle: str, member: str, name: str) -> None:
    """Log that somebody is a member from here on, as a commitment that the circle can open."""
    value, salt = {"circle": circle, "name": name}, work.academy.random_bytes(SALT_BYTES)
    put_leaf(work, MemberEnrolled(id=work.new_id(), at=moment(work), c=commit(value, salt=salt)))
    keep_opening(work, circle, value, salt=salt, author=member)


def _adopted(work: Work, process: Process, proposal: Proposal, leaf: str | None) -> None:
    """V1: the badges are on offer from here on."""
    for definition in proposal.badges:
        document = canonicalize_json(definition.to_json())
        stream = f"badge/{definition.slug}"
        event = Event(
            type="adopted",
            at=work.now,
            data={
                "version": definition.version,
                "digest": multihash(document),
                "text": work.unit.texts.put(document.decode("utf-8"), stream=stream, author=None),
                "decision": process.id,
                "review_on": add_months(work.now.date(), definition.review_months).isoformat(),
                "founders": sorted(proposal.founders),
                "founding_until": proposal.founding_until.isoformat() if proposal.founding_until else None,
            },
        )
        store(work, badge_case(work, definition.slug), (event,))
        work.unit.cases.put_badge(
            slug=definition.slug,
            version=definition.version,
            name=definition.name,
            skill=definition.skill,
            level=definition.level,
            bundle=definition.bundle,
        )
        assert leaf is not None
        published = AchievementPublished(
            id=work.new_id(), at=moment(work), achievement=multihash(document), decision=leaf
        )
        put_leaf(work, published)


FOLLOWS: Mapping[str, Callable[[Work, Process, Proposal, str | None], None]] = MappingProxyType(
    {"award": _awarded, "constitute": _constituted, "adopt": _adopted}
)


def free_slug(name: str, *, taken: Callable[[str], bool]) -> str:
    """Return a short name for addresses, made from a name, that nothing else has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_SLUG].strip("-") or "circle"
    number, candidate = 1, slug
    while taken(candidate):
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
