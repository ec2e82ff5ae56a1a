"""`academy conformance`: what the public suites send, accepted and refused as they demand, without the suites."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import Settings, build_app
from issuer.conformance.serving import self_signed_context
from keys import LocalSigner, did_key, did_key_method, generate_private_key, local_signer, public_key_of
from schemas import (
    CREDENTIALS_V2,
    DATA_INTEGRITY_V2,
    ED25519_2020,
    ContextSet,
    add_proof,
    decode_bitstring,
    sign_jose,
)
from tests.integration.conformance_world import BASE_URL, EXAMPLES, GONE, ISSUERS, NOW, Site, a_site
from tests.integration.world import World

ROOT = Path(__file__).parents[2]
URN = "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"
# Digests of the context of credentials 2.0: its bytes of July 2024, and those of the Recommendation.
DIGESTS_2024 = {
    "digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg",
    "digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k",
}
WRONG = "sha384-_rCVIV7fSXXTNIvpiq26jRDyj8JG8TDjij-tD0ewLk4JpnXEz6a5AeeY_1qQ0d0P"
Changes = Mapping[str, Any]


@pytest.fixture(scope="module")
def site() -> Site:
    return a_site()


def each(*values: Any) -> tuple[Any, ...]:
    return values


def own(word: str, **more: Any) -> list[Any]:
    """Return contexts that define a word of the document's own."""
    return [CREDENTIALS_V2, {word: f"https://example.org/terms#{word}", **more}]


# 4.1 What is issued.

ACCEPTED: dict[str, Changes] = {
    "no id": {},
    "an id": {"id": URN},
    "several subjects": {"credentialSubject": [{"id": "did:example:a"}, {"id": "did:example:b"}]},
    "examples": {
        "context": [CREDENTIALS_V2, EXAMPLES],
        "type": ["VerifiableCredential", "RelationshipCredential"],
        "credentialSubject": {"id": "did:example:a", "degree": {"type": "BachelorDegree"}},
    },
    "own context": {"context": own("OwnCredential"), "type": ["OwnCredential", "VerifiableCredential"]},
    "type as url": {"type": ["https://example.org/#A", "VerifiableCredential", "https://example.org/#B"]},
    "own status": {"context": own("OwnStatus"), "credentialStatus": {"type": "OwnStatus"}},
    "own schemas": {
        "credentialSchema": [{"type": "https://example.org/#S", "id": f"did:example:s{n}"} for n in (1, 2)]
    },
    "own evidence": {"context": own("OwnEvidence"), "evidence": [{"type": "OwnEvidence"}] * 2},
    "own terms": {"context": own("OwnTerms"), "termsOfUse": {"type": "OwnTerms", "id": "did:example:t"}},
    "own refresh": {"refreshService": {"type": "https://example.org/#R", "id": "did:example:r"}},
    "milliseconds": {"validFrom": "2026-04-30T12:34:56.789Z"},
    "offset": {"validFrom": "2026-04-30T12:34:56-08:00", "validUntil": "2027-04-30T12:34:56+05:30"},
    "far future": {"validFrom": "9999-01-01T00:00:00Z"},
    "past already": {"validUntil": "2020-01-01T00:00:00Z"},
    "name": {"name": "A name", "description": {"@value": "Ein Text", "@language": "de"}},
    "names": {
        "name": [{"@value": "Dog", "@language": "en"}, {"@value": "Chien", "@language": "fr"}],
        "description": {"@value": "text", "@language": "en", "@direction": "ltr"},
    },
    **{
        f"related {name}": {"relatedResource": {"id": CREDENTIALS_V2, name: v}} for name, v in DIGESTS_2024.items()
    },
    "related elsewhere": {"relatedResource": [{"id": "https://example.org/x", "digestSRI": WRONG}]},
}


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_conforms_is_issued(site: Site, changes: Changes) -> None:
    answer = site.issue(site.credential(**changes))
    assert answer.status_code == 201, answer.get_json()
    secured = answer.get_json()["verifiableCredential"]
    assert {name: value for name, value in secured.items() if name != "proof"} == site.credential(**changes)


@pytest.mark.parametrize("issuer", [{"name": "A"}, {"name": {"@value": "A", "@language": "en"}}], ids=repr)
def test_an_issuer_may_be_an_object(site: Site, issuer: dict[str, Any]) -> None:
    assert site.issue(site.credential(issuer={"id": site.manifest["ed25519"], **issuer})).status_code == 201


