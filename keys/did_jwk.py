"""did:jwk: identifiers that are a public JSON Web Key (did:jwk method specification, 2022).

The identifier holds the key as base64url of a JSON text. Reading is strict, since the text was written by whoever
made the identifier: one JSON object with each name once, no number or constant, and nothing but a public key.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any, NoReturn

from keys.dids import did_method
from keys.documents import RELATIONSHIPS, ControllerDocument, VerificationMethod
from keys.errors import InvalidDIDError, InvalidKeyError, UnsupportedDIDMethodError, UnsupportedKeyError
from keys.multibase import decode_base64url, encode_base64url
from keys.public import PublicKey, parse_jwk, to_jwk

_PREFIX = "did:jwk:"


def did_jwk(key: PublicKey) -> str:
    """Return the did:jwk identifier of a public key, its JWK in the order of RFC 7638."""
    text = json.dumps(to_jwk(key), sort_keys=True, separators=(",", ":"))
    return _PREFIX + encode_base64url(text.encode("ascii"))


def did_jwk_method(did: str) -> str:
    """Return the URL of the one verification method that a did:jwk document has."""
    return f"{did}#0"


def parse_did_jwk(did: str) -> PublicKey:
    """Return the public key that a did:jwk identifier is: Ed25519, P-256 or P-384.

    Raises InvalidDIDError, UnsupportedDIDMethodError, or UnsupportedKeyError for a kind of key that is not read
    from identifiers.
    """
    if did_method(did) != "jwk":
        raise UnsupportedDIDMethodError(f"{did[:80]!r} is not a did:jwk")
    try:
        key = parse_jwk(_read_jwk(did.removeprefix(_PREFIX)))
    except UnsupportedKeyError:
        raise
    except InvalidKeyError as error:
        raise InvalidDIDError(f"{did[:80]!r} holds no good key: {error}") from error
    if key.kind == "RSA":
        raise UnsupportedKeyError("an RSA key is not read from a did:jwk; Ed25519, P-256 and P-384 are")
    return key


def did_jwk_document(did: str) -> ControllerDocument:
    """Return the document that a did:jwk identifier stands for: one method, for every purpose but agreement."""
    name = did_jwk_method(did)
    method = VerificationMethod(id=name, controller=did, public_key=parse_did_jwk(did))
    return ControllerDocument(
        id=did,
        methods=MappingProxyType({name: method}),
        unusable=MappingProxyType({}),
        relationships=MappingProxyType(
            {purpose: frozenset({name}) for purpose in RELATIONSHIPS if purpose != "keyAgreement"}
        ),
        services=frozenset(),
    )


def _read_jwk(text: str) -> Any:
    try:
        return json.loads(
            decode_base64url(text).decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_no_number,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise InvalidKeyError("it is not the base64url text of JSON") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise InvalidKeyError("a name stands twice in its JSON")
    return result


def _no_number(_text: str) -> NoReturn:
    raise InvalidKeyError("its JSON holds a number, which no public JWK of these kinds does")
