"""DID resolution over HTTP: did:key, did:jwk, did:web (DID Resolution 0.3, HTTP(S) binding; VC-API.md, 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import unquote

from keys import (
    ControllerDocument,
    InvalidDIDError,
    InvalidKeyLengthError,
    KeysError,
    UnsupportedDIDMethodError,
    UnsupportedKeyError,
    did_jwk_document,
    did_key_document,
    did_method,
    did_web_url,
    parse_controller_document,
    split_fragment,
)
from schemas import DocumentError, parse_json
from verifier.fetch import Fetcher
from verifier.guarded import FetchError
from verifier.web.computed import FORMATS, OTHER_FORMATS, default_format, document_in, fits, node_in

RESULT_TYPE = "application/did-resolution"
OLD_TYPE = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_MARK = "/1.0/identifiers/"
_NAMESPACE = "https://www.w3.org/ns/did#"
_OLD_CONTEXT = "https://w3id.org/did-resolution/v1"
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
# What went wrong: HTTP status, the error's name now, and how older clients call it.
_ERRORS = MappingProxyType(
    {
        "INVALID_DID": (400, "INVALID_DID", "invalidDid"),
        "INVALID_DID_URL": (400, "INVALID_DID_URL", "invalidDidUrl"),
        "INVALID_KEY_LENGTH": (400, "INVALID_DID", "invalidPublicKeyLength"),
        "INVALID_KEY_TYPE": (400, "INVALID_OPTIONS", "invalidPublicKeyType"),
        "UNSUPPORTED_KEY_TYPE": (501, "INVALID_OPTIONS", "unsupportedPublicKeyType"),
        "NOT_FOUND": (404, "NOT_FOUND", "notFound"),
        "INVALID_DID_DOCUMENT": (500, "INVALID_DID_DOCUMENT", "invalidDidDocument"),
        "REPRESENTATION_NOT_SUPPORTED": (406, "REPRESENTATION_NOT_SUPPORTED", "representationNotSupported"),
        "METHOD_NOT_SUPPORTED": (501, "METHOD_NOT_SUPPORTED", "methodNotSupported"),
        "FEATURE_NOT_SUPPORTED": (501, "FEATURE_NOT_SUPPORTED", "unsupportedPublicKeyType"),
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


def resolve_identifier(
    identifier: str, *, accept: Sequence[str], fetcher: Fetcher, key_format: str | None = None
) -> Answer:
    """Answer GET /1.0/identifiers/<did>.

    `accept` are the media types asked for, the best first; `key_format` is the option publicKeyFormat of did:key.
    """
    wanted = [_ACCEPTED[name] for kind in accept or ["*/*"] if (name := _normal(kind)) in _ACCEPTED]
    if not wanted:
        message = "Ask for application/did-resolution or application/did+json."
        return _refused(_ResolutionError("REPRESENTATION_NOT_SUPPORTED", message), old=False, url=False)
    shape, content_type = wanted[0]
    old = shape == "old"
    try:
        _check_format(key_format)
        document = _resolve(identifier, old=old, key_format=key_format, fetcher=fetcher)
    except _ResolutionError as error:
        return _refused(error, old=old, url="#" in identifier or "/" in identifier)
    if shape == "document":
        return Answer(status=200, content_type=content_type, body=document)
    body = {
        **({"@context": _OLD_CONTEXT} if old else {}),
        "didDocument": document,
        "didDocumentMetadata": {},
        "didResolutionMetadata": {"contentType": "application/did+ld+json" if old else content_type},
    }
    return Answer(status=200, content_type=content_type, body=body)


def _check_format(key_format: str | None) -> None:
    """Refuse a format that nobody knows, or that keys for signatures do not have here (did:key 0.9, 3.1)."""
    if key_format is None or key_format in FORMATS:
        return
    if key_format in OTHER_FORMATS:
        message = f"Keys for signatures are not written as {key_format} here."
        raise _ResolutionError("INVALID_KEY_TYPE", message)
    raise _ResolutionError("UNSUPPORTED_KEY_TYPE", "The publicKeyFormat that was asked for is not one known here.")


def _normal(kind: str) -> str:
    """Return a media type with its profile, if it has one, in one spelling."""
    name, *parameters = (part.strip() for part in kind.split(";"))
    profiles = [p.partition("=")[2].strip('"') for p in parameters if p.partition("=")[0].lower() == "profile"]
    return f'{name.lower()};profile="{profiles[0]}"' if profiles else name.lower()


def _refused(error: _ResolutionError, *, old: bool, url: bool) -> Answer:
    status, name, old_name = _ERRORS[error.code]
    if old:
        place = "didDereferencingMetadata" if url else "didResolutionMetadata"
        old_body = {
            "@context": _OLD_CONTEXT,
            "didDocument": {},
            "didDocumentMetadata": {},
            place: {"error": old_name},
        }
        return Answer(status=status, content_type=OLD_TYPE, body=old_body)
    problem = {"type": _NAMESPACE + name, "title": old_name, "detail": str(error)}
    metadata = {"contentType": RESULT_TYPE, "error": problem}
    body = {"didDocument": None, "didDocumentMetadata": {}, "didResolutionMetadata": metadata}
    return Answer(status=status, content_type=RESULT_TYPE, body=body)


def _resolve(identifier: str, *, old: bool, key_format: str | None, fetcher: Fetcher) -> dict[str, Any]:
    did, fragment = split_fragment(identifier)
    try:
        method = did_method(did)
        if fragment is not None and not old:
            raise _ResolutionError("INVALID_DID", "This is the address of something in a DID document, not a DID.")
        match method:
            case "key":
                return _computed(did_key_document(did), identifier, key_format=key_format)
            case "jwk":
                return _computed(did_jwk_document(did), identifier, key_format=key_format)
            case "web":
                document = _web_document(did, fetcher=fetcher)
                return document if fragment is None else _key_node(document, identifier)
        message = f"Identifiers of the kind did:{method[:40]} cannot be looked up here."
        raise _ResolutionError("METHOD_NOT_SUPPORTED", message)
    except KeysError as error:
        is_url = old and did.startswith("did:") and ("/" in did or "?" in did)
        raise _ResolutionError(_code_of(error, is_url=is_url), f"{error}.") from error


def _code_of(error: KeysError, *, is_url: bool) -> str:
    """Return what a refusal of an identifier is called in DID resolution."""
    match error:
        case UnsupportedDIDMethodError():
            return "METHOD_NOT_SUPPORTED"
        case UnsupportedKeyError():
            return "FEATURE_NOT_SUPPORTED"
        case InvalidDIDError() if is_url:
            return "INVALID_DID_URL"
        case _:
            is_length = isinstance(error.__cause__, InvalidKeyLengthError)
            return "INVALID_KEY_LENGTH" if is_length else "INVALID_DID"


def _computed(document: ControllerDocument, identifier: str, *, key_format: str | None) -> dict[str, Any]:
    """Return a computed document, or the one key of it that a fragment names, in the format asked for."""
    chosen = key_format or default_format(document)
    if not fits(document, chosen):
        raise _ResolutionError("INVALID_KEY_TYPE", f"A key of this kind cannot be written as {chosen}.")
    if identifier == document.id:
        return document_in(chosen, document)
    method = document.methods.get(identifier)
    if method is None:
        raise _ResolutionError("NOT_FOUND", "The document has no such key.")
    return node_in(chosen, method)


def _key_node(document: dict[str, Any], url: str) -> dict[str, Any]:
    """Return one key of a document from the web, as older clients ask for it."""
    methods = document.get("verificationMethod")
    for entry in methods if isinstance(methods, list) else []:
        if isinstance(entry, dict) and entry.get("id") == url:
            return entry
    raise _ResolutionError("NOT_FOUND", "The document has no such key.")


def _web_document(did: str, *, fetcher: Fetcher) -> dict[str, Any]:
    """Return a did:web document as it stands on the web, once it is known to be one for this DID."""
    url = did_web_url(did)
    try:
        document = parse_json(fetcher.fetch(url).body)
        parse_controller_document(document, expected_id=did)
    except FetchError as error:
        raise _ResolutionError("NOT_FOUND", f"The document could not be had: {error}.") from error
    except (DocumentError, KeysError) as error:
        message = f"What stands at {url[:200]} is not its document: {error}."
        raise _ResolutionError("INVALID_DID_DOCUMENT", message) from error
    assert isinstance(document, dict)
    return document
