"""Whose key is it (CID 1.0, 3.3; OB 3.0, 8.2.4): a good signature of somebody else's key is worth nothing.

A key is the issuer's own when the issuer itself lists it for making claims: in its controlled identifier document
or, for an https issuer that signs JWTs, in its host's jwks.json.
"""

from __future__ import annotations

from dataclasses import replace

from keys import (
    ControllerDocument,
    KeysError,
    PublicKey,
    VerificationMethod,
    fragment_for,
    jwk_thumbprint,
    key_force,
    parse_jwk,
    select_verification_method,
    split_fragment,
)
from schemas import DocumentError, parse_date_time
from verifier.checks.lines import Situation, line
from verifier.report import Check
from verifier.resolve import Resolved, Unresolved, fetch_jwks, host_of

PURPOSE = "assertionMethod"
MAX_JWKS = 100
_ID = "issuer_binding"
_SPEC = "CID 1.0, 3.3"
_JWT_SPEC = "OB 3.0, 8.2"
_NOT_LISTED = "the key is not among those that the issuer publishes, so somebody else may have signed"


def not_asked() -> Check:
    """Return the line for a badge whose signature does not hold anyway."""
    return line(_ID, "skipped", "whose key it is was not asked, as no signature holds")


def softened(check: Check, more: str = "") -> Check:
    """Return a line as a warning: told, and not deciding the verdict."""
    return replace(check, result="warning", message=f"{check.message} {more}".strip())


def find_method(
    resolved: Resolved | Unresolved, *, method_id: str, purpose: object
) -> VerificationMethod | Unresolved:
    """Return the verification method of that URL for that purpose, or why there is none."""
    if isinstance(resolved, Unresolved):
        return resolved
    try:
        return select_verification_method(resolved.document, method_id=method_id, purpose=str(purpose))
    except KeysError as error:
        return Unresolved(message=str(error), code=error.code, known_bad=error.code != "UNSUPPORTED")


def check_binding(
    method: VerificationMethod | Unresolved,
    resolved: Resolved | Unresolved,
    *,
    issuer: str,
    moment: object,
    situation: Situation,
) -> Check:
    """Is the key one that the issuer itself lists, and was it in use at that time."""
    if isinstance(method, Unresolved):
        return line(_ID, "fail" if method.known_bad else "unknown", method.message, method.code, spec=_SPEC)
    assert isinstance(resolved, Resolved)
    if method.controller != issuer:
        message = f"it was signed with a key of {method.controller[:120]}, not of the issuer that it names"
        return line(_ID, "fail", message, "INVALID_VERIFICATION_METHOD", spec=_SPEC)
    return _check_force(method, moment=moment, situation=situation) or _check_source(
        resolved.source, issuer=issuer, method=method, situation=situation
    )


def _check_force(method: VerificationMethod, *, moment: object, situation: Situation) -> Check | None:
    """Return None when the key is in use still (S17 to S21)."""
    try:
        at = parse_date_time(with_zone(moment))
    except DocumentError:
        at = situation.now
    match key_force(method, at=at):
        case "revoked":
            message = "its key was stolen or lost, says the issuer, so nobody can tell who signed"
            return line(_ID, "fail", message, "KEY_COMPROMISED")
        case "too late":
            assert method.expires
            retired = f"{method.expires:%-d %B %Y}"
            message = f"it was signed on {at:%-d %B %Y} with a key that the issuer had retired on {retired}"
            return line(_ID, "fail", message, "KEY_RETIRED")
        case "retired":
            message = "the key is the issuer's own and was retired later; that it was signed before is its word"
            return line(_ID, "warning", message, "KEY_RETIRED")
        case "current":
            return None


def _check_source(source: str, *, issuer: str, method: VerificationMethod | None, situation: Situation) -> Check:
    """The issuer's own key, unless it came from files that somebody else may have made."""
    if method is not None and _is_pinned(method, situation=situation):
        source = "pinned"
    situation.key_sources[issuer] = source
    if source == "supplied" and not situation.policy.trust_documents:
        message = "the issuer's key was read from files given to you, not from the issuer"
        return line(_ID, "warning", message, "KEY_SUPPLIED")
    return line(_ID, "pass", "the key is the issuer's own", spec=_SPEC)


def _is_pinned(method: VerificationMethod, *, situation: Situation) -> bool:
    """Say whether the policy lists this very key: its URL, whose fragment is the key's own text."""
    fragment = split_fragment(method.id)[1]
    return method.id in situation.policy.issuers and fragment == fragment_for(method.public_key)


def check_provenance(
    key: PublicKey, *, issuer: str, moment: object, situation: Situation, purpose: str = PURPOSE
) -> Check:
    """Does the issuer publish this key: in its DID document, or in its host's jwks.json (OB 3.0 guide)."""
    thumbprint = jwk_thumbprint(key)
    if issuer.startswith("did:"):
        resolved = situation.controller(issuer)
        method = (
            resolved
            if isinstance(resolved, Unresolved)
            else _method_of_key(resolved.document, thumbprint, purpose)
        )
        return check_binding(method, resolved, issuer=issuer, moment=moment, situation=situation)
    host = host_of(issuer)
    if not host:
        message = "the issuer's id is neither a DID nor an https address, so its keys cannot be asked for"
        return _unbound(message, situation)
    jwks = fetch_jwks(f"https://{host}/.well-known/jwks.json", fetcher=situation.fetcher)
    if isinstance(jwks, Unresolved):
        return _unbound(jwks.message, situation)
    for entry in jwks.keys[:MAX_JWKS]:
        try:
            listed = parse_jwk(entry)
        except KeysError:
            continue
        if jwk_thumbprint(listed) == thumbprint and (jwks.issuer is None or jwks.issuer == issuer):
            return _check_source(jwks.source, issuer=issuer, method=None, situation=situation)
    return line(_ID, "fail", _NOT_LISTED, "INVALID_VERIFICATION_METHOD", spec=_JWT_SPEC)


def _method_of_key(document: ControllerDocument, thumbprint: str, purpose: str) -> VerificationMethod | Unresolved:
    for name in sorted(document.relationships.get(purpose, frozenset())):
        method = document.methods.get(name)
        if method is not None and jwk_thumbprint(method.public_key) == thumbprint:
            return method
    return Unresolved(message=_NOT_LISTED, code="INVALID_VERIFICATION_METHOD", known_bad=True)


def _unbound(message: str, situation: Situation) -> Check:
    check = line(_ID, "unknown", message, "KEY_NOT_BOUND", spec=_JWT_SPEC)
    if situation.policy.compatible:
        return softened(check, "So the key is not bound to the issuer: anybody could have signed.")
    return check


def with_zone(value: object) -> object:
    """Read a proof's date without zone as UTC (VC-DI 1.0, section 2.1, on created)."""
    if isinstance(value, str) and "T" in value and not value.endswith("Z") and value[-6:-5] not in {"+", "-"}:
        return f"{value}Z"
    return value
