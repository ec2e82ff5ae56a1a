"""Closing a decision: guards once more, the record sealed and signed, its leaf in the outbox, and what follows.

A decision closes when its settling is over and nothing is open, and in no other way (C8).
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable

from issuer.rules.applications import outcome_step, step
from issuer.rules.credentials import add_months
from issuer.rules.guards import Facts, refusals
from issuer.rules.journal import Event
from issuer.rules.kinds import KINDS
from issuer.rules.process import Process
from issuer.rules.rounds import close, may_close
from issuer.rules.sealing import decision_leaf, record_values
from issuer.service.academy import Work
from issuer.service.cases import Case, application_case, badge_case, circle_case, store
from issuer.service.facts import facts_for
from issuer.service.notices import send, tell_outcome
from issuer.service.proposals import Proposal, read_proposal
from keys import encode_base64url
from schemas import (
    canonicalize_json,
    dump_json,
    format_date_time,
    multihash,
    record_root,
    record_to_json,
    seal_record,
)

RECORD_SEAL = b"academy-badges/record-root/v1\n"
_ROLE_MONTHS = 12
_MAX_SLUG = 50


def close_if_settled(work: Work, case: Case[Process]) -> Case[Process]:
    """Close a process whose settling is over, seal its record and do what was decided; else return it as it is."""
    process = case.state
    if not may_close(process, now=work.now):
        return case
    facts = facts_for(work, process)
    if refusals(process, facts, KINDS[process.kind].close):
        return case  # the page says which guard does not hold any more
    assert process.version is not None
    proposal = read_proposal(work, process.version.text)
    outcome = KINDS[process.kind].outcomes[process.version.outcome]
    root = _seal(work, process, facts, proposal, outcome=outcome)
    case = store(work, case, close(process, record=root, facts=facts, now=work.now))
    leaf = _log(work, case.state, root) if outcome == "consented" else None
    _FOLLOWS[process.kind](work, case.state, proposal, leaf)
    tell_outcome(work, case.state)
    return case


def _seal(work: Work, process: Process, facts: Facts, proposal: Proposal, *, outcome: str) -> str:
    """Seal and sign the record of a process that is about to close; return its root."""
    version = process.version
    assert version is not None

    def text_of(id_: str | None) -> str | None:
        return proposal.text or None if id_ == version.text else work.unit.texts.get(id_)

    circle = work.unit.cases.circle(id_=process.circle)
    values = record_values(
        process,
        facts,
        decision_url=work.academy.url(f"/decisions/{process.id}"),
        circle_name=circle.name if circle else proposal.circle.name if proposal.circle else "",
        names=_names(work, process),
        texts=text_of,
        founding=bool(facts.founders & set(process.deciders)) or bool(proposal.founders),
        outcome=outcome,
        now=work.now,
    )
    leaves = seal_record(values, random_bytes=work.academy.random_bytes)
    root = record_root(leaves)
    signer = work.academy.keyring.record
    work.unit.awards.add_record(
        id_=process.id,
        root=encode_base64url(root),
        signature=encode_base64url(signer.sign(RECORD_SEAL + root)),
        record_key=signer.verification_method.partition("#")[0],
        leaves=dump_json(record_to_json(leaves)),
        at=work.now,
    )
    return encode_base64url(root)


def _names(work: Work, process: Process) -> dict[str, str]:
    """Return how each decider stands in this record: by name where they chose it, else a pseudonym made for it."""
    people = work.unit.people.named(process.deciders)
    return {
        member: people[member].name
        if process.answers[member].show_name
        else f"Peer {base64.b32encode(work.academy.random_bytes(5)).decode('ascii')}"
        for member in process.deciders
    }


def leaf_hash(leaf: str) -> str:
    """Return the RFC 6962 hash of a leaf's text as a multihash."""
    return multihash(b"\x00" + leaf.encode("utf-8"))


def put_leaf(work: Work, leaf: dict[str, object]) -> str:
    """Write a leaf into the outbox and return its hash."""
    text = canonicalize_json(leaf).decode("utf-8")
    work.unit.awards.add_leaf(event_id=str(leaf["id"]), leaf=text, hash_=leaf_hash(text), at=work.now)
    return leaf_hash(text)


def _log(work: Work, process: Process, root: str) -> str:
    return put_leaf(
        work,
        decision_leaf(
            process,
            leaf_id=work.new_id(),
            record_root=root,
            random_bytes=work.academy.random_bytes,
            now=work.now,
        ),
    )


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
        put_leaf(
            work,
            {
                "v": 1,
                "type": "achievement.published",
                "id": work.new_id(),
                "at": format_date_time(work.now),
                "achievement": multihash(document),
                "decision": leaf,
            },
        )


_FOLLOWS: dict[str, Callable[[Work, Process, Proposal, str | None], None]] = {
    "award": _awarded,
    "constitute": _constituted,
    "adopt": _adopted,
}


def free_slug(name: str, *, taken: Callable[[str], bool]) -> str:
    """Return a short name for addresses, made from a name, that nothing else has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_SLUG].strip("-") or "circle"
    number, candidate = 1, slug
    while taken(candidate):
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
