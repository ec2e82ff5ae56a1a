"""Signing: what a signer is, and one that holds its key in this process.

`Signer` is small on purpose: a client of a key management service can be one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import nacl.signing
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys.errors import InvalidKeyError, UnsupportedKeyError
from keys.multibase import decode_multibase
from keys.public import CURVES, HASHES, NUMBER_BYTES, Kind, PublicKey, compressed, spki

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

# Multicodec prefixes of secret keys (Controlled Identifiers 1.0, section 2.2.2).
_SECRET_MULTICODEC: Mapping[bytes, Kind] = MappingProxyType(
    {b"\x80\x26": "Ed25519", b"\x86\x26": "P-256", b"\x87\x26": "P-384"}
)


class Signer(Protocol):
    """Something that signs with one key and says which."""

    @property
    def verification_method(self) -> str:
        """The URL of the key in its controlled identifier document."""

    @property
    def public_key(self) -> PublicKey:
        """The public half of the key."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`, by the one algorithm of the key's kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSigner:
    """A signer whose key is in this process; `local_signer` makes it. The same message gives the same bytes."""

    verification_method: str
    public_key: PublicKey
    signing: Callable[[bytes], bytes] = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """Return the signature in the form that `verify_signature` reads."""
        return self.signing(message)


def _ed25519_signing(key: ed25519.Ed25519PrivateKey) -> Callable[[bytes], bytes]:
    signing_key = nacl.signing.SigningKey(key.private_bytes_raw())
    return lambda message: signing_key.sign(message).signature


def _rsa_signing(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def _ecdsa_signing(key: ec.EllipticCurvePrivateKey, kind: Kind) -> Callable[[bytes], bytes]:
    size = NUMBER_BYTES[kind]
    algorithm = ec.ECDSA(HASHES[kind], deterministic_signing=True)  # RFC 6979

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, algorithm))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return sign


def generate_private_key(kind: Kind) -> PrivateKey:
    """Return a new private key of that kind, RSA with 2048 bits."""
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "RSA":
        return rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    return ec.generate_private_key(CURVES[kind])


def public_key_of(key: PrivateKey) -> PublicKey:
    """Return the public half of a private key."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return PublicKey(kind="Ed25519", raw=key.public_key().public_bytes_raw())
    if isinstance(key, rsa.RSAPrivateKey):
        return PublicKey(kind="RSA", raw=spki(key.public_key()))
    for kind, curve in CURVES.items():
        if isinstance(key.curve, type(curve)):
            return PublicKey(kind=kind, raw=compressed(key.public_key()))
    raise UnsupportedKeyError(f"keys on the curve {key.curve.name} are of a kind that we do not have")


def local_signer(private_key: PrivateKey, *, verification_method: str) -> LocalSigner:
    """Return a signer for a private key under the URL by which others find its public half."""
    public_key = public_key_of(private_key)
    if isinstance(private_key, ed25519.Ed25519PrivateKey):
        signing = _ed25519_signing(private_key)
    elif isinstance(private_key, rsa.RSAPrivateKey):
        signing = _rsa_signing(private_key)
    else:
        signing = _ecdsa_signing(private_key, public_key.kind)
    return LocalSigner(verification_method=verification_method, public_key=public_key, signing=signing)


def parse_secret_multikey(text: str) -> PrivateKey:
    """Return the private key of a `secretKeyMultibase` text (Ed25519, P-256, P-384)."""
    data = decode_multibase(text)
    kind = _SECRET_MULTICODEC.get(data[:2])
    if kind is None:
        raise UnsupportedKeyError("the secret Multikey is of a kind that we do not have")
    secret = data[2:]
    if len(secret) != NUMBER_BYTES[kind]:
        raise InvalidKeyError(f"a secret key of kind {kind} has {NUMBER_BYTES[kind]} bytes, got {len(secret)}")
    try:
        if kind == "Ed25519":
            return ed25519.Ed25519PrivateKey.from_private_bytes(secret)
        return ec.derive_private_key(int.from_bytes(secret, "big"), CURVES[kind])
    except ValueError:
        raise InvalidKeyError(f"the bytes are not a secret key of kind {kind}") from None
