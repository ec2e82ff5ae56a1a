"""Controlled identifier documents: reading them strictly, choosing a key for a purpose, building our own.

Source: Controlled Identifiers 1.0, sections 2 and 3.3. A DID document is one of these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from keys.dids import did_key, did_key_method, parse_did_key
from keys.errors import ControllerDocumentError, InvalidKeyError, VerificationMethodError, WrongPurposeError
from keys.public import PublicKey, jwk_thumbprint, parse_jwk, parse_multikey, to_jwk, to_multikey

RELATIONSHIPS = (
    "authentication",
    "assertionMethod",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)
CONTEXTS = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
)
MAX_METHODS = 100
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
# Which member holds the key, for each type of verification method that we read.
_KEY_MEMBERS = MappingProxyType(
    {
        "Multikey": "publicKeyMultibase",
        "Ed25519VerificationKey2020": "publicKeyMultibase",
        "JsonWebKey": "publicKeyJwk",
        "JsonWebKey2020": "publicKeyJwk",
    }
)
Force = Literal["current", "retired", "too late", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationMethod:
    """One key of a document. `expires` is when it was retired, `revoked` since when it is not to be trusted."""

    id: str
    controller: str
    public_key: PublicKey
    expires: datetime | None = None
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerDocument:
    """A controlled identifier document, reduced to what proofs need.

    `relationships` maps a purpose to the ids of the methods that may be used for it; `services` holds the
    types of the services that the document names.
    """

    id: str
    methods: Mapping[str, VerificationMethod]
    relationships: Mapping[str, frozenset[str]]
    services: frozenset[str] = frozenset()
    broken: Mapping[str, str] = field(default_factory=dict)  # method id -> why its key cannot be used


def parse_controller_document(document: object, *, expected_id: str) -> ControllerDocument:
    """Read a document that must be the one for `expected_id`.

    Methods of types that we do not have are left out; methods whose key is bad are remembered with the
    reason, so that only a proof that names one fails. Raises ControllerDocumentError.
    """
    if not isinstance(document, Mapping):
        raise ControllerDocumentError("the controlled identifier document is not a JSON object")
    if document.get("id") != expected_id:
        raise ControllerDocumentError(
            f"the document says it is for {str(document.get('id'))[:200]!r}, not for {expected_id!r}"
        )
    methods: dict[str, VerificationMethod] = {}
    broken: dict[str, str] = {}
    for entry in _list(document, "verificationMethod"):
        _read_method(entry, base=expected_id, methods=methods, broken=broken)
    relationships: dict[str, frozenset[str]] = {}
    for purpose in RELATIONSHIPS:
        names = set()
        for entry in _list(document, purpose):
            if isinstance(entry, str):
                names.add(_absolute(entry, base=expected_id))
            elif name := _read_method(entry, base=expected_id, methods=methods, broken=broken):
                names.add(name)
        relationships[purpose] = frozenset(names)
    services = frozenset(
        kind
        for entry in _list(document, "service")
        if isinstance(entry, Mapping)
        for kind in (entry["type"] if isinstance(entry.get("type"), list) else [entry.get("type")])
        if isinstance(kind, str)
    )
    return ControllerDocument(
        id=expected_id,
        methods=MappingProxyType(methods),
        relationships=MappingProxyType(relationships),
        services=services,
        broken=MappingProxyType(broken),
    )


def _list(document: Mapping[str, Any], member: str) -> list[Any]:
    value = document.get(member, [])
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MAX_METHODS:
        raise ControllerDocumentError(f"{member} has {len(entries)} entries; at most {MAX_METHODS} are read")
    return entries


def _absolute(reference: str, *, base: str) -> str:
    return base + reference if reference.startswith("#") else reference


def _read_method(
    entry: object, *, base: str, methods: dict[str, VerificationMethod], broken: dict[str, str]
) -> str | None:
    """Put one verification method into `methods` or `broken`; return its id."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
        raise ControllerDocumentError("a verification method is not an object with an id")
    name = _absolute(entry["id"], base=base)
    member = _KEY_MEMBERS.get(str(entry.get("type")))
    if member is None:
        return name
    if name in methods or name in broken:
        raise ControllerDocumentError(f"the verification method {name[:200]!r} stands in the document twice")
    try:
        key = parse_multikey(entry.get(member)) if member == "publicKeyMultibase" else parse_jwk(entry.get(member))
        methods[name] = VerificationMethod(
            id=name,
            controller=str(entry.get("controller", "")),
            public_key=key,
            expires=_time(entry.get("expires")),
            revoked=_time(entry.get("revoked")),
        )
    except InvalidKeyError as error:
        broken[name] = str(error)
    return name


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise InvalidKeyError("its 'expires' or 'revoked' is not a date and time with zone")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidKeyError("its 'expires' or 'revoked' is not a date of the calendar") from error


