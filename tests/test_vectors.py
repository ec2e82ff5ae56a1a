"""The official vectors of the Data Integrity suites, byte for byte; then each broken, once for each reason."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from keys import (
    BadSignatureError,
    InvalidKeyError,
    LocalSigner,
    PublicKey,
    local_signer,
    parse_multikey,
    parse_secret_multikey,
    verify_signature,
)
from schemas import (
    ContextSet,
    DataLossError,
    DocumentError,
    MalformedValueError,
    ProofError,
    UnsupportedProofError,
    add_proof,
    canonicalize,
    canonicalize_json,
    parse_date_time,
    proof_bytes,
    proofs_of,
    to_quads,
    verify_proof,
)

W3C = Path(__file__).parent / "vectors" / "w3c"
EXAMPLES = ContextSet(examples=True)

# folder, suffix of the files' names, key pair, cryptosuite (None: read only)
VECTORS = [
    ("eddsa/eddsa-rdfc-2022", "DataInt", "eddsa/keyPair.json", "eddsa-rdfc-2022"),
    ("eddsa/eddsa-jcs-2022", "JCS", "eddsa/keyPair.json", "eddsa-jcs-2022"),
    ("eddsa/Ed25519Signature2020", "EdSig", "eddsa/keyPair.json", None),
    ("ecdsa/ecdsa-rdfc-2019-p256", "ECDSAP256", "ecdsa/p256KeyPair.json", "ecdsa-rdfc-2019"),
    ("ecdsa/ecdsa-rdfc-2019-p384", "ECDSAP384", "ecdsa/p384KeyPair.json", "ecdsa-rdfc-2019"),
    ("ecdsa/ecdsa-jcs-2019-p256", "JCSECDSAP256", "ecdsa/p256KeyPair.json", "ecdsa-jcs-2019"),
    ("ecdsa/ecdsa-jcs-2019-p384", "JCSECDSAP384", "ecdsa/p384KeyPair.json", "ecdsa-jcs-2019"),
]
every_vector = pytest.mark.parametrize(
    ("folder", "suffix", "keys", "cryptosuite"), VECTORS, ids=[vector[0] for vector in VECTORS]
)


def _json(*parts: str) -> Any:
    return json.loads(W3C.joinpath(*parts).read_text(encoding="utf-8"))


def _text(folder: str, name: str) -> str:
    return (W3C / folder / name).read_text(encoding="utf-8").strip()


def _key(keys: str) -> PublicKey:
    return parse_multikey(_json(keys)["publicKeyMultibase"])


def _signer(keys: str, method: str) -> LocalSigner:
    pair = _json(keys)
    secret = pair.get("secretKeyMultibase") or pair["privateKeyMultibase"]
    return local_signer(parse_secret_multikey(secret), verification_method=method)


def _secured(folder: str, suffix: str) -> dict[str, Any]:
    document: dict[str, Any] = _json(folder, f"signed{suffix}.json")
    return document


@every_vector
def test_the_canonical_forms_and_hashes_are_the_vectors(
    folder: str, suffix: str, keys: str, cryptosuite: str | None
) -> None:
    secured = _secured(folder, suffix)
    unsecured = {name: value for name, value in secured.items() if name != "proof"}
    config = _json(folder, f"proofConfig{suffix}.json")

    def canonical(value: dict[str, Any]) -> str:
        if "jcs" in folder:
            return canonicalize_json(value).decode()
        return canonicalize(
            to_quads(value, contexts=EXAMPLES), hash_name="sha384" if "p384" in folder else "sha256"
        )

    assert canonical(unsecured).strip() == _text(folder, f"canonDoc{suffix}.txt")
    assert canonical(config).strip() == _text(folder, f"proofCanon{suffix}.txt")
    hash_name = "sha384" if "p384" in folder else "sha256"
    assert hashlib.new(hash_name, canonical(unsecured).encode()).hexdigest() == _text(
        folder, f"docHash{suffix}.txt"
    )
    assert hashlib.new(hash_name, canonical(config).encode()).hexdigest() == _text(
        folder, f"proofHash{suffix}.txt"
    )
    signed = proof_bytes(secured, proof=secured["proof"], kind=_key(keys).kind, contexts=EXAMPLES)
    assert signed.hex() == _text(folder, f"combinedHash{suffix}.txt")


@every_vector
def test_signing_gives_the_vectors_bytes(folder: str, suffix: str, keys: str, cryptosuite: str | None) -> None:
    secured = _secured(folder, suffix)
    signer = _signer(keys, secured["proof"]["verificationMethod"])
    message = bytes.fromhex(_text(folder, f"combinedHash{suffix}.txt"))
    assert signer.sign(message).hex() == _text(folder, f"sigHex{suffix}.txt")
    if cryptosuite is None:
        return
    unsecured = {name: value for name, value in secured.items() if name != "proof"}
    made = add_proof(
        unsecured,
        signer=signer,
        cryptosuite=cryptosuite,
        created=parse_date_time(secured["proof"]["created"]),
        contexts=EXAMPLES,
    )
    assert made == secured
    assert made["proof"]["proofValue"] == _text(folder, f"sigBTC58{suffix}.txt")


@every_vector
def test_the_vector_verifies(folder: str, suffix: str, keys: str, cryptosuite: str | None) -> None:
    secured = _secured(folder, suffix)
    verify_proof(secured, proof=secured["proof"], public_key=_key(keys), contexts=EXAMPLES)


def _broken(secured: dict[str, Any], how: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(secured))
    proof = document["proof"]
    match how:
        case "a word of the document":
            document["name"] = document.get("name", "") + "."
        case "a date of the document":
            document["validFrom"] = "2024-01-01T00:00:00Z"
        case "the proof's date":
            proof["created"] = "2024-01-01T00:00:00Z"
        case "the proof's purpose":
            proof["proofPurpose"] = "authentication"
        case "one letter of the proof's value":
            last = "2" if proof["proofValue"][40] != "2" else "3"
            proof["proofValue"] = proof["proofValue"][:40] + last + proof["proofValue"][41:]
        case "a member more in the proof":
            proof["domain"] = "example.org"
    return document


@every_vector
@pytest.mark.parametrize(
    "how",
    [
        "a word of the document",
        "a date of the document",
        "the proof's date",
        "the proof's purpose",
        "one letter of the proof's value",
        "a member more in the proof",
    ],
)
def test_a_changed_vector_fails_for_its_signature(
    folder: str, suffix: str, keys: str, cryptosuite: str | None, how: str
) -> None:
    document = _broken(_secured(folder, suffix), how)
    with pytest.raises(BadSignatureError):
        verify_proof(document, proof=document["proof"], public_key=_key(keys), contexts=EXAMPLES)


@pytest.mark.parametrize("folder", ["eddsa/eddsa-jcs-2022", "ecdsa/ecdsa-jcs-2019-p256"])
def test_a_canonical_json_vector_also_covers_the_order_of_contexts(folder: str) -> None:
    [(_, suffix, keys, _)] = [vector for vector in VECTORS if vector[0] == folder]
    document = _secured(folder, suffix)
    document["@context"] = document["@context"][::-1]
    document["proof"]["@context"] = document["@context"]
    with pytest.raises(BadSignatureError):
        verify_proof(document, proof=document["proof"], public_key=_key(keys), contexts=EXAMPLES)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector[0] for vector in VECTORS])
def test_every_byte_of_a_signature_counts(vector: tuple[str, str, str, str | None]) -> None:
    folder, suffix, keys, _ = vector
    message = bytes.fromhex(_text(folder, f"combinedHash{suffix}.txt"))
    signature = bytes.fromhex(_text(folder, f"sigHex{suffix}.txt"))
    verify_signature(public_key=_key(keys), message=message, signature=signature)
    for position in range(len(signature)):
        broken = signature[:position] + bytes([signature[position] ^ 1]) + signature[position + 1 :]
        with pytest.raises(BadSignatureError):
            verify_signature(public_key=_key(keys), message=message, signature=broken)


@every_vector
def test_other_faults_fail_for_their_own_reason(
    folder: str, suffix: str, keys: str, cryptosuite: str | None
) -> None:
    secured = _secured(folder, suffix)
    key = _key(keys)

    def refused(error: type[Exception], message: str, **changes: Any) -> None:
        proof = {name: value for name, value in {**secured["proof"], **changes}.items() if value is not None}
        document = {**secured, "proof": proof}
        with pytest.raises(error, match=message):
            verify_proof(document, proof=proof, public_key=key, contexts=EXAMPLES)

    refused(MalformedValueError, "no proofValue", proofValue=None)
    refused(MalformedValueError, "no proofPurpose", proofPurpose=None)
    refused(MalformedValueError, "no verificationMethod", verificationMethod=None)
    refused(ProofError, "base58 text of", proofValue=secured["proof"]["proofValue"][:-4])
    refused(ProofError, "base58 text of", proofValue=secured["proof"]["proofValue"][1:])
    refused(ProofError, "cannot be read", proofValue="z0OIl")
    refused(UnsupportedProofError, "not one that is checked", type="UnknownProofType")
    refused(ProofError, "another @context", **{"@context": ["https://www.w3.org/ns/did/v1"]})
    refused(ProofError, "not in the document", previousProof="urn:uuid:nobody")
    if cryptosuite:
        refused(UnsupportedProofError, "not one that is checked", cryptosuite="rot13-2026")
    other = "ecdsa/p384KeyPair.json" if "p384" not in keys else "ecdsa/p256KeyPair.json"
    if "ecdsa" not in folder:
        with pytest.raises(ProofError, match="cannot be made with a key"):
            verify_proof(secured, proof=secured["proof"], public_key=_key(other), contexts=EXAMPLES)


def test_an_undefined_term_cannot_ride_along_unsigned() -> None:
    secured = _secured("eddsa/eddsa-rdfc-2022", "DataInt")
    secured["@context"] = [secured["@context"][0]]
    with pytest.raises(DataLossError, match="no context of the document defines"):
        verify_proof(secured, proof=secured["proof"], public_key=_key("eddsa/keyPair.json"))


def test_the_vectors_of_proof_sets_and_chains_verify() -> None:
    pairs = _json("eddsa/proof-set-chain/multiKeyPairs.json")
    keys = {pair["publicKeyMultibase"]: pair for pair in pairs.values()}
    for name in ("signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"):
        document = _json(f"eddsa/proof-set-chain/{name}.json")
        for proof in proofs_of(document):
            fragment = proof["verificationMethod"].partition("#")[2]
            assert fragment in keys
            verify_proof(document, proof=proof, public_key=parse_multikey(fragment), contexts=EXAMPLES)


def test_the_open_badges_implementation_guides_vector() -> None:
    secured = _json("ob-impl-guide/signed.json")
    [proof] = proofs_of(secured)
    unsecured = {name: value for name, value in secured.items() if name != "proof"}
    assert canonicalize(to_quads(unsecured)).strip() == _text("ob-impl-guide", "document-canon.txt")
    key = parse_multikey(proof["verificationMethod"].partition("#")[2])
    verify_proof(secured, proof=proof, public_key=key)
    with pytest.raises((BadSignatureError, DocumentError, InvalidKeyError)):
        verify_proof({**secured, "name": "another"}, proof=proof, public_key=key)


@pytest.mark.parametrize("folder", ["eddsa", "ecdsa", "ob-impl-guide", "rdf-canon"])
def test_the_vectors_are_unchanged(folder: str) -> None:
    rows = (W3C / folder / "SOURCES.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for file, source, sha256 in (row.split("\t") for row in rows):
        assert source
        assert hashlib.sha256((W3C / folder / file).read_bytes()).hexdigest() == sha256, file
