"""Issuing: the plan, written with the applicant's acceptance; its entry in the log; and the signature (ADR 0006).

`sign` is the one place where the issuer's key is used on a badge. It believes no row: everything is replayed from
sealed streams, the guards are asked again, what people signed is verified again, and the record, its signature and
both leaves are recomputed (G9).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any, NoReturn

from issuer.errors import RefusedError, TamperedError
from issuer.rules.applications import Application, step
from issuer.rules.awards import Award
from issuer.rules.credentials import complete_draft
from issuer.rules.guards import refusals
from issuer.rules.journal import Event
from issuer.rules.kinds import KINDS
from issuer.rules.process import Process
from issuer.rules.sealing import issued_leaf
from issuer.service.academy import Academy, Work, each_alone, query, use_case
from issuer.service.cases import Case, application_case, award_case, existing, process_case, store
from issuer.service.closing import RECORD_SEAL
from issuer.service.facts import facts_for
from issuer.service.log import flush, proof_of
from issuer.service.log.entries import id_for, leaf_hash, put_leaf
from issuer.service.proposals import Proposal, digest_of, read_proposal
from issuer.service.statements.signing import identity_digest, kept_document, read_signed, signed_statement
from issuer.service.statements.voices import check_about_me, check_accepted, check_answers, shown_answers
from issuer.service.status import take_place
from keys import KeysError, decode_base64url, parse_did_key, verify_signature
from schemas import (
    DocumentError,
    add_proof,
    dump_json,
    final_digest,
    multihash,
    parse_json,
    record_from_json,
    record_root,
    record_values,
    sign_vc_jwt,
)
from schemas.decision import with_log_proof
from schemas.tlog import (
    CredentialIssued,
    DecisionClosed,
    Leaf,
    TlogError,
    TlogProof,
    digest_text,
    format_leaf,
    parse_leaf,
    parse_tlog_proof,
    verify_tlog_proof,
)

CRYPTOSUITE = "eddsa-rdfc-2022"


def plan_award(work: Work, case: Case[Application], *, published: bool, signed: str) -> str:
    """Write down exactly what will be signed, and that the applicant accepted it (A10); return the award's id.

    `signed` is the acceptance that the applicant's own key signed.
    """
    application = case.state
    award_id = work.new_id()
    accepted = step(application, "A10", by=application.applicant, now=work.now, award=award_id)
    assert application.process is not None
    assert application.leaf is not None
    assert application.credential is not None
    process = existing(process_case(work, application.process)).state
    version = process.version
    if version is None or process.outcome != "consented":
        _refuse("no consent decision stands behind it")
    acceptance = signed_statement(
        work,
        process,
        by=application.applicant,
        value=read_signed(signed),
        kind="accept",
        digest=version.digest,
        version=version.number,
        round_=process.round,
    )
    proposal = read_proposal(work, version.text)
    number, index = take_place(work)
    credential = complete_draft(
        proposal.credential or {},
        valid_from=work.now,
        status_url=work.academy.url(f"/status/{number}"),
        status_index=index,
        endorsements=shown_answers(work, process),
    )
    first = id_for("first", application.leaf)  # so the log can hold one first copy for each decision, and no more
    if work.unit.awards.has_leaf(first):
        _refuse("the log has the entry of its first copy already, which this restored database does not know")
    leaf = put_leaf(
        work,
        issued_leaf(
            _decision_leaf(work, application, process),
            leaf_id=first,
            decision_hash=application.leaf,
            final=final_digest(credential),
            now=work.now,
        ),
    )
    intent = dump_json(credential)
    facts = facts_for(work, process, as_of=process.closed_at)
    event = Event(
        type="planned",
        at=work.now,
        actor=application.applicant,
        data={
            "holder": application.applicant,
            "badge": application.badge,
            "version": application.version,
            "application": application.id,
            "process": process.id,
            "credential": application.credential,
            "intent": multihash(intent.encode("utf-8")),
            "accepted": acceptance.signed,
            "leaf": leaf,
            "status_list": number,
            "status_index": index,
            "published": published,
            "founding": bool(facts.founders & set(process.deciders)),
            "valid_until": credential.get("validUntil"),
        },
    )
    store(work, award_case(work, award_id), (event,))
    work.unit.awards.put_award(
        award_id,
        holder_id=application.applicant,
        badge=application.badge,
        credential_id=application.credential,
        process_id=process.id,
        state="pending",
        intent=intent,
        status_list=number,
        status_index=index,
        at=work.now.isoformat(),
    )
    store(work, case, (accepted,))
    cleared_credential(work, award_case(work, award_id).state)  # so that nothing is accepted that cannot be signed
    return award_id


def complete_award(academy: Academy, *, award: str) -> bool:
    """Log a planned award, then sign it and store the badge; say whether the badge is there now.

    Once: a second call finds it done and changes nothing. Where the log cannot prove the entry yet, for want of a
    witness or of room on a disk, the award waits.
    """
    leaf = _unproven_leaf(academy, award=award)
    if leaf is not None:
        flush(academy)
        proof = proof_of(academy, leaf)
        if proof is None:
            return False
        _keep_proof(academy, award=award, proof=proof)
    return _sign_award(academy, award=award)


@query
def _unproven_leaf(work: Work, *, award: str) -> str | None:
    state = existing(award_case(work, award)).state
    return state.leaf if state.state == "pending" and state.proof is None else None


@use_case
def _keep_proof(work: Work, *, award: str, proof: bytes) -> None:
    """Keep the log's proof before anything is signed, so that a second try signs the very same bytes."""
    case = existing(award_case(work, award))
    if case.state.state != "pending" or case.state.proof is not None:
        return
    text = work.unit.texts.put(proof.decode("utf-8"), stream=case.stream, author=None)
    store(work, case, (Event(type="logged", at=work.now, data={"proof": text}),))