def select_verification_method(
    document: ControllerDocument, *, method_id: str, purpose: str
) -> VerificationMethod:
    """Return the verification method for a proof's `verificationMethod` and `proofPurpose`.

    Controlled Identifiers 1.0, section 3.3, from step 6 on (the document is at hand). Raises
    VerificationMethodError or WrongPurposeError.
    """
    # 6. The method stands in the document.
    if reason := document.broken.get(method_id):
        raise VerificationMethodError(f"the key {method_id[:200]!r} cannot be used: {reason}")
    method = document.methods.get(method_id)
    if method is None:
        raise VerificationMethodError(f"the document of {document.id!r} has no key {method_id[:200]!r}")
    # 8. Its controller is the document's subject.
    if method.controller != document.id:
        raise VerificationMethodError(
            f"the key {method_id!r} says its controller is {method.controller[:200]!r}, not {document.id!r}"
        )
    # 11. It may be used for this purpose.
    if method_id not in document.relationships.get(purpose, frozenset()):
        raise WrongPurposeError(f"the key {method_id!r} is not listed under {purpose!r}")
    return method


def key_force(method: VerificationMethod, *, at: datetime) -> Force:
    """Say what a signature of that time is worth by the key's own dates.

    current: the key is in use; retired: it was retired after `at`; too late: it was retired before `at`;
    revoked: it is not to be trusted, whatever the time says.
    """
    if method.revoked is not None:
        return "revoked"
    if method.expires is None:
        return "current"
    return "retired" if at <= method.expires else "too late"


def did_key_document(did: str) -> ControllerDocument:
    """Return the document that a did:key identifier stands for: one method, for every purpose but agreement."""
    key = parse_did_key(did)
    name = did_key_method(key)
    method = VerificationMethod(id=name, controller=did_key(key), public_key=key)
    purposes = {purpose: frozenset({name}) for purpose in RELATIONSHIPS if purpose != "keyAgreement"}
    return ControllerDocument(
        id=did, methods=MappingProxyType({name: method}), relationships=MappingProxyType(purposes)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """One of our own issuer keys, with its history."""

    id: str
    public_key: PublicKey
    added: datetime
    retired: datetime | None = None
    compromised: datetime | None = None


def build_did_document(
    did: str, *, keys: Sequence[KeyRecord], services: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return our DID document with every key we ever had, newest last.

    A retired key stays under assertionMethod with `expires`, so that what it signed in time still checks; a
    compromised one carries `revoked` and is listed for no purpose.
    """
    methods = [_method(did, record) for record in keys]
    usable = [record.id for record in keys if record.compromised is None]
    document: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": usable,
    }
    if services:
        document["service"] = [dict(service) for service in services]
    return document


def _method(did: str, record: KeyRecord) -> dict[str, Any]:
    method: dict[str, Any] = {"id": record.id, "type": "Multikey", "controller": did}
    if record.public_key.kind == "RSA":
        method |= {"type": "JsonWebKey", "publicKeyJwk": to_jwk(record.public_key)}
    else:
        method["publicKeyMultibase"] = to_multikey(record.public_key)
    if record.retired:
        method["expires"] = _text(record.retired)
    if record.compromised:
        method["revoked"] = _text(record.compromised)
    return method


def build_jwks(did: str, *, keys: Sequence[KeyRecord]) -> dict[str, Any]:
    """Return the JSON Web Key Set of the keys that are not compromised (OB 3.0 implementation guide)."""
    algorithms = {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "RSA": "RS256"}
    return {
        "iss": did,
        "keys": [
            to_jwk(record.public_key) | {"kid": record.id, "use": "sig", "alg": algorithms[record.public_key.kind]}
            for record in keys
            if record.compromised is None
        ],
    }


def fragment_for(key: PublicKey) -> str:
    """Return a fragment that names a key by itself: its Multikey text, or its JWK thumbprint."""
    return jwk_thumbprint(key) if key.kind == "RSA" else to_multikey(key)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
