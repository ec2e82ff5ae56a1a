"""The verifier's part: checking a derived proof (VC-DI ECDSA 1.0, sections 3.5.9 and 3.6.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys import PublicKey, verify_signature
from schemas.ecdsa_sd.groups import (
    create_label_map_function,
    hash_mandatory_nquads,
    label_replacement_canonicalize,
)
from schemas.ecdsa_sd.options import (
    CRYPTOSUITE,
    check_sd_proof,
    proof_options_hash,
    serialize_sign_data,
    without_proof,
)
from schemas.ecdsa_sd.proof_value import DerivedProof, parse_derived_proof_value
from schemas.errors import ProofError
from schemas.jsonld import to_quads
from schemas.pinned import PINNED, ContextSet


def verify_sd_proof(
    document: Mapping[str, Any],
    *,
    proof: Mapping[str, Any],
    public_key: PublicKey,
    contexts: ContextSet = PINNED,
) -> None:
    """Check a derived proof of a document with the issuer's key (section 3.6.7).

    Returns nothing, or raises UnsupportedProofError, MalformedValueError, ProofError (for a base proof, too),
    LimitError, keys.BadSignatureError, or the DocumentErrors of canonicalisation. Whose key it is, purpose and
    dates are the caller's to check. What was not shown, nobody can say anything about.
    """
    proof_value = check_sd_proof(proof)
    if public_key.kind != "P-256":
        raise ProofError(f"a {CRYPTOSUITE} proof cannot be made with a key of kind {public_key.kind}")
    # 1. The document without its proofs.
    unsecured = without_proof(document)
    # 2. The data to verify (section 3.5.9, createVerifyData).
    derived = parse_derived_proof_value(proof_value)
    proof_hash = proof_options_hash(unsecured, proof, contexts=contexts)
    mandatory, non_mandatory = separated_nquads(unsecured, derived, contexts=contexts)
    mandatory_hash = hash_mandatory_nquads(mandatory)
    # 3. to 7. The issuer's signature: over the options, the proof's own key and the mandatory statements.
    to_verify = serialize_sign_data(
        proof_hash=proof_hash, public_key=derived.public_key, mandatory_hash=mandatory_hash
    )
    verify_signature(public_key=public_key, message=to_verify, signature=derived.base_signature)
    if contexts.work is not None:
        contexts.work.take_signatures(len(derived.signatures))
    # 8. That key's signature over each of the other statements.
    for line, signature in zip(non_mandatory, derived.signatures, strict=True):
        verify_signature(public_key=derived.public_key, message=line.encode("utf-8"), signature=signature)


def separated_nquads(
    document: Mapping[str, Any], derived: DerivedProof, *, contexts: ContextSet
) -> tuple[list[str], list[str]]:
    """Section 3.5.9, steps 3 to 7: the statements under the names that were signed, mandatory ones and others.

    Raises ProofError when the proof's names, indexes or number of signatures do not fit the document.
    """
    # 3. and 4. The canonical lines under the names of the label map (section 3.4.2).
    label_map_factory = create_label_map_function(derived.label_map)
    nquads, _ = label_replacement_canonicalize(
        to_quads(document, contexts=contexts), label_map_factory, work=contexts.work
    )
    # 5. to 7. Which of them are mandatory.
    if derived.mandatory_indexes and derived.mandatory_indexes[-1] >= len(nquads):
        raise ProofError(
            f"the proof has a mandatory index of {derived.mandatory_indexes[-1]:,}, "
            f"and the document makes {len(nquads)} statements",
            pointer="/proof/proofValue",
        )
    indexes = frozenset(derived.mandatory_indexes)
    mandatory = [line for index, line in enumerate(nquads) if index in indexes]
    non_mandatory = [line for index, line in enumerate(nquads) if index not in indexes]
    # 3.6.7, step 3, drawn forward: one signature for each of the others.
    if len(derived.signatures) != len(non_mandatory):
        raise ProofError(
            f"the proof has {len(derived.signatures)} signatures for {len(non_mandatory)} statements "
            "that need one: something was added or taken away",
            pointer="/proof/proofValue",
        )
    return mandatory, non_mandatory