@use_case
def _sign_award(work: Work, *, award: str) -> bool:
    case = existing(award_case(work, award))
    if case.state.state != "pending":
        return True
    if case.state.proof is None:
        return False
    signed = sign(work, case.state)
    work.unit.awards.add_credential(id_=case.state.credential, award=award, json=signed.json, jwt=signed.jwt)
    store(work, case, (Event(type="issued", at=work.now),))
    work.unit.awards.put_award(award, state="issued")
    return True


@query
def pending_awards(work: Work) -> list[str]:
    """Return the awards that were planned and wait for their signature."""
    return work.unit.awards.pending(limit=100)


def complete_pending(academy: Academy) -> int:
    """Log and sign what waits, each alone; return how many. One that is refused stops no other."""
    return each_alone(pending_awards(academy), lambda id_: complete_award(academy, award=id_))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedForms:
    """One badge in its two signed forms."""

    json: str
    jwt: str


def sign(work: Work, award: Award) -> SignedForms:
    """Sign a badge that peers consented to, the applicant accepted, and the log has an entry of (G9).

    The same award gives the same bytes each time: the time of the proof is the time of the plan, and the log's
    proof was kept before. Raises RefusedError or TamperedError when the guard does not hold.
    """
    credential = cleared_credential(work, award)
    credential = with_log_proof(credential, _proof(work, award, credential))
    keyring = work.academy.keyring
    assert award.planned_at is not None
    secured = add_proof(credential, signer=keyring.issuer, cryptosuite=CRYPTOSUITE, created=award.planned_at)
    return SignedForms(json=dump_json(secured), jwt=sign_vc_jwt(credential, signer=keyring.jwt))


def _proof(work: Work, award: Award, credential: dict[str, Any]) -> TlogProof:
    """Return the kept proof of logging when it proves the entry of this very badge in our own log."""
    text = work.unit.texts.get(award.proof)
    if text is None:
        _refuse("its entry in the log is not proven yet")
    log = work.academy.log
    try:
        vkey = log.key.verifier_key()
        proof = parse_tlog_proof(text.encode("utf-8"))
        leaf = _issued_leaf(work, award, credential)
        verify_tlog_proof(proof, leaf=format_leaf(leaf), logs=(vkey,), policy=log.policy(vkey))
        if proof.extra != format_leaf(leaf):
            _refuse("the proof carries another entry of the log")
    except TlogError as error:
        _refuse(f"its entry in the log is not proven: {error.message}")
    return proof


def _issued_leaf(work: Work, award: Award, credential: dict[str, Any]) -> CredentialIssued:
    """Return the award's own entry in the log; refuse one that is about something else."""
    leaf = _leaf(work, award.leaf)
    if not isinstance(leaf, CredentialIssued) or leaf.final != final_digest(credential):
        _refuse("its log entry is about another badge")
    return leaf


