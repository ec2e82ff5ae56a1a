"""Public keys as values: bytes that were checked once, with their Multikey and JWK texts.

Sources: Controlled Identifiers 1.0, section 2.2 (Multikey, JsonWebKey); RFC 7517, 7518, 8037.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from nacl.bindings import crypto_core_ed25519_is_valid_point

from keys.errors import InvalidKeyError, InvalidKeyLengthError, UnsupportedKeyError
from keys.multibase import decode_base64url, decode_multibase, encode_base64url, encode_multibase

Kind = Literal["Ed25519", "P-256", "P-384", "RSA"]

# Multicodec prefixes of public keys, as unsigned varints (Controlled Identifiers 1.0, section 2.2.2).
MULTICODEC: Mapping[Kind, bytes] = MappingProxyType(
    {"Ed25519": b"\xed\x01", "P-256": b"\x80\x24", "P-384": b"\x81\x24"}
)
CURVES: Mapping[Kind, ec.EllipticCurve] = MappingProxyType({"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()})
# ECDSA's hash for each curve (VC-DI ECDSA 1.0, section 3; RFC 7518, section 3.4).
HASHES: Mapping[Kind, hashes.HashAlgorithm] = MappingProxyType(
    {"P-256": hashes.SHA256(), "P-384": hashes.SHA384()}
)
# The bytes of a coordinate and of a secret number.
NUMBER_BYTES: Mapping[Kind, int] = MappingProxyType({"Ed25519": 32, "P-256": 32, "P-384": 48})
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# What a JWK may say its algorithm is (RFC 7517, section 4.4): the one that we check with keys of its kind.
_JWK_ALGORITHMS: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {
        "Ed25519": frozenset({"EdDSA", "Ed25519"}),
        "P-256": frozenset({"ES256"}),
        "P-384": frozenset({"ES384"}),
        "RSA": frozenset({"RS256"}),
    }
)
_ED25519_PRIME = 2**255 - 19
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
_MIN_RSA_EXPONENT = 65_537


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key that was checked when it was made.

    `raw` is the 32-byte Ed25519 key, the compressed point of a P curve (33 or 49 bytes), or the DER
    SubjectPublicKeyInfo of an RSA key: one text of bytes for one key, so that `==` compares keys.
    Raises InvalidKeyError when the bytes are no such key, UnsupportedKeyError for another kind.
    """

    kind: Kind
    raw: bytes

    def __post_init__(self) -> None:
        if self.kind == "Ed25519":
            _check_ed25519(self.raw)
        elif self.kind == "RSA":
            _check_rsa(self.raw)
        elif self.kind in CURVES:
            _check_point(self.kind, self.raw)
        else:
            raise UnsupportedKeyError(f"keys of kind {self.kind!r} are none that we have")


def _check_ed25519(raw: bytes) -> None:
    """Refuse what is no Ed25519 key of prime order.

    A low-order key makes one signature fit many messages, and a second encoding of a key gives one key two
    names; OpenSSL accepts both. libsodium's point check refuses low order, other cosets and points off the
    curve; the canonical form is asked for here as well, since it is what `did:key` texts are compared by.
    """
    if len(raw) != NUMBER_BYTES["Ed25519"]:
        raise InvalidKeyLengthError(f"an Ed25519 key has 32 bytes, got {len(raw)}")
    if int.from_bytes(raw, "little") & (2**255 - 1) >= _ED25519_PRIME:
        raise InvalidKeyError("the Ed25519 key is not written in its canonical form")
    if not crypto_core_ed25519_is_valid_point(raw):
        raise InvalidKeyError("the bytes are not an Ed25519 key of prime order")


def _check_point(kind: Kind, raw: bytes) -> None:
    expected = NUMBER_BYTES[kind] + 1
    if len(raw) != expected:
        raise InvalidKeyLengthError(f"a {kind} key is a compressed point of {expected} bytes, got {len(raw)}")
    if raw[0] not in (2, 3):
        raise InvalidKeyError(f"a {kind} key is a compressed point of {expected} bytes")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVES[kind], raw)
    except ValueError as error:
        raise InvalidKeyError(f"the point is not on the curve {kind}") from error


def _check_rsa(raw: bytes) -> None:
    """Refuse RSA keys that are weak, enormous or written in a second way."""
    if len(raw) > MAX_RSA_BITS // 8 + 64:
        raise InvalidKeyError("the RSA key is too long")
    key = rsa_key(raw)
    exponent = key.public_numbers().e
    if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        raise InvalidKeyError(f"an RSA key has {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, got {key.key_size}")
    if exponent < _MIN_RSA_EXPONENT or exponent % 2 == 0 or exponent.bit_length() > 64:  # noqa: PLR2004
        raise InvalidKeyError("the RSA key's exponent is not an odd number from 65537 on")
    if spki(key) != raw:
        raise InvalidKeyError("the RSA key is not written in its canonical form")


def rsa_key(raw: bytes) -> rsa.RSAPublicKey:
    """Return the library's key for the DER SubjectPublicKeyInfo of an RSA key."""
    try:
        key = serialization.load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidKeyError("the bytes are not a public key in DER form") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise InvalidKeyError("the key is not an RSA key")
    return key


def point_key(key: PublicKey) -> ec.EllipticCurvePublicKey:
    """Return the library's key for a P-256 or P-384 key."""
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[key.kind], key.raw)


def parse_multikey(text: object) -> PublicKey:
    """Return the key of a `publicKeyMultibase` text: Ed25519, P-256 or P-384 in base58btc."""
    if not isinstance(text, str) or not text.startswith("z"):
        raise InvalidKeyError("expected a Multikey text that begins with 'z'")
    data = decode_multibase(text)
    for kind, prefix in MULTICODEC.items():
        if data.startswith(prefix):
            return PublicKey(kind=kind, raw=data[len(prefix) :])
    raise UnsupportedKeyError("the Multikey is of a kind that we do not have (Ed25519, P-256 and P-384 are)")