def test_a_proof_says_what_the_suites_look_for(site: Site) -> None:
    proof = site.issued()["proof"]
    did = site.manifest["ed25519"]
    assert proof.pop("proofValue").startswith("z")
    assert proof == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-05-03T12:00:00Z",
        "verificationMethod": f"{did}#{did.removeprefix('did:key:')}",
        "proofPurpose": "assertionMethod",
    }


@pytest.mark.parametrize("issuer", ["eddsa-jcs-2022", "ecdsa-jcs-2019-p256", "ecdsa-jcs-2019-p384"])
def test_a_jcs_proof_repeats_the_contexts(site: Site, issuer: str) -> None:
    secured = site.issued(issuer)
    assert secured["proof"]["@context"] == secured["@context"]


def test_a_credential_of_1_1_gets_the_context_of_its_proof_at_the_end(site: Site) -> None:
    for issuer, context in (("eddsa-rdfc-2022", DATA_INTEGRITY_V2), ("Ed25519Signature2020", ED25519_2020)):
        credential = site.old_credential()
        secured = site.issue(credential, issuer).get_json()["verifiableCredential"]
        assert secured["@context"] == [*credential["@context"], context]
        assert site.verify(secured).status_code == 200
    there = site.old_credential(context=[*site.old_credential()["@context"], DATA_INTEGRITY_V2])
    assert site.issue(there).get_json()["verifiableCredential"]["@context"] == there["@context"]


def test_options_may_be_absent(site: Site) -> None:
    assert site.client.post("/credentials/issue", json={"credential": site.credential()}).status_code == 201


# 4.2 What is not issued.

REFUSED: dict[str, Changes] = {
    **{f"context {v!r}": {"context": v} for v in each(GONE, 4, {}, None, "x", [], [EXAMPLES], CREDENTIALS_V2)},
    **{
        f"context item {item!r}": {"context": [CREDENTIALS_V2, item]}
        for item in each(
            "https ://not-a-url/contexts",
            123192875,
            None,
            True,
            [],
            "https://example.org/unknown",
            "rel",
        )
    },
    **{f"type {v!r}": {"type": v} for v in each(GONE, None, True, 4, [], ["X"], ["VerifiableCredential", 4], {})},
    "unmapped type": {"type": ["VerifiableCredential", "InvalidType"]},
    "unmapped by null": {
        "context": [CREDENTIALS_V2, {"@vocab": None}],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
    },
    "type to no url": {
        "context": [CREDENTIALS_V2, {"Own": "https ://not-a-url#Own"}],
        "type": ["VerifiableCredential", "Own"],
    },
    "protected": {"context": [CREDENTIALS_V2, {"VerifiableCredential": "https://example.org/#Bad"}]},
    "protected by itself": {
        "context": [*own("Own", **{"@protected": True}), {"Own": "https://example.org/#Bad"}],
        "type": ["VerifiableCredential", "Own"],
    },
    "unmapped term": {"invalidTerm": "x"},
    "unmapped status": {"statusEntry": {"type": "BitstringStatusListEntry", "statusListIndex": True}},
    "a proof without type": {"proof": {"proofValue": "z1"}},
    "a proof that is a text": {"proof": "z1"},
    **{f"id {v!r}": {"id": v} for v in each(None, [URN, URN], "https ://not-a-url", "name", 4, "")},
    **{
        f"subject id {v!r}": {"credentialSubject": {"id": v}}
        for v in each(None, ["did:example:a", "did:example:b"], "not a url", "name", 4)
    },
    **{
        f"issuer {v!r}": {"issuer": v}
        for v in each(
            GONE, None, True, 4, [], "fake-issuer", {}, {"id": None}, {"id": "fake-issuer"}, {"name": "x"}
        )
    },
    **{
        f"subject {v!r}": {"credentialSubject": v}
        for v in each(GONE, None, True, 4, [], "x", {}, [{"id": "did:example:a"}, {}], ["did:example:a"])
    },
    **{
        f"{name} {v!r}": {name: v}
        for name in ("validFrom", "validUntil")
        for v in each("Sat 25 Feb 2023 12:00:00", "Sat, 25 Feb 2023 12:00:00 GMT", "2023-02-25", None, 4, "")
    },
    "ends before it begins": {"validFrom": "2027-01-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"},
    "a date of 1.1": {"issuanceDate": "2026-01-01T00:00:00Z"},
    **{
        f"{name} {v!r}": {name: v}
        for name in ("credentialStatus", "termsOfUse", "evidence", "refreshService", "credentialSchema")
        for v in each({}, {"id": "did:example:1"}, {"id": "did:example:1", "type": 2}, "did:example:1", [{}], None)
    },
    **{
        f"status id {v!r}": {
            "context": own("OwnStatus"),
            "credentialStatus": {"type": "OwnStatus", "id": v},
        }
        for v in each(["did:example:1", "did:example:2"], "https ://not-a-url/statusList/4", None)
    },
    "schema without id": {"credentialSchema": {"type": "https://example.org/#S"}},
    "schema id no url": {"credentialSchema": {"type": "https://example.org/#S", "id": "https ://not-a-url.org/x"}},
    **{
        f"{name} {v!r}": {name: v}
        for name in ("name", "description")
        for v in each({"@value": "x", "@language": "en", "url": "did:example:x"}, {"@value": 4}, 4, {}, [4])
    },
    "related text": {"relatedResource": [CREDENTIALS_V2]},
    "related without id": {"relatedResource": [DIGESTS_2024]},
    "related twice": {
        "relatedResource": [{"id": CREDENTIALS_V2, name: value} for name, value in DIGESTS_2024.items()]
    },
    "related without digest": {"relatedResource": [{"id": CREDENTIALS_V2}]},
    "related to other bytes": {"relatedResource": [{"id": CREDENTIALS_V2, "digestSRI": WRONG}]},
    "related to other bytes in multibase": {
        "relatedResource": {
            "id": CREDENTIALS_V2,
            "digestMultibase": "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0",
        }
    },
    **{
        f"related digest {v!r}": {"relatedResource": {"id": CREDENTIALS_V2, "digestSRI": v}}
        for v in each(4, "", "sha384-", "md5-AAAA", "sha256-AAAA", "sha384-é")
    },
    "related digest unreadable": {"relatedResource": {"id": CREDENTIALS_V2, "digestMultibase": "xAA"}},
    "related too many": {"relatedResource": [{"id": f"urn:x:{n}", "digestSRI": WRONG} for n in range(65)]},
}


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_conform_is_not_issued(site: Site, changes: Changes) -> None:
    for issuer in ("eddsa-rdfc-2022", "eddsa-jcs-2022", "vc-jwt"):
        answer = site.issue(site.credential(**changes), issuer)
        assert answer.status_code == 400, answer.get_json()
        problem = answer.get_json()
        assert answer.mimetype == "application/problem+json"
        assert problem["detail"].endswith(".")
        assert problem["pointer"].startswith("/credential")