def cleared_credential(work: Work, award: Award) -> dict[str, Any]:
    """G9: return the unsigned badge of an award when everything that has to stand behind it does; else raise."""
    # 1. The application: accepted by its applicant, for this very award.
    application = existing(application_case(work, award.application)).state
    if (application.state, application.award, application.applicant) != ("issued", award.id, award.holder):
        _refuse("the applicant has not accepted this badge")
    if application.accepted_at is None or (application.badge, application.version, application.credential) != (
        award.badge,
        award.version,
        award.credential,
    ):
        _refuse("the award is not what the application asked for")
    # 2. The decision: closed with consent, about this application.
    process = existing(process_case(work, award.process)).state
    if (process.kind, process.outcome) != ("award", "consented") or process.id != application.process:
        _refuse("no consent decision stands behind it")
    if process.subject != f"application/{application.id}" or process.concerned != award.holder:
        _refuse("the decision was about somebody else")
    # 3. The guards G1 to G8, as things stood when the decision was closed: what came later undoes no consent.
    facts = facts_for(work, process, as_of=process.closed_at)
    kind = KINDS[process.kind]
    for refusal in refusals(process, facts, (*kind.open, *kind.decide, *kind.close)):
        _refuse(f"{refusal.rule} does not hold: {refusal.sentence}")
    # 4. The badge: exactly the one that was consented to, and exactly the one that was planned.
    credential = _planned_credential(work, award)
    version = process.version
    assert version is not None
    proposal = Proposal(credential=credential)
    digest = digest_of(proposal, outcome=version.outcome, terms=version.terms, keys=version.keys)
    if not hmac.compare_digest(digest, version.digest):
        _refuse("the badge is not the one that the peers consented to")
    # 5. What people signed with their own keys: each answer, and both words of the applicant.
    leaf = _decision_leaf(work, application, process)
    check_answers(work, process, leaf, badge=credential["id"])
    check_about_me(work, process, identity=identity_digest(credential))
    check_accepted(work, process, kept_document(work, award.accepted))
    # 6. The record: sealed with our key, its root the one that the decision was closed with.
    _check_record(work, process)
    # 7. The log entries: they tell of this decision, and of this badge.
    _issued_leaf(work, award, credential)
    return credential


def _planned_credential(work: Work, award: Award) -> dict[str, Any]:
    row = work.unit.awards.award(award.id)
    if row is None or not hmac.compare_digest(multihash(row.intent.encode("utf-8")), award.intent):
        raise TamperedError(f"the plan of the award {award.id} was changed in the database")
    credential: dict[str, Any] = parse_json(row.intent)
    if credential["issuer"]["id"] != work.academy.keyring.did:
        _refuse("the badge names another issuer than this Academy")
    return credential


def _check_record(work: Work, process: Process) -> None:
    row = work.unit.awards.record(process.id)
    if row is None or process.record is None:
        _refuse("the decision has no sealed record")
    try:
        leaves = record_from_json(parse_json(row.leaves))
        root = record_root(leaves)
        verify_signature(
            public_key=parse_did_key(work.academy.keyring.record.verification_method.partition("#")[0]),
            message=RECORD_SEAL + root,
            signature=decode_base64url(row.signature),
        )
    except (DocumentError, KeysError) as error:
        raise TamperedError(f"the record of the decision {process.id} was changed in the database") from error
    values = record_values(leaves)
    digest = values.get(("proposal", "digest"))
    if decode_base64url(process.record) != root or (
        digest is not None and digest != (process.version and process.version.digest)
    ):
        raise TamperedError(f"the record of the decision {process.id} is not the one that was sealed")


def _decision_leaf(work: Work, application: Application, process: Process) -> DecisionClosed:
    """Return the decision's entry in the log; refuse another one."""
    leaf = _leaf(work, application.leaf or "")
    if type(leaf) is not DecisionClosed or leaf.record != digest_text(decode_base64url(process.record or "")):
        _refuse("the log entry is about another decision")
    return leaf


def _leaf(work: Work, hash_: str) -> Leaf:
    text = work.unit.awards.leaf(hash_)
    if text is None or leaf_hash(text) != hash_:
        _refuse("a log entry is missing")
    return parse_leaf(text.encode("utf-8"))


def _refuse(reason: str) -> NoReturn:
    raise RefusedError(
        f"This badge cannot be signed: {reason}.",
        rule="G9",
        remedy="A badge comes out of a sealed consent and the applicant's acceptance, and from nothing else.",
    )
