"""One tlog-proof: whether this leaf stands in this log (c2sp.org/tlog-proof, "Verification")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from schemas.tlog import (
    Group,
    LeafError,
    LoggedLeaf,
    NotWitnessedError,
    Policy,
    PolicyWitness,
    TlogError,
    VerifierKey,
    parse_leaf,
    parse_tlog_proof,
    verify_tlog_proof,
)
from verifier.texts import plain

GOOD, BAD, UNREADABLE = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofReport:
    """What became of a proof: an exit status, a code, and sentences."""

    exit_status: int
    code: str
    sentences: tuple[str, ...]
    logged: LoggedLeaf | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        value: dict[str, Any] = {
            "result": ("good", "bad", "unreadable")[self.exit_status],
            "code": self.code,
            "sentences": [plain(sentence) for sentence in self.sentences],
        }
        if self.logged is not None:
            value |= {
                "origin": self.logged.origin,
                "index": self.logged.index,
                "size": self.logged.size,
                "witnesses": dict(self.logged.cosignatures),
            }
        return value


def all_of(witnesses: Sequence[VerifierKey]) -> Policy:
    """Return the policy that every one of these witnesses must have confirmed; raise PolicyError."""
    named = tuple(PolicyWitness(name=f"w{number}", key=key) for number, key in enumerate(witnesses, 1))
    if not named:
        return Policy()
    group = Group(name="all", threshold=len(named), members=tuple(witness.name for witness in named))
    return Policy(witnesses=named, groups=(group,), quorum="all")


def check_proof(
    data: bytes, *, logs: Sequence[VerifierKey], leaf: bytes | None = None, policies: Sequence[Policy] = ()
) -> ProofReport:
    """Check a proof against the keys of accepted logs and every policy; `leaf` is the leaf that is expected.

    Without one, the leaf is the one that the proof carries in its extra line. Of a proof that carries another leaf
    than the expected one nothing is believed.
    """
    try:
        proof = parse_tlog_proof(data)
    except TlogError as error:
        return _report(UNREADABLE, error.problem, f"This is not a tlog-proof: {error.message}.")
    expected = leaf if leaf is not None else proof.extra
    if expected is None:
        return _report(UNREADABLE, "NO_LEAF", "The proof does not carry its leaf: give the leaf with --leaf.")
    if proof.extra is not None and proof.extra != expected:
        return _report(BAD, "LEAF_DIFFERS", "The proof carries another leaf than the one given.")
    logged: LoggedLeaf | None = None
    for policy in policies or (Policy(),):
        try:
            logged = verify_tlog_proof(proof, leaf=expected, logs=logs, policy=policy)
        except NotWitnessedError as error:
            return _report(BAD, error.problem, *_about(expected, error.logged), f"But {error.message}.")
        except TlogError as error:
            return _report(BAD, error.problem, f"The proof does not hold: {error.message}.")
    assert logged is not None
    return ProofReport(
        exit_status=GOOD, code="GOOD", sentences=(*_about(expected, logged), _confirmed(logged)), logged=logged
    )


def _report(status: int, code: str, *sentences: str) -> ProofReport:
    return ProofReport(exit_status=status, code=code, sentences=sentences)


def _about(leaf: bytes, logged: LoggedLeaf) -> tuple[str, ...]:
    try:
        what = f"a leaf of type {parse_leaf(leaf).type}"
    except LeafError:
        what = "an entry that is no leaf of an Academy"
    return (f"The log {logged.origin} signed for {logged.size} leaves; number {logged.index} of them is {what}.",)


def _confirmed(logged: LoggedLeaf) -> str:
    if not logged.cosignatures:
        return "It is logged by the log itself; nobody else has confirmed that everyone sees the same log."
    first = datetime.fromtimestamp(min(logged.cosignatures.values()), UTC)
    count = len(logged.cosignatures)
    who = "One witness" if count == 1 else f"{count} witnesses"
    return f"{who} confirmed this, the first one on {first:%-d %B %Y, %H:%M} UTC."