def test_names_of_the_issuer_are_texts_with_a_language_and_nothing_more(site: Site) -> None:
    for name in ("name", "description"):
        value = {"@value": "x", "@language": "en", "url": "did:example:x"}
        answer = site.issue(site.credential(issuer={"id": site.manifest["ed25519"], name: value}))
        assert answer.get_json()["pointer"] == f"/credential/issuer/{name}"


@pytest.mark.parametrize("body", [[], 4, "x", None, {}, {"credential": None}, {"credential": []}], ids=repr)
def test_a_request_without_a_credential_is_refused(site: Site, body: object) -> None:
    for path in ("/credentials/issue", "/issuers/vc-jwt/credentials/issue"):
        assert site.client.post(path, json=body).status_code == 400
    assert site.client.post("/credentials/derive", json=body).status_code == 400


@pytest.mark.parametrize("options", [[], "x", {"mandatoryPointers": "x"}, {"mandatoryPointers": [4]}], ids=repr)
def test_options_of_another_kind_are_refused(site: Site, options: object) -> None:
    body = {"credential": site.credential("p256"), "options": options}
    answer = site.client.post("/issuers/ecdsa-sd-2023/credentials/issue", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["pointer"].startswith("/options")


def test_a_request_has_a_limit(site: Site) -> None:
    answer = site.client.post("/credentials/issue", data=b"[" * 1_000_001, content_type="application/json")
    assert answer.status_code == 413
    assert answer.get_json()["code"] == "LIMIT_EXCEEDED"
    answer = site.client.post("/credentials/issue", data=b"[" * 100_000, content_type="application/json")
    assert answer.status_code == 400
    pointers = {"credential": site.credential("p256"), "options": {"mandatoryPointers": ["/issuer"] * 257}}
    assert site.client.post("/issuers/ecdsa-sd-2023/credentials/issue", json=pointers).status_code == 400


def test_there_is_no_issuer_of_another_name(site: Site) -> None:
    assert site.issue(site.credential(), "eddsa-2022").status_code == 400
    assert site.issue(site.credential(), "eddsa-2022").get_json()["code"] == "MALFORMED_REQUEST"


# Contexts of the document's own can be anything; PyLD must not get the better of us.
_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
_WORDS = st.sampled_from(
    [
        "@vocab",
        "@base",
        "@id",
        "@type",
        "@context",
        "@container",
        "@import",
        "@protected",
        "@version",
        "a",
        "@nest",
    ]
)
_CONTEXTS = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4), max_leaves=8
)


