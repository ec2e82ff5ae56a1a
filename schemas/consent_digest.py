"""What peers consent to, as one digest: the exact badge, the terms, and the list of those who decide.

consent digest = SHA-256(JCS({"badge": B, "terms": D, "deciders": K})), where B is the badge in normal form
without what is only known later (TRANSPARENCY.md, section 1). Decisions about something else than a badge put
"proposal" in the place of "badge". Anybody who holds the badge recomputes B.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from keys import encode_multibase
from schemas.jcs import canonicalize_json

TLOG_PROOF = "c2sp.org/tlog-proof@v1"
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
        return members if term in _ORDERED else sorted(members, key=canonicalize_json)
    return [value] if term in _SET_TERMS else value


def badge_for_consent(credential: Mapping[str, Any]) -> Any:
    """Return B: a credential in normal form minus what is only known after the decision."""
    kept = {name: value for name, value in credential.items() if name not in _LATER}
    if isinstance(kept.get("credentialSubject"), Mapping):
        kept["credentialSubject"] = {n: v for n, v in kept["credentialSubject"].items() if n != "id"}
    evidence = kept.get("evidence")
    if evidence is not None:
        items = evidence if isinstance(evidence, list) else [evidence]
        items = [item for item in items if not _is_log_proof(item)]
        kept["evidence"] = items
        if not items:
            del kept["evidence"]
    return normal_form(kept)


def _is_log_proof(item: object) -> bool:
    return isinstance(item, Mapping) and item.keys() == {"id", "type", "genre"} and item["genre"] == TLOG_PROOF


def consent_digest(*, subject: Any, terms: str, deciders: Sequence[str], kind: str = "badge") -> str:
    """Return the digest that a decider's answer is about, as multibase text of a SHA-256 multihash.

    `subject` is B for a badge, or the documents of another proposal; `terms` is the salted digest D; `deciders`
    are the statement keys K.
    """
    text = canonicalize_json({kind: subject, "terms": terms, "deciders": sorted(deciders)})
    return multihash(text)


def multihash(data: bytes) -> str:
    """Return the SHA-256 multihash of some bytes as multibase-u text."""
    return encode_multibase(_MULTIHASH_SHA256 + hashlib.sha256(data).digest(), base="u")
