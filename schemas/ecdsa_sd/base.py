"""The issuer's part: a base proof (VC-DI ECDSA 1.0, sections 3.6.1 to 3.6.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from keys import PrivateKey, Signer, local_signer, public_key_of
from schemas.dates import format_date_time
from schemas.ecdsa_sd.groups import (
    canonicalize_and_group,
    create_hmac_id_label_map_function,
    hash_mandatory_nquads,
)
from schemas.ecdsa_sd.options import (
    CRYPTOSUITE,
    proof_options_hash,
    serialize_sign_data,
    without_proof,
)
from schemas.ecdsa_sd.proof_value import HMAC_BYTES, BaseProof, check_pointers, serialize_base_proof_value
from schemas.errors import ProofError, UnsupportedProofError
from schemas.pinned import PINNED, ContextSet
from schemas.proof_members import PROOF_TYPE, proofs_of


def add_sd_base_proof(
    document: Mapping[str, Any],
    *,
    signer: Signer,
    created: datetime | None,
    mandatory_pointers: Sequence[str],
    hmac_key: bytes,
    ephemeral_key: PrivateKey,
    proof_purpose: str = "assertionMethod",
    contexts: ContextSet = PINNED,
    **options: Any,
) -> dict[str, Any]:
    """Return a copy of a document with a base proof (section 3.6.1), to be given to its holder and nobody else.

    What `mandatory_pointers` (JSON pointers) select is in every document derived from it: all that must not be
    hidden, such as the end of validity and the status, must be among it. `hmac_key` are 32 new random bytes and
    `ephemeral_key` is a new P-256 key; both are for this one proof. `options` are further members of the proof.
    Raises UnsupportedProofError for keys that are not P-256, ProofError (PROOF_GENERATION_ERROR) for pointers
    that match nothing and documents that cannot be shown in parts, and the DocumentErrors of canonicalisation.
    """
    if signer.public_key.kind != "P-256" or public_key_of(ephemeral_key).kind != "P-256":
        raise UnsupportedProofError(f"{CRYPTOSUITE} proofs are made with keys of kind P-256 only")
    if len(hmac_key) != HMAC_BYTES:
        raise ProofError(f"the HMAC key must have {HMAC_BYTES} bytes", code="PROOF_GENERATION_ERROR")
    if "previousProof" in options:
        raise UnsupportedProofError(f"{CRYPTOSUITE} proofs do not build on other proofs here")
    pointers = check_pointers(mandatory_pointers, place="")
    # 1. and 2. The proof's options (section 3.6.4).
    proof: dict[str, Any] = {"type": PROOF_TYPE, "cryptosuite": CRYPTOSUITE}
    if created is not None:
        proof["created"] = format_date_time(created)
    proof |= {"verificationMethod": signer.verification_method, "proofPurpose": proof_purpose}
    proof |= {name: value for name, value in options.items() if value is not None}
    others = proofs_of(document)
    unsecured = without_proof(document)
    # 3. Transformation (3.6.2): all statements under HMAC names, and which of them are mandatory.
    grouped = canonicalize_and_group(
        unsecured,
        label_map_factory=create_hmac_id_label_map_function(hmac_key),
        group_definitions={"mandatory": pointers},
        contexts=contexts,
    )
    mandatory = grouped.groups["mandatory"]
    # 4. Hashing (3.6.3).
    proof_hash = proof_options_hash(unsecured, proof, contexts=contexts)
    mandatory_hash = hash_mandatory_nquads(mandatory.matching.values())
    # 5. Serialization (3.6.5): the proof's own key signs each of the other statements, the issuer's key that key.
    own = local_signer(ephemeral_key, verification_method="")
    to_sign = serialize_sign_data(proof_hash=proof_hash, public_key=own.public_key, mandatory_hash=mandatory_hash)
    # 6. The proof's value.
    proof["proofValue"] = serialize_base_proof_value(
        BaseProof(
            base_signature=signer.sign(to_sign),
            public_key=own.public_key,
            hmac_key=hmac_key,
            signatures=tuple(own.sign(line.encode("utf-8")) for line in mandatory.non_matching.values()),
            mandatory_pointers=tuple(pointers),
        )
    )
    return {**document, "proof": [*others, proof] if others else proof}