@given(context=_CONTEXTS, value=_CONTEXTS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_context_gets_an_answer_and_never_a_server_error(site: Site, context: object, value: object) -> None:
    credential = site.credential(context=[CREDENTIALS_V2, context])
    credential["credentialSubject"] = {"id": "did:example:a", "a": value}
    assert site.issue(credential).status_code in {201, 400}
    assert site.verify(credential | {"proof": {}}).status_code == 400


# 4.3 What is not verified.


@pytest.fixture(scope="module")
def good(site: Site) -> dict[str, Any]:
    return site.issued(id=URN)


def test_a_document_that_does_not_conform_is_not_verified(site: Site) -> None:
    for value in each({"type": ["NonconformingDocument"]}, None, "x", 4, [], {}):
        assert site.verify(value).status_code == 400
        assert site.present(value).status_code == 400
    assert site.client.post("/credentials/verify", json={}).status_code == 400


BROKEN_PROOFS: dict[str, Changes] = {
    **{f"no {name}": {name: GONE} for name in ("type", "verificationMethod", "proofPurpose", "proofValue")},
    "unknown type": {"type": "UnknownProofType"},
    "unknown suite": {"cryptosuite": "unknown-2099"},
    "purpose": {"proofPurpose": "invalidPurpose"},
    "method": {"verificationMethod": "did:key:invalidVm"},
    "previous": {"previousProof": "urn:uuid:nobody"},
    "previous list": {"previousProof": ["urn:uuid:nobody"]},
    "previous number": {"previousProof": 4},
    "created": {"created": "yesterday"},
    "expires": {"expires": "some day"},
    "expired": {"expires": "2026-05-03T11:00:00Z"},
    "value null": {"proofValue": None},
}


@pytest.mark.parametrize("changes", BROKEN_PROOFS.values(), ids=BROKEN_PROOFS.keys())
@pytest.mark.parametrize("issuer", ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019-p384"])
def test_a_broken_proof_is_not_verified(site: Site, issuer: str, changes: Changes) -> None:
    secured = site.issued(issuer)
    proof = {name: value for name, value in (secured["proof"] | dict(changes)).items() if value is not GONE}
    assert site.verify(secured | {"proof": proof}, checks=["proof"]).status_code == 400


@pytest.mark.parametrize("issuer", [name for name in ISSUERS if name != "vc-jwt"])
def test_a_proof_value_in_another_form_is_not_verified(site: Site, issuer: str) -> None:
    secured = site.issued(issuer)
    value = secured["proof"]["proofValue"]
    for changed in (value[1:], value[:-1], "u" + value[1:], "z", value + "1"):
        broken = secured | {"proof": secured["proof"] | {"proofValue": changed}}
        assert site.verify(broken, checks=["proof"]).status_code == 400, changed


@pytest.mark.parametrize("proof", [GONE, None, "x", [], 4, {}, [None], [[]]], ids=repr)
def test_without_a_proof_nothing_is_verified(site: Site, good: dict[str, Any], proof: object) -> None:
    broken = {name: value for name, value in (good | {"proof": proof}).items() if value is not GONE}
    assert site.verify(broken, checks=["proof"]).status_code == 400


def test_ed25519signature2020_without_a_date_is_not_verified(site: Site) -> None:
    unsigned = site.credential(context=[CREDENTIALS_V2, ED25519_2020])
    signer = a_signer()
    secured = add_proof(unsigned, signer=signer, cryptosuite="Ed25519Signature2020", created=None)
    answer = site.verify(secured, checks=["proof"])
    assert answer.status_code == 400
    assert "created" in answer.get_json()["problemDetails"][0]["detail"]


TAMPERED: dict[str, Changes] = {
    "added term": {"undefinedTerm": "x"},
    "added type": {"type": ["VerifiableCredential", "UndefinedType"]},
    "relative type": {"context": [CREDENTIALS_V2, {"@base": None}], "type": ["VerifiableCredential", "/rel"]},
    **{f"context {v!r}": {"context": v} for v in each(GONE, "x", {}, None, [[]], [None], [10], [], True)},
    **{f"type {v!r}": {"type": v} for v in each(GONE, "x", {}, None, [{}], [[]], 10)},
    **{f"issuer {v!r}": {"issuer": v} for v in each(GONE, [], None, 10, "x", "did:example:other")},
    **{f"subject {v!r}": {"credentialSubject": v} for v in each(GONE, "x", [], None, 10)},
    "related": {"relatedResource": {"id": CREDENTIALS_V2, "digestSRI": WRONG}},
}


@pytest.mark.parametrize("changes", TAMPERED.values(), ids=TAMPERED.keys())
def test_a_changed_document_is_not_verified(site: Site, good: dict[str, Any], changes: Changes) -> None:
    changed = {name.replace("context", "@context"): value for name, value in changes.items()}
    broken = {name: value for name, value in (good | changed).items() if value is not GONE}
    answer = site.verify(broken, checks=["proof"])
    assert answer.status_code == 400
    assert answer.get_json()["verified"] is False


@pytest.mark.parametrize("name", ["domain", "challenge"])
def test_a_proof_for_another_occasion_is_not_verified(site: Site, name: str) -> None:
    signer = a_signer()
    unsigned = site.credential(issuer=did_key(signer.public_key))
    occasion: dict[str, Any] = {name: "this"}
    secured = add_proof(unsigned, signer=signer, cryptosuite="eddsa-rdfc-2022", created=NOW, **occasion)
    assert site.verify(secured, **{name: "this"}).status_code == 200
    assert site.verify(secured, **{name: "that"}).status_code == 400
    assert site.verify(site.issued(), **{name: "this"}).status_code == 400


# 4.4 What is verified.


def a_signer() -> LocalSigner:
    key = generate_private_key("Ed25519")
    return local_signer(key, verification_method=did_key_method(public_key_of(key)))


@pytest.mark.parametrize("issuer", ISSUERS)
@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_what_was_issued_here_is_verified(site: Site, issuer: str, version: str) -> None:
    credential = (site.credential if version == "2.0" else site.old_credential)(ISSUERS[issuer])
    secured = site.issue(credential, issuer).get_json()["verifiableCredential"]
    answer = site.verify(secured)
    assert answer.status_code == 200, answer.get_json()["problemDetails"]
    assert answer.get_json()["verified"] is True


@pytest.mark.parametrize("key", ["p256", "p384", "ed25519"])
def test_a_jwt_is_signed_with_the_key_of_its_issuer(site: Site, key: str) -> None:
    secured = site.issue(site.credential(key), "vc-jwt").get_json()["verifiableCredential"]
    assert site.verify(secured).status_code == 200


def test_proof_sets_and_chains_are_verified_and_each_proof_counts(site: Site) -> None:
    signer, other = a_signer(), a_signer()
    unsigned = site.credential(issuer=did_key(signer.public_key))
    first = add_proof(unsigned, signer=signer, cryptosuite="eddsa-rdfc-2022", created=NOW, id="urn:uuid:1")
    chain = add_proof(first, signer=other, cryptosuite="eddsa-jcs-2022", created=NOW, previousProof="urn:uuid:1")
    assert site.verify(chain).status_code == 200
    for index in (0, 1):
        proofs = [dict(proof) for proof in chain["proof"]]
        proofs[index]["created"] = "2026-05-03T11:59:59Z"
        assert site.verify(chain | {"proof": proofs}).status_code == 400
    assert site.verify(chain | {"proof": chain["proof"][1]}).status_code == 400


def test_an_issuer_that_is_an_address_is_a_matter_of_its_own(site: Site) -> None:
    secured = add_proof(
        site.credential(issuer="https://vc.example/issuers/5678"),
        signer=a_signer(),
        cryptosuite="eddsa-rdfc-2022",
        created=None,
        expires="2026-05-03T11:59:00",
    )
    answer = site.verify(secured)
    assert answer.status_code == 200
    assert answer.get_json()["verdict"] != "valid"


def test_one_did_under_the_name_of_another_is_not_verified(site: Site) -> None:
    secured = add_proof(site.credential(), signer=a_signer(), cryptosuite="eddsa-rdfc-2022", created=NOW)
    assert site.verify(secured, checks=["proof"]).status_code == 400


# Selective disclosure.


def test_a_part_is_derived_and_verified_and_the_whole_is_not_shown(site: Site) -> None:
    credential = site.credential("p256", id=URN, validUntil="2030-01-01T00:00:00Z", name="Hidden")
    answer = site.issue(credential, "ecdsa-sd-2023", mandatoryPointers=["/issuer", "/validUntil"])
    base = answer.get_json()["verifiableCredential"]
    assert base["proof"]["proofValue"].startswith("u")
    assert site.verify(base).status_code == 400
    body = {"verifiableCredential": base, "options": {"selectivePointers": ["/credentialSubject/id"]}}
    shown = site.client.post("/credentials/derive", json=body).get_json()["verifiableCredential"]
    assert "name" not in shown
    assert shown["validUntil"] == credential["validUntil"]
    assert site.verify(shown).status_code == 200
    assert site.verify(shown | {"validUntil": "2031-01-01T00:00:00Z"}).status_code == 400
    for selection in (["/nothing"], [], ["x"]):
        body["options"] = {"selectivePointers": selection}
        assert site.client.post("/credentials/derive", json=body).status_code in {201, 400}
    body["verifiableCredential"] = site.issued()
    assert site.client.post("/credentials/derive", json=body).status_code == 400


def test_mandatory_pointers_that_match_nothing_are_refused(site: Site) -> None:
    answer = site.issue(site.credential("p256"), "ecdsa-sd-2023", mandatoryPointers=["/nothing/here"])
    assert answer.status_code == 400


# 4.5 Presentations.

DOMAIN, CHALLENGE = "github.com/w3c/vc-data-model-2.0-test-suite", "uIRlDbYk8hT7p1w"
HOLDER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))  # fixed, as its DID is in the names of tests
HOLDER = local_signer(HOLDER_KEY, verification_method=did_key_method(public_key_of(HOLDER_KEY)))


