"""VC-JWT: one compact JWS, one key, and claims that say what the credential says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import (
    BadSignatureError,
    LocalSigner,
    decode_base64url,
    encode_base64url,
    generate_private_key,
    local_signer,
    parse_jwk,
)
from keys.public import Kind
from schemas import (
    DocumentError,
    LimitError,
    MalformedValueError,
    ParsingError,
    RereadError,
    UnsupportedProofError,
    check_registered_claims,
    credential_from_payload,
    looks_like_jws,
    parse_compact_jws,
    sign_jose,
    sign_vc_jwt,
    verify_jws,
)
from schemas.jose import registered_claims

KINDS: tuple[Kind, ...] = ("Ed25519", "P-256", "P-384", "RSA")
ALGORITHM: dict[Kind, str] = {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "RSA": "RS256"}
METHOD = "did:web:academy.example#key-1"
# RFC 7515, appendix A.3.
RFC_JWS = (
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
RFC_KEY = parse_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
)


@pytest.fixture(scope="module")
def signers() -> dict[Kind, LocalSigner]:
    return {kind: local_signer(generate_private_key(kind), verification_method=METHOD) for kind in KINDS}


def a_credential(**changes: Any) -> dict[str, Any]:
    """Return a credential with every member that a claim repeats; None takes a member away."""
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "https://academy.example/credentials/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:academy.example", "type": ["Profile"], "name": "Grüne Wiese, 学び"},
        "validFrom": "2026-05-03T10:00:00Z",
        "validUntil": "2027-05-03T12:00:00+02:00",
        "credentialSubject": {"id": "did:example:rosa", "type": ["AchievementSubject"]},
    }
    return {name: value for name, value in (credential | changes).items() if value is not None}


CLAIMS: dict[str, Any] = {
    "iss": "did:web:academy.example",
    "sub": "did:example:rosa",
    "jti": "https://academy.example/credentials/1",
    "nbf": 1_777_802_400,
    "exp": 1_809_338_400,
}


def _part(value: object) -> str:
    return encode_base64url(json.dumps(value).encode())


def _jws(header: object, payload: object = None, signature: bytes = bytes(64)) -> str:
    return f"{_part(header)}.{_part({} if payload is None else payload)}.{encode_base64url(signature)}"


def test_the_jws_of_rfc_7515_verifies() -> None:
    jws = parse_compact_jws(RFC_JWS)
    assert jws.header == {"alg": "ES256"}
    assert jws.payload == {"iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": True}
    verify_jws(jws, public_key=RFC_KEY)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_credential_verifies_and_comes_back_as_it_was(
    signers: dict[Kind, LocalSigner], kind: Kind
) -> None:
    credential = a_credential()
    text = sign_vc_jwt(credential, signer=signers[kind])
    assert text == sign_vc_jwt(credential, signer=signers[kind])
    jws = parse_compact_jws(text)
    verify_jws(jws, public_key=signers[kind].public_key)
    assert jws.header == {"alg": ALGORITHM[kind], "kid": METHOD, "typ": "JWT"}
    assert jws.payload == credential | CLAIMS
    assert credential_from_payload(jws.payload) == (credential, "vcdm2")
    assert check_registered_claims(jws.payload, credential) == []


def test_the_payload_is_compact_utf_8_in_the_credentials_order(signers: dict[Kind, LocalSigner]) -> None:
    payload = decode_base64url(sign_vc_jwt(a_credential(), signer=signers["Ed25519"]).split(".")[1]).decode()
    assert payload.startswith('{"@context":["https://www.w3.org/ns/credentials/v2"],"id":')
    assert "Grüne Wiese, 学び" in payload
    assert payload.endswith(',"nbf":1777802400,"exp":1809338400}')


def test_the_form_of_a_compact_jws_is_recognised() -> None:
    assert looks_like_jws(RFC_JWS)
    for text in ("", "a.b", "a..c", ".b.c", "a.b.c.d", "a.b.c\n", "a.b.c=", "{}", RFC_JWS + " "):
        assert not looks_like_jws(text), text
        with pytest.raises(ParsingError, match="not a compact JWS of three base64url parts") as caught:
            parse_compact_jws(text)
        assert caught.value.problem == "PARSING_ERROR"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("e30.e30.a", "a part of the JWS cannot be read: the base64url text has an impossible length"),
        ("e31.e30.", "a part of the JWS cannot be read: the base64url text has stray bits"),
        ("AAAA.e30.", "this is not JSON"),
        (f"{_part([])}.e30.", "the JWS's header is not a JSON object"),
        (f"e30.{_part('x')}.", "the JWS's payload is not a JSON object"),
        (f"e30.{_part(None)}.", "the JWS's payload is not a JSON object"),
        (encode_base64url(b'{"alg":"none","alg":"EdDSA"}') + ".e30.", "stands twice in one object"),
        ("e30." + encode_base64url(b'{"exp":NaN}') + ".", "NaN is not a JSON number"),
        ("e30." + encode_base64url(b'{"exp":1e999}') + ".", "is too large"),
        ("e30." + encode_base64url(b"\xff") + ".", "is not UTF-8"),
    ],
)
def test_a_part_that_cannot_be_read_is_refused_for_its_own_reason(text: str, sentence: str) -> None:
    with pytest.raises(ParsingError, match=sentence):
        parse_compact_jws(text)


def test_a_long_jws_is_refused_before_the_work() -> None:
    with pytest.raises(LimitError, match="longer than 300 bytes"):
        parse_compact_jws("a" * 301, max_bytes=300)
    assert parse_compact_jws(RFC_JWS, max_bytes=len(RFC_JWS)).header == {"alg": "ES256"}


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_letter_in_any_part_fails(signers: dict[Kind, LocalSigner], part: int) -> None:
    parts = sign_vc_jwt(a_credential(), signer=signers["Ed25519"]).split(".")
    data = decode_base64url(parts[part]).replace(b"academy.example", b"academy.exemple")
    parts[part] = encode_base64url(data if part < 2 else bytes([data[0] ^ 1]) + data[1:])
    with pytest.raises(BadSignatureError, match="does not match the message"):
        verify_jws(parse_compact_jws(".".join(parts)), public_key=signers["Ed25519"].public_key)


def test_the_signed_bytes_are_the_texts_and_not_what_they_say(signers: dict[Kind, LocalSigner]) -> None:
    header, payload, signature = sign_vc_jwt(a_credential(), signer=signers["Ed25519"]).split(".")
    spaced = encode_base64url(decode_base64url(payload) + b" ")
    jws = parse_compact_jws(f"{header}.{spaced}.{signature}")
    assert jws.payload == a_credential() | CLAIMS
    with pytest.raises(BadSignatureError):
        verify_jws(jws, public_key=signers["Ed25519"].public_key)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named", KINDS)
def test_an_algorithm_is_bound_to_its_kind_of_key(
    signers: dict[Kind, LocalSigner], kind: Kind, named: Kind
) -> None:
    signing_input = f"{_part({'alg': ALGORITHM[named]})}.e30"
    text = f"{signing_input}.{encode_base64url(signers[kind].sign(signing_input.encode()))}"
    if kind == named:
        verify_jws(parse_compact_jws(text), public_key=signers[kind].public_key)
        return
    with pytest.raises(BadSignatureError, match=f"a key of kind {kind} makes no {ALGORITHM[named]} signatures"):
        verify_jws(parse_compact_jws(text), public_key=signers[kind].public_key)


def test_the_new_name_of_eddsa_is_read(signers: dict[Kind, LocalSigner]) -> None:
    signing_input = f"{_part({'alg': 'Ed25519'})}.e30"  # RFC 9864
    text = f"{signing_input}.{encode_base64url(signers['Ed25519'].sign(signing_input.encode()))}"
    verify_jws(parse_compact_jws(text), public_key=signers["Ed25519"].public_key)


@pytest.mark.parametrize(
    ("header", "error", "sentence", "pointer"),
    [
        ({}, MalformedValueError, "names no signature algorithm", "/alg"),
        ({"alg": "none"}, MalformedValueError, "names no signature algorithm", "/alg"),
        ({"alg": "nOnE"}, MalformedValueError, "names no signature algorithm", "/alg"),
        ({"alg": ["EdDSA"]}, MalformedValueError, "names no signature algorithm", "/alg"),
        ({"alg": "HS256"}, MalformedValueError, "'HS256' is no signature", "/alg"),
        ({"alg": "ES256K"}, UnsupportedProofError, "'ES256K' is not one that is checked here", ""),
        ({"alg": "PS256"}, UnsupportedProofError, "'PS256' is not one that is checked here", ""),
        ({"alg": "eddsa"}, UnsupportedProofError, "'eddsa' is not one that is checked here", ""),
        ({"alg": "EdDSA", "crit": ["b64"], "b64": False}, MalformedValueError, "asks for extensions", "/crit"),
        ({"alg": "EdDSA", "crit": []}, MalformedValueError, "asks for extensions", "/crit"),
    ],
)
@pytest.mark.parametrize("signature", [b"", bytes(64)], ids=["unsigned", "signed"])
def test_a_header_that_leaves_the_signature_open_is_refused(
    header: dict[str, Any], error: type[DocumentError], sentence: str, pointer: str, signature: bytes
) -> None:
    with pytest.raises(error, match=sentence) as caught:
        verify_jws(parse_compact_jws(_jws(header, signature=signature)), public_key=RFC_KEY)
    assert caught.value.pointer == pointer
    assert caught.value.problem == ("UNSUPPORTED" if error is UnsupportedProofError else "MALFORMED_VALUE_ERROR")


def test_the_secret_of_a_public_key_is_not_its_text() -> None:
    # The classic confusion: a token that was "signed" by HMAC with the public key as secret.
    with pytest.raises(MalformedValueError, match="a secret that whoever checks it could sign with"):
        verify_jws(parse_compact_jws(_jws({"alg": "HS512"}, signature=bytes(64))), public_key=RFC_KEY)


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce"])
def test_a_credential_with_a_claim_of_its_own_is_not_signed(signers: dict[Kind, LocalSigner], claim: str) -> None:
    with pytest.raises(MalformedValueError, match=f"'{claim}' is a claim of JWTs"):
        sign_vc_jwt(a_credential(**{claim: 1}), signer=signers["Ed25519"])


def test_a_credential_with_a_bad_date_is_not_signed(signers: dict[Kind, LocalSigner]) -> None:
    with pytest.raises(MalformedValueError, match="'2026-02-30T10:00:00Z' is not a time") as caught:
        sign_vc_jwt(a_credential(validUntil="2026-02-30T10:00:00Z"), signer=signers["Ed25519"])
    assert caught.value.pointer == "/validUntil"


def test_the_payload_itself_is_a_credential_of_version_2() -> None:
    payload = a_credential() | CLAIMS | {"iat": 1, "aud": "x", "nonce": "y", "name": "kept"}
    assert credential_from_payload(payload) == (a_credential(name="kept"), "vcdm2")


def test_the_claim_vc_is_a_credential_of_version_1() -> None:
    assert credential_from_payload({"vc": a_credential(), **CLAIMS}) == (a_credential(), "vcdm1")


@pytest.mark.parametrize("inner", [None, "x", [], 5])
def test_the_claim_vc_is_an_object(inner: object) -> None:
    with pytest.raises(MalformedValueError, match="the claim vc is not a JSON object") as caught:
        credential_from_payload({"vc": inner, **CLAIMS})
    assert caught.value.pointer == "/vc"


@pytest.mark.parametrize("member", ["@context", "credentialSubject"])
def test_two_credentials_in_one_jwt_are_refused(member: str) -> None:
    with pytest.raises(RereadError, match="the JWT holds two credentials") as caught:
        credential_from_payload({"vc": a_credential(), member: {}, **CLAIMS})
    assert caught.value.pointer == "/vc"


def test_the_claims_repeat_what_the_credential_says() -> None:
    assert registered_claims(a_credential()) == CLAIMS


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"validUntil": None}, {"exp"}),
        ({"id": None}, {"jti"}),
        ({"credentialSubject": {"identifier": []}}, {"sub"}),
        ({"credentialSubject": [{"id": "a"}, {"id": "b"}]}, {"sub"}),
        ({"credentialSubject": None, "issuer": None, "validFrom": None}, {"sub", "iss", "nbf"}),
    ],
)
def test_what_the_credential_does_not_say_has_no_claim(changes: dict[str, Any], missing: set[str]) -> None:
    credential = a_credential(**changes)
    expected = {claim: value for claim, value in CLAIMS.items() if claim not in missing}
    assert registered_claims(credential) == expected
    found = check_registered_claims(CLAIMS, credential)
    assert {mismatch.claim for mismatch in found} == missing
    assert all(mismatch.expected == "nothing" for mismatch in found)


def test_an_issuer_may_be_its_id_and_a_subject_one_of_a_list() -> None:
    credential = a_credential(issuer="did:web:academy.example", credentialSubject=[{"id": "did:example:rosa"}])
    assert registered_claims(credential) == CLAIMS


def test_version_1_has_its_own_names_for_the_dates() -> None:
    credential = a_credential(
        **{"@context": ["https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"]},
        issuanceDate="2026-05-03T10:00:01Z",
        expirationDate="2027-05-03T10:00:01Z",
    )
    assert registered_claims(credential) == CLAIMS | {"nbf": CLAIMS["nbf"] + 1, "exp": CLAIMS["exp"] + 1}
    named_by_a_text = credential | {"@context": "https://www.w3.org/2018/credentials/v1"}
    assert registered_claims(named_by_a_text) == registered_claims(credential)
    version_2 = credential | {"@context": ["https://www.w3.org/ns/credentials/v2"]}
    assert registered_claims(version_2) == CLAIMS


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize(
    "change",
    [
        lambda value: value + 1 if isinstance(value, int) else value + "x",
        lambda value: str(value) if isinstance(value, int) else 5,
        lambda _value: True,
        lambda value: [value],
        lambda value: {"id": value},
        lambda value: -value if isinstance(value, int) else value.upper(),
        lambda value: value * 10**6 if isinstance(value, int) else "",
    ],
    ids=["next", "other type", "true", "list", "object", "negative or upper", "enormous or empty"],
)
def test_a_claim_that_says_something_else_is_told(claim: str, change: Callable[[Any], Any]) -> None:
    (mismatch,) = check_registered_claims(CLAIMS | {claim: change(CLAIMS[claim])}, a_credential())
    assert mismatch.claim == claim
    assert mismatch.expected != mismatch.found


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("gone", ["left out", "null"])
def test_a_claim_that_is_not_there_is_told(claim: str, gone: str) -> None:
    payload = dict(CLAIMS)
    if gone == "null":
        payload[claim] = None
    else:
        del payload[claim]
    (mismatch,) = check_registered_claims(payload, a_credential())
    assert (mismatch.claim, mismatch.found) == (claim, "nothing")


@pytest.mark.parametrize("value", ["soon", True, [1], 1_809_338_400])
def test_an_end_that_the_credential_does_not_know_is_told_whatever_its_type(value: object) -> None:
    (mismatch,) = check_registered_claims(CLAIMS | {"exp": value}, a_credential(validUntil=None))
    assert (mismatch.claim, mismatch.expected) == ("exp", "nothing")


def test_dates_are_compared_to_the_second_and_shown_as_dates() -> None:
    assert check_registered_claims(CLAIMS | {"nbf": 1_777_802_400.75}, a_credential()) == []
    assert check_registered_claims(CLAIMS, a_credential(validFrom="2026-05-03T10:00:00.25Z")) == []
    (mismatch,) = check_registered_claims(CLAIMS | {"nbf": 1_777_802_399.9}, a_credential())
    assert mismatch.expected == "2026-05-03T10:00:00+00:00"
    assert mismatch.found == "2026-05-03T09:59:59+00:00"


def test_a_date_that_cannot_be_read_agrees_with_no_claim() -> None:
    (mismatch,) = check_registered_claims(CLAIMS, a_credential(validFrom="2026-05-03"))
    assert (mismatch.claim, mismatch.expected) == ("nbf", "nothing")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "vc", "iss"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*a_credential(), *CLAIMS, "vc"]), JSON))
def test_whatever_a_payload_says_is_compared_or_refused(payload: dict[str, Any]) -> None:
    try:
        credential, _ = credential_from_payload(payload)
    except DocumentError as error:
        assert error.pointer == "/vc"  # noqa: PT017 - a refusal is one of two good ends
    else:
        assert all(mismatch.claim in CLAIMS for mismatch in check_registered_claims(payload, credential))


@given(st.text(alphabet="eyJ0.-_=A{}", max_size=60))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        jws = parse_compact_jws(text)
    except DocumentError as error:
        assert error.problem in {"PARSING_ERROR", "LIMIT_EXCEEDED"}  # noqa: PT017 - a refusal is one of two good ends
    else:
        assert jws.signing_input.decode() == text.rpartition(".")[0]


def test_a_jose_jwt_is_the_document_itself_with_claims_about_the_signature(
    signers: dict[Kind, LocalSigner],
) -> None:
    for kind, signer in signers.items():
        jws = parse_compact_jws(sign_jose(a_credential(), signer=signer, kind="vp", nonce="abc"))
        verify_jws(jws, public_key=signer.public_key)
        assert jws.header == {"alg": ALGORITHM[kind], "kid": METHOD, "typ": "vp+jwt", "cty": "vp"}
        assert jws.payload == {**a_credential(), "nonce": "abc"}


@pytest.mark.parametrize("name", ["vc", "vp", "exp"])
def test_a_document_with_claims_of_its_own_is_not_signed_as_jose(
    signers: dict[Kind, LocalSigner], name: str
) -> None:
    with pytest.raises(MalformedValueError, match="is a claim"):
        sign_jose({**a_credential(), name: 1}, signer=signers["Ed25519"])
