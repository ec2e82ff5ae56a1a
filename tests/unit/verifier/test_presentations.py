"""Presentations: who shows them, for whom, and what is in them (VC-API.md, section 4.5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from keys import did_key, did_key_method, local_signer, public_key_of, to_jwk, to_multikey
from schemas import CREDENTIALS_V1, CREDENTIALS_V2, add_proof
from schemas.data_integrity import proof_bytes
from tests.unit.verifier.world import (
    ACADEMY,
    FORGER,
    FORGER_DID,
    ISSUER,
    NOW,
    FakeFetcher,
    a_badge,
    a_jws,
    a_key,
    a_web,
    as_jose,
    as_jwt,
    signed,
)
from verifier import Policy, PresentationReport, verify_presentation

HOLDER = local_signer(a_key(7), verification_method=did_key_method(public_key_of(a_key(7))))
HOLDER_DID = did_key(HOLDER.public_key)
NOW_S = int(NOW.timestamp())
VECTOR = Path(__file__).parents[2] / "vectors" / "w3c" / "vcdm2" / "presentation.jwt"


def _presentation(*credentials: Any, **changes: Any) -> dict[str, Any]:
    value: dict[str, Any] = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER_DID,
        "verifiableCredential": list(credentials),
    }
    return {name: member for name, member in {**value, **changes}.items() if member is not None}


def _shown(document: dict[str, Any], *, signer: Any = HOLDER, **options: Any) -> dict[str, Any]:
    purpose = options.pop("proof_purpose", "authentication")
    suite = options.pop("cryptosuite", "eddsa-rdfc-2022")
    return add_proof(document, signer=signer, cryptosuite=suite, created=NOW, proof_purpose=purpose, **options)


def _check(
    value: object,
    *,
    web: FakeFetcher | None = None,
    domain: str | None = None,
    challenge: str | None = None,
) -> PresentationReport:
    return verify_presentation(
        value, now=NOW, fetcher=web or a_web(), policy=Policy(), domain=domain, challenge=challenge
    )


def _told(report: PresentationReport) -> dict[str, tuple[str, str]]:
    return {c.id: (c.result, c.code) for c in report.checks if c.result in {"fail", "unknown", "warning"}}


GOOD = _shown(_presentation(signed(a_badge())), domain="shop.example", challenge="abc")


def test_a_presentation_with_a_good_badge_is_good() -> None:
    report = _check(GOOD, domain="shop.example", challenge="abc")
    assert (report.verdict, _told(report), report.holder) == ("valid", {}, HOLDER_DID)
    assert report
    assert [one.verdict for one in report.credentials] == ["valid"]
    assert report.to_json()["verdict"] == "valid"


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_each_suite_may_show(suite: str) -> None:
    assert _check(_shown(_presentation(signed(a_badge())), cryptosuite=suite)).verdict == "valid"


def test_a_wallet_that_signs_with_ed25519signature2020_is_read() -> None:
    document = _presentation(
        **{
            "@context": [CREDENTIALS_V1, "https://w3id.org/security/suites/ed25519-2020/v1"],
            "verifiableCredential": None,
        }
    )
    proof = {
        "type": "Ed25519Signature2020",
        "created": "2026-05-03T12:00:00Z",
        "verificationMethod": HOLDER.verification_method,
        "proofPurpose": "authentication",
        "challenge": "abc",
    }
    from keys import encode_multibase

    message = proof_bytes({**document, "proof": proof}, proof=proof, kind="Ed25519")
    whole = {**document, "proof": {**proof, "proofValue": encode_multibase(HOLDER.sign(message))}}
    assert _check(whole, challenge="abc").verdict == "valid"
    assert _told(_check(whole, challenge="abd"))["proof"] == ("fail", "INVALID_CHALLENGE_ERROR")
    assert _told(_check({**whole, "id": "urn:x:1"}))["proof"] == ("fail", "PROOF_VERIFICATION_ERROR")


@pytest.mark.parametrize(
    ("asked", "code"),
    [({"domain": "other.example"}, "INVALID_DOMAIN_ERROR"), ({"challenge": "abd"}, "INVALID_CHALLENGE_ERROR")],
)
def test_a_presentation_made_for_another_occasion_is_refused(asked: dict[str, Any], code: str) -> None:
    assert _told(_check(GOOD, **asked)) == {"proof": ("fail", code)}
    assert _told(_check(_shown(_presentation()), **asked)) == {"proof": ("fail", code)}


@pytest.mark.parametrize(
    ("change", "options", "line"),
    [
        ({}, {"proof_purpose": "assertionMethod"}, ("proof", "PROOF_VERIFICATION_ERROR")),
        ({}, {"expires": "2026-05-02T00:00:00Z"}, ("proof", "PROOF_VERIFICATION_ERROR")),
        ({}, {"expires": "yesterday"}, ("proof", "PROOF_VERIFICATION_ERROR")),
        ({}, {"signer": FORGER}, ("holder", "INVALID_VERIFICATION_METHOD")),
        ({"type": ["Presentation"]}, None, ("readable", "MALFORMED_VALUE_ERROR")),
        ({"@context": ["https://www.w3.org/ns/did/v1", CREDENTIALS_V2]}, {}, ("context", "MALFORMED_VALUE_ERROR")),
        ({"holder": "somebody"}, None, ("model", "MALFORMED_VALUE_ERROR")),
        ({"proof": None}, None, ("proof", "MALFORMED_VALUE_ERROR")),
        ({"id": "urn:x:1"}, None, ("proof", "PROOF_VERIFICATION_ERROR")),
        ({"verifiableCredential": ["eyJh.e30.x"]}, None, ("readable", "MALFORMED_VALUE_ERROR")),
        ({"verifiableCredential": [5]}, None, ("readable", "MALFORMED_VALUE_ERROR")),
        ({"verifiableCredential": [{}] * 101}, None, ("readable", "LIMIT_EXCEEDED")),
    ],
)
def test_a_presentation_with_a_fault_is_refused_for_it(
    change: dict[str, Any], options: dict[str, Any] | None, line: tuple[str, str]
) -> None:
    document = {**_presentation(), **change}
    report = _check(_shown(document, **options) if options is not None else document)
    assert report.verdict == "invalid"
    assert _told(report)[line[0]] == ("fail", line[1])


def test_a_changed_presentation_is_refused() -> None:
    assert _told(_check({**GOOD, "id": "urn:x:1"})) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}
    swapped = {**GOOD, "verifiableCredential": [signed(a_badge(name="Other"))]}
    assert _told(_check(swapped)) == {"proof": ("fail", "PROOF_VERIFICATION_ERROR")}


def test_a_bad_badge_inside_makes_it_bad_and_an_unknown_one_not_known() -> None:
    ended = _shown(_presentation(signed(a_badge(validUntil="2026-05-02T00:00:00Z"))))
    report = _check(ended)
    assert (report.verdict, _told(report)) == ("invalid", {})
    assert _check(GOOD, web=FakeFetcher({})).verdict == "unknown"


def test_a_presentation_without_credentials_can_be_good() -> None:
    assert _check(_shown(_presentation())).verdict == "valid"
    assert _check(_shown(_presentation(holder=None))).verdict == "valid"


def test_a_second_proof_must_hold_too() -> None:
    twice = add_proof(
        _shown(_presentation()),
        signer=FORGER,
        cryptosuite="eddsa-rdfc-2022",
        created=NOW,
        proof_purpose="authentication",
    )
    assert _told(_check(twice)) == {"holder": ("fail", "INVALID_VERIFICATION_METHOD")}
    twice["proof"] = [*twice["proof"], {"type": "Unheard"}]
    assert _check(twice).verdict == "invalid"


@pytest.mark.parametrize("value", [None, 5, [], ["x"], "", "x", "eyJh", {}, {"type": 5}])
def test_what_is_no_presentation_is_said_to_be_none(value: object) -> None:
    report = _check(value)
    assert (report.verdict, report.checks[0].result) == ("invalid", "fail")


# --- inside a JWT ---------------------------------------------------------------------------------------------


def _enveloped(token: str, kind: str = "Presentation", media_type: str = "vp+jwt") -> dict[str, Any]:
    return {
        "@context": CREDENTIALS_V2,
        "type": f"EnvelopedVerifiable{kind}",
        "id": f"data:application/{media_type},{token}",
    }


def _jwt(header: dict[str, Any], payload: dict[str, Any]) -> str:
    return a_jws(header, payload, signer=HOLDER)


def test_a_vp_jwt_with_an_enveloped_badge_is_good() -> None:
    badge = _enveloped(as_jose(a_badge(), signer=ACADEMY), "Credential", "vc+jwt")
    token = as_jose(_presentation(badge), signer=HOLDER, kind="vp", aud="shop.example", nonce="abc")
    for value in (token, _enveloped(token)):
        report = _check(value, domain="shop.example", challenge="abc")
        assert (report.verdict, _told(report), report.holder) == ("valid", {}, HOLDER_DID)
        assert _told(_check(value, challenge="abd")) == {"proof": ("fail", "INVALID_CHALLENGE_ERROR")}
        assert _told(_check(value, domain="evil.example")) == {"proof": ("fail", "INVALID_DOMAIN_ERROR")}
    assert _check(_enveloped(token[:-8] + "AAAAAAAA")).verdict == "invalid"


def test_the_presentation_of_the_w3c_test_suite_verifies() -> None:
    token = VECTOR.read_text(encoding="utf-8").strip()
    report = _check(_enveloped(token, media_type="jwt"), web=FakeFetcher({}), challenge="123456789")
    assert _told(report) == {}
    [credential] = report.credentials
    assert credential.verdict == "valid", credential.to_json()


def test_a_version_1_presentation_may_hold_jwts_as_texts() -> None:
    document = _presentation(as_jwt(a_badge()), **{"@context": [CREDENTIALS_V1]})
    header = {"alg": "EdDSA", "kid": HOLDER.verification_method, "typ": "JWT"}
    report = _check(_jwt(header, {"iss": HOLDER_DID, "nonce": "abc", "vp": document}), challenge="abc")
    assert (report.verdict, _told(report)) == ("valid", {})
    version_2 = _presentation(as_jwt(a_badge()))
    assert _told(_check(_jwt(header, {"vp": version_2}))) == {"readable": ("fail", "MALFORMED_VALUE_ERROR")}


HEADER = {"alg": "EdDSA", "kid": HOLDER.verification_method, "typ": "vp+jwt", "cty": "vp"}


@pytest.mark.parametrize(
    ("header", "payload", "line"),
    [
        ({"cty": "vc"}, {}, ("proof", "MALFORMED_VALUE_ERROR")),
        ({"cty": []}, {}, ("proof", "MALFORMED_VALUE_ERROR")),
        ({"alg": "none"}, {}, ("proof", "MALFORMED_VALUE_ERROR")),
        ({"typ": "vc+jwt"}, {}, ("readable", "NOT_COMPACT_FORM")),
        ({"kid": "key-1"}, {}, ("proof", "INVALID_VERIFICATION_METHOD_URL")),
        ({"kid": FORGER.verification_method}, {}, ("proof", "PROOF_VERIFICATION_ERROR")),
        ({}, {"vp": {}}, ("proof", "MALFORMED_VALUE_ERROR")),
        ({}, {"iss": FORGER_DID}, ("proof", "CLAIM_MISMATCH")),
        ({}, {"holder": FORGER_DID}, ("holder", "INVALID_VERIFICATION_METHOD")),
        ({}, {"exp": NOW_S - 3600}, ("proof", "VALIDITY_PERIOD")),
        ({}, {"type": ["Other"]}, ("model", "MALFORMED_VALUE_ERROR")),
        ({"jwk": to_jwk(FORGER.public_key)}, {}, ("proof", "PROOF_VERIFICATION_ERROR")),
    ],
)
def test_a_vp_jwt_with_a_fault_is_refused_for_it(
    header: dict[str, Any], payload: dict[str, Any], line: tuple[str, str]
) -> None:
    report = _check(_jwt({**HEADER, **header}, {**_presentation(), **payload}))
    assert report.verdict == "invalid"
    assert _told(report)[line[0]] == ("fail", line[1])


def test_an_algorithm_that_is_not_ours_says_nothing() -> None:
    report = _check(_jwt({**HEADER, "alg": "ES256K"}, _presentation()))
    assert (report.verdict, _told(report)) == ("unknown", {"proof": ("unknown", "UNSUPPORTED")})


def test_a_jwt_that_is_no_presentation_is_refused() -> None:
    header = {"alg": "EdDSA", "kid": HOLDER.verification_method, "typ": "JWT"}
    for payload in ({}, {"vp": "x"}, {"vp": _presentation(), "vc": {}}):
        assert _check(_jwt(header, payload)).verdict == "invalid"
    wrong = _jwt({**header, "typ": "at+jwt"}, {"vp": _presentation()})
    assert _told(_check(wrong)) == {"proof": ("fail", "MALFORMED_VALUE_ERROR")}


def test_a_key_of_the_issuer_that_is_for_claims_only_does_not_show() -> None:
    document = _presentation(holder=ISSUER)
    report = _check(_shown(document, signer=ACADEMY))
    assert report.verdict == "invalid"
    assert _told(report)["proof"] == ("fail", "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD")


def test_a_holder_that_cannot_be_looked_up_is_not_known() -> None:
    other = local_signer(a_key(7), verification_method="did:web:gone.example#key-1")
    report = _check(_shown(_presentation(holder="did:web:gone.example"), signer=other))
    assert (report.verdict, _told(report)) == ("unknown", {"proof": ("unknown", "NOT_FOUND")})


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        ([], "MALFORMED_VALUE_ERROR"),
        ({"created": "2036-05-03T12:00:00Z"}, "PROOF_VERIFICATION_ERROR"),
        ({"verificationMethod": "key-1"}, "INVALID_VERIFICATION_METHOD_URL"),
        ({"verificationMethod": "did:key:invalidVm#x"}, "INVALID_DID"),
        ({"proofValue": "z"}, "PROOF_VERIFICATION_ERROR"),
    ],
)
def test_a_proof_that_is_none_is_refused_for_it(proof: Any, code: str) -> None:
    given = {**GOOD["proof"], **proof} if isinstance(proof, dict) else proof
    assert _told(_check({**GOOD, "proof": given}))["proof"] == ("fail", code)


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"revoked": "2026-01-01T00:00:00Z"}, "KEY_COMPROMISED"),
        ({"expires": "2026-05-01T00:00:00Z"}, "KEY_RETIRED"),
    ],
)
def test_a_key_that_its_owner_gave_up_shows_nothing(dates: dict[str, str], code: str) -> None:
    owner = "did:web:holder.example"
    name = f"{owner}#key-1"
    method = {
        "id": name,
        "type": "Multikey",
        "controller": owner,
        "publicKeyMultibase": to_multikey(HOLDER.public_key),
    }
    document = {"id": owner, "verificationMethod": [{**method, **dates}], "authentication": [name]}
    web = a_web()
    web.documents["https://holder.example/.well-known/did.json"] = document
    signer = local_signer(a_key(7), verification_method=name)
    report = _check(_shown(_presentation(holder=owner), signer=signer), web=web)
    assert (report.verdict, _told(report)) == ("invalid", {"holder": ("fail", code)})


def test_a_key_in_the_header_is_nobodys_until_its_owner_lists_it() -> None:
    header = {"alg": "EdDSA", "typ": "vp+jwt", "jwk": to_jwk(HOLDER.public_key)}
    nobody = _check(_jwt(header, _presentation(holder=None)))
    assert _told(nobody)["proof"] == ("fail", "INVALID_VERIFICATION_METHOD")
    by_name = _check(_jwt(header, _presentation(holder="urn:x:somebody")))
    assert (by_name.verdict, _told(by_name)["holder"]) == ("unknown", ("unknown", "KEY_NOT_BOUND"))
    own = verify_presentation(
        _jwt(header, _presentation(holder="urn:x:somebody")),
        now=NOW,
        fetcher=a_web(),
        policy=Policy(compatible=True),
    )
    assert own.verdict == "unknown"
    assert _check(_jwt(header, _presentation())).verdict == "valid"


def test_a_jwt_without_any_key_names_nobody() -> None:
    report = _check(_jwt({"alg": "EdDSA", "typ": "vp+jwt"}, _presentation(holder=None)))
    assert _told(report)["proof"] == ("fail", "INVALID_VERIFICATION_METHOD_URL")