def a_presentation(*credentials: Any, **changes: Any) -> dict[str, Any]:
    usual = {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"]}
    if credentials:
        usual["verifiableCredential"] = list(credentials)
    changed = {name.replace("context", "@context"): value for name, value in changes.items()}
    return add_proof(
        usual | changed,
        signer=HOLDER,
        cryptosuite="eddsa-rdfc-2022",
        created=NOW,
        proof_purpose="authentication",
        contexts=ContextSet(examples=True, inline=True),
        domain=DOMAIN,
        challenge=CHALLENGE,
    )


def asked(site: Site, presentation: object) -> int:
    return site.present(presentation, domain=DOMAIN, challenge=CHALLENGE).status_code


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"id": "urn:uuid:0f1e5d0e-6f0e-4d0b-9a57-2d2c1b6b4c11"},
        {"holder": did_key(HOLDER.public_key)},
        {"holder": {"id": did_key(HOLDER.public_key)}},
        {"context": [CREDENTIALS_V2, EXAMPLES]},
        {"context": own("OwnPresentation"), "type": ["VerifiablePresentation", "OwnPresentation"]},
    ],
    ids=str,
)
def test_a_presentation_is_verified(site: Site, good: dict[str, Any], changes: Changes) -> None:
    assert asked(site, a_presentation(**changes)) == 200
    assert asked(site, a_presentation(good, site.issued("vc-jwt"), **changes)) == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"@context": GONE},
        {"@context": [EXAMPLES, CREDENTIALS_V2]},
        {"@context": [EXAMPLES]},
        {"@context": [CREDENTIALS_V2, "https://example.com"]},
        {"@context": [CREDENTIALS_V2, "https ://not-a-url"]},
        {"@context": [CREDENTIALS_V2, 123192875]},
        {"type": GONE},
        {"type": ["OwnPresentation"]},
        {"proof": GONE},
        {"holder": "did:example:other"},
        {"holder": {"name": "Acme"}},
        {"verifiableCredential": ["eyJhbGciOiJFUzI1NiJ9.e30.AA"]},
        {"verifiableCredential": [{"type": ["VerifiableCredential"]}]},
    ],
    ids=str,
)
def test_a_changed_presentation_is_not_verified(site: Site, good: dict[str, Any], changes: Changes) -> None:
    broken = a_presentation(good) | dict(changes)
    assert asked(site, {name: value for name, value in broken.items() if value is not GONE}) == 400


