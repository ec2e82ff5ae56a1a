"""Credentials as vc+jwt, and inside envelopes (VC-JOSE-COSE 1.0; VCDM 2.0, section 4.13.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from keys import (
    BadSignatureError,
    LocalSigner,
    did_key,
    did_key_method,
    encode_base64url,
    generate_private_key,
    local_signer,
    parse_jwk,
    public_key_of,
)
from keys.public import Kind
from schemas import CREDENTIALS_V2, dump_json, parse_compact_jws, verify_jws
from tests.unit.verifier.world import (
    ACADEMY,
    DID_URL,
    ISSUER,
    NOW,
    FakeFetcher,
    a_badge,
    a_did_document,
    a_jws,
    as_jose,
    as_jwt,
    check,
    told,
)
from verifier import Report

NOW_S = int(NOW.timestamp())


def _signer(kind: Kind) -> LocalSigner:
    private = generate_private_key(kind)
    if kind == "RSA":
        return local_signer(private, verification_method=f"{ISSUER}#rsa")
    return local_signer(private, verification_method=did_key_method(public_key_of(private)))


def _badge_of(signer: LocalSigner, **changes: Any) -> dict[str, Any]:
    issuer = {"id": did_key(signer.public_key), "type": ["Profile"], "name": "Somebody"}
    return a_badge(issuer=issuer, credentialStatus=None, **changes)


HEADER = {"alg": "EdDSA", "kid": ACADEMY.verification_method, "typ": "vc+jwt", "cty": "vc"}


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_a_vc_jwt_of_each_algorithm_is_valid(kind: Kind) -> None:
    signer = _signer(kind)
    report = check(as_jose(_badge_of(signer), signer=signer), web=FakeFetcher({}))
    assert (report.verdict, told(report)) == ("valid", {})


def test_a_vc_jwt_of_an_rsa_key_is_valid() -> None:
    private = generate_private_key("RSA")
    signer = local_signer(private, verification_method=f"{ISSUER}#rsa")
    document = a_did_document()
    from keys import to_jwk

    method = {
        "id": f"{ISSUER}#rsa",
        "type": "JsonWebKey",
        "controller": ISSUER,
        "publicKeyJwk": {**to_jwk(signer.public_key), "alg": "RS256"},
    }
    document["verificationMethod"].append(method)
    document["assertionMethod"].append(method["id"])
    token = as_jose(a_badge(credentialStatus=None), signer=signer)
    report = check(token, web=FakeFetcher({DID_URL: document}))
    assert (report.verdict, told(report)) == ("valid", {})


@pytest.mark.parametrize(
    ("header", "payload", "code", "words"),
    [
        ({"cty": "vp"}, {}, "MALFORMED_VALUE_ERROR", "not a credential"),
        ({"cty": 5}, {}, "MALFORMED_VALUE_ERROR", "not a credential"),
        ({"crit": ["x"], "x": 1}, {}, "MALFORMED_VALUE_ERROR", "extensions"),
        ({"alg": "none"}, {}, "MALFORMED_VALUE_ERROR", "no signature algorithm"),
        ({"alg": "ES256"}, {}, "PROOF_VERIFICATION_ERROR", "changed after it was signed"),
        ({"typ": "vp+jwt"}, {}, "MALFORMED_VALUE_ERROR", "of the type 'vp+jwt'"),
        ({"kid": "key-1"}, {}, "INVALID_VERIFICATION_METHOD_URL", "not a URL"),
        ({}, {"vp": {}}, "MALFORMED_VALUE_ERROR", "claim vp"),
        ({}, {"iss": "did:web:evil.example"}, "CLAIM_MISMATCH", "as iss"),
        ({}, {"jti": "urn:x"}, "CLAIM_MISMATCH", "as jti"),
        ({}, {"exp": NOW_S - 3600}, "VALIDITY_PERIOD", "was good until"),
        ({}, {"nbf": NOW_S + 3600}, "VALIDITY_PERIOD", "not good before"),
        ({}, {"exp": "soon"}, "MALFORMED_VALUE_ERROR", "not a date in seconds"),
        ({}, {"exp": True}, "MALFORMED_VALUE_ERROR", "not a date in seconds"),
        ({}, {"exp": 1e300}, "MALFORMED_VALUE_ERROR", "not a date in seconds"),
    ],
)
def test_a_vc_jwt_with_a_fault_is_refused_for_it(
    header: dict[str, Any], payload: dict[str, Any], code: str, words: str
) -> None:
    report = check(a_jws({**HEADER, **header}, {**a_badge(), **payload}))
    assert report.verdict == "invalid"
    line = report.check("proof")
    assert (line.result, line.code) == ("fail", code)
    assert words in line.message


def test_a_vc_jwt_needs_no_claims_and_may_have_further_headers() -> None:
    token = a_jws({**HEADER, "x-more": 1}, {**a_badge(), "exp": NOW_S + 60, "iss": ISSUER, "iat": "yesterday"})
    assert check(token).verdict == "valid"
    plain = {"alg": "EdDSA", "kid": ACADEMY.verification_method, "typ": "JWT"}
    assert told(check(a_jws(plain, a_badge())))["proof"] == ("fail", "CLAIM_MISMATCH")


def test_the_claims_of_the_older_form_are_refused_in_a_vca_jws() -> None:
    report = check(a_jws(HEADER, {"vc": a_badge()}))
    assert told(report)["proof"] == ("fail", "MALFORMED_VALUE_ERROR")
    assert "claim vc" in report.check("proof").message
    both = check(a_jws(HEADER, {**a_badge(), "vc": a_badge(name="Other")}))
    assert (both.verdict, both.check("readable").code) == ("invalid", "NOT_COMPACT_FORM")


def _envelope(token: str, media_type: str = "application/vc+jwt", **changes: Any) -> dict[str, Any]:
    value = {
        "@context": CREDENTIALS_V2,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:{media_type},{token}",
    }
    return {name: member for name, member in {**value, **changes}.items() if member is not None}


def _enveloped(**changes: Any) -> Report:
    return check(_envelope(as_jose(a_badge(), signer=ACADEMY), **changes))


def test_an_enveloped_credential_is_read_and_valid() -> None:
    assert _enveloped().verdict == "valid"
    assert _enveloped(type=["EnvelopedVerifiableCredential"], **{"@context": [CREDENTIALS_V2]}).verdict == "valid"
    for media_type in ("application/jwt", "application/vc+ld+jwt", "APPLICATION/VC+JWT"):
        assert check(_envelope(as_jwt(a_badge()), media_type)).verdict == "valid"


def test_a_jwt_without_type_is_what_its_envelope_says() -> None:
    header = {"alg": "EdDSA", "kid": ACADEMY.verification_method}
    token = a_jws(header, a_badge())
    assert check(_envelope(token)).verdict == "valid"
    assert told(check(_envelope(token, "application/jwt")))["proof"] == ("fail", "CLAIM_MISMATCH")


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"@context": []}, "MALFORMED_VALUE_ERROR", "context of credentials 2.0"),
        ({"@context": None}, "MALFORMED_VALUE_ERROR", "context of credentials 2.0"),
        ({"@context": ["https://www.w3.org/ns/did/v1", CREDENTIALS_V2]}, "MALFORMED_VALUE_ERROR", "context"),
        ({"type": ["VerifiableCredential", "EnvelopedVerifiableCredential"]}, "MALFORMED_VALUE_ERROR", "type"),
        ({"id": None}, "PARSING_ERROR", "not a data URL"),
        ({"id": "https://x.example/a,b"}, "PARSING_ERROR", "not a data URL"),
        ({"id": "data:application/vc+jwt"}, "PARSING_ERROR", "not a data URL"),
        ({"id": "data:application/vc+jwt,x"}, "PARSING_ERROR", "compact JWS"),
        ({"id": "data:text/html,<script>"}, "PARSING_ERROR", "not a JWT of the type vc+jwt"),
        ({"id": "data:application/vp+jwt,x"}, "PARSING_ERROR", "not a JWT of the type vc+jwt"),
    ],
)
def test_an_envelope_that_is_none_is_refused(changes: dict[str, Any], code: str, words: str) -> None:
    report = _enveloped(**changes)
    line = report.check("readable")
    assert (report.verdict, line.code) == ("invalid", code)
    assert words in line.message


@pytest.mark.parametrize("kind", ["application/vc+sd-jwt", "application/vc+cose;base64"])
def test_an_envelope_of_a_kind_that_is_not_read_says_nothing(kind: str) -> None:
    report = _enveloped(id=f"data:{kind},abc")
    assert (report.verdict, report.check("readable").code) == ("unknown", "UNSUPPORTED")


def test_what_stands_around_the_signed_part_is_told_and_not_read() -> None:
    report = _enveloped(name="Professor")
    assert report.verdict == "valid"
    assert report.check("readable").result == "pass"
    assert any("nobody signed" in warning.message for warning in report.warnings)
    assert report.credential["name"] == "Facilitator"


def test_the_signature_of_a_vc_jwt_covers_its_header() -> None:
    token = as_jose(a_badge(), signer=ACADEMY)
    other = encode_base64url(dump_json({**HEADER, "cty": "vc+ld"}).encode())
    jws = parse_compact_jws(f"{other}.{token.partition('.')[2]}")
    with pytest.raises(BadSignatureError):
        verify_jws(jws, public_key=ACADEMY.public_key)


def test_a_signature_of_an_hour_ago_is_over_only_beyond_the_clocks_difference() -> None:
    just = int((NOW - timedelta(seconds=200)).timestamp())
    assert check(a_jws(HEADER, {**a_badge(), "exp": just})).verdict == "valid"
    assert check(a_jws(HEADER, {**a_badge(), "exp": just}), clock_skew_s=100).verdict == "invalid"


def test_a_key_in_the_header_of_a_vc_jwt_proves_nothing_about_the_issuer() -> None:
    from keys import to_jwk

    forger = _signer("P-256")
    token = a_jws({"alg": "ES256", "typ": "vc+jwt", "jwk": to_jwk(forger.public_key)}, a_badge(), signer=forger)
    report = check(token)
    assert told(report) == {"issuer_binding": ("fail", "INVALID_VERIFICATION_METHOD")}
    assert parse_jwk(to_jwk(forger.public_key)) == forger.public_key
