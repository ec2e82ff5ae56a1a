"""Verifying one signature: one table of algorithms, one function that returns nothing or raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import nacl.exceptions
import nacl.signing
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.errors import BadSignatureError
from keys.public import HASHES, NUMBER_BYTES, Kind, PublicKey, point_key, rsa_key


def _ed25519(key: PublicKey, message: bytes, signature: bytes) -> None:
    # libsodium refuses S >= L and low-order R (RFC 8032, section 5.1.7, strictly read).
    try:
        nacl.signing.VerifyKey(key.raw).verify(message, signature)
    except nacl.exceptions.CryptoError as error:  # a wrong length is one, too
        raise BadSignatureError("the signature does not match the message") from error


def _ecdsa(key: PublicKey, message: bytes, signature: bytes) -> None:
    # r and s side by side (IEEE P1363), as Data Integrity and JOSE write them.
    size = NUMBER_BYTES[key.kind]
    if len(signature) != 2 * size:
        raise BadSignatureError(f"expected a signature of {2 * size} bytes, got {len(signature)}")
    r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    try:
        point_key(key).verify(encode_dss_signature(r, s), message, ec.ECDSA(HASHES[key.kind]))
    except InvalidSignature as error:
        raise BadSignatureError("the signature does not match the message") from error


def _rsa(key: PublicKey, message: bytes, signature: bytes) -> None:
    try:
        rsa_key(key.raw).verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise BadSignatureError("the signature does not match the message") from error


# One algorithm for each kind of key: nobody can ask for another.
_VERIFY: Mapping[Kind, Callable[[PublicKey, bytes, bytes], None]] = MappingProxyType(
    {"Ed25519": _ed25519, "P-256": _ecdsa, "P-384": _ecdsa, "RSA": _rsa}
)


def verify_signature(*, public_key: PublicKey, message: bytes, signature: bytes) -> None:
    """Verify with the one algorithm of the key's kind; return nothing, or raise BadSignatureError.

    Ed25519 (RFC 8032), ECDSA with SHA-256 on P-256 and with SHA-384 on P-384 (r || s, FIPS 186-5),
    RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017). `message` is the message itself, not its hash.
    """
    _VERIFY[public_key.kind](public_key, message, signature)
