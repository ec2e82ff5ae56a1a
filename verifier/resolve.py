"""Whose key is it: from a proof's verification method to the controller document that lists it.

did:key and did:jwk documents are computed, did:web and https ones are fetched. Nothing here guesses: what cannot
be had is an Unresolved with the reason, and the check that asked stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from keys import (
    ControllerDocument,
    InvalidDIDError,
    KeysError,
    PublicKey,
    UnsupportedDIDMethodError,
    did_jwk_document,
    did_key_document,
    did_method,
    did_web_url,
    parse_controller_document,
    parse_jwk,
    parse_multikey,
    split_fragment,
)
from schemas import DocumentError, parse_json
from verifier.fetch import Fetched, Fetcher
from verifier.guarded import FetchError


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A controller document and where it came from: identifier, fetched, local or supplied.

    `services` are what it says of its services, unread.
    """

    document: ControllerDocument
    source: str
    services: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Why a document could not be had. `known_bad` where trying again would not help."""

    message: str
    code: str
    known_bad: bool = False


def resolve_controller(identifier: str, *, fetcher: Fetcher) -> Resolved | Unresolved:
    """Return the controlled identifier document of a DID or an https identifier."""
    try:
        if identifier.startswith("https://"):
            return _fetched(identifier, url=identifier, fetcher=fetcher)
        match did_method(identifier):
            case "key":
                return Resolved(document=did_key_document(identifier), source="identifier")
            case "jwk":
                return Resolved(document=did_jwk_document(identifier), source="identifier")
            case "web":
                return _fetched(identifier, url=did_web_url(identifier), fetcher=fetcher)
            case method:
                raise UnsupportedDIDMethodError(
                    f"identifiers of the kind did:{method[:40]} cannot be looked up here"
                )
    except InvalidDIDError as error:
        return Unresolved(
            message=f"{error}.", code=error.code, known_bad=not isinstance(error, UnsupportedDIDMethodError)
        )
    except KeysError as error:
        return Unresolved(message=f"{error}.", code=error.code, known_bad=error.code != "UNSUPPORTED")


def _fetched(identifier: str, *, url: str, fetcher: Fetcher) -> Resolved | Unresolved:
    try:
        answer = _fetch(identifier, url=url, fetcher=fetcher)
    except FetchError as error:
        return Unresolved(message=f"The issuer's key could not be looked up: {error}.", code="NOT_FOUND")
    try:
        value = parse_json(answer.body)
        document = parse_controller_document(value, expected_id=identifier)
    except (DocumentError, KeysError) as error:
        return Unresolved(
            message=f"What stands at {url[:200]} is not the issuer's key list: {error}.", code="NOT_FOUND"
        )
    services = value.get("service", ()) if isinstance(value, dict) else ()
    return Resolved(
        document=document,
        source=answer.source,
        services=tuple(services) if isinstance(services, list) else (services,) if services else (),
    )


def _fetch(identifier: str, *, url: str, fetcher: Fetcher) -> Fetched:
    """Get a document by its URL or, where it was handed in under its DID, by that."""
    try:
        return fetcher.fetch(url)
    except FetchError as error:
        try:
            return fetcher.fetch(identifier)
        except FetchError:
            raise error from None


def host_of(address: object) -> str:
    """Return the host (with its port) of an https address, "" for anything else."""
    if not isinstance(address, str) or not address.startswith("https://"):
        return ""
    try:
        return urlsplit(address).netloc
    except ValueError:  # brackets that are no IPv6 address, letters that turn into others
        return ""


def key_in_identifier(method_id: str) -> PublicKey | None:
    """Return the key that a verification method's URL itself holds (did:key, or a Multikey fragment).

    Good for saying whether the signature fits that key; never for saying whose it is.
    """
    base, fragment = split_fragment(method_id)
    text = base.removeprefix("did:key:") if base.startswith("did:key:") else fragment
    try:
        return parse_multikey(text) if text else None
    except KeysError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """An issuer's JSON Web Key Set, its keys unread, and where it came from; `issuer` is its member iss."""

    keys: tuple[Any, ...]
    issuer: object
    source: str


def fetch_jwk(url: str, *, fetcher: Fetcher) -> PublicKey | Unresolved:
    """Return the key that stands at a JWT's `kid` address."""
    found = _json(url, fetcher=fetcher)
    if isinstance(found, Unresolved):
        return found
    try:
        return parse_jwk(found[0])
    except KeysError as error:
        return Unresolved(
            message=f"What stands at {url[:200]} is not a key that can be used: {error}.",
            code=error.code,
            known_bad=error.code != "UNSUPPORTED",
        )


def fetch_jwks(url: str, *, fetcher: Fetcher) -> KeySet | Unresolved:
    """Return an issuer's JSON Web Key Set."""
    found = _json(url, fetcher=fetcher)
    if isinstance(found, Unresolved):
        return found
    value, source = found
    if not isinstance(value, dict) or not isinstance(value.get("keys"), list):
        return Unresolved(message=f"What stands at {url[:200]} is not a list of keys.", code="NOT_FOUND")
    return KeySet(keys=tuple(value["keys"]), issuer=value.get("iss"), source=source)


def _json(url: str, *, fetcher: Fetcher) -> tuple[Any, str] | Unresolved:
    """Return what stands at an address, and where it came from."""
    try:
        answer = fetcher.fetch(url)
        return parse_json(answer.body), answer.source
    except FetchError as error:
        return Unresolved(message=f"The key could not be looked up: {error}.", code="NOT_FOUND")
    except DocumentError as error:
        return Unresolved(message=f"What stands at {url[:200]} cannot be read: {error}.", code="NOT_FOUND")
