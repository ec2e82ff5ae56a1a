"""The holder's part: a derived proof (VC-DI ECDSA 1.0, sections 3.5.4 and 3.6.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keys import BadSignatureError, verify_signature
from schemas.ecdsa_sd.groups import (
    Grouped,
    canonical_identifiers,
    canonicalize_and_group,
    create_hmac_id_label_map_function,
)
from schemas.ecdsa_sd.options import CRYPTOSUITE, check_sd_proof, is_sd_proof, without_proof
from schemas.ecdsa_sd.pointers import select_json_ld
from schemas.ecdsa_sd.proof_value import (
    BaseProof,
    DerivedProof,
    check_pointers,
    parse_base_proof_value,
    serialize_derived_proof_value,
)
from schemas.ecdsa_sd.verify import separated_nquads
from schemas.errors import ProofError
from schemas.pinned import PINNED, ContextSet
from schemas.proof_members import proofs_of


def derive_sd_proof(
    document: Mapping[str, Any],
    *,
    selective_pointers: Sequence[str],
    proof_id: str | None = None,
    contexts: ContextSet = PINNED,
) -> dict[str, Any]:
    """Return the part of a document that the pointers and the issuer select, with a derived proof (section 3.6.6).

    `document` carries a base proof; `proof_id` says which, where there are several. Other proofs stay behind.
    What is returned is first looked at as a verifier will: a document that was changed after it was signed is
    refused here. Raises ProofError, LimitError, or the DocumentErrors of canonicalisation.
    """
    proof = _base_proof(document, proof_id)
    base = parse_base_proof_value(check_sd_proof(proof))
    pointers = check_pointers(selective_pointers, place="")
    if not pointers and not base.mandatory_pointers:
        raise ProofError("nothing is selected, so there is nothing to show", code="PROOF_GENERATION_ERROR")
    # 1. The data to disclose.
    derived, reveal_document = create_disclosure_data(
        without_proof(document), base, selective_pointers=pointers, contexts=contexts
    )
    _check_revealed(reveal_document, derived, contexts=contexts)
    # 2. to 4. The derived proof in the base proof's place.
    new_proof = {**proof, "proofValue": serialize_derived_proof_value(derived)}
    new_proof.pop("@context", None)
    return {**reveal_document, "proof": new_proof}


def create_disclosure_data(
    document: Mapping[str, Any],
    base: BaseProof,
    *,
    selective_pointers: Sequence[str],
    contexts: ContextSet,
) -> tuple[DerivedProof, dict[str, Any]]:
    """Section 3.5.4, createDisclosureData: the derived proof and the document that it goes with."""
    # 1. The parts of the base proof came in as `base`.
    # 2. and 3. The names that were signed.
    label_map_factory = create_hmac_id_label_map_function(base.hmac_key)
    # 4. and 5. What is shown is what the issuer demands and what the holder chose.
    combined_pointers = [*base.mandatory_pointers, *selective_pointers]
    # 6. All statements, and which of them belong to whom.
    grouped = canonicalize_and_group(
        document,
        label_map_factory=label_map_factory,
        group_definitions={
            "mandatory": base.mandatory_pointers,
            "selective": selective_pointers,
            "combined": combined_pointers,
        },
        contexts=contexts,
    )
    combined, mandatory = grouped.groups["combined"], grouped.groups["mandatory"]
    # 7. to 9. Where the mandatory statements stand among those that are shown.
    mandatory_indexes = tuple(
        relative for relative, absolute in enumerate(combined.matching) if absolute in mandatory.matching
    )
    # 10. to 13. The signatures of the others that are shown.
    signatures = _filtered_signatures(base, grouped)
    # 14. The document to show.
    reveal_document = select_json_ld(document, combined_pointers)
    assert reveal_document is not None
    # 15. to 17. From the names that a verifier will give to the names that were signed.
    verifier_label_map = {
        verifier_label: grouped.label_map[label]
        for label, verifier_label in canonical_identifiers(combined.deskolemized).items()
    }
    # 18. All of it.
    derived = DerivedProof(
        base_signature=base.base_signature,
        public_key=base.public_key,
        signatures=signatures,
        label_map=verifier_label_map,
        mandatory_indexes=mandatory_indexes,
    )
    return derived, reveal_document


def _base_proof(document: Mapping[str, Any], proof_id: str | None) -> Mapping[str, Any]:
    found = [
        proof
        for proof in proofs_of(document)
        if is_sd_proof(proof) and (proof_id is None or proof.get("id") == proof_id)
    ]
    if len(found) != 1:
        what = "more than one such proof: say by its id which" if found else "none that could be asked for"
        raise ProofError(
            f"a part is derived from one {CRYPTOSUITE} proof, and the document has {what}",
            pointer="/proof",
            code="PROOF_GENERATION_ERROR",
        )
    return found[0]


def _filtered_signatures(base: BaseProof, grouped: Grouped) -> tuple[bytes, ...]:
    mandatory, selective = grouped.groups["mandatory"], grouped.groups["selective"]
    if len(base.signatures) != len(mandatory.non_matching):
        raise ProofError(
            f"the base proof signs {len(base.signatures)} statements, and the document makes "
            f"{len(mandatory.non_matching)} that need a signature: it was changed after it was signed",
            pointer="/proof/proofValue",
        )
    return tuple(
        signature
        for index, signature in zip(mandatory.non_matching, base.signatures, strict=True)
        if index in selective.matching
    )


def _check_revealed(document: Mapping[str, Any], derived: DerivedProof, *, contexts: ContextSet) -> None:
    """Raise ProofError unless each statement to be shown is covered as a verifier will want it."""
    _, others = separated_nquads(document, derived, contexts=contexts)
    try:
        for line, signature in zip(others, derived.signatures, strict=True):
            verify_signature(public_key=derived.public_key, message=line.encode("utf-8"), signature=signature)
    except BadSignatureError as error:
        raise ProofError(
            "a signature of the base proof does not fit the document: it was changed after it was signed",
            pointer="/proof/proofValue",
        ) from error
