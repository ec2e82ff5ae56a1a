"""The lines `decision`, `log` and `witnesses` of a report (TRANSPARENCY.md, sections 1 to 4)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas import DocumentError
from schemas.decision import LogProofError, read_log_proof
from schemas.tlog import CredentialIssued, LeafError, TlogProof, UnknownLeafTypeError
from verifier.checks.lines import Situation, line
from verifier.decision.about import SPEC, About, services_of
from verifier.decision.answers import Counted, Held, HowHeld, read_answers
from verifier.decision.consented import check_consented, check_final, check_issue_time, decision_page
from verifier.decision.errors import DecisionUnknownError
from verifier.decision.logged import Logged, check_logged, read_issued, refused, skipped
from verifier.decision.service import LogServiceError
from verifier.decision.times import with_witnesses_time
from verifier.decision.told import NOBODY_TO_ASK, as_data, consent_sentence, named_in, names_text
from verifier.read import Presented
from verifier.report import Check, Report, Result

MAX_BADGE_LETTERS = 500_000
Endorsed = Sequence[tuple[Mapping[str, Any], Sequence[Check]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """All lines of a report, and what it says of the decision as data (empty where nothing is proven)."""

    lines: list[Check]
    data: Mapping[str, Any] = field(default_factory=dict)


def check_decision(
    presented: Presented, lines: Sequence[Check], *, situation: Situation, endorsed: Endorsed = ()
) -> Decided:
    """Say what is proven of the peers' decision.

    `lines` are those found so far; that on the issuer's key may change by the witnesses' time. `endorsed` are the
    embedded endorsements with the lines of their own checks, so that nothing is verified twice.
    """
    document = presented.document
    if any(check.id == "context" and check.result in {"fail", "unknown"} for check in lines):
        return Decided(lines=[*lines, *_not_asked("the badge may be read in more than one way")])
    about = About(presented=presented, situation=situation, services=services_of(document, situation))
    try:
        proof = None if about.has_parts_left_out else read_log_proof(document)
    except DocumentError as error:
        code = "TLOG_PROOF_MALFORMED" if isinstance(error, LogProofError) else error.problem
        return Decided(lines=[*lines, *_not_logged(refused(error.message, code))])
    if proof is None:
        without = with_witnesses_time(lines, document, witnessed=None, situation=situation)
        return Decided(lines=[*(without if about.services else lines), *about.without_proof()])
    return _with_proof(about, proof, lines, endorsed)


def _with_proof(about: About, proof: TlogProof, lines: Sequence[Check], endorsed: Endorsed) -> Decided:
    situation, document = about.situation, about.presented.document
    try:
        accepted = about.accepted()
        leaf = read_issued(proof)
    except LogServiceError as error:
        return Decided(lines=[*lines, *about.undecided(error.message, error.problem)])
    except LeafError as error:
        if isinstance(error, UnknownLeafTypeError) or not about.knows_log:
            return Decided(lines=[*lines, *about.undecided(error.message, error.problem)])
        return Decided(lines=[*lines, *_not_logged(refused(error.message, error.problem))])
    logged, told = None, about.log_not_known(proof)
    if about.knows_log:
        logged, told = check_logged(proof, accepted=accepted, situation=situation)
        if logged is None:
            return Decided(lines=[*lines, *_not_logged(told)])
    compared = _compare(about, leaf, logged, endorsed)
    # What was logged is this copy: only then does the witnesses' time say anything about it.
    witnessed = logged.witnessed if logged is not None and compared.is_this_copy else None
    changed = with_witnesses_time(lines, document, witnessed=witnessed, situation=situation)
    return Decided(lines=[*changed, *told, *compared.lines], data=compared.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """What comparing a badge with its leaf came to."""

    lines: list[Check]
    data: Mapping[str, Any] = field(default_factory=dict)
    is_this_copy: bool = False


def _compare(about: About, leaf: CredentialIssued, logged: Logged | None, endorsed: Endorsed) -> _Compared:
    document, situation = about.presented.document, about.situation
    is_this_copy = False
    try:
        if len(json.dumps(document, ensure_ascii=False)) > MAX_BADGE_LETTERS:
            return _Compared(lines=[about.unknown("it is too large to look at", "LIMIT_EXCEEDED")])
        check_final(document, leaf)
        is_this_copy = True
        check_consented(document, leaf)
        page = decision_page(document)
        counted = read_answers(document, leaf, page=page, held=_how_held(endorsed, situation))
        check_issue_time(document, leaf, witnessed=logged.witnessed if logged else None)
    except DecisionUnknownError as error:
        unknown = about.unknown(error.message, error.problem)
        return _Compared(lines=[unknown], is_this_copy=is_this_copy)
    except DocumentError as error:
        wrong = line("decision", "fail", error.message, error.problem, pointer=error.pointer, spec=SPEC)
        return _Compared(lines=[wrong], is_this_copy=is_this_copy)
    if logged is None:
        return _Compared(lines=[about.not_issuers_log()], is_this_copy=True)
    return _Compared(
        lines=_consented(leaf, counted, logged, situation),
        data=as_data(document, leaf, page=page, counted=counted, logged=logged),
        is_this_copy=True,
    )


def _how_held(endorsed: Endorsed, situation: Situation) -> HowHeld:
    def held(value: Mapping[str, Any]) -> Held:
        for document, lines in endorsed:
            if document is value:
                return Report(checks=tuple(lines), checked_at=situation.now).verdict
        return "unknown"

    return held


def _consented(
    leaf: CredentialIssued, counted: Sequence[Counted], logged: Logged, situation: Situation
) -> list[Check]:
    """Return the lines for a decision that holds in every way that can be checked."""
    names, wanted = named_in(counted), situation.policy.require_named
    is_witnessed = logged.witnessed is not None
    message = consent_sentence(leaf, names, is_witnessed=is_witnessed)
    result: Result = "pass" if is_witnessed else "info"
    lines = [
        Check(id="decision", result=result, spec=SPEC, decides=False, message=message, said=names_text(names))
    ]
    lines += [
        Check(
            id="decision",
            result="warning",
            code="NAME_NOT_COMMITTED",
            pointer=f"{one.pointer}/issuer",
            message="An answer gives a name that the log did not commit to; its key is counted as not named.",
        )
        for one in counted
        if one.answer.named is not None and not one.is_named
    ]
    if len(names) < wanted:
        reason = f"you ask for {wanted} named peers, and {len(names)} are named"
        lines.append(line("decision", "unknown", reason, "TOO_FEW_NAMED"))
    if not names:
        lines.append(
            Check(id="decision", result="info", code="NOBODY_NAMED", decides=False, message=NOBODY_TO_ASK)
        )
    return lines


def _not_asked(reason: str) -> list[Check]:
    return [skipped(name, f"not asked, as {reason}") for name in ("decision", "log", "witnesses")]


def _not_logged(told: Sequence[Check]) -> list[Check]:
    return [skipped("decision", "not asked, as the log's proof does not hold"), *told]
