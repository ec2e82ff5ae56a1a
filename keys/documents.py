"""Controlled identifier documents: reading them strictly, and choosing a key for a purpose.

Source: Controlled Identifiers 1.0, sections 2 and 3.3. A DID document is one of these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from keys.dids import did_key_method, parse_did_key, split_fragment
from keys.errors import (
    ControllerDocumentError,
    ControllerDocumentIDError,
    InvalidKeyError,
    UnsupportedKeyError,
    VerificationMethodError,
    VerificationMethodURLError,
    WrongPurposeError,
)
from keys.public import PublicKey, parse_jwk, parse_multikey

RELATIONSHIPS = (
    "authentication",
    "assertionMethod",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)
MAX_METHODS = 100
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
# Which member holds the key, for each type of verification method that we read.
_KEY_MEMBERS = MappingProxyType(
    {
        "Multikey": "publicKeyMultibase",
        "Ed25519VerificationKey2020": "publicKeyMultibase",
        "JsonWebKey": "publicKeyJwk",
        "JsonWebKey2020": "publicKeyJwk",
    }
)
_SECRET_MEMBERS = frozenset({"secretKeyMultibase", "privateKeyMultibase", "privateKeyBase58", "privateKeyJwk"})
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

    `methods` maps the ids of the good keys to them, `unusable` those of the others to the reason;
    `relationships` maps a purpose to the ids that may be used for it; `services` holds the types of the
    services that the document names.
    """

    id: str
    methods: Mapping[str, VerificationMethod]
    unusable: Mapping[str, InvalidKeyError]
    relationships: Mapping[str, frozenset[str]]
    services: frozenset[str]


def parse_controller_document(document: object, *, expected_id: str) -> ControllerDocument:
    """Read a document that must be the one for `expected_id`.

    A method of a type that we do not have, or whose key is bad, is remembered with the reason, so that only a
    proof that names it fails. Raises ControllerDocumentError.
    """
    if not isinstance(document, Mapping):
        raise ControllerDocumentError("the controlled identifier document is not a JSON object")
    if document.get("id") != expected_id:
        raise ControllerDocumentIDError(
            f"the document says it is for {document.get('id')!r:.200}, not for {expected_id!r}"
        )
    reader = _MethodReader(expected_id)
    for entry in _list(document, "verificationMethod"):
        reader.read(entry)
    return ControllerDocument(
        id=expected_id,
        relationships=MappingProxyType(
            {
                purpose: frozenset(reader.reference(entry) for entry in _list(document, purpose))
                for purpose in RELATIONSHIPS
            }
        ),
        methods=MappingProxyType(reader.methods),
        unusable=MappingProxyType(reader.unusable),
        services=_service_types(document),
    )


def _list(document: Mapping[str, Any], member: str) -> list[Any]:
    """Return a member that is a set; JSON-LD may have written a set of one as that one."""
    value = document.get(member, [])
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MAX_METHODS:
        raise ControllerDocumentError(f"{member} has {len(entries)} entries; at most {MAX_METHODS} are read")
    return entries


def _service_types(document: Mapping[str, Any]) -> frozenset[str]:
    services = [entry for entry in _list(document, "service") if isinstance(entry, Mapping)]
    return frozenset(name for entry in services for name in _list(entry, "type") if isinstance(name, str))