def test_a_bad_proof_of_a_presentation_is_not_verified(site: Site) -> None:
    shown = a_presentation()
    shown["proof"] = shown["proof"] | {"proofValue": "z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh"}
    assert asked(site, shown) == 400


def an_envelope(kind: str, token: str, **changes: Any) -> dict[str, Any]:
    media = "vc+jwt" if kind.endswith("Credential") else "vp+jwt"
    usual = {"@context": CREDENTIALS_V2, "type": kind, "id": f"data:application/{media},{token}"}
    return {name: value for name, value in (usual | changes).items() if value is not GONE}


ENVELOPES: tuple[Changes, ...] = (
    {"@context": []},
    {"@context": EXAMPLES},
    {"@context": [EXAMPLES]},
    {"@context": GONE},
    {"type": GONE},
    {"type": "VerifiableCredential"},
    {"type": ["VerifiablePresentation"]},
    {"id": GONE},
    {"id": "data:"},
)


def test_an_enveloped_credential_is_verified_only_as_one(site: Site) -> None:
    secured = site.issued("vc-jwt")
    assert secured["type"] == "EnvelopedVerifiableCredential"
    assert secured["id"].startswith("data:application/vc+jwt,")
    token = secured["id"].partition(",")[2]
    assert site.verify(secured).status_code == 200
    for changes in ({"id": token}, *ENVELOPES):
        assert site.verify(an_envelope(secured["type"], token, **changes)).status_code == 400, changes


