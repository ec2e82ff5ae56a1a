"""The deciders' answers that a badge carries: each is compared with what the log's leaf says of its key.

An endorsement in another shape than an answer's is an ordinary one and counts for nothing here, unless one of the
deciders' keys signed it: those keys are for one decision alone, so whatever else they sign is a switch that only
its author knows (TRANSPARENCY.md, section 1, step 2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schemas import parse_date_time
from schemas.decision import Answer, AnswerError, member_commitment, read_answer, statement_digest
from schemas.tlog import CredentialIssued
from verifier.checks.lines import issuer_of
from verifier.checks.rules import entries
from verifier.decision.errors import DecisionError, DecisionUnknownError

_TYPES = ["VerifiableCredential", "EndorsementCredential"]
Held = Literal["valid", "invalid", "unknown"]
# What checking an endorsement by itself came to; it is asked, and not done again.
HowHeld = Callable[[Mapping[str, Any]], Held]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An answer in the badge that is the one in the log. `is_named` where its salt opens the log's commitment."""

    answer: Answer
    pointer: str
    is_named: bool


def read_answers(
    document: Mapping[str, Any], leaf: CredentialIssued, *, page: str, held: HowHeld
) -> tuple[Counted, ...]:
    """Return the answers in a badge, one for each key; raise DecisionError for the first that does not fit.

    `page` is the address of the decision that the badge's evidence names.
    """
    found: dict[str, Counted] = {}
    unknown = False
    for pointer, value, answer in _answers(document, leaf):
        _check_answer(answer, statement_digest(_in_order(value)), leaf, document, page=page, pointer=pointer)
        state = held(value)
        if state == "invalid":
            raise DecisionError(
                "an answer in it is not signed by the key that it names", pointer=pointer, code="ANSWER_NOT_SIGNED"
            )
        unknown = unknown or state == "unknown"
        found[answer.key] = Counted(answer=answer, pointer=pointer, is_named=_opens(answer, leaf))
    if len({(one.answer.version, one.answer.round) for one in found.values()}) > 1:
        raise DecisionError("the answers in it are of different rounds", code="ANSWER_OF_ANOTHER_PROPOSAL")
    if unknown:
        raise DecisionUnknownError("an answer in it could not be checked, so it is not known whether it holds")
    return tuple(found.values())


def _answers(
    document: Mapping[str, Any], leaf: CredentialIssued
) -> Iterator[tuple[str, Mapping[str, Any], Answer]]:
    for pointer, value in entries(document, "endorsement", ""):
        if not isinstance(value, Mapping):
            continue  # the line of that endorsement says so
        try:
            yield pointer, value, read_answer(_in_order(value))
        except AnswerError as error:
            if issuer_of(value) in leaf.deciders:
                raise DecisionError(
                    f"a decider's key signed something that is no answer: {error.message}",
                    pointer=f"{pointer}{error.pointer}",
                    code="ANSWER_MALFORMED",
                ) from error


def _in_order(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an endorsement with its two types in an answer's order: hosts and wallets sort sets."""
    types = value.get("type")
    if isinstance(types, list) and types == _TYPES[::-1]:
        return {**value, "type": _TYPES}
    return value


def _check_answer(
    answer: Answer,
    digest: str,
    leaf: CredentialIssued,
    document: Mapping[str, Any],
    *,
    page: str,
    pointer: str,
) -> None:
    response = next((one for one in leaf.responses if one.by == answer.key), None)
    if response is None:
        raise DecisionError(
            "it carries an answer by a key that is not among those who decided",
            pointer=pointer,
            code="ANSWER_NOT_LOGGED",
        )
    if answer.badge != document.get("id"):
        raise DecisionError(
            "an answer in it is about another badge", pointer=pointer, code="ANSWER_OF_ANOTHER_BADGE"
        )
    if answer.decision != page:
        raise DecisionError("an answer in it was given in another decision", pointer=pointer)
    if answer.digest != leaf.proposal:
        raise DecisionError(
            "an answer in it is about another proposal than the one that was decided",
            pointer=pointer,
            code="ANSWER_OF_ANOTHER_PROPOSAL",
        )
    if digest != response.statement:
        raise DecisionError(
            "an answer in it is not the one that stands in the log for its key",
            pointer=pointer,
            code="ANSWER_NOT_LOGGED",
        )
    if parse_date_time(answer.valid_from) > parse_date_time(leaf.closed_at):
        raise DecisionError(
            "an answer in it was given after the decision was closed", pointer=pointer, code="ANSWER_TOO_LATE"
        )


def _opens(answer: Answer, leaf: CredentialIssued) -> bool:
    """Say whether the answer names a peer, and the log committed to that name for this key and decision."""
    if answer.named is None:
        return False
    made = member_commitment(
        name=answer.named.name, key=answer.key, decision=answer.decision, salt=answer.named.salt
    )
    return any(one.by == answer.key and one.member == made for one in leaf.responses)
