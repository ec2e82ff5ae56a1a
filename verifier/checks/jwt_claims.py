"""The claims of a vc+jwt or vp+jwt: whose it is, and when its signature is good (VC-JOSE-COSE 1.0, 3.1.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from verifier.checks.lines import Situation, issuer_of, line
from verifier.report import Check

SPEC = "VC-JOSE-COSE 1.0, 3.1.3"


def check_signature_claims(
    payload: Mapping[str, Any], document: Mapping[str, Any], *, situation: Situation
) -> list[Check]:
    """Return a line for each claim that contradicts the credential, or says that the signature is not in force."""
    subject = document.get("credentialSubject")
    about = subject.get("id") if isinstance(subject, Mapping) else None
    wanted = {"iss": issuer_of(document), "jti": document.get("id"), "sub": about}
    faults = [
        line(
            "proof",
            "fail",
            f"the JWT says {str(payload[claim])[:200]} as {claim}, the credential says {str(expected)[:200]}",
            "CLAIM_MISMATCH",
            pointer=f"/{claim}",
            spec=SPEC,
        )
        for claim, expected in wanted.items()
        if claim in payload and expected and payload[claim] != expected
    ]
    return [*faults, *check_force(payload, situation=situation)]


def check_force(payload: Mapping[str, Any], *, situation: Situation) -> Iterator[Check]:
    """Yield a line when the signature is over, or not good yet, by its own claims exp and nbf."""
    for claim, is_outside, words in (
        ("exp", situation.is_over, "its signature was good until {:%-d %B %Y} only"),
        ("nbf", situation.is_ahead, "its signature is not good before {:%-d %B %Y}"),
    ):
        if claim not in payload:
            continue
        moment = _moment(payload[claim])
        if moment is None:
            reason = f"the JWT's claim {claim} is not a date in seconds"
            yield line("proof", "fail", reason, "MALFORMED_VALUE_ERROR", pointer=f"/{claim}", spec=SPEC)
        elif is_outside(moment):
            reason = words.format(moment)
            yield line("proof", "fail", reason, "VALIDITY_PERIOD", pointer=f"/{claim}", spec=SPEC)


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
