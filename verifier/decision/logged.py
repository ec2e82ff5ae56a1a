"""What a badge's proof of logging shows: which leaf, in which log, confirmed by whom (C2SP tlog-proof)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.tlog import (
    CredentialIssued,
    LeafError,
    LoggedLeaf,
    NotWitnessedError,
    Policy,
    TlogError,
    TlogProof,
    parse_leaf,
    verify_tlog_proof,
)
from verifier.checks.lines import Situation, line
from verifier.decision.service import LogKey
from verifier.report import Check, Result
from verifier.texts import plain, quoted

NOT_WITNESSED = "logged by the Academy; nobody else has confirmed that everyone sees the same log"
_SPEC = "C2SP tlog-proof"
_EVIDENCE = "/evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A leaf that stands in a log of the issuer's; `witnessed` is when the reader's quorum had confirmed it."""

    found: LoggedLeaf
    witnessed: datetime | None


def read_issued(proof: TlogProof) -> CredentialIssued:
    """Return the leaf that came along with a proof; raise LeafError for anything but a `credential.issued`."""
    if proof.extra is None:
        raise LeafError("the proof came without its entry, so nobody can tell what was logged")
    leaf = parse_leaf(proof.extra)
    if not isinstance(leaf, CredentialIssued):
        raise LeafError(f"the entry in the log is a {leaf.type}, not one of a badge", code="LEAF_OF_ANOTHER_KIND")
    return leaf


def check_logged(
    proof: TlogProof, *, accepted: Sequence[LogKey], situation: Situation
) -> tuple[Logged | None, list[Check]]:
    """Return what a proof shows, with the lines `log` and `witnesses`; None where it shows nothing."""
    policy = situation.policy.log_policy
    assert proof.extra is not None
    keys = [one.key for one in accepted]
    try:
        found, is_met = verify_tlog_proof(proof, leaf=proof.extra, logs=keys, policy=policy), True
    except NotWitnessedError as error:
        found, is_met = error.logged, False
    except TlogError as error:
        return None, refused(error.message, error.problem)
    witnessed = _moment(found.witness_time) if is_met else None
    if witnessed is not None and situation.is_ahead(witnessed):
        witnessed = None
    until = next(one.until for one in accepted if one.key == found.log)
    if until is not None and witnessed is not None and witnessed > until:
        message = f"witnesses saw this page of the log on {said(witnessed)}, after the log had retired that key"
        return None, refused(message, "LOG_KEY_RETIRED")
    place = f"entry {found.index + 1:,} of {found.size:,}"
    good = line("log", "pass", f"its entry stands in the issuer's log {quoted(found.origin)}, {place}", spec=_SPEC)
    lines = [good, _witnesses(found, policy, witnessed, situation=situation)]
    if until is not None and witnessed is None:
        message = f"the log signed with a key that it retired on {said(until)}; that it was before is its word"
        lines.append(line("log", "warning", message, "LOG_KEY_RETIRED"))
    return Logged(found=found, witnessed=witnessed), lines


def refused(message: str, code: str) -> list[Check]:
    """Return the lines for a proof that does not hold: the step that failed, and nothing after it."""
    return [
        line("log", "fail", f"its proof of the log does not hold: {message}", code, pointer=_EVIDENCE, spec=_SPEC),
        skipped("witnesses", "who confirmed the log was not asked, as the log's proof does not hold"),
    ]


def skipped(id_: str, reason: str) -> Check:
    """Return a line for what was not asked."""
    return Check(id=id_, result="skipped", decides=False, message=line(id_, "skipped", reason).message)


def _witnesses(found: LoggedLeaf, policy: Policy, witnessed: datetime | None, *, situation: Situation) -> Check:
    required = situation.policy.require_witnesses
    names = ", ".join(plain(name)[:80] for name in sorted(found.cosignatures))
    if witnessed is not None:
        message = f"witnesses that you name confirmed the log by {said(witnessed)}: {names}"
        return line("witnesses", "pass", message, spec="C2SP tlog-cosignature")
    result: Result = "unknown" if required else "info" if policy.quorum is None else "warning"
    code, reason = "NOT_WITNESSED", NOT_WITNESSED
    if policy.quorum is not None:
        some = f"only {names}" if names else "none"
        code, reason = "QUORUM_NOT_MET", f"of the witnesses that you name, {some} confirmed it; {NOT_WITNESSED}"
    message = line("witnesses", result, reason).message
    return Check(id="witnesses", result=result, code=code, decides=required, message=message)


def _moment(posix: int | None) -> datetime | None:
    try:
        return None if posix is None else datetime.fromtimestamp(posix, UTC)
    except (OverflowError, OSError, ValueError):  # beyond the calendar
        return None


def said(moment: datetime) -> str:
    """Return a time for people."""
    return f"{moment:%-d %B %Y, %H:%M} UTC"
