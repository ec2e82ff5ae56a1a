"""The key of a JWT, by a DID URL, by the address of a key, or in the header itself; and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys import KeysError, PublicKey, parse_jwk, split_fragment
from verifier.checks.binding import PURPOSE, check_binding, check_provenance, find_method
from verifier.checks.lines import Situation
from verifier.report import Check
from verifier.resolve import Resolved, Unresolved, fetch_jwk


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A JWT's key, and the line on whose it is."""

    key: PublicKey
    binding: Check


def find_jwt_key(
    header: Mapping[str, Any], *, owner: str, moment: object, situation: Situation, purpose: str = PURPOSE
) -> FoundKey | Unresolved:
    """Return the key that a JWT's header names; `owner` is whose it must be, `moment` when it was used."""
    kid = header.get("kid")
    if "jwk" in header:
        key = _key_in_header(header)
    elif not isinstance(kid, str) or ":" not in kid:
        message = "the JWT names its key by something that is not a URL"
        return Unresolved(message=message, code="INVALID_VERIFICATION_METHOD_URL", known_bad=True)
    elif kid.startswith("did:") or _in_a_document(kid, situation=situation):
        resolved = situation.controller(split_fragment(kid)[0])
        method = find_method(resolved, method_id=kid, purpose=purpose)
        if isinstance(method, Unresolved):
            return method
        binding = check_binding(method, resolved, issuer=owner, moment=moment, situation=situation)
        return FoundKey(key=method.public_key, binding=binding)
    else:
        key = fetch_jwk(kid, fetcher=situation.fetcher)
    if isinstance(key, Unresolved):
        return key
    binding = check_provenance(key, issuer=owner, moment=moment, situation=situation, purpose=purpose)
    return FoundKey(key=key, binding=binding)


def _in_a_document(kid: str, *, situation: Situation) -> bool:
    """Say whether an https key is named as one of a controlled identifier document that can be had."""
    base, fragment = split_fragment(kid)
    return bool(fragment) and isinstance(situation.controller(base), Resolved)


def _key_in_header(header: Mapping[str, Any]) -> PublicKey | Unresolved:
    try:
        return parse_jwk(header["jwk"])
    except KeysError as error:
        return Unresolved(message=str(error), code=error.code, known_bad=error.code != "UNSUPPORTED")
