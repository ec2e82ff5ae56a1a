"""did:jwk: text to value and back, strictly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import (
    InvalidDIDError,
    KeysError,
    UnsupportedDIDMethodError,
    UnsupportedKeyError,
    did_jwk,
    did_jwk_document,
    did_jwk_method,
    encode_base64url,
    parse_did_jwk,
    parse_jwk,
    parse_multikey,
    select_verification_method,
)
from tests.unit.keys.test_public import MULTIKEYS, RSA_JWK

# The examples of the did:jwk method specification.
P256 = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAi"
    "LCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)
X25519 = (
    "did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ1c2UiOiJlbmMiLCJ4IjoiM3A3YmZYdDl3YlRUVzJIQzdPUTFOei1EUThoYmVH"
    "ZE5yZngtRkctSUswOCJ9"
)
ED25519 = '"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"'


def _did(text: str) -> str:
    return f"did:jwk:{encode_base64url(text.encode())}"


def test_the_specifications_example_is_read_and_written() -> None:
    key = parse_did_jwk(P256)
    assert key.kind == "P-256"
    assert did_jwk(key) == P256


@pytest.mark.parametrize("text", MULTIKEYS.values(), ids=MULTIKEYS)
def test_a_did_jwk_is_its_key(text: str) -> None:
    key = parse_multikey(text)
    assert parse_did_jwk(did_jwk(key)) == key


def test_its_one_key_is_for_every_purpose_but_agreement() -> None:
    document = did_jwk_document(P256)
    name = did_jwk_method(P256)
    assert name == f"{P256}#0"
    method = select_verification_method(document, method_id=name, purpose="assertionMethod")
    assert (method.controller, method.public_key) == (P256, parse_did_jwk(P256))
    for purpose in ("keyAgreement", "anything"):
        with pytest.raises(KeysError, match="is not listed"):
            select_verification_method(document, method_id=name, purpose=purpose)
    with pytest.raises(KeysError, match="has no key"):
        select_verification_method(document, method_id=f"{P256}#1", purpose="assertionMethod")


@pytest.mark.parametrize(
    ("did", "error", "sentence"),
    [
        ("did:key:abc", UnsupportedDIDMethodError, "is not a did:jwk"),
        (f"{P256}#0", InvalidDIDError, "is not a DID"),
        ("did:jwk:", InvalidDIDError, "is not a DID"),
        ("did:jwk:e", InvalidDIDError, "impossible length"),
        (f"{P256}=", InvalidDIDError, "is not a DID"),
        (_did("[]"), InvalidDIDError, "a JSON object"),
        (_did("not JSON"), InvalidDIDError, "not the base64url text of JSON"),
        ("did:jwk:" + encode_base64url(b"\xff"), InvalidDIDError, "not the base64url text of JSON"),
        (_did("{" + ED25519 + "} "), None, ""),
        (_did("{" + ED25519 + "}x"), InvalidDIDError, "not the base64url text of JSON"),
        (_did("{" + ED25519 + ',"x":"AA"}'), InvalidDIDError, "a name stands twice"),
        (_did("{" + ED25519 + ',"n":1}'), InvalidDIDError, "holds a number"),
        (_did("{" + ED25519 + ',"n":NaN}'), InvalidDIDError, "holds a number"),
        (_did("{" + ED25519 + ',"d":"AA"}'), InvalidDIDError, "private member 'd'"),
        (_did("{" + ED25519 + ',"use":"enc"}'), InvalidDIDError, "not for verifying"),
        (_did("{" + ED25519 + ',"key_ops":["deriveKey"]}'), InvalidDIDError, "not for verifying"),
        (_did("{" + ED25519 + ',"key_ops":"verify"}'), InvalidDIDError, "not for verifying"),
        (_did("{" + ED25519 + ',"alg":"ES256"}'), UnsupportedKeyError, "for 'ES256'"),
        (_did("{" + ED25519 + ',"alg":["EdDSA"]}'), UnsupportedKeyError, "is not checked here"),
        (_did('{"crv":"Ed25519","kty":"OKP","x":"AAAA"}'), InvalidDIDError, "3 bytes instead of 32"),
        (
            _did('{"crv":"Ed25519","kty":"OKP","x":"' + encode_base64url(bytes(32)) + '"}'),
            InvalidDIDError,
            "not an Ed25519 key of prime order",
        ),
        (X25519, UnsupportedKeyError, "of a kind that we do not have"),
        (did_jwk(parse_jwk(RSA_JWK)), UnsupportedKeyError, "an RSA key is not read from a did:jwk"),
        (_did('{"a":' + "[" * 400 + "]" * 400 + "}"), UnsupportedKeyError, "of a kind that we do not have"),
        (_did("[" * 1500), InvalidDIDError, "not the base64url text of JSON"),
        (_did("{" + ED25519 + " " * 2000 + "}"), InvalidDIDError, "is not a DID"),
    ],
)
def test_a_bad_did_jwk_is_refused_for_its_own_reason(
    did: str, error: type[KeysError] | None, sentence: str
) -> None:
    if error is None:
        assert parse_did_jwk(did).kind == "Ed25519"
        return
    with pytest.raises(error, match=sentence):
        parse_did_jwk(did)


@given(st.text(alphabet="abcdefgABCDEFG0123456789_-", max_size=60))
def test_any_text_behind_did_jwk_is_read_or_refused(text: str) -> None:
    with pytest.raises(KeysError):
        parse_did_jwk(f"did:jwk:{text}")
