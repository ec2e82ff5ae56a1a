"""What people signed in a decision, verified again before a badge is signed; and what of it the badge shows.

No row is believed: each signature, key and digest is checked against the sealed decision and its entry in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from issuer.errors import RefusedError
from issuer.rules.process import Answer, Process
from issuer.service.academy import Work
from issuer.service.statements.signing import decision_url, kept_document
from schemas import DocumentError
from schemas.decision import read_answer, read_signed_statement, statement_digest, verify_answer, why_not_consented
from schemas.tlog import DecisionClosed


def shown_answers(work: Work, process: Process) -> tuple[dict[str, Any], ...]:
    """Return the signed answers that the badge carries: all but those that told a concern without a name.

    Without a name nobody learns from a badge who said what; that somebody had a concern stays in the circle,
    unless the person shows themselves with it.
    """
    found = [kept_document(work, process.answers[member].signed) for member in process.deciders]
    return tuple(document for document in found if _is_shown(document))


def _is_shown(document: Mapping[str, Any]) -> bool:
    answer = read_answer(document)
    return answer.named is not None or not answer.with_concern


def check_answers(work: Work, process: Process, leaf: DecisionClosed, *, badge: str) -> None:
    """Refuse a decision whose answers are not signed by the keys of its list, about this badge and version."""
    logged = {response.by: response.statement for response in leaf.responses}
    version = process.version
    assert version is not None
    if (leaf.proposal, leaf.terms, leaf.deciders) != (version.digest, version.terms, version.keys):
        _refuse("the log entry is about another proposal")
    if why_not_consented(leaf) is not None:
        _refuse("the log entry shows no consent")
    for member in process.deciders:
        answer, key = process.answers[member], process.peers[member].key
        document = kept_document(work, answer.signed)
        if statement_digest(document) != answer.statement or logged.get(key or "") != answer.statement:
            _refuse("an answer is not the one that was logged")
        _check_signed(document, answer, process, key=key, badge=badge, decision=decision_url(work, process.id))


def _check_signed(
    document: Mapping[str, Any], answer: Answer, process: Process, *, key: str | None, badge: str, decision: str
) -> None:
    version = process.version
    assert version is not None
    try:
        signed = verify_answer(document)
    except DocumentError as error:
        _refuse(f"an answer is not signed: {error.message}")
    about = (signed.key, signed.badge, signed.decision, signed.digest, signed.version, signed.round)
    if about != (key, badge, decision, version.digest, answer.version, answer.round):
        _refuse("an answer was signed about something else, or with another key")


def check_about_me(work: Work, process: Process, *, identity: str) -> None:
    """Refuse a badge about somebody who did not sign that it is about them."""
    about = process.about_me
    if about is None:
        _refuse("the applicant has not signed that the badge is about them")
    _check_statement(
        work, process, kept_document(work, about.signed), kind="about-me", digest=identity, key=about.key
    )


def check_accepted(work: Work, process: Process, envelope: Mapping[str, Any]) -> None:
    """Refuse a badge whose acceptance was not signed, about this very version.

    With any key: weeks can lie between the round and the acceptance, and the first device may be gone.
    """
    assert process.version is not None
    _check_statement(work, process, envelope, kind="accept", digest=process.version.digest, key=None)


def _check_statement(
    work: Work, process: Process, envelope: Mapping[str, Any], *, kind: str, digest: str, key: str | None
) -> None:
    try:
        signed = read_signed_statement(envelope)
    except DocumentError as error:
        _refuse(f"the applicant's word is not signed: {error.message}")
    said = signed.statement
    if (said.type, said.decision, said.digest) != (kind, decision_url(work, process.id), digest):
        _refuse("the applicant signed something else")
    if key is not None and signed.key != key:
        _refuse("the applicant's word is signed with another key")


def _refuse(reason: str) -> NoReturn:
    raise RefusedError(
        f"This badge cannot be signed: {reason}.",
        rule="G9",
        remedy="A badge comes out of a sealed consent and the applicant's acceptance, and from nothing else.",
    )