def to_multikey(key: PublicKey) -> str:
    """Return the `publicKeyMultibase` text of a key; RSA has none that others read."""
    if key.kind not in MULTICODEC:
        raise UnsupportedKeyError("an RSA key has no Multikey text; give it as a JWK")
    return encode_multibase(MULTICODEC[key.kind] + key.raw)


def parse_jwk(jwk: object) -> PublicKey:
    """Return the key of a public JWK that is for verifying signatures.

    Refused are one with a private member, as it should not be shown, and one that says it is for something else
    or for another algorithm (RFC 7517, sections 4.2 to 4.4).
    """
    if not isinstance(jwk, Mapping):
        raise InvalidKeyError("expected a JWK, which is a JSON object")
    if leaked := _PRIVATE_MEMBERS & jwk.keys():
        raise InvalidKeyError(f"the JWK holds the private member {min(leaked)!r}; only public keys may be shown")
    key = _jwk_key(jwk)
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise InvalidKeyError("the JWK says that it is not for verifying signatures")
    algorithm = jwk.get("alg")
    if algorithm is not None and not (isinstance(algorithm, str) and algorithm in _JWK_ALGORITHMS[key.kind]):
        raise UnsupportedKeyError(f"the JWK is for {algorithm!r:.40}, which is not checked here with such keys")
    return key


def _jwk_key(jwk: Mapping[str, Any]) -> PublicKey:
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            return PublicKey(kind="Ed25519", raw=_member(jwk, "x", size=32))
        case "EC", ("P-256" | "P-384") as curve:
            size = NUMBER_BYTES[curve]
            x, y = _member(jwk, "x", size=size), _member(jwk, "y", size=size)
            try:
                point = ec.EllipticCurvePublicKey.from_encoded_point(CURVES[curve], b"\4" + x + y)
            except ValueError as error:
                raise InvalidKeyError(f"the point is not on the curve {curve}") from error
            return PublicKey(kind=curve, raw=compressed(point))
        case "RSA", _:
            n, e = _number_member(jwk, "n"), _number_member(jwk, "e")
            try:
                key = rsa.RSAPublicNumbers(e, n).public_key()
            except ValueError as error:
                raise InvalidKeyError("the numbers n and e are not an RSA key") from error
            return PublicKey(kind="RSA", raw=spki(key))
        case kty, crv:
            raise UnsupportedKeyError(f"a JWK of kty {kty!r} and crv {crv!r} is of a kind that we do not have")
    raise AssertionError  # pragma: no cover - the match above is complete


def parse_pem(text: object) -> PublicKey:
    """Return the key of a PEM SubjectPublicKeyInfo, as Open Badges 2.0 writes keys: RSA, Ed25519 or a P curve."""
    if not isinstance(text, str) or len(text) > MAX_RSA_BITS:
        raise InvalidKeyError("expected the PEM text of a public key")
    try:
        key = serialization.load_pem_public_key(text.strip().encode("utf-8", "replace"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidKeyError("the text is not a public key in PEM form") from error
    if isinstance(key, rsa.RSAPublicKey):
        return PublicKey(kind="RSA", raw=spki(key))
    if isinstance(key, ed25519.Ed25519PublicKey):
        return PublicKey(kind="Ed25519", raw=key.public_bytes_raw())
    if isinstance(key, ec.EllipticCurvePublicKey):
        for kind, curve in CURVES.items():
            if isinstance(key.curve, type(curve)):
                return PublicKey(kind=kind, raw=compressed(key))
    raise UnsupportedKeyError("the PEM text is a key of a kind that we do not have")


def _member(jwk: Mapping[str, Any], name: str, *, size: int | None) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or len(text) > MAX_RSA_BITS // 4:
        raise InvalidKeyError(f"the JWK's member {name!r} is missing or not a short text")
    data = decode_base64url(text)
    if size is not None and len(data) != size:
        raise InvalidKeyError(f"the JWK's member {name!r} has {len(data)} bytes instead of {size}")
    return data


def _number_member(jwk: Mapping[str, Any], name: str) -> int:
    data = _member(jwk, name, size=None)
    if data[:1] in {b"", b"\0"}:  # RFC 7518, sections 2 and 6.3.1: as few bytes as the number needs
        raise InvalidKeyError(f"the JWK's member {name!r} is not a number in its shortest form")
    return int.from_bytes(data, "big")


def to_jwk(key: PublicKey) -> dict[str, str]:
    """Return the public JWK of a key, without `kid` and `alg`."""
    if key.kind == "Ed25519":
        return {"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(key.raw)}
    if key.kind == "RSA":
        numbers = rsa_key(key.raw).public_numbers()
        return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    size = NUMBER_BYTES[key.kind]
    point = point_key(key).public_numbers()
    x, y = point.x.to_bytes(size, "big"), point.y.to_bytes(size, "big")
    return {"kty": "EC", "crv": key.kind, "x": encode_base64url(x), "y": encode_base64url(y)}


def jwk_thumbprint(key: PublicKey) -> str:
    """Return the SHA-256 thumbprint of a key's JWK (RFC 7638)."""
    text = json.dumps(to_jwk(key), sort_keys=True, separators=(",", ":"))
    return encode_base64url(hashlib.sha256(text.encode("ascii")).digest())


def _number(value: int) -> str:
    return encode_base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return the compressed point of a P-256 or P-384 key."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)


def spki(key: rsa.RSAPublicKey) -> bytes:
    """Return the DER SubjectPublicKeyInfo of an RSA key."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
