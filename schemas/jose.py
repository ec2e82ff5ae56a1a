"""VC-JWT: credentials secured as a compact JWS (Open Badges 3.0, section 8.2; RFC 7515; VCDM 1.1, section 6.3.1).

Only what that needs: one signature, an allow-list of algorithms, each bound to one kind of key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from keys import (
    BadSignatureError,
    InvalidKeyError,
    PublicKey,
    Signer,
    decode_base64url,
    encode_base64url,
    verify_signature,
)
from schemas.dates import parse_date_time
from schemas.errors import (
    DocumentError,
    LimitError,
    MalformedValueError,
    ParsingError,
    RereadError,
    UnsupportedProofError,
)
from schemas.pinned import CREDENTIALS_V1
from schemas.strict_json import MAX_BYTES, dump_json, parse_json

ALGORITHMS: Mapping[str, str] = MappingProxyType(
    {"EdDSA": "Ed25519", "Ed25519": "Ed25519", "ES256": "P-256", "ES384": "P-384", "RS256": "RSA"}
)
_ISSUED = MappingProxyType({"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "RSA": "RS256"})
# The claims of a JWT that are not members of the credential (RFC 7519, section 4.1; nonce: OpenID).
_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce"})
# Those that repeat a member of the credential.
_REPEATED = ("exp", "iss", "jti", "nbf", "sub")
_DATES = (("nbf", "validFrom"), ("exp", "validUntil"))
_DATES_VCDM1 = (("nbf", "issuanceDate"), ("exp", "expirationDate"))
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


def check_jws_header(header: Mapping[str, Any]) -> None:
    """Raise MalformedValueError or UnsupportedProofError for a header that no signature could be checked under.

    `alg` must be on our list (RFC 8725, section 3.1), and `crit` is refused, since we understand no extension
    (RFC 7515, section 4.1.11).
    """
    algorithm = header.get("alg")
    if "crit" in header:
        raise MalformedValueError("the JWT asks for extensions that are not understood here", pointer="/crit")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        raise MalformedValueError("the JWT names no signature algorithm", pointer="/alg")
    if algorithm.startswith("HS"):  # RFC 7518, section 3.2
        raise MalformedValueError(
            f"{algorithm[:40]!r} is no signature: it needs a secret that whoever checks it could sign with, too",
            pointer="/alg",
        )
    if algorithm not in ALGORITHMS:
        raise UnsupportedProofError(f"the signature algorithm {algorithm[:40]!r} is not one that is checked here")


def verify_jws(jws: CompactJWS, *, public_key: PublicKey) -> None:
    """Check the signature with a key; raise as `check_jws_header` does, or keys.BadSignatureError.

    The algorithm must be the one of the key's kind.
    """
    check_jws_header(jws.header)
    algorithm = jws.header["alg"]
    if ALGORITHMS[algorithm] != public_key.kind:
        raise BadSignatureError(f"a key of kind {public_key.kind} makes no {algorithm} signatures")
    verify_signature(public_key=public_key, message=jws.signing_input, signature=jws.signature)


def sign_vc_jwt(credential: Mapping[str, Any], *, signer: Signer) -> str:
    """Return a VCDM 2.0 credential as VC-JWT: itself as payload, with the registered claims that repeat it.

    Raises MalformedValueError for a credential whose dates cannot be read, or which has members that are
    claims of a JWT.
    """
    if taken := _CLAIMS & credential.keys():
        raise MalformedValueError(f"{min(taken)!r} is a claim of JWTs, not a member of credentials")
    header = {"alg": _ISSUED[signer.public_key.kind], "kid": signer.verification_method, "typ": "JWT"}
    return _signed(header, {**credential, **registered_claims(credential)}, signer)


def sign_jose(
    document: Mapping[str, Any], *, signer: Signer, kind: Literal["vc", "vp"] = "vc", **claims: Any
) -> str:
    """Return a credential or presentation as vc+jwt or vp+jwt (VC-JOSE-COSE 1.0, section 3.1): itself as payload.

    `claims` are about the signature or the occasion: exp, iat, aud, nonce. Raises MalformedValueError for a
    document that has members of such names, or the claims vc and vp.
    """
    if taken := (_CLAIMS | {"vc", "vp"}) & document.keys():
        raise MalformedValueError(f"{min(taken)!r} is a claim of JWTs, not a member of documents")
    algorithm = _ISSUED[signer.public_key.kind]
    header = {"alg": algorithm, "kid": signer.verification_method, "typ": f"{kind}+jwt", "cty": kind}
    return _signed(header, {**document, **claims}, signer)


def _signed(header: Mapping[str, Any], payload: Mapping[str, Any], signer: Signer) -> str:
    signing_input = ".".join(encode_base64url(dump_json(part).encode("utf-8")) for part in (header, payload))
    return f"{signing_input}.{encode_base64url(signer.sign(signing_input.encode('ascii')))}"


def credential_from_payload(payload: Mapping[str, Any]) -> tuple[dict[str, Any], Form]:
    """Return the credential in a JWT's payload: the payload itself (2.0), or its member `vc` (1.1).

    Raises MalformedValueError when `vc` is no object, RereadError when the payload holds both.
    """
    if "vc" in payload:
        inner = payload["vc"]
        if "@context" in payload or "credentialSubject" in payload:
            raise RereadError("the JWT holds two credentials, one of them in its claim vc", pointer="/vc")
        if not isinstance(inner, dict):
            raise MalformedValueError("the claim vc is not a JSON object", pointer="/vc")
        return dict(inner), "vcdm1"
    return {name: value for name, value in payload.items() if name not in _CLAIMS}, "vcdm2"


def registered_claims(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims iss, sub, jti, nbf and exp that a credential asks for (Open Badges 3.0, section 8.2.4).

    Raises MalformedValueError for a date that cannot be read.
    """
    return _claims_about(credential) | {
        claim: _numeric_date(credential[member], member)
        for claim, member in _date_members(credential)
        if member in credential
    }


