"""Keys that are no longer in use, judged by a witnesses' time (TRANSPARENCY.md, section 4, "Time").

A date that the signer writes proves nothing once somebody else may have the key. What witnesses saw does: this
very badge stood in the log by then, so whoever signed it, the Academy had meant to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from keys import VerificationMethod, split_fragment
from schemas import DocumentError, proofs_of
from verifier.checks.lines import Situation, issuer_of, line
from verifier.decision.logged import said
from verifier.report import Check
from verifier.resolve import Resolved, key_in_identifier

_ID = "issuer_binding"
_PURPOSE = "assertionMethod"


def with_witnesses_time(
    lines: Sequence[Check], document: Mapping[str, Any], *, witnessed: datetime | None, situation: Situation
) -> list[Check]:
    """Return the lines with that on the issuer's key as the witnesses' time makes it.

    `witnessed` is None where no quorum confirmed the badge's entry. A key retired in good order is then not known
    to have signed in time, for a reader who names witnesses; others keep the warning that it is the issuer's word.
    """
    method = _method(document, situation=situation)
    bound = [check for check in lines if check.id == _ID]
    is_signed = any(check.id == "proof" and check.result == "pass" for check in lines)
    if method is None or len(bound) != 1 or not is_signed:
        return list(lines)
    found = _judged(bound[0], method, witnessed, names_witnesses=situation.policy.log_policy.quorum is not None)
    return [found if check is bound[0] else check for check in lines]


def _judged(
    check: Check, method: VerificationMethod, witnessed: datetime | None, *, names_witnesses: bool
) -> Check:
    if method.revoked is not None:
        if witnessed is None or witnessed >= method.revoked:
            return check
        reason = (
            f"the key was stolen or lost later, says the issuer; this very badge stood in the log by "
            f"{said(witnessed)}, as witnesses confirm, so it is from before"
        )
        return line(_ID, "warning", reason, "KEY_COMPROMISED")
    if check.code != "KEY_RETIRED" or check.result != "warning" or method.expires is None:
        return check
    if witnessed is None:
        reason = "it was signed with a retired key, and there is no independent date"
        return line(_ID, "unknown", reason, "KEY_RETIRED") if names_witnesses else check
    if witnessed >= method.expires:
        reason = f"witnesses saw it in the log on {said(witnessed)} only, and its key was retired before"
        return line(_ID, "fail", reason, "KEY_RETIRED")
    reason = (
        f"the key is the issuer's own; it was retired later, and this very badge stood in the log by "
        f"{said(witnessed)}, as witnesses confirm"
    )
    return replace(line(_ID, "pass", reason), spec=check.spec)


def _method(document: Mapping[str, Any], *, situation: Situation) -> VerificationMethod | None:
    """Return the key of the badge's only proof, as the issuer's own document lists it."""
    try:
        proofs = proofs_of(document)
    except DocumentError:
        return None
    method_id = proofs[0].get("verificationMethod") if len(proofs) == 1 else None
    if not isinstance(method_id, str):
        return None
    issuer = issuer_of(document)
    resolved = situation.controllers.get(split_fragment(method_id)[0])
    if not isinstance(resolved, Resolved) or resolved.document.id != issuer:
        return None
    method = resolved.document.methods.get(method_id)
    if method is None or method.controller != issuer or proofs[0].get("proofPurpose") != _PURPOSE:
        return None
    # A key that is listed for no purpose any more was checked as its own URL tells it: it must be the same one.
    is_listed = method_id in resolved.document.relationships.get(_PURPOSE, frozenset())
    return method if is_listed or key_in_identifier(method_id) == method.public_key else None