def test_an_enveloped_presentation_is_verified_only_as_one(site: Site) -> None:
    shown = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [site.issued("vc-jwt")],
    }
    token = sign_jose(shown, signer=HOLDER, kind="vp", nonce="123456789", aud="example.com")
    kind = "EnvelopedVerifiablePresentation"
    assert site.present(an_envelope(kind, token), challenge="123456789").status_code == 200
    assert site.present(an_envelope(kind, token), challenge="987654321").status_code == 400
    for changes in ({"id": token}, *ENVELOPES):
        answer = site.present(an_envelope(kind, token, **changes), challenge="123456789")
        assert answer.status_code == 400, changes


# 4.6 The status list.


def test_a_status_entry_leads_to_a_list_that_is_as_it_must_be(site: Site) -> None:
    first, second = (site.issued("eddsa-rdfc-2022-status")["credentialStatus"] for _ in range(2))
    assert first["type"] == "BitstringStatusListEntry"
    assert re.fullmatch(r"0|[1-9][0-9]*", first["statusListIndex"])
    assert int(second["statusListIndex"]) == int(first["statusListIndex"]) + 1
    assert "statusSize" not in first
    assert first["id"] != first["statusListCredential"]
    path = first["statusListCredential"].removeprefix(BASE_URL)
    answer = site.client.get(path)
    document = answer.get_json()
    assert answer.status_code == 200
    assert document["issuer"] == site.manifest["ed25519"]
    assert "BitstringStatusListCredential" in document["type"]
    assert len(decode_bitstring(document["credentialSubject"]["encodedList"])) >= 16 * 1024
    assert site.verify(document).status_code == 200
    assert site.client.get("/status/2").status_code == 404


def test_an_entry_stands_beside_those_that_were_there(site: Site) -> None:
    status = {"context": own("OwnStatus"), "credentialStatus": {"type": "OwnStatus"}}
    entries = site.issued("eddsa-rdfc-2022-status", **status)["credentialStatus"]
    assert [entry["type"] for entry in entries] == ["OwnStatus", "BitstringStatusListEntry"]


# The resolver, as the suite for did:key asks it.

OLD = 'application/ld+json;profile="https://w3id.org/did-resolution"'


@pytest.mark.parametrize(
    ("did", "query", "place", "error"),
    [
        ("notDid:key:z6Mk", "", "didResolutionMetadata", "invalidDid"),
        ("did:experimental:z6Mk", "", "didResolutionMetadata", "methodNotSupported"),
        ("did:key:-4:z6Mk", "", "didResolutionMetadata", "invalidDid"),
        ("did:key:@", "", "didResolutionMetadata", "invalidDid"),
        ("did:key:zTjsVPtY", "", "didResolutionMetadata", "invalidPublicKeyLength"),
        ("{did}/^bar^/?query=`#x", "", "didDereferencingMetadata", "invalidDidUrl"),
        ("{did}", "publicKeyFormat=unknown", "didResolutionMetadata", "unsupportedPublicKeyType"),
        ("{did}", "publicKeyFormat=X25519KeyAgreementKey2020", "didResolutionMetadata", "invalidPublicKeyType"),
        (
            "{did}#x",
            "publicKeyFormat=Ed25519VerificationKey2018",
            "didDereferencingMetadata",
            "invalidPublicKeyType",
        ),
        ("{p256}", "publicKeyFormat=Ed25519VerificationKey2020", "didResolutionMetadata", "invalidPublicKeyType"),
    ],
)
def test_the_resolver_names_errors_as_older_clients_know_them(
    site: Site, did: str, query: str, place: str, error: str
) -> None:
    from urllib.parse import quote

    text = did.format(did=site.manifest["ed25519"], p256=site.manifest["p256"])
    answer = site.client.get(f"/1.0/identifiers/{quote(text, safe='')}?{query}", headers={"Accept": OLD})
    body = answer.get_json(force=True)
    assert 400 <= answer.status_code < 600
    assert body["didDocument"] == {}
    assert body["@context"]
    assert body[place]["error"] == error


