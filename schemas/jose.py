"""VC-JWT: credentials secured as a compact JWS (Open Badges 3.0, section 8.2; RFC 7515; VCDM 1.1, section 6.3.1).

Only what that needs: one signature, an allow-list of algorithms, each bound to one kind of key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from keys import BadSignatureError, InvalidKeyError, PublicKey, Signer, decode_base64url, encode_base64url
from keys import verify_signature as verify_with_key
from schemas.dates import parse_date_time
from schemas.errors import DocumentError, LimitError, MalformedValueError, ParsingError, UnsupportedProofError
from schemas.strict_json import MAX_BYTES, dump_json, parse_json

ALGORITHMS: Mapping[str, str] = MappingProxyType(
    {"EdDSA": "Ed25519", "Ed25519": "Ed25519", "ES256": "P-256", "ES384": "P-384", "RS256": "RSA"}
)
_ISSUED = MappingProxyType({"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "RSA": "RS256"})
_COMPACT = re.compile(r"(?P<header>[A-Za-z0-9_-]+)\.(?P<payload>[A-Za-z0-9_-]+)\.(?P<signature>[A-Za-z0-9_-]*)")
Form = Literal["vcdm2", "vcdm1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactJWS:
    """A compact JWS, taken apart but not believed."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    signing_input: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMismatch:
    """A registered claim that does not say what the credential says."""

    claim: str
    expected: str
    found: str


def looks_like_jws(text: str) -> bool:
    """Say whether a text has the form of a compact JWS."""
    return _COMPACT.fullmatch(text) is not None


def parse_compact_jws(text: str, *, max_bytes: int = MAX_BYTES) -> CompactJWS:
    """Take a compact JWS apart; raise ParsingError or LimitError. Nothing is verified."""
    if len(text) > max_bytes:
        raise LimitError(f"the text is longer than {max_bytes:,} bytes")
    match = _COMPACT.fullmatch(text)
    if match is None:
        raise ParsingError("this is not a compact JWS of three base64url parts")
    try:
        header, payload, signature = (decode_base64url(part) for part in match.groups())
    except InvalidKeyError as error:
        raise ParsingError(f"a part of the JWS cannot be read: {error}") from error
    values = [
        _object(parse_json(part, max_bytes=max_bytes), name)
        for part, name in ((header, "header"), (payload, "payload"))
    ]
    return CompactJWS(
        header=values[0],
        payload=values[1],
        signing_input=f"{match['header']}.{match['payload']}".encode("ascii"),
        signature=signature,
    )


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ParsingError(f"the JWS's {name} is not a JSON object")
    return value


def verify_jws(jws: CompactJWS, *, public_key: PublicKey) -> None:
    """Check the signature with a key; raise UnsupportedProofError, MalformedValueError or BadSignatureError.

    The header's `alg` must be on our list and be the one of the key's kind (RFC 8725, section 3.1), and
    `crit` is refused, since we understand no extension (RFC 7515, section 4.1.11).
    """
    algorithm = jws.header.get("alg")
    if "crit" in jws.header:
        raise MalformedValueError("the JWT asks for extensions that are not understood here", pointer="/crit")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        raise MalformedValueError("the JWT names no signature algorithm", pointer="/alg")
    if algorithm not in ALGORITHMS:
        raise UnsupportedProofError(f"the signature algorithm {algorithm[:40]!r} is not one that is checked here")
    if ALGORITHMS[algorithm] != public_key.kind:
        raise BadSignatureError(f"a key of kind {public_key.kind} makes no {algorithm} signatures")
    verify_with_key(public_key=public_key, message=jws.signing_input, signature=jws.signature)


def sign_vc_jwt(credential: Mapping[str, Any], *, signer: Signer) -> str:
    """Return a VCDM 2.0 credential as VC-JWT: itself as payload, with the registered claims that repeat it."""
    header = {"alg": _ISSUED[signer.public_key.kind], "kid": signer.verification_method, "typ": "JWT"}
    payload = {**credential, **registered_claims(credential)}
    signing_input = ".".join(encode_base64url(dump_json(part).encode("utf-8")) for part in (header, payload))
    return f"{signing_input}.{encode_base64url(signer.sign(signing_input.encode('ascii')))}"


def credential_from_payload(payload: Mapping[str, Any]) -> tuple[dict[str, Any], Form]:
    """Return the credential in a JWT's payload: the payload itself (2.0), or its member `vc` (1.1)."""
    if "vc" in payload:
        inner = payload["vc"]
        if not isinstance(inner, dict):
            raise MalformedValueError("the claim vc is not a JSON object", pointer="/vc")
        return dict(inner), "vcdm1"
    claims = {"iss", "sub", "jti", "nbf", "exp", "iat", "aud", "nonce"}
    return {name: value for name, value in payload.items() if name not in claims}, "vcdm2"


def registered_claims(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims iss, sub, jti, nbf and exp that a credential asks for (Open Badges 3.0, section 8.2.4)."""
    issuer = credential.get("issuer")
    subject = credential.get("credentialSubject")
    subject = subject[0] if isinstance(subject, list) and len(subject) == 1 else subject
    claims: dict[str, Any] = {
        "iss": issuer.get("id") if isinstance(issuer, Mapping) else issuer,
        "jti": credential.get("id"),
        "sub": subject.get("id") if isinstance(subject, Mapping) else None,
    }
    for claim, members in (("nbf", ("validFrom", "issuanceDate")), ("exp", ("validUntil", "expirationDate"))):
        for member in members:
            if member in credential:
                claims[claim] = int(parse_date_time(credential[member], pointer=f"/{member}").timestamp())
    return {claim: value for claim, value in claims.items() if value is not None}


def check_registered_claims(payload: Mapping[str, Any], credential: Mapping[str, Any]) -> list[ClaimMismatch]:
    """Return the registered claims that are missing or say something else than the credential.

    Numeric dates are compared to the second. A claim about something that the credential does not say is a
    mismatch as well, since a reader of the JWT alone would believe it.
    """
    try:
        expected = registered_claims(credential)
    except DocumentError:
        expected = {}
    found = {claim: payload[claim] for claim in ("iss", "sub", "jti", "nbf", "exp") if claim in payload}
    mismatches = []
    for claim in sorted(expected.keys() | found.keys()):
        want, have = expected.get(claim), found.get(claim)
        same = _seconds(want) == _seconds(have) if claim in {"nbf", "exp"} else want == have
        if not same:
            mismatches.append(ClaimMismatch(claim=claim, expected=_shown(claim, want), found=_shown(claim, have)))
    return mismatches


def _seconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value)


def _shown(claim: str, value: object) -> str:
    seconds = _seconds(value)
    if claim in {"nbf", "exp"} and seconds is not None:
        try:
            return datetime.fromtimestamp(seconds, tz=UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            return str(seconds)
    return "nothing" if value is None else str(value)[:200]
