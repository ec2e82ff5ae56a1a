"""The official vectors of ecdsa-sd-2023: every intermediate value and every byte of the results."""

from __future__ import annotations

from typing import Any

import pytest

from keys import parse_multikey, to_multikey
from schemas import add_sd_base_proof, canonicalize, derive_sd_proof, parse_date_time, to_quads, verify_sd_proof
from schemas.ecdsa_sd.derive import create_disclosure_data
from schemas.ecdsa_sd.groups import (
    Grouped,
    canonicalize_and_group,
    create_hmac_id_label_map_function,
    hash_mandatory_nquads,
)
from schemas.ecdsa_sd.options import proof_options_hash
from schemas.ecdsa_sd.pointers import json_pointer_to_paths, select_json_ld
from schemas.ecdsa_sd.proof_value import parse_base_proof_value, parse_derived_proof_value
from schemas.ecdsa_sd.verify import separated_nquads
from tests.unit.schemas.ecdsa_sd.material import (
    CONTEXTS,
    HMAC_KEY,
    ISSUER_KEY,
    PROOF_KEY,
    SIGNER,
    VECTORS,
    secret,
    vector,
)

EXAMPLES = {"employ": "employ", "prc": "prCred"}
every_example = pytest.mark.parametrize("example", EXAMPLES)


def _unsecured(example: str) -> dict[str, Any]:
    secured = vector(f"{example}/addSignedSDBase.json")
    return {name: value for name, value in secured.items() if name != "proof"}


def _pointers(example: str) -> tuple[list[str], list[str]]:
    name = EXAMPLES[example]
    return vector(f"{name}Mandatory.json"), vector(f"{name}Selective.json")


def _grouped(example: str) -> Grouped:
    mandatory, selective = _pointers(example)
    return canonicalize_and_group(
        _unsecured(example),
        label_map_factory=create_hmac_id_label_map_function(HMAC_KEY),
        group_definitions={"mandatory": mandatory, "selective": selective, "combined": mandatory + selective},
        contexts=CONTEXTS,
    )


def _map(value: dict[str, Any]) -> dict[Any, Any]:
    assert value["dataType"] == "Map"
    return dict(value["value"])


@every_example
def test_the_canonical_lines_and_their_hmac_names_are_the_vectors(example: str) -> None:
    lines = canonicalize(to_quads(_unsecured(example), contexts=CONTEXTS)).splitlines(keepends=True)
    assert lines == vector(f"{example}/addBaseDocCanon.json")
    assert list(_grouped(example).nquads) == vector(f"{example}/addBaseDocHMACCanon.json")


@every_example
def test_the_mandatory_pointers_lead_to_the_vectors_values(example: str) -> None:
    for entry in vector(f"{example}/addPointerValues.json"):
        value: Any = _unsecured(example)
        for path in json_pointer_to_paths(entry["pointer"]):
            value = value[path]
        assert value == entry["value"]


@every_example
def test_the_transformation_sorts_the_statements_as_the_vectors_do(example: str) -> None:
    transformed = vector(f"{example}/addBaseTransform.json")
    mandatory = _grouped(example).groups["mandatory"]
    assert transformed["mandatoryPointers"] == _pointers(example)[0]
    assert mandatory.matching == _map(transformed["mandatory"])
    assert mandatory.non_matching == _map(transformed["nonMandatory"])


@every_example
def test_the_hashes_and_the_proof_configuration_are_the_vectors(example: str) -> None:
    hashes = vector(f"{example}/addHashData.json")
    config = vector(f"{example}/addProofConfig.json")
    canonical = (VECTORS / example / "addProofConfigCanon.txt").read_text(encoding="utf-8")
    assert canonicalize(to_quads(config, contexts=CONTEXTS)) == canonical
    proof_hash = proof_options_hash(_unsecured(example), config, contexts=CONTEXTS)
    assert proof_hash.hex() == hashes["proofHash"]
    mandatory = _grouped(example).groups["mandatory"].matching.values()
    assert hash_mandatory_nquads(mandatory).hex() == hashes["mandatoryHash"]


@every_example
def test_the_base_proof_is_the_vectors_byte_for_byte(example: str) -> None:
    secured = vector(f"{example}/addSignedSDBase.json")
    made = add_sd_base_proof(
        _unsecured(example),
        signer=SIGNER,
        created=parse_date_time(secured["proof"]["created"]),
        mandatory_pointers=_pointers(example)[0],
        hmac_key=HMAC_KEY,
        ephemeral_key=secret("proofKeyPair"),
        contexts=CONTEXTS,
    )
    assert made == secured


@every_example
def test_the_base_proofs_parts_are_the_vectors(example: str) -> None:
    parts = parse_base_proof_value(vector(f"{example}/addSignedSDBase.json")["proof"]["proofValue"])
    made, recovered = (
        vector(f"{example}/{n}.json") for n in ("addRawBaseSignatureInfo", "derivedRecoveredBaseData")
    )
    assert parts.base_signature.hex() == made["baseSignature"] == recovered["baseSignature"]
    assert to_multikey(parts.public_key) == made["publicKey"] == recovered["proofPublicKey"]
    assert [one.hex() for one in parts.signatures] == made["signatures"] == recovered["signatures"]
    assert parts.hmac_key.hex() == recovered["hmacKey"]
    assert list(parts.mandatory_pointers) == made["mandatoryPointers"] == recovered["mandatoryPointers"]