@pytest.mark.parametrize("format_", ["Multikey", "JsonWebKey2020", "Ed25519VerificationKey2020"])
def test_a_key_is_written_in_the_format_that_is_asked_for(site: Site, format_: str) -> None:
    did = site.manifest["ed25519"]
    answer = site.client.get(f"/1.0/identifiers/{did}?publicKeyFormat={format_}", headers={"Accept": "*/*"})
    [method] = answer.get_json(force=True)["didDocument"]["verificationMethod"]
    assert method["type"] == format_
    assert ("publicKeyJwk" in method) == (format_ == "JsonWebKey2020")


# What it is and what it is not.


def test_each_run_has_keys_of_its_own_of_each_kind(site: Site) -> None:
    assert set(site.manifest) == {"ed25519", "p256", "p384"}
    assert [did[:12] for did in site.manifest.values()] == ["did:key:z6Mk", "did:key:zDna", "did:key:z82L"]
    assert not set(a_site().manifest.values()) & set(site.manifest.values())


def test_the_academys_service_has_none_of_its_issuing_endpoints(world: World) -> None:
    app = build_app(world.academy, Settings(base_url=world.academy.base_url, dev=True))
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    assert "/credentials/verify" in rules
    assert not [rule for rule in rules if "issuers" in rule or "derive" in rule or "manifest" in rule]
    assert "/credentials/issue" not in rules
    client = app.test_client()
    paths = ["/credentials/issue", "/credentials/derive", "/manifest"]
    for path in [*paths, *(f"/issuers/{name}/credentials/issue" for name in ISSUERS)]:
        assert client.post(path, json={"credential": {}}).status_code in {400, 404, 405}
        assert client.get(path).status_code in {404, 405}
    assert "issuer.conformance" not in (app.import_name, *app.blueprints)
    assert "conformance" not in app.blueprints


def test_nothing_in_it_reads_a_key_a_folder_or_the_environment() -> None:
    for file in (ROOT / "issuer" / "conformance").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        imports = set(re.findall(r"^(?:from|import) (\w+(?:\.\w+)?)", text, re.MULTILINE))
        assert not {name for name in imports if name.startswith("issuer.") and name != "issuer.conformance"}, file
        assert not imports & {"os", "sqlalchemy", "verifier", "app"}, file
        assert not re.search(r"load_private_key|load_secret|environ|DATA_DIR|getenv", text), file
    for file in (ROOT / "issuer").rglob("*.py"):
        if "conformance" not in file.parts:
            assert "issuer.conformance" not in file.read_text(encoding="utf-8"), file


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "conformance", *arguments],
        cwd=folder,
        env={**kept, "DATA_DIR": str(folder / "var"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "0"], "a number from 1 to 65535"),
        (["--port", "70000"], "a number from 1 to 65535"),
        (["--port", "x"], "invalid int value"),
        ([], "--port"),
        (["--port", "7443", "--keys", "var/keys"], "makes its own keys in memory"),
        (["--port", "7443", "--host", "0.0.0.0"], "makes its own keys in memory"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 64
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--port", str(taken.getsockname()[1]), folder=tmp_path)
    assert done.returncode == 64
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_it_serves_on_this_machine_and_leaves_nothing_behind(tmp_path: Path, *, tls: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        str(ROOT / "app.py"),
        "conformance",
        "--port",
        str(port),
        *(["--tls"] if tls else []),
    ]
    environment = {**os.environ, "DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": "nonsense://"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "throw-away keys" in process.stdout.readline()
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            address = f"http{'s' if tls else ''}://127.0.0.1:{port}/manifest"
            with urllib.request.urlopen(address, context=context if tls else None, timeout=30) as answer:
                assert set(json.load(answer)) == {"ed25519", "p256", "p384"}
        finally:
            process.terminate()
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_is_new_each_time() -> None:
    assert self_signed_context(now=NOW) is not self_signed_context(now=NOW)
