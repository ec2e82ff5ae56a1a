"""From a process that is about to close to the values of its sealed record, and to the leaves of the outbox.

The record's slots and who may see them: schemas/record_v1.json. The leaves: TRANSPARENCY.md section 3; they hold
commitments and digests only, no name, no text, no address of a case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from issuer.rules.guards import Facts
from issuer.rules.policy import award_policy_digest
from issuer.rules.process import MAX_DECIDERS, MAX_MEASURES, Process
from schemas import format_date_time
from schemas.tlog import (
    AssuranceCounts,
    CredentialIssued,
    DecisionClosed,
    LeftOut,
    LoggedResponse,
    LoggedRules,
    digest_text,
)

NO_PLAN = "No plan agreed."


def record_values(
    process: Process,
    facts: Facts,
    *,
    decision_url: str,
    circle_name: str,
    names: Mapping[str, str],
    texts: Callable[[str | None], str | None],
    founding: bool,
    outcome: str,
    now: datetime,
) -> dict[tuple[str, ...], Any]:
    """Return what stands in the record. `names` are the deciders' chosen names, or pseudonyms for this record."""
    version = process.version
    assert version is not None
    assert process.opened_at is not None
    met = [objection for objection in process.objections if objection.state == "integrated"]
    values: dict[tuple[str, ...], Any] = {
        ("kind",): process.kind,
        ("outcome",): outcome,
        ("decision",): decision_url,
        ("circle",): circle_name,
        ("mode",): process.mode,
        ("opened",): process.opened_at.date().isoformat(),
        ("closed",): now.date().isoformat(),
        ("proposal", "version"): version.number,
        ("proposal", "digest"): version.digest,
        ("proposal", "terms"): version.terms,
        ("proposal", "text"): texts(version.text),
        ("review",): version.review_on.isoformat() if version.review_on else None,
        ("term",): version.term_months,
        ("policy", "digest"): process.policy.digest,
        ("rules", "min_peers"): process.needs.min_peers,
        ("rules", "min_holders"): process.needs.min_holders,
        ("rules", "checked"): "G1 G2 G3 G4 G5 G6 G7 G8" if process.kind == "award" else "G2 G7 G8",
        ("count", "deciders"): len(process.deciders),
        ("count", "holders"): len(facts.holders & set(process.deciders)),
        ("count", "rounds"): process.round,
        ("count", "objections_met"): len(met),
        ("flag", "founding"): True if founding else None,
        ("flag", "constituted"): True if process.kind == "constitute" else None,
        ("flag", "each_other"): True if facts.approved_by_concerned >= set(process.deciders) else None,
        ("plan",): _plan(process, texts) if outcome == "not_yet" else None,
    }
    for number, member in enumerate(process.deciders[:MAX_DECIDERS]):
        answer = process.answers[member]
        values |= {
            ("deciders", str(number), "name"): names[member],
            ("deciders", str(number), "holder"): member in facts.holders,
            ("deciders", str(number), "answer"): answer.response,
            ("deciders", str(number), "assurance"): answer.assurance,
            ("deciders", str(number), "statement"): answer.statement,
        }
    for number, objection in enumerate(met[:12]):
        values[("objections", str(number), "summary")] = texts(objection.summary)
        values[("objections", str(number), "met")] = texts(objection.met)
    concerns = [answer.concern for answer in process.answers.values() if answer.concern]
    concerns += [objection.summary for objection in process.objections if objection.state == "concern"]
    for number, concern in enumerate(concerns[:12]):
        values[("concerns", str(number))] = texts(concern)
    for number, measure in enumerate(version.measures[:MAX_MEASURES]):
        values[("measures", str(number))] = texts(measure)
    return values


def _plan(process: Process, texts: Callable[[str | None], str | None]) -> str:
    """The plan of a "not yet", where the applicant agreed to it (A7)."""
    text = texts(process.version.plan) if process.version and process.plan_agreed else None
    return text or NO_PLAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One decider as the log knows them: their key, a commitment to who holds it, and what they signed."""

    key: str
    member: str
    statement: str
    assurance: str


def decision_leaf(
    process: Process, *, leaf_id: str, record_root: bytes, voices: Sequence[Voice], now: datetime
) -> DecisionClosed:
    """Return the leaf `decision.closed` of a consent: keys, commitments, digests and counts only."""
    version = process.version
    assert version is not None
    counts = {way: sum(voice.assurance == way for voice in voices) for way in ("passkey", "link")}
    left_out = {
        "released": process.released,
        "set_aside": sum(peer.recused for peer in process.peers.values()),
    }
    return DecisionClosed(
        id=leaf_id,
        at=format_date_time(now),
        proposal=version.digest,
        terms=version.terms,
        deciders=version.keys,
        responses=tuple(
            LoggedResponse(by=voice.key, member=voice.member, statement=voice.statement)
            for voice in sorted(voices, key=lambda voice: voice.key)
        ),
        rules=LoggedRules(min_peers=process.needs.min_peers, min_holders=process.needs.min_holders),
        left_out=tuple(LeftOut(reason=reason, n=n) for reason, n in sorted(left_out.items()) if n),
        assurance=AssuranceCounts(**{way: n for way, n in counts.items() if n}),
        policy=award_policy_digest(),
        record=digest_text(record_root),
        closed_at=format_date_time(now),
    )


def issued_leaf(
    decision: DecisionClosed, *, leaf_id: str, decision_hash: str, final: str, now: datetime
) -> CredentialIssued:
    """Return the leaf `credential.issued`: the decision's leaf, with what exactly is signed now."""
    shared = {member.name: getattr(decision, member.name) for member in fields(DecisionClosed)}
    changed = {"id": leaf_id, "at": format_date_time(now)}
    return CredentialIssued(**(shared | changed), decision=decision_hash, final=final, reason="first")
