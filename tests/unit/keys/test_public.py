"""Public keys: what is a good one, and its two texts."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from keys import (
    InvalidKeyError,
    KeysError,
    PublicKey,
    UnsupportedKeyError,
    decode_base64url,
    encode_base64url,
    encode_multibase,
    jwk_thumbprint,
    parse_jwk,
    parse_multikey,
    parse_pem,
    public_key_of,
    to_jwk,
    to_multikey,
)
from keys.public import Kind

# RFC 8037, appendix A.2 and A.3.
ED25519_JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
# RFC 7515, appendix A.3.1.
P256_JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
# RFC 7638, section 3.1.
RSA_JWK = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi"
    "FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0"
    "zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFC"
    "ur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
}
# The key pairs of VC-DI EdDSA 1.0 and VC-DI ECDSA 1.0, appendix A.
MULTIKEYS: dict[Kind, str] = {
    "Ed25519": "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    "P-256": "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP",
    "P-384": "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ",
}
# The points of order 1, 2, 4 and 8 on edwards25519, and every second way to write one of them.
LOW_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


def test_the_rfcs_thumbprints_come_out() -> None:
    assert jwk_thumbprint(parse_jwk(ED25519_JWK)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert jwk_thumbprint(parse_jwk(RSA_JWK)) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize("jwk", [ED25519_JWK, P256_JWK, RSA_JWK], ids=lambda jwk: jwk["kty"])
def test_a_jwk_is_written_as_it_was_read(jwk: dict[str, str]) -> None:
    assert to_jwk(parse_jwk(jwk)) == jwk


def test_members_that_only_describe_a_jwk_are_read_over() -> None:
    described = ED25519_JWK | {"kid": "1", "use": "sig", "alg": "EdDSA", "key_ops": ["verify"]}
    assert parse_jwk(described) == parse_jwk(ED25519_JWK)


@pytest.mark.parametrize(("kind", "text"), MULTIKEYS.items())
def test_a_multikey_is_written_as_it_was_read(kind: Kind, text: str) -> None:
    key = parse_multikey(text)
    assert key.kind == kind
    assert to_multikey(key) == text
    assert parse_jwk(to_jwk(key)) == key


@given(st.integers(min_value=1, max_value=2**255))
def test_any_key_goes_through_both_texts_unchanged(secret: int) -> None:
    for private in (
        ed25519.Ed25519PrivateKey.from_private_bytes(secret.to_bytes(32, "big")),
        ec.derive_private_key(secret, ec.SECP256R1()),
        ec.derive_private_key(secret, ec.SECP384R1()),
    ):
        key = public_key_of(private)
        assert parse_multikey(to_multikey(key)) == key
        assert parse_jwk(to_jwk(key)) == key


@pytest.mark.parametrize("raw", LOW_ORDER)
def test_a_low_order_ed25519_key_is_refused(raw: str) -> None:
    with pytest.raises(InvalidKeyError):
        PublicKey(kind="Ed25519", raw=bytes.fromhex(raw))


@pytest.mark.parametrize("y", range(19))
@pytest.mark.parametrize("sign", [0, 1])
def test_an_ed25519_key_is_written_with_y_below_the_prime(y: int, sign: int) -> None:
    raw = (2**255 - 19 + y + (sign << 255)).to_bytes(32, "little")
    with pytest.raises(InvalidKeyError, match="not written in its canonical form"):
        PublicKey(kind="Ed25519", raw=raw)


def test_an_ed25519_key_off_the_curve_or_with_a_small_part_is_refused() -> None:
    off_the_curve = (2).to_bytes(32, "little")
    # The key of RFC 8037 plus a point of order 2: minus both of its coordinates, so p - y and the other sign.
    good = int.from_bytes(decode_base64url(ED25519_JWK["x"]), "little")
    y, sign = good & (2**255 - 1), good >> 255
    mixed = (2**255 - 19 - y + ((1 - sign) << 255)).to_bytes(32, "little")
    for raw in (off_the_curve, mixed):
        with pytest.raises(InvalidKeyError, match="not an Ed25519 key of prime order"):
            PublicKey(kind="Ed25519", raw=raw)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_an_ed25519_key_has_32_bytes(size: int) -> None:
    with pytest.raises(InvalidKeyError, match=f"has 32 bytes, got {size}"):
        PublicKey(kind="Ed25519", raw=bytes(size))


def test_a_point_off_the_curve_is_refused() -> None:
    raw = b"\2" + bytes(31) + b"\1"
    with pytest.raises(InvalidKeyError, match="not on the curve P-256"):
        PublicKey(kind="P-256", raw=raw)
    with pytest.raises(InvalidKeyError, match="not on the curve P-256"):
        parse_jwk(P256_JWK | {"y": P256_JWK["x"]})


def test_only_the_compressed_point_is_a_p_key() -> None:
    raw = parse_jwk(P256_JWK).raw
    for other in (b"", raw[:-1], b"\4" + raw[1:], b"\4" + bytes(64), raw + b"\0"):
        with pytest.raises(InvalidKeyError, match="compressed point of 33 bytes"):
            PublicKey(kind="P-256", raw=other)


def test_a_kind_that_we_do_not_have_is_refused() -> None:
    with pytest.raises(UnsupportedKeyError, match="'secp256k1'"):
        PublicKey(kind="secp256k1", raw=b"")  # type: ignore[arg-type] # what a caller without types could do


def _rsa(bits: int, exponent: int = 65_537) -> dict[str, str]:
    n = (1 << bits - 1) + 1
    return {"kty": "RSA", "n": _number(n), "e": _number(exponent)}


def _number(value: int) -> str:
    return encode_base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@pytest.mark.parametrize("bits", [1024, 2047, 8193])
def test_a_weak_or_enormous_rsa_key_is_refused(bits: int) -> None:
    with pytest.raises(InvalidKeyError, match=f"2048 to 8192 bits, got {bits}"):
        parse_jwk(_rsa(bits))


@pytest.mark.parametrize("exponent", [3, 17, 65_539 + (1 << 64)])
def test_an_rsa_exponent_is_odd_and_neither_small_nor_enormous(exponent: int) -> None:
    with pytest.raises(InvalidKeyError, match="exponent is not an odd number from 65537 on"):
        parse_jwk(_rsa(2048, exponent))


def test_numbers_that_are_no_rsa_key_are_refused() -> None:
    with pytest.raises(InvalidKeyError, match="n and e are not an RSA key"):
        parse_jwk(_rsa(2048, 65_538))


@pytest.mark.parametrize("bits", [2048, 8192])
def test_the_limits_of_rsa_keys_are_inside(bits: int) -> None:
    assert to_jwk(parse_jwk(_rsa(bits))) == _rsa(bits)


def test_an_rsa_number_is_written_in_its_shortest_form() -> None:
    padded = encode_base64url(b"\0" + decode_base64url(RSA_JWK["n"]))
    for jwk in (RSA_JWK | {"n": padded}, RSA_JWK | {"e": "AAEAAQ"}, RSA_JWK | {"e": ""}):
        with pytest.raises(InvalidKeyError, match="not a number in its shortest form"):
            parse_jwk(jwk)


def test_rsa_bytes_that_are_another_thing_are_refused() -> None:
    key = dsa.DSAPublicNumbers(y=2, parameter_numbers=dsa.DSAParameterNumbers(p=2**2047 + 1, q=2**255 + 1, g=2))
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(InvalidKeyError, match="not an RSA key"):
        PublicKey(kind="RSA", raw=spki)
    with pytest.raises(InvalidKeyError, match="not a public key in DER form"):
        PublicKey(kind="RSA", raw=b"\x30\x00")
    with pytest.raises(InvalidKeyError, match="too long"):
        PublicKey(kind="RSA", raw=bytes(2000))


def test_an_rsa_key_with_something_after_it_is_refused() -> None:
    with pytest.raises(InvalidKeyError):
        PublicKey(kind="RSA", raw=parse_jwk(RSA_JWK).raw + b"\0")


def test_an_rsa_key_in_a_second_encoding_is_refused() -> None:
    # PKCS#1 in place of SubjectPublicKeyInfo: the same key in other bytes.
    numbers = rsa.RSAPublicNumbers(65_537, int.from_bytes(decode_base64url(RSA_JWK["n"]), "big"))
    raw = numbers.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    with pytest.raises(InvalidKeyError, match="not written in its canonical form"):
        PublicKey(kind="RSA", raw=raw)


def test_an_rsa_key_has_no_multikey() -> None:
    with pytest.raises(UnsupportedKeyError, match="give it as a JWK"):
        to_multikey(parse_jwk(RSA_JWK))


@pytest.mark.parametrize(
    ("text", "error", "sentence"),
    [
        (None, InvalidKeyError, "begins with 'z'"),
        (["z6Mk"], InvalidKeyError, "begins with 'z'"),
        ("", InvalidKeyError, "begins with 'z'"),
        ("u7QEw", InvalidKeyError, "begins with 'z'"),
        ("z", UnsupportedKeyError, "of a kind that we do not have"),
        ("z0", InvalidKeyError, "not a base58btc letter"),
        # secp256k1 and X25519, from the examples of did:key
        ("zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", UnsupportedKeyError, "Ed25519, P-256 and P-384"),
        ("z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F", UnsupportedKeyError, "Ed25519, P-256 and P-384"),
        (encode_multibase(b"\xed\x01" + bytes(31)), InvalidKeyError, "32 bytes, got 31"),
        (encode_multibase(b"\x80\x24" + bytes(33)), InvalidKeyError, "compressed point of 33 bytes"),
        (encode_multibase(b"\x81\x24\x02" + bytes(32)), InvalidKeyError, "compressed point of 49 bytes"),
    ],
)
def test_a_bad_multikey_is_refused_for_its_own_reason(text: object, error: type[KeysError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        parse_multikey(text)


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_a_jwk_with_a_private_member_is_refused_and_not_shown(member: str) -> None:
    with pytest.raises(InvalidKeyError, match=f"private member '{member}'") as caught:
        parse_jwk(P256_JWK | {member: "c2VjcmV0"})
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize(
    ("jwk", "error", "sentence"),
    [
        ("a text", InvalidKeyError, "a JSON object"),
        ([], InvalidKeyError, "a JSON object"),
        ({}, UnsupportedKeyError, "kty None"),
        (ED25519_JWK | {"crv": "Ed448"}, UnsupportedKeyError, "crv 'Ed448'"),
        (P256_JWK | {"crv": "P-521"}, UnsupportedKeyError, "crv 'P-521'"),
        (P256_JWK | {"crv": "Ed25519"}, UnsupportedKeyError, "kty 'EC' and crv 'Ed25519'"),
        (P256_JWK | {"crv": ["P-256"]}, UnsupportedKeyError, "is of a kind that we do not have"),
        (ED25519_JWK | {"kty": {"a": 1}}, UnsupportedKeyError, "is of a kind that we do not have"),
        ({"kty": "OKP", "crv": "Ed25519"}, InvalidKeyError, "'x' is missing"),
        (ED25519_JWK | {"x": 5}, InvalidKeyError, "'x' is missing or not a short text"),
        (ED25519_JWK | {"x": "A" * 3000}, InvalidKeyError, "'x' is missing or not a short text"),
        (ED25519_JWK | {"x": ED25519_JWK["x"] + "="}, InvalidKeyError, "without padding"),
        (ED25519_JWK | {"x": "AAAA"}, InvalidKeyError, "'x' has 3 bytes instead of 32"),
        (P256_JWK | {"x": "AAAA"}, InvalidKeyError, "'x' has 3 bytes instead of 32"),
        (P256_JWK | {"crv": "P-384"}, InvalidKeyError, "'x' has 32 bytes instead of 48"),
        ({name: P256_JWK[name] for name in ("kty", "crv", "x")}, InvalidKeyError, "'y' is missing"),
        ({"kty": "RSA", "e": "AQAB"}, InvalidKeyError, "'n' is missing"),
    ],
)
def test_a_bad_jwk_is_refused_for_its_own_reason(jwk: Any, error: type[KeysError], sentence: str) -> None:
    with pytest.raises(error, match=sentence) as caught:
        parse_jwk(jwk)
    expected = "UNSUPPORTED" if error is UnsupportedKeyError else "INVALID_VERIFICATION_METHOD"
    assert caught.value.code == expected


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(alphabet="abc", max_size=8), st.lists))
def test_whatever_stands_in_a_jwk_is_read_or_refused(value: object) -> None:
    for member in ("kty", "crv", "x"):
        with pytest.raises(KeysError):
            parse_jwk(ED25519_JWK | {member: value})


# --- PEM ------------------------------------------------------------------------------------------------------


def _pem(key: Any) -> str:
    form, kind = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.PEM
    text: str = key.public_bytes(kind, form).decode()
    return text


@pytest.mark.parametrize(
    "private",
    [
        rsa.generate_private_key(public_exponent=65_537, key_size=2048),
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
    ],
    ids=["RSA", "Ed25519", "P-256", "P-384"],
)
def test_a_pem_text_is_its_key(private: Any) -> None:
    assert parse_pem(_pem(private.public_key()) + "\n") == public_key_of(private)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, InvalidKeyError),
        ("x", InvalidKeyError),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", InvalidKeyError),
        ("x" * 10_000, InvalidKeyError),
        (_pem(ec.generate_private_key(ec.SECP521R1()).public_key()), UnsupportedKeyError),
        (_pem(rsa.generate_private_key(public_exponent=65_537, key_size=1024).public_key()), InvalidKeyError),
    ],
    ids=["none", "text", "empty", "long", "P-521", "RSA 1024"],
)
def test_a_bad_pem_text_is_refused(text: object, error: type[KeysError]) -> None:
    with pytest.raises(error):
        parse_pem(text)
