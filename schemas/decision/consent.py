"""What peers consent to, and what is signed in the end, each as one digest that anybody recomputes from the badge.

consent digest = SHA-256(JCS({"badge": B, "terms": D, "deciders": K})), where B is the badge in normal form
without what is only known later (TRANSPARENCY.md, section 1). Decisions about something else than a badge put
"proposal" in the place of "badge". final = SHA-256(JCS(the badge in normal form without its proof and its log
proof)): what the log knows of one signed copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from keys import encode_multibase
from schemas.decision.evidence import without_log_proof
from schemas.jcs import canonicalize_json

# Known only after the decision: they are not part of what was consented to.
_LATER = frozenset({"proof", "endorsement", "validFrom", "credentialStatus"})
# Terms whose values are sets: always arrays, whatever a wallet or host made of them.
_SET_TERMS = frozenset(
    {
        "type",
        "identifier",
        "evidence",
        "alignment",
        "tag",
        "endorsement",
        "resultDescription",
        "result",
        "otherIdentifier",
    }
)
_ORDERED = frozenset({"@context", "allowedValue"})
_MULTIHASH_SHA256 = b"\x12\x20"


def normal_form(value: Any, *, term: str = "") -> Any:
    """Return a value with set-valued terms as arrays, and arrays sorted by their members' JCS bytes.

    Hosts and wallets rearrange these without changing the RDF, so without breaking the outer proof.
    """
    if isinstance(value, Mapping):
        value = {name: normal_form(child, term=name) for name, child in value.items()}
    elif isinstance(value, (list, tuple)):
        members = [normal_form(member) for member in value]
        if term in _ORDERED or len(members) == 1:
            return members
        return sorted(members, key=canonicalize_json)
    return [value] if term in _SET_TERMS else value


def badge_for_consent(credential: Mapping[str, Any]) -> Any:
    """Return B: a credential in normal form minus what is only known after the decision."""
    kept = {name: value for name, value in credential.items() if name not in _LATER}
    if isinstance(kept.get("credentialSubject"), Mapping):
        kept["credentialSubject"] = {n: v for n, v in kept["credentialSubject"].items() if n != "id"}
    return normal_form(without_log_proof(kept))


def consent_digest(*, subject: Any, terms: str, deciders: Sequence[str], kind: str = "badge") -> str:
    """Return the digest that a decider's answer is about, as multibase text of a SHA-256 multihash.

    `subject` is B for a badge, or the documents of another proposal; `terms` is the salted digest D; `deciders`
    are the statement keys K.
    """
    return multihash(consent_input(subject=subject, terms=terms, deciders=deciders, kind=kind))


def consent_input(*, subject: Any, terms: str, deciders: Sequence[str], kind: str = "badge") -> bytes:
    """Return the bytes whose digest people answer: what the proposal's own address serves."""
    return canonicalize_json({kind: subject, "terms": terms, "deciders": sorted(deciders)})


def final_digest(credential: Mapping[str, Any]) -> str:
    """Return `final`: the digest of exactly what is signed, without the proof over it and the proof of logging."""
    kept = {name: value for name, value in credential.items() if name != "proof"}
    return multihash(canonicalize_json(normal_form(without_log_proof(kept))))


def multihash(data: bytes) -> str:
    """Return the SHA-256 multihash of some bytes as multibase-u text."""
    return encode_multibase(_MULTIHASH_SHA256 + hashlib.sha256(data).digest(), base="u")
