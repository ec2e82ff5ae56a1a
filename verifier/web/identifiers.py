"""DID resolution over HTTP for did:key and did:web (DID Resolution 0.3, HTTP(S) binding; VC-API.md, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import unquote

from keys import (
    InvalidDIDError,
    KeysError,
    UnsupportedDIDMethodError,
    UnsupportedKeyError,
    did_key_document,
    did_method,
    did_web_url,
    parse_controller_document,
    split_fragment,
    to_multikey,
)
from schemas import DocumentError, parse_json
from verifier.fetch import Fetcher, FetchError

RESULT_TYPE = "application/did-resolution"
OLD_TYPE = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_MARK = "/1.0/identifiers/"
_NAMESPACE = "https://www.w3.org/ns/did#"
_CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
_PURPOSES = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")
Shape = Literal["result", "document", "old"]
# What may be asked for: shape of the answer and its content type.
_ACCEPTED: MappingProxyType[str, tuple[Shape, str]] = MappingProxyType(
    {
        RESULT_TYPE: ("result", RESULT_TYPE),
        "application/json": ("result", RESULT_TYPE),
        "application/*": ("result", RESULT_TYPE),
        "*/*": ("result", RESULT_TYPE),
        "application/did": ("document", "application/did"),
        "application/did+json": ("document", "application/did+json"),
        "application/did+ld+json": ("document", "application/did+ld+json"),
        OLD_TYPE: ("old", OLD_TYPE),
    }
)
# Error, HTTP status, and how older clients call it.
_ERRORS = MappingProxyType(
    {
        "INVALID_DID": (400, "invalidDid"),
        "INVALID_DID_URL": (400, "invalidDidUrl"),
        "NOT_FOUND": (404, "notFound"),
        "REPRESENTATION_NOT_SUPPORTED": (406, "representationNotSupported"),
        "METHOD_NOT_SUPPORTED": (501, "methodNotSupported"),
        "FEATURE_NOT_SUPPORTED": (501, "unsupportedPublicKeyType"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer: status, content type, and a JSON value."""

    status: int
    content_type: str
    body: dict[str, Any]


class _ResolutionError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def identifier_in(address: str, decoded: str) -> str:
    """Return the DID of a request's address, which may have been sent as it is or percent-encoded.

    A DID may hold escapes of its own (did:web:localhost%3A8000), which the server's decoded path has lost.
    """
    _, mark, raw = address.partition("?")[0].partition(_MARK)
    if not mark:
        return decoded
    return raw if raw.startswith("did:") else unquote(raw)


def resolve_identifier(identifier: str, *, accept: Sequence[str], fetcher: Fetcher) -> Answer:
    """Answer GET /1.0/identifiers/<did>; `accept` are the media types asked for, the best first."""
    wanted = [_ACCEPTED[name] for kind in accept or ["*/*"] if (name := _normal(kind)) in _ACCEPTED]
    if not wanted:
        message = "Ask for application/did-resolution or application/did+json."
        return _refused(_ResolutionError("REPRESENTATION_NOT_SUPPORTED", message), old=False, url=False)
    shape, content_type = wanted[0]
    try:
        document = _resolve(identifier, old=shape == "old", fetcher=fetcher)
    except _ResolutionError as error:
        return _refused(error, old=shape == "old", url="#" in identifier or "/" in identifier)
    if shape == "document":
        return Answer(status=200, content_type=content_type, body=document)
    metadata = {"contentType": content_type if shape == "result" else "application/did+ld+json"}
    context = {"@context": "https://w3id.org/did-resolution/v1"} if shape == "old" else {}
    body = {
        **context,
        "didDocument": document,
        "didDocumentMetadata": {},
        "didResolutionMetadata": metadata,
    }
    return Answer(status=200, content_type=content_type, body=body)


def _normal(kind: str) -> str:
    """Return a media type with its profile, if it has one, in one spelling."""
    name, *parameters = (part.strip() for part in kind.split(";"))
    profiles = [p.partition("=")[2].strip('"') for p in parameters if p.partition("=")[0].lower() == "profile"]
    return f'{name.lower()};profile="{profiles[0]}"' if profiles else name.lower()


def _refused(error: _ResolutionError, *, old: bool, url: bool) -> Answer:
    status, old_name = _ERRORS[error.code]
    if old:
        place = "didDereferencingMetadata" if url else "didResolutionMetadata"
        old_body = {"didDocument": {}, "didDocumentMetadata": {}, place: {"error": old_name}}
        return Answer(status=status, content_type=OLD_TYPE, body=old_body)
    problem = {"type": _NAMESPACE + error.code, "title": old_name, "detail": str(error)}
    metadata = {"contentType": RESULT_TYPE, "error": problem}
    body = {"didDocument": None, "didDocumentMetadata": {}, "didResolutionMetadata": metadata}
    return Answer(status=status, content_type=RESULT_TYPE, body=body)


def _resolve(identifier: str, *, old: bool, fetcher: Fetcher) -> dict[str, Any]:
    did, fragment = split_fragment(identifier)
    try:
        method = did_method(did)
        if fragment is not None and not old:
            raise _ResolutionError("INVALID_DID", "This is the address of something in a DID document, not a DID.")
        match method:
            case "key":
                document = _key_document(did)
            case "web":
                document = _web_document(did, fetcher=fetcher)
            case _:
                message = f"Identifiers of the kind did:{method[:40]} cannot be looked up here."
                raise _ResolutionError("METHOD_NOT_SUPPORTED", message)
    except UnsupportedDIDMethodError as error:
        raise _ResolutionError("METHOD_NOT_SUPPORTED", f"{error}.") from error
    except InvalidDIDError as error:
        is_url = old and did.startswith("did:") and ("/" in did or "?" in did)
        raise _ResolutionError("INVALID_DID_URL" if is_url else "INVALID_DID", f"{error}.") from error
    except UnsupportedKeyError as error:
        raise _ResolutionError("FEATURE_NOT_SUPPORTED", f"{error}.") from error
    except KeysError as error:
        raise _ResolutionError("INVALID_DID", f"{error}.") from error
    return document if fragment is None else _key_node(document, identifier)


def _key_node(document: dict[str, Any], url: str) -> dict[str, Any]:
    """Return one key of a document, as older clients ask for it."""
    methods = document.get("verificationMethod")
    for entry in methods if isinstance(methods, list) else []:
        if isinstance(entry, dict) and entry.get("id") == url:
            return {"@context": _CONTEXTS[1], **entry}
    raise _ResolutionError("NOT_FOUND", "The document has no such key.")


def _key_document(did: str) -> dict[str, Any]:
    methods = [
        {
            "id": method.id,
            "type": "Multikey",
            "controller": method.controller,
            "publicKeyMultibase": to_multikey(method.public_key),
        }
        for method in did_key_document(did).methods.values()
    ]
    names = [method["id"] for method in methods]
    return {
        "@context": _CONTEXTS,
        "id": did,
        "verificationMethod": methods,
        **{purpose: list(names) for purpose in _PURPOSES},
    }


def _web_document(did: str, *, fetcher: Fetcher) -> dict[str, Any]:
    """Return a did:web document as it stands on the web, once it is known to be one for this DID."""
    url = did_web_url(did)
    try:
        document = parse_json(fetcher.fetch(url).body)
        parse_controller_document(document, expected_id=did)
    except FetchError as error:
        raise _ResolutionError("NOT_FOUND", f"The document could not be had: {error}.") from error
    except (DocumentError, KeysError) as error:
        raise _ResolutionError("NOT_FOUND", f"What stands at {url[:200]} is not its document: {error}.") from error
    assert isinstance(document, dict)
    return document
