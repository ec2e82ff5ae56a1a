"""Is a VC-JWT unaltered, and is the key the issuer's own (CONFORMANCE Q7; OB 3.0, 8.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys import BadSignatureError, KeysError, PublicKey, parse_jwk, split_fragment
from schemas import (
    DocumentError,
    UnsupportedProofError,
    check_jws_header,
    check_registered_claims,
    verify_jws,
)
from verifier.checks.binding import (
    PURPOSE,
    check_binding,
    check_provenance,
    find_method,
    not_asked,
    softened,
)
from verifier.checks.lines import Situation, issuer_of, line
from verifier.read import Presented
from verifier.report import Check
from verifier.resolve import Unresolved, fetch_jwk

_SPEC = "OB 3.0, 8.2"
# The four of Open Badges, and the two that VC-JOSE-COSE adds.
_HEADERS = frozenset({"alg", "kid", "jwk", "typ", "cty", "iss"})
_TYPES = ("JWT", "vc+jwt", "vc+ld+jwt")
_CHANGED = (
    "it was changed after it was signed, or was signed with another key than it names. "
    "Ask the issuer for a new copy"
)


def check_jwt(presented: Presented, *, situation: Situation) -> list[Check]:
    """Check a VC-JWT: header, key, signature, registered claims, provenance of the key."""
    jws, document = presented.jws, presented.document
    assert jws is not None
    # 1. A header of a form that we have.
    if problem := _header_problem(jws.header):
        return [problem, not_asked()]
    # 2. The key that it names.
    found = _find_key(jws.header, document=document, situation=situation)
    if isinstance(found, Unresolved):
        result = _fail if found.known_bad else _unknown
        return [result(found.message, found.code, "/kid" if "kid" in jws.header else "/jwk"), not_asked()]
    # 3. The signature.
    try:
        verify_jws(jws, public_key=found.key)
    except BadSignatureError as error:
        return [_fail(_CHANGED, error.code, ""), not_asked()]
    # 4. The claims say what the credential says.
    faults = [
        _mismatch(claim.claim, claim.expected, claim.found, jws.payload, situation=situation)
        for claim in check_registered_claims(jws.payload, document)
    ]
    lines = [*faults, *_form_warning(presented)]
    if not any(fault.result == "fail" for fault in faults):
        lines.insert(0, line("proof", "pass", "nothing was changed since it was signed", spec=_SPEC))
    return [*lines, found.binding]


def _fail(reason: str, code: str, pointer: str) -> Check:
    return line("proof", "fail", reason, code, pointer=pointer, spec=_SPEC)


def _unknown(reason: str, code: str, pointer: str) -> Check:
    return line("proof", "unknown", reason, code, pointer=pointer, spec=_SPEC)


def _mismatch(claim: str, expected: str, found: str, payload: Mapping[str, Any], *, situation: Situation) -> Check:
    fault = _fail(
        f"the JWT says {found} as {claim}, the credential says {expected}", "CLAIM_MISMATCH", f"/{claim}"
    )
    # 1EdTech's own samples leave `sub` out.
    tolerated = situation.policy.compatible and claim == "sub" and "sub" not in payload
    return softened(fault) if tolerated else fault


def _form_warning(presented: Presented) -> list[Check]:
    """A credential of version 1.1 stands in the claim `vc`, one of 2.0 is the payload itself (C7)."""
    contexts = presented.document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    if presented.form == ("vcdm1" if first == "https://www.w3.org/2018/credentials/v1" else "vcdm2"):
        return []
    message = "the JWT is laid out for another version of credentials than the one in it"
    return [line("proof", "warning", message, "JWT_LAYOUT", pointer="/vc", spec=_SPEC)]


def _header_problem(header: Mapping[str, Any]) -> Check | None:
    try:
        check_jws_header(header)
    except UnsupportedProofError as error:
        return _unknown(str(error), error.problem, "/alg")
    except DocumentError as error:
        return _fail(str(error), error.problem, error.pointer)
    if "kid" not in header and "jwk" not in header:
        return _fail("the JWT names no key", "INVALID_VERIFICATION_METHOD", "/kid")
    if header.get("typ", "JWT") not in _TYPES:
        return _fail(f"the JWT is of the type {header['typ']!r:.40}, not JWT", "MALFORMED_VALUE_ERROR", "/typ")
    if stray := header.keys() - _HEADERS:
        message = f"the JWT has a header {min(stray)!r:.40} that is not allowed"
        return _fail(message, "MALFORMED_VALUE_ERROR", "")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _FoundKey:
    """A JWT's key, and what is known about whose it is."""

    key: PublicKey
    binding: Check


def _find_key(
    header: Mapping[str, Any], *, document: Mapping[str, Any], situation: Situation
) -> _FoundKey | Unresolved:
    """Find the key that a JWT names: a DID URL, an address of a JWK, or a JWK in the header itself."""
    issuer, moment = issuer_of(document), document.get("validFrom", document.get("issuanceDate"))
    kid = header.get("kid")
    if "jwk" in header:
        try:
            key: PublicKey | Unresolved = parse_jwk(header["jwk"])
        except KeysError as error:
            return Unresolved(message=str(error), code=error.code, known_bad=error.code != "UNSUPPORTED")
    elif not isinstance(kid, str) or ":" not in kid:
        message = "the JWT names its key by something that is not a URL"
        return Unresolved(message=message, code="INVALID_VERIFICATION_METHOD_URL", known_bad=True)
    elif kid.startswith("did:"):
        resolved = situation.controller(split_fragment(kid)[0])
        method = find_method(resolved, method_id=kid, purpose=PURPOSE)
        if isinstance(method, Unresolved):
            return method
        binding = check_binding(method, resolved, issuer=issuer, moment=moment, situation=situation)
        return _FoundKey(key=method.public_key, binding=binding)
    else:
        key = fetch_jwk(kid, fetcher=situation.fetcher)
    if isinstance(key, Unresolved):
        return key
    return _FoundKey(key=key, binding=check_provenance(key, issuer=issuer, moment=moment, situation=situation))
