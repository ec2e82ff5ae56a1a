"""Is a credential in a JWT unaltered, and is the key the issuer's own (CONFORMANCE Q7).

Two forms, each with its own rules: the VC-JWT of Open Badges 3.0 (section 8.2), whose claims repeat the
credential, and that of VC-JOSE-COSE 1.0 (media type vc+jwt), whose claims speak of the signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys import BadSignatureError
from schemas import (
    CompactJWS,
    DocumentError,
    UnsupportedProofError,
    check_jws_header,
    check_registered_claims,
    verify_jws,
)
from verifier.checks.binding import not_asked, softened
from verifier.checks.jwt_claims import check_signature_claims
from verifier.checks.jwt_keys import find_jwt_key
from verifier.checks.lines import Situation, issuer_of, line
from verifier.read import Presented
from verifier.report import Check
from verifier.resolve import Unresolved

_SPEC = "OB 3.0, 8.2"
_JOSE = "VC-JOSE-COSE 1.0, 3.1"
_HEADERS = frozenset({"alg", "kid", "jwk", "typ"})
_CONTENT_TYPES = frozenset({"vc", "vc+ld+json", "vc+ld"})
_CHANGED = (
    "it was changed after it was signed, or was signed with another key than it names. "
    "Ask the issuer for a new copy"
)


def check_jwt(presented: Presented, *, situation: Situation) -> list[Check]:
    """Check a VC-JWT: header, key, signature, registered claims, provenance of the key."""
    jws, document = presented.jws, presented.document
    assert jws is not None
    is_jose = presented.form == "jose"
    # 1. A header of a form that we have.
    if problem := _header_problem(jws.header) or (_jose_problem(jws) if is_jose else _open_badges_problem(jws)):
        return [problem, not_asked()]
    # 2. The key that it names.
    moment = document.get("validFrom", document.get("issuanceDate"))
    found = find_jwt_key(jws.header, owner=issuer_of(document), moment=moment, situation=situation)
    if isinstance(found, Unresolved):
        result = _fail if found.known_bad else _unknown
        return [result(found.message, found.code, "/kid" if "kid" in jws.header else "/jwk"), not_asked()]
    # 3. The signature.
    try:
        verify_jws(jws, public_key=found.key)
    except BadSignatureError as error:
        return [_fail(_CHANGED, error.code, ""), not_asked()]
    # 4. The claims: they say what the credential says, or when the signature is good.
    if is_jose:
        faults = check_signature_claims(jws.payload, document, situation=situation)
    else:
        faults = [
            _mismatch(claim.claim, claim.expected, claim.found, jws.payload, situation=situation)
            for claim in check_registered_claims(jws.payload, document)
        ]
    lines = [*faults, *_form_warning(presented)]
    if not any(fault.result == "fail" for fault in faults):
        spec = _JOSE if is_jose else _SPEC
        lines.insert(0, line("proof", "pass", "nothing was changed since it was signed", spec=spec))
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
    expected = "vcdm1" if first == "https://www.w3.org/2018/credentials/v1" else "vcdm2"
    if presented.form in {"jose", expected}:
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
    return None


def _open_badges_problem(jws: CompactJWS) -> Check | None:
    """An Open Badge's JWT is of the type JWT, and has no header but four (OB 3.0, 8.2.3)."""
    header = jws.header
    if str(header.get("typ", "JWT")).upper() != "JWT":
        return _fail(f"the JWT is of the type {header['typ']!r:.40}, not JWT", "MALFORMED_VALUE_ERROR", "/typ")
    if stray := header.keys() - _HEADERS:
        message = f"the JWT has a header {min(stray)!r:.40} that is not allowed"
        return _fail(message, "MALFORMED_VALUE_ERROR", "")
    if "vp" in jws.payload:
        return _fail("the JWT is a presentation as well, so it has two readings", "NOT_COMPACT_FORM", "/vp")
    return None


def _jose_problem(jws: CompactJWS) -> Check | None:
    """A vc+jwt holds a credential and nothing else; the claims of older forms stand for another reading of it."""
    kind = jws.header.get("cty", "vc")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in _CONTENT_TYPES:
        return _fail(f"the JWT says it holds {kind!r:.40}, not a credential", "MALFORMED_VALUE_ERROR", "/cty")
    for claim in ("vc", "vp"):
        if claim in jws.payload:
            message = f"the JWT has a claim {claim}, which a credential of this form may not have"
            return _fail(message, "MALFORMED_VALUE_ERROR", f"/{claim}")
    return None
