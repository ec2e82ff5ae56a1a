"""Closing a decision: guards once more, the record sealed and signed, its leaf in the outbox, and what follows.

A decision closes when its settling is over and nothing is open, and in no other way (C8).
"""

from __future__ import annotations

import base64

from issuer.rules.guards import Facts, refusals
from issuer.rules.kinds import KINDS
from issuer.rules.process import Process
from issuer.rules.rounds import close, may_close
from issuer.rules.sealing import Voice, decision_leaf, record_values
from issuer.service.academy import Work
from issuer.service.cases import Case, store
from issuer.service.facts import facts_for
from issuer.service.log.entries import SALT_BYTES, keep_opening, put_leaf
from issuer.service.notices import tell_outcome
from issuer.service.outcomes import FOLLOWS
from issuer.service.proposals import Proposal, read_proposal
from issuer.service.statements.signing import decision_url, kept_document
from keys import decode_base64url, encode_base64url
from schemas import dump_json, record_root, record_to_json, seal_record
from schemas.decision import member_commitment, read_answer

RECORD_SEAL = b"academy-badges/record-root/v1\n"


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
    FOLLOWS[process.kind](work, case.state, proposal, leaf)
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


def _log(work: Work, process: Process, root: str) -> str:
    leaf = decision_leaf(
        process,
        leaf_id=work.new_id(),
        record_root=decode_base64url(root),
        voices=[_voice(work, process, member) for member in process.deciders],
        now=work.now,
    )
    hash_ = put_leaf(work, leaf)
    work.unit.texts.put(hash_, stream=leaf_stream(process.id), author=None)
    return hash_


def leaf_stream(process: str) -> str:
    """Return where the hash of a decision's leaf is kept, so that its page finds the entry."""
    return f"leaf/{process}"


def _voice(work: Work, process: Process, member: str) -> Voice:
    """Return how the log knows a decider. The name in the commitment is the one that a named peer signed."""
    answer, key = process.answers[member], process.peers[member].key
    assert key is not None
    assert answer.statement is not None
    person, decision = work.unit.people.by_id(member), decision_url(work, process.id)
    assert person is not None
    name, salt = str(person.name), work.academy.random_bytes(SALT_BYTES)
    document = kept_document(work, answer.signed)
    if "issuer" in document and (named := read_answer(document).named) is not None:
        name, salt = named.name, named.salt
    value = {"name": name, "by": key, "decision": decision}
    keep_opening(work, process.id, value, salt=salt, author=member)
    return Voice(
        key=key,
        member=member_commitment(name=name, key=key, decision=decision, salt=salt),
        statement=answer.statement,
        assurance=answer.assurance,
    )
