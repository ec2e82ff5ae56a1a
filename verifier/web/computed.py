"""The DID documents that are computed from the identifier itself: did:key and did:jwk, in the format asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from keys import ControllerDocument, PublicKey, VerificationMethod, to_jwk, to_multikey

DID_CONTEXT = "https://www.w3.org/ns/did/v1"
DEFAULT_FORMAT = "Multikey"
_PURPOSES = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")
# A format, the context that defines its words, and the kinds of keys that it can hold.
_FORMATS: Mapping[str, tuple[str, frozenset[str]]] = MappingProxyType(
    {
        "Multikey": ("https://w3id.org/security/multikey/v1", frozenset({"Ed25519", "P-256", "P-384"})),
        "JsonWebKey2020": (
            "https://w3id.org/security/suites/jws-2020/v1",
            frozenset({"Ed25519", "P-256", "P-384", "RSA"}),
        ),
        "Ed25519VerificationKey2020": (
            "https://w3id.org/security/suites/ed25519-2020/v1",
            frozenset({"Ed25519"}),
        ),
    }
)
# Formats that have names and that keys for signatures do not come in here: for encryption, or superseded.
OTHER_FORMATS = frozenset({"Ed25519VerificationKey2018", "X25519KeyAgreementKey2019", "X25519KeyAgreementKey2020"})
FORMATS = frozenset(_FORMATS)


def fits(document: ControllerDocument, format_: str) -> bool:
    """Say whether every key of a document can be written in a format."""
    return all(method.public_key.kind in _FORMATS[format_][1] for method in document.methods.values())


def default_format(document: ControllerDocument) -> str:
    """Return Multikey where it can hold every key of a document, else JsonWebKey2020 (RSA)."""
    return DEFAULT_FORMAT if fits(document, DEFAULT_FORMAT) else "JsonWebKey2020"


def document_in(format_: str, document: ControllerDocument) -> dict[str, Any]:
    """Return a DID document whose keys are written in that format, which must fit them."""
    names = list(document.methods)
    return {
        "@context": [DID_CONTEXT, _FORMATS[format_][0]],
        "id": document.id,
        "verificationMethod": [_method(format_, method) for method in document.methods.values()],
        **{purpose: list(names) for purpose in _PURPOSES},
    }


def node_in(format_: str, method: VerificationMethod) -> dict[str, Any]:
    """Return one key by itself, in that format."""
    return {"@context": _FORMATS[format_][0], **_method(format_, method)}


def _method(format_: str, method: VerificationMethod) -> dict[str, Any]:
    return {
        "id": method.id,
        "type": format_,
        "controller": method.controller,
        **_key(format_, method.public_key),
    }


def _key(format_: str, key: PublicKey) -> dict[str, Any]:
    if format_ == "JsonWebKey2020":
        return {"publicKeyJwk": to_jwk(key)}
    return {"publicKeyMultibase": to_multikey(key)}