@every_example
def test_the_groups_of_the_derivation_are_the_vectors(example: str) -> None:
    grouped, expected = _grouped(example), vector(f"{example}/derivedAllGroupData.json")
    indexes = vector(f"{example}/derivedGroupIndexes.json")
    assert list(grouped.nquads) == expected["nquads"]
    # Names of blank nodes before they are signed are random there and counted here; the signed ones are alike.
    assert set(grouped.label_map.values()) == set(_map(expected["labelMap"]).values())
    for name, group in grouped.groups.items():
        assert group.matching == _map(expected["groups"][name]["matching"])
        assert group.non_matching == _map(expected["groups"][name]["nonMatching"])
        assert len(group.deskolemized) == len(expected["groups"][name]["deskolemizedNQuads"])
        assert list(group.matching) == indexes[f"{name}Indexes"]
    assert list(grouped.groups["mandatory"].non_matching) == indexes["nonMandatoryIndexes"]


@every_example
def test_the_disclosure_data_is_the_vectors(example: str) -> None:
    expected = vector(f"{example}/derivedDisclosureData.json")
    base = parse_base_proof_value(vector(f"{example}/addSignedSDBase.json")["proof"]["proofValue"])
    data, reveal_document = create_disclosure_data(
        _unsecured(example), base, selective_pointers=_pointers(example)[1], contexts=CONTEXTS
    )
    assert data.base_signature.hex() == expected["baseSignature"]
    assert to_multikey(data.public_key) == expected["publicKey"]
    assert data.label_map == _map(expected["labelMap"])
    assert list(data.mandatory_indexes) == expected["mandatoryIndexes"]
    assert (
        expected["mandatoryIndexes"] == vector(f"{example}/derivedAdjMandatoryIndexes.json")["adjMandatoryIndexes"]
    )
    signatures = vector(f"{example}/derivedAdjSignatures.json")
    assert [one.hex() for one in data.signatures] == expected["signatures"] == signatures["filteredSignatures"]
    assert [base.signatures[index] for index in signatures["adjSignatureIndexes"]] == list(data.signatures)
    assert reveal_document == vector(f"{example}/derivedUnsignedReveal.json")
    combined = [pointer for pointers in _pointers(example) for pointer in pointers]
    assert select_json_ld(_unsecured(example), combined) == reveal_document


@every_example
def test_the_derived_document_is_the_vectors_byte_for_byte(example: str) -> None:
    made = derive_sd_proof(
        vector(f"{example}/addSignedSDBase.json"), selective_pointers=_pointers(example)[1], contexts=CONTEXTS
    )
    assert made == vector(f"{example}/derivedRevealDocument.json")


@every_example
def test_the_verification_sees_the_vectors_parts_and_statements(example: str) -> None:
    revealed = vector(f"{example}/derivedRevealDocument.json")
    expected, data = (vector(f"{example}/{n}.json") for n in ("verifyDerivedProofValue", "verifyCreateVerifyData"))
    parts = parse_derived_proof_value(revealed["proof"]["proofValue"])
    assert parts.base_signature.hex() == expected["baseSignature"] == data["baseSignature"]
    assert to_multikey(parts.public_key) == expected["publicKey"] == data["publicKey"] == to_multikey(PROOF_KEY)
    assert [one.hex() for one in parts.signatures] == expected["signatures"] == data["signatures"]
    assert list(parts.label_map.items()) == [(name, label) for name, label in expected["labelMap"]]
    assert list(parts.mandatory_indexes) == expected["mandatoryIndexes"]
    unsecured = {name: value for name, value in revealed.items() if name != "proof"}
    mandatory, others = separated_nquads(unsecured, parts, contexts=CONTEXTS)
    assert others == data["nonMandatory"]
    assert sorted(mandatory + others) == vector(f"{example}/verifyNQuads.json")
    assert hash_mandatory_nquads(mandatory).hex() == data["mandatoryHash"]
    assert proof_options_hash(unsecured, revealed["proof"], contexts=CONTEXTS).hex() == data["proofHash"]
    verify_sd_proof(revealed, proof=revealed["proof"], public_key=ISSUER_KEY, contexts=CONTEXTS)


def test_the_test_suites_own_documents_verify_and_derive() -> None:
    base, shown = vector("windsurf/baseProof.json"), vector("windsurf/derivedProof.json")
    key = parse_multikey(shown["proof"]["verificationMethod"].partition("#")[2])
    verify_sd_proof(shown, proof=shown["proof"], public_key=key)
    pointers = ["/credentialSubject/sails/3", "/credentialSubject/boards/1/brand"]
    made = derive_sd_proof(base, selective_pointers=pointers)
    verify_sd_proof(made, proof=made["proof"], public_key=key)
    assert made["credentialSubject"] == {
        "sailNumber": "Earth101",
        "sails": base["credentialSubject"]["sails"][1:],
        "boards": [{"year": 2022}, {"brand": "Wailea"}],
    }
