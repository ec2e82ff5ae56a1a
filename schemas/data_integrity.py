"""Data Integrity proofs: making them and checking them. Pure: documents, keys and times come in.

Sources: VC Data Integrity 1.0 (sections 2.1, 4.2 to 4.6), VC-DI EdDSA 1.0, VC-DI ECDSA 1.0; Ed25519Signature2020,
which wallets still use, and for reading older badges the draft name eddsa-2022.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from keys import InvalidKeyError, PublicKey, Signer, decode_multibase, encode_multibase, verify_signature
from schemas.dates import format_date_time
from schemas.ecdsa_sd import verify_sd_proof
from schemas.errors import MalformedValueError, ProofError, UnsupportedProofError
from schemas.jcs import canonicalize_json
from schemas.jsonld import to_quads
from schemas.pinned import PINNED, ContextSet
from schemas.proof_members import PROOF_TYPE, proofs_of
from schemas.rdfc import canonicalize

LEGACY_TYPE = "Ed25519Signature2020"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cryptosuite:
    """How a suite turns a document into bytes, and which keys sign them."""

    name: str
    kinds: tuple[str, ...]
    form: Literal["rdfc", "jcs", "sd"]
    may_issue: bool = True


CRYPTOSUITES: Mapping[str, Cryptosuite] = MappingProxyType(
    {
        suite.name: suite
        for suite in (
            Cryptosuite(name="eddsa-rdfc-2022", kinds=("Ed25519",), form="rdfc"),
            Cryptosuite(name="eddsa-jcs-2022", kinds=("Ed25519",), form="jcs"),
            Cryptosuite(name="ecdsa-rdfc-2019", kinds=("P-256", "P-384"), form="rdfc"),
            Cryptosuite(name="ecdsa-jcs-2019", kinds=("P-256", "P-384"), form="jcs"),
            Cryptosuite(name="ecdsa-sd-2023", kinds=("P-256",), form="sd", may_issue=False),  # schemas.ecdsa_sd
            Cryptosuite(name="eddsa-2022", kinds=("Ed25519",), form="rdfc", may_issue=False),
            Cryptosuite(name=LEGACY_TYPE, kinds=("Ed25519",), form="rdfc"),
        )
    }
)
# P-384 hashes with SHA-384, everything else with SHA-256 (VC-DI ECDSA 1.0, section 3.2).
_HASHES = MappingProxyType({"Ed25519": "sha256", "P-256": "sha256", "P-384": "sha384"})
_SIGNATURE_BYTES = MappingProxyType({"Ed25519": 64, "P-256": 64, "P-384": 96})


def cryptosuite_of(proof: Mapping[str, Any]) -> Cryptosuite:
    """Return the suite that a proof names; raise UnsupportedProofError for one that we do not have."""
    type_, name = proof.get("type"), proof.get("cryptosuite")
    if type_ == PROOF_TYPE:
        suite = CRYPTOSUITES.get(name) if isinstance(name, str) and name != LEGACY_TYPE else None
        if suite is None:
            raise UnsupportedProofError(f"the cryptosuite {name!r:.80} is not one that is checked here")
        return suite
    if type_ == LEGACY_TYPE:
        return CRYPTOSUITES[LEGACY_TYPE]
    raise UnsupportedProofError(f"the proof type {type_!r:.80} is not one that is checked here")


def add_proof(
    document: Mapping[str, Any],
    *,
    signer: Signer,
    cryptosuite: str,
    created: datetime | None,
    proof_purpose: str = "assertionMethod",
    contexts: ContextSet = PINNED,
    **options: Any,
) -> dict[str, Any]:
    """Return a copy of a document with one more proof (VC-DI 1.0, sections 4.2 and 4.3).

    `options` are further members of the proof, such as expires, domain, challenge, id or previousProof.
    Raises UnsupportedProofError for a suite that we do not issue or a key that does not fit it, and the
    DocumentErrors of canonicalisation.
    """
    suite = CRYPTOSUITES.get(cryptosuite)
    if suite is None or not suite.may_issue or signer.public_key.kind not in suite.kinds:
        raise UnsupportedProofError(
            f"no {cryptosuite!r} proof can be made with a key of kind {signer.public_key.kind}"
        )
    proof: dict[str, Any] = {"type": PROOF_TYPE, "cryptosuite": cryptosuite}
    if cryptosuite == LEGACY_TYPE:
        proof = {"type": LEGACY_TYPE}
    if created is not None:
        proof["created"] = format_date_time(created)
    proof |= {"verificationMethod": signer.verification_method, "proofPurpose": proof_purpose}
    proof |= {name: value for name, value in options.items() if value is not None}
    if suite.form == "jcs" and "@context" in document:
        proof = {"@context": document["@context"], **proof}
    message = proof_bytes(document, proof=proof, kind=signer.public_key.kind, contexts=contexts)
    proof["proofValue"] = encode_multibase(signer.sign(message))
    others = proofs_of(document)
    return {**document, "proof": [*others, proof] if others else proof}


def verify_proof(
    document: Mapping[str, Any],
    *,
    proof: Mapping[str, Any],
    public_key: PublicKey,
    contexts: ContextSet = PINNED,
) -> None:
    """Check one proof of a document with a key (VC-DI 1.0, section 4.4; VC-DI EdDSA 1.0, section 3.2.2).

    Returns nothing, or raises UnsupportedProofError, MalformedValueError, ProofError, keys.BadSignatureError,
    or the DocumentErrors of canonicalisation. Whose key it is, purpose and dates are the caller's to check.
    """
    suite = cryptosuite_of(proof)
    legacy = ("created",) if suite.name == LEGACY_TYPE else ()  # its own draft demands it
    for member in ("verificationMethod", "proofPurpose", "proofValue", *legacy):
        if not isinstance(proof.get(member), str):
            raise MalformedValueError(f"the proof has no {member}", pointer=f"/proof/{member}")
    if public_key.kind not in suite.kinds:
        raise ProofError(f"a {suite.name} proof cannot be made with a key of kind {public_key.kind}")
    if suite.form == "sd":
        verify_sd_proof(document, proof=proof, public_key=public_key, contexts=contexts)
        return
    try:
        signature = decode_multibase(proof["proofValue"]) if proof["proofValue"].startswith("z") else b""
    except InvalidKeyError as error:
        raise ProofError(f"the proof's value cannot be read: {error}", pointer="/proof/proofValue") from error
    if len(signature) != _SIGNATURE_BYTES[public_key.kind]:
        raise ProofError(
            f"the proof's value is not the base58 text of {_SIGNATURE_BYTES[public_key.kind]} bytes",
            pointer="/proof/proofValue",
        )
    message = proof_bytes(document, proof=proof, kind=public_key.kind, contexts=contexts)
    verify_signature(public_key=public_key, message=message, signature=signature)


def proof_bytes(
    document: Mapping[str, Any], *, proof: Mapping[str, Any], kind: str, contexts: ContextSet = PINNED
) -> bytes:
    """Return the bytes that a proof signs: the hash of its options and the hash of the document.

    VC-DI EdDSA 1.0, sections 3.2.3 to 3.2.5, and the like sections of VC-DI ECDSA 1.0.
    """
    suite = cryptosuite_of(proof)
    # 1. The document without its proofs; proofs that this one builds on stay (VC-DI 1.0, section 4.5).
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    if previous := _previous(document, proof):
        unsecured["proof"] = previous
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    # 2. A context in the proof must be how the document's begins, and stands for it (section 4.4, step 4.2).
    if "@context" in options:
        unsecured["@context"] = _common_context(options["@context"], unsecured.get("@context"))
    if "@context" in unsecured:
        options["@context"] = unsecured["@context"]
    # 3. Canonical forms and their hashes.
    hash_name = _HASHES[kind]
    return _digest(options, suite, hash_name, contexts) + _digest(unsecured, suite, hash_name, contexts)


def _digest(value: Mapping[str, Any], suite: Cryptosuite, hash_name: str, contexts: ContextSet) -> bytes:
    def make() -> bytes:
        if suite.form == "jcs":
            text = canonicalize_json(value)
        else:
            quads = to_quads(value, contexts=contexts)
            text = canonicalize(quads, hash_name=hash_name, work=contexts.work).encode("utf-8")
        return hashlib.new(hash_name, text).digest()

    return make() if contexts.work is None else contexts.work.once(f"{suite.form} {hash_name}", value, make)


def _common_context(wanted: Any, found: Any) -> Any:
    begin = wanted if isinstance(wanted, list) else [wanted]
    there = found if isinstance(found, list) else [found]
    if there[: len(begin)] != begin:
        raise ProofError("the proof was made over another @context than the document's", pointer="/proof/@context")
    return wanted


def _previous(document: Mapping[str, Any], proof: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the proofs that a proof names as its predecessors; each must be there."""
    names = proof.get("previousProof", [])
    wanted = names if isinstance(names, list) else [names]
    named = proofs_of(document) if wanted else []
    others = {other["id"]: other for other in named if isinstance(other.get("id"), str)}
    for name in wanted:
        if not isinstance(name, str) or name not in others:
            raise ProofError(
                f"the previous proof {name!r:.80} is not in the document", pointer="/proof/previousProof"
            )
    return [others[name] for name in wanted]
