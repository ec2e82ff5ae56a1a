"""A passkey device in software: it makes and uses passkeys as browsers send them, and lies where a test wants."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from keys import decode_base64url, encode_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(frozen=True, slots=True, kw_only=True)
class Lies:
    """What a device or a page on the way says that is not so; None is the truth."""

    origin: str | None = None
    rp_id: str | None = None
    challenge: str | None = None
    type: str | None = None
    flags: int = PRESENT | VERIFIED
    client: Mapping[str, Any] = field(default_factory=dict)
    count: int | None = None
    owner: str | None = None
    format: str = "none"
    statement: Mapping[str, Any] = field(default_factory=dict)
    algorithm: int = -7
    id: str | None = None
    sign: Callable[[ec.EllipticCurvePrivateKey, bytes], Mapping[str, Any]] | None = None


TRUTH = Lies()


@dataclass(slots=True, kw_only=True)
class SoftAuthenticator:
    """A device of one person. One that is copied (`copy`) has the same passkeys, and its own count."""

    origin: str
    count: int = 0
    counts: bool = True
    made: dict[str, tuple[ec.EllipticCurvePrivateKey, str]] = field(default_factory=dict)

    def copy(self) -> SoftAuthenticator:
        return replace(self, made=dict(self.made))

    def create(self, options: Mapping[str, Any], lies: Lies = TRUTH) -> dict[str, Any]:
        """Make a passkey, as navigator.credentials.create does."""
        assert options["authenticatorSelection"] == {"residentKey": "required", "userVerification": "required"}
        key = ec.generate_private_key(ec.SECP256R1())
        id_ = decode_base64url(lies.id) if lies.id else secrets.token_bytes(32)
        self.made[encode_base64url(id_)] = (key, options["user"]["id"])
        point = key.public_key().public_numbers()
        cose = {1: 2, 3: lies.algorithm, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(id_).to_bytes(2, "big") + id_ + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], lies, flags=lies.flags | ATTESTED) + attested
        client = self._client("webauthn.create", options, lies)
        said = lies.sign(key, data + hashlib.sha256(client).digest()) if lies.sign else lies.statement
        statement = {"fmt": lies.format, "attStmt": dict(said), "authData": data}
        response = {
            "clientDataJSON": encode_base64url(client),
            "attestationObject": encode_base64url(cbor2.dumps(statement)),
        }
        return self._outer(encode_base64url(id_), response)

    def get(self, options: Mapping[str, Any], lies: Lies = TRUTH, *, with_id: str | None = None) -> dict[str, Any]:
        """Use a passkey, as navigator.credentials.get does: the first that is asked for, or that there is."""
        asked = [one["id"] for one in options["allowCredentials"] if one["id"] in self.made]
        id_ = with_id or (asked or list(self.made))[0]
        key, owner = self.made[id_]
        data = self._data(options["rpId"], lies, flags=lies.flags)
        client = self._client("webauthn.get", options, lies)
        signature = key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": encode_base64url(client),
            "authenticatorData": encode_base64url(data),
            "signature": encode_base64url(signature),
            "userHandle": owner if lies.owner is None else encode_base64url(lies.owner.encode()),
        }
        return self._outer(id_, response)

    def _data(self, rp_id: str, lies: Lies, *, flags: int) -> bytes:
        self.count += self.counts
        count = self.count if lies.count is None else lies.count
        name = lies.rp_id or rp_id
        return hashlib.sha256(name.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _client(self, type_: str, options: Mapping[str, Any], lies: Lies) -> bytes:
        said = {
            "type": lies.type or type_,
            "challenge": lies.challenge or options["challenge"],
            "origin": lies.origin or self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said | dict(lies.client)).encode()

    @staticmethod
    def _outer(id_: str, response: dict[str, str]) -> dict[str, Any]:
        return {"id": id_, "rawId": id_, "type": "public-key", "response": response}


def challenge_of(credential: Mapping[str, Any]) -> bytes:
    """Return the challenge that a device signed."""
    client = json.loads(decode_base64url(credential["response"]["clientDataJSON"]))
    return decode_base64url(client["challenge"])


def sign_itself(key: ec.EllipticCurvePrivateKey, data: bytes) -> dict[str, Any]:
    """Attest a passkey with its own key (WebAuthn Level 2, section 8.2, self attestation)."""
    return {"alg": -7, "sig": key.sign(data, ec.ECDSA(hashes.SHA256()))}


def sign_with_a_maker(_key: ec.EllipticCurvePrivateKey, data: bytes) -> dict[str, Any]:
    """Attest a passkey with the key and certificate of a maker that we made up."""
    key = ec.generate_private_key(ec.SECP256R1())
    texts = {"COUNTRY_NAME": "NL", "ORGANIZATION_NAME": "Maker", "COMMON_NAME": "Device"}
    parts = [x509.NameAttribute(getattr(x509.NameOID, name), text) for name, text in texts.items()]
    unit = x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation")
    name, now = x509.Name([*parts, unit]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return {**sign_itself(key, data), "x5c": [certificate]}
