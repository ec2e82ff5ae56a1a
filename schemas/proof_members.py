"""Where a document keeps its proofs (VC Data Integrity 1.0, section 2.1): what every suite needs, and no suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.errors import MalformedValueError

MAX_PROOFS = 8
PROOF_TYPE = "DataIntegrityProof"


def proofs_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a document's proofs, one object or a list of objects; raise MalformedValueError for other shapes."""
    if "proof" not in document:
        return []
    value = document["proof"]
    proofs = value if isinstance(value, list) else [value]
    if not proofs or not all(isinstance(proof, dict) for proof in proofs):
        raise MalformedValueError("a proof is a JSON object, or a list of them", pointer="/proof")
    if len(proofs) > MAX_PROOFS:
        raise MalformedValueError(f"at most {MAX_PROOFS} proofs are read", pointer="/proof")
    return proofs
