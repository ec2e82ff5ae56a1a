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

from keys.errors import BadSignatureError, UnsupportedKeyError
from keys.public import Kind, PublicKey, point_key, rsa_key


def _ed25519(key: PublicKey, message: bytes, signature: bytes) -> None:
    # libsodium refuses S >= L and low-order R (RFC 8032, section 5.1.7, strictly read).
    try:
        nacl.signing.VerifyKey(key.raw).verify(message, signature)
    except (nacl.exceptions.BadSignatureError, nacl.exceptions.ValueError, ValueError) as error:
        raise BadSignatureError("the signature does not match the message") from error


def _ecdsa(hash_: hashes.HashAlgorithm, size: int) -> Callable[[PublicKey, bytes, bytes], None]:
    def verify(key: PublicKey, message: bytes, signature: bytes) -> None:
        # r and s side by side (IEEE P1363), as Data Integrity and JOSE write them.
        if len(signature) != 2 * size:
            raise BadSignatureError(f"expected a signature of {2 * size} bytes, got {len(signature)}")
        r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
        try:
            point_key(key).verify(encode_dss_signature(r, s), message, ec.ECDSA(hash_))
        except InvalidSignature as error:
            raise BadSignatureError("the signature does not match the message") from error

    return verify


def _rsa(key: PublicKey, message: bytes, signature: bytes) -> None:
    try:
        rsa_key(key.raw).verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise BadSignatureError("the signature does not match the message") from error


# One algorithm for each kind of key: nobody can ask for another.
_VERIFY: Mapping[Kind, Callable[[PublicKey, bytes, bytes], None]] = MappingProxyType(
    {
        "Ed25519": _ed25519,
        "P-256": _ecdsa(hashes.SHA256(), 32),
        "P-384": _ecdsa(hashes.SHA384(), 48),
        "RSA": _rsa,
    }
)


def verify_signature(*, public_key: PublicKey, message: bytes, signature: bytes) -> None:
    """Verify with the one algorithm of the key's kind; return nothing, or raise BadSignatureError.

    Ed25519 (RFC 8032), ECDSA with SHA-256 on P-256 and with SHA-384 on P-384 (r || s, FIPS 186-5),
    RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017). `message` is the message itself, not its hash.
    """
    verify = _VERIFY.get(public_key.kind)
    if verify is None:
        raise UnsupportedKeyError(f"no signatures are known for keys of kind {public_key.kind!r}")
    verify(public_key, message, signature)