def check_registered_claims(payload: Mapping[str, Any], credential: Mapping[str, Any]) -> list[ClaimMismatch]:
    """Return the registered claims that are missing or say something else than the credential.

    Numeric dates are compared to the second. A claim about something that the credential does not say is a
    mismatch as well, since a reader of the JWT alone would believe it.
    """
    expected = _claims_about(credential)
    for claim, member in _date_members(credential):
        with suppress(DocumentError):  # a claim cannot agree with a date that cannot be read
            expected[claim] = _numeric_date(credential.get(member), member)
    found = {claim: payload[claim] for claim in _REPEATED if payload.get(claim) is not None}
    return [
        ClaimMismatch(claim=claim, expected=_shown(expected.get(claim)), found=_shown(found.get(claim)))
        for claim in _REPEATED
        if _comparable(expected.get(claim)) != _comparable(found.get(claim))
    ]


def _claims_about(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims that repeat an identifier of the credential, each only where there is one."""
    issuer = credential.get("issuer")
    subject = credential.get("credentialSubject")
    subject = subject[0] if isinstance(subject, list) and len(subject) == 1 else subject
    claims = {
        "iss": issuer.get("id") if isinstance(issuer, Mapping) else issuer,
        "sub": subject.get("id") if isinstance(subject, Mapping) else None,
        "jti": credential.get("id"),
    }
    return {claim: value for claim, value in claims.items() if value is not None}


def _date_members(credential: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the claims that are dates, each with the member that it repeats in this version of the data model."""
    contexts = credential.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    return _DATES_VCDM1 if first == CREDENTIALS_V1 else _DATES


def _numeric_date(value: object, member: str) -> int:
    return int(parse_date_time(value, pointer=f"/{member}").timestamp())


def _comparable(value: Any) -> tuple[type, Any]:
    """Return what equals another's only where the claims agree: numbers to the second, and true is not 1."""
    return (int, int(value)) if type(value) in {int, float} else (type(value), value)


def _shown(value: Any) -> str:
    """Return a claim's value for a sentence, numeric dates as dates."""
    if type(value) in {int, float}:
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(value, tz=UTC).isoformat(timespec="seconds")
    return "nothing" if value is None else str(value)[:200]