class _MethodReader:
    """Collects the verification methods of one document, wherever they stand in it."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._left = 2 * MAX_METHODS  # wherever they stand, among the methods or under a purpose
        self.methods: dict[str, VerificationMethod] = {}
        self.unusable: dict[str, InvalidKeyError] = {}

    def reference(self, entry: object) -> str:
        """Return the id of a method that stands under a purpose, by reference or by value."""
        return self._absolute(entry) if isinstance(entry, str) else self.read(entry)

    def read(self, entry: object) -> str:
        """Read one method and return its id; the same id may stand twice only for the same key."""
        self._left -= 1
        if self._left < 0:
            raise ControllerDocumentError(f"the document holds more than {2 * MAX_METHODS} keys")
        if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
            raise ControllerDocumentError("a verification method is not an object with an id")
        name = self._absolute(entry["id"])
        try:
            method = _parse_method(entry, name)
        except InvalidKeyError as error:
            self.unusable.setdefault(name, error)
        else:
            if self.methods.setdefault(name, method) != method:
                raise ControllerDocumentError(f"two keys have the same id {name[:200]!r}")
        return name

    def _absolute(self, reference: str) -> str:
        return self._base + reference if reference.startswith("#") else reference


def _parse_method(entry: Mapping[str, Any], name: str) -> VerificationMethod:
    type_ = entry.get("type")
    member = _KEY_MEMBERS.get(type_) if isinstance(type_, str) else None
    if member is None:
        raise UnsupportedKeyError(f"its type {type_!r:.80} is not one that we have")
    if leaked := _SECRET_MEMBERS & entry.keys():
        raise InvalidKeyError(f"its secret half stands beside it in the open, as {min(leaked)!r}")
    if "publicKeyMultibase" in entry and "publicKeyJwk" in entry:
        raise InvalidKeyError("it is written in two ways at once (Controlled Identifiers 1.0, section 2.2.1)")
    if not isinstance(entry.get("controller"), str):
        raise InvalidKeyError("it names no controller")
    text = entry.get(member)
    return VerificationMethod(
        id=name,
        controller=entry["controller"],
        public_key=parse_jwk(text) if member == "publicKeyJwk" else parse_multikey(text),
        expires=_parse_time(entry, "expires"),
        revoked=_parse_time(entry, "revoked"),
    )


def _parse_time(entry: Mapping[str, Any], member: str) -> datetime | None:
    if member not in entry:
        return None
    value = entry[member]
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise InvalidKeyError(f"its {member!r} is not a date and time with zone")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidKeyError(f"its {member!r} is not a date of the calendar") from error


def controller_document_url(method_id: object) -> str:
    """Return the URL of the document in which a verification method must stand.

    Controlled Identifiers 1.0, section 3.3, steps 1 to 3. Raises VerificationMethodURLError.
    """
    if not isinstance(method_id, str) or not _URL.fullmatch(method_id):
        raise VerificationMethodURLError(f"a key is named by a URL, not by {method_id!r:.200}")
    url, fragment = split_fragment(method_id)
    if not fragment or "#" in fragment:
        raise VerificationMethodURLError(f"{method_id[:200]!r} names a document, but no key in it after a '#'")
    return url


def select_verification_method(
    document: ControllerDocument, *, method_id: str, purpose: str
) -> VerificationMethod:
    """Return the verification method for a proof's `verificationMethod` and `proofPurpose`.

    Controlled Identifiers 1.0, section 3.3, from step 6 on (the document is at hand, and conforming). Raises
    VerificationMethodError, WrongPurposeError, or UnsupportedKeyError for a kind of key that we do not have.
    """
    # 6. The document is the one of which the method's URL speaks.
    if controller_document_url(method_id) != document.id:
        raise VerificationMethodError(f"the key {method_id[:200]!r} is not one of {document.id!r}")
    # 7 and 9. The method stands in the document under this very URL.
    method = document.methods.get(method_id)
    reason = document.unusable.get(method_id)
    if method is None and reason is None:
        raise VerificationMethodError(f"the document of {document.id!r} has no key {method_id[:200]!r}")
    # 8. It is a conforming verification method.
    if method is None or reason is not None:
        refusal = UnsupportedKeyError if isinstance(reason, UnsupportedKeyError) else VerificationMethodError
        raise refusal(f"the key {method_id!r} cannot be used: {reason}") from reason
    # 10. Its controller is the document's subject.
    if method.controller != document.id:
        raise VerificationMethodError(
            f"the key {method_id!r} says its controller is {method.controller[:200]!r}, not {document.id!r}"
        )
    # 11. It may be used for this purpose.
    if method_id not in document.relationships.get(purpose, frozenset()):
        why = f"; it was revoked on {method.revoked:%-d %B %Y}" if method.revoked else ""
        raise WrongPurposeError(f"the key {method_id!r} is not listed under {purpose!r:.80}{why}")
    # 12. It is the one.
    return method


def key_force(method: VerificationMethod, *, at: datetime) -> Force:
    """Say what a signature of that time is worth by the key's own dates.

    current: the key is in use; retired: it was retired after `at`; too late: it was retired at `at` or before;
    revoked: it is not to be trusted, whatever the time says.
    """
    if method.revoked is not None:
        return "revoked"
    if method.expires is None:
        return "current"
    return "retired" if at < method.expires else "too late"


def did_key_document(did: str) -> ControllerDocument:
    """Return the document that a did:key identifier stands for: one method, for every purpose but agreement."""
    key = parse_did_key(did)
    name = did_key_method(key)
    return ControllerDocument(
        id=did,
        methods=MappingProxyType({name: VerificationMethod(id=name, controller=did, public_key=key)}),
        unusable=MappingProxyType({}),
        relationships=MappingProxyType(
            {purpose: frozenset({name}) for purpose in RELATIONSHIPS if purpose != "keyAgreement"}
        ),
        services=frozenset(),
    )
