"""What base and derived proofs have in common: their options, and the bytes that the issuer's key signs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from keys import PublicKey
from schemas.ecdsa_sd.proof_value import key_bytes
from schemas.errors import MalformedValueError, ProofError, UnsupportedProofError
from schemas.jsonld import to_quads
from schemas.pinned import ContextSet
from schemas.proof_members import PROOF_TYPE
from schemas.rdfc import canonicalize

CRYPTOSUITE = "ecdsa-sd-2023"


def is_sd_proof(proof: Mapping[str, Any]) -> bool:
    """Say whether a proof is of this suite, base or derived."""
    return proof.get("type") == PROOF_TYPE and proof.get("cryptosuite") == CRYPTOSUITE


def check_sd_proof(proof: Mapping[str, Any]) -> str:
    """Return the proof value of a proof of this suite; raise for another suite or a member that is missing."""
    if not is_sd_proof(proof):
        raise UnsupportedProofError(f"the proof is not one of {CRYPTOSUITE}")
    for member in ("verificationMethod", "proofPurpose", "proofValue"):
        if not isinstance(proof.get(member), str):
            raise MalformedValueError(f"the proof has no {member}", pointer=f"/proof/{member}")
    if "previousProof" in proof:
        raise UnsupportedProofError(
            "a proof that shows a part and builds on another proof is not one that is checked here",
            pointer="/proof/previousProof",
        )
    value: str = proof["proofValue"]
    return value


def proof_options_hash(document: Mapping[str, Any], proof: Mapping[str, Any], *, contexts: ContextSet) -> bytes:
    """Sections 3.6.3 and 3.6.4: the hash of the canonical proof configuration, under the document's context."""
    if "@context" in proof and proof["@context"] != document.get("@context"):
        raise ProofError("the proof was made over another @context than the document's", pointer="/proof/@context")
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    if "@context" in document:
        config["@context"] = document["@context"]
    return hashlib.sha256(canonicalize(to_quads(config, contexts=contexts)).encode("utf-8")).digest()


def serialize_sign_data(*, proof_hash: bytes, public_key: PublicKey, mandatory_hash: bytes) -> bytes:
    """Section 3.5.1, serializeSignData."""
    return proof_hash + key_bytes(public_key) + mandatory_hash


def without_proof(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without its proofs."""
    return {name: value for name, value in document.items() if name != "proof"}
