"""The endorsements in a badge, one by one (Open Badges 3.0, EndorsementCredential; CONFORMANCE K3, K4, Q11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schemas import proofs_of
from verifier.checks.binding import not_asked
from verifier.checks.form import types_of
from verifier.checks.lines import Situation, issuer_of
from verifier.checks.proofs import is_broken_signature
from verifier.checks.rules import listed
from verifier.read import Presented, read_badge, read_document
from verifier.report import Check, Report

MAX_ENDORSEMENTS = 32
# Suites that cover the text as it stands; and that of selective disclosure, whose holder may have left parts out.
_NOT_MERGED = ("eddsa-jcs-", "ecdsa-jcs-", "ecdsa-sd-")
Verify = Callable[[Presented], list[Check]]


def check_endorsements(
    presented: Presented, lines: Iterable[Check], *, situation: Situation, verify: Verify
) -> list[Check]:
    """Check every embedded endorsement on its own.

    None of them changes the verdict on the badge (K4), but for one that was moved apart under a signature that
    does not see it (TRANSPARENCY.md, end of section 1).
    """
    document = presented.document
    is_merged = _is_merged(presented, lines)
    found = [
        entry
        for node in _nodes(document)
        for entry in (
            *(read_document(value) for value in listed(node, "endorsement")),
            *(_read_jwt(value) for value in listed(node, "endorsementJwt")),
        )
    ][: MAX_ENDORSEMENTS + 1]
    ids = {node["id"] for node in _nodes(document) if isinstance(node.get("id"), str)}
    told = []
    for number, endorsement in enumerate(found[:MAX_ENDORSEMENTS], start=1):
        id_ = f"endorsement/{number}"
        told.append(
            _endorsement(id_, endorsement, ids=ids, is_merged=is_merged, situation=situation, verify=verify)
        )
    if len(found) > MAX_ENDORSEMENTS:
        message = f"Only the first {MAX_ENDORSEMENTS} endorsements were looked at."
        told.append(
            Check(id="endorsement/more", result="warning", code="LIMIT_EXCEEDED", decides=False, message=message)
        )
    return told


def _is_merged(presented: Presented, lines: Iterable[Check]) -> bool:
    """Say whether the badge's signature holds, and covers statements rather than the text as it stands."""
    if presented.jws is not None or not any(check.id == "proof" and check.result == "pass" for check in lines):
        return False
    return any(
        not str(proof.get("cryptosuite")).startswith(_NOT_MERGED) for proof in proofs_of(presented.document)
    )


def _read_jwt(value: object) -> Presented:
    return read_badge(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else read_document(None)


def _endorsement(
    id_: str, presented: Presented, *, ids: set[str], is_merged: bool, situation: Situation, verify: Verify
) -> Check:
    """Check one endorsement; `is_merged` where the badge's own signature does not see which part says what."""
    if presented.problem or "EndorsementCredential" not in types_of(presented.document):
        message = "Something stands among the endorsements that is none."
        return Check(id=id_, result="fail", code="MALFORMED_VALUE_ERROR", decides=False, message=message)
    subject = presented.document.get("credentialSubject")
    about = subject.get("id") if isinstance(subject, Mapping) else None
    if not isinstance(about, str) or about not in ids or about == presented.document.get("id"):
        message = "An endorsement is about something else than this badge."
        return Check(id=id_, result="fail", code="ENDORSEMENT_SUBJECT", decides=False, message=message)
    lines = verify(presented)
    if is_merged and presented.jws is None and any(is_broken_signature(check) for check in lines):
        message = (
            "An endorsement in it was changed after its endorser signed it, though the badge's own signature "
            "holds: somebody rearranged the badge. Ask the issuer for a new copy."
        )
        return Check(id=id_, result="fail", code="REARRANGED", pointer="/endorsement", message=message)
    report = Report(checks=tuple(lines), checked_at=situation.now)
    if not report:
        word = "is not good" if report.verdict == "invalid" else "could not be checked"
        reason = report.deciding or not_asked()
        return Check(
            id=id_,
            result="fail" if report.verdict == "invalid" else "unknown",
            code=reason.code,
            decides=False,
            message=f"An endorsement {word}: {reason.message[:1].lower()}{reason.message[1:]}",
        )
    message = f"An endorsement by {issuer_of(presented.document)[:120]} is good."
    return Check(id=id_, result="pass", decides=False, message=message)


def _nodes(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what an endorsement can be about: the badge, its issuer, its achievements, their makers."""
    nodes = [document]
    for subject in listed(document, "credentialSubject"):
        if isinstance(subject, Mapping):
            nodes += [node for name in ("achievement", "source") if isinstance(node := subject.get(name), Mapping)]
    nodes += [creator for node in nodes if isinstance(creator := node.get("creator"), Mapping)]
    if isinstance(document.get("issuer"), Mapping):
        nodes.append(document["issuer"])
    return nodes
