"""Is it unaltered, and is the key the issuer's own (CONFORMANCE Q6, Q7; VC-DI 1.0, section 4.4; OB 3.0, 8.2, 8.3).

Two lines, kept apart: `proof` says that the signature fits the document and the key; `issuer_binding` that the
issuer itself lists this key for making claims. A good signature of somebody else's key is worth nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from keys import (
    BadSignatureError,
    ControllerDocument,
    KeysError,
    PublicKey,
    VerificationMethod,
    jwk_thumbprint,
    key_force,
    parse_jwk,
    select_verification_method,
    split_fragment,
)
from schemas import (
    ContextSet,
    DocumentError,
    UnsupportedProofError,
    check_registered_claims,
    cryptosuite_of,
    parse_date_time,
    proofs_of,
    variants_for,
    verify_jws,
    verify_proof,
)
from verifier.fetch import Fetcher
from verifier.policy import Policy
from verifier.read import Presented
from verifier.report import Check
from verifier.resolve import (
    Resolved,
    Unresolved,
    fetch_jwk,
    fetch_jwks,
    key_in_identifier,
    resolve_controller,
)

_DI = "VC Data Integrity 1.0, 4.4"
_JWT = "OB 3.0, 8.2"
_HEADERS = frozenset({"alg", "kid", "jwk", "typ"})
_PURPOSE = "assertionMethod"
_NEED = "Ask the issuer for a new copy."


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the checks of proofs need beside the badge."""

    now: datetime
    fetcher: Fetcher
    policy: Policy
    controllers: dict[str, Resolved | Unresolved]  # asked once for each identifier

    def controller(self, identifier: str) -> Resolved | Unresolved:
        """Return the controller document of an identifier, from the first answer on."""
        if identifier not in self.controllers:
            self.controllers[identifier] = resolve_controller(identifier, fetcher=self.fetcher)
        return self.controllers[identifier]


def issuer_of(document: Mapping[str, Any]) -> str:
    """Return the issuer's identifier, "" where there is none."""
    issuer = document.get("issuer")
    name = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    return name if isinstance(name, str) else ""


def check_proofs(presented: Presented, *, situation: Situation) -> list[Check]:
    """Check a JWT's signature, or every proof of the document: first the proof lines, then the binding lines."""
    document = presented.document
    if presented.jws is not None:
        return _check_jwt(presented, situation=situation)
    try:
        proofs = proofs_of(document)
    except DocumentError as error:
        return [_fail("proof", str(error), error.problem, error.pointer), _skipped_binding()]
    if not proofs:
        return [
            _fail(
                "proof", "it is not signed: anybody could have written it", "PROOF_VERIFICATION_ERROR", "/proof"
            ),
            _skipped_binding(),
        ]
    lines = [
        _check_proof(document, proof, index if isinstance(document["proof"], list) else None, situation=situation)
        for index, proof in enumerate(proofs)
    ]
    return [*_proof_lines([proof for proof, _ in lines]), *_binding_lines([binding for _, binding in lines])]


def _proof_lines(lines: list[Check]) -> list[Check]:
    """A set of proofs holds when each that can be checked holds, and at least one can be."""
    if any(line.result == "pass" for line in lines):
        return [
            line if line.result != "unknown" else _downgraded(line, "Another proof of the badge was checked.")
            for line in lines
        ]
    return lines


def _binding_lines(lines: list[Check]) -> list[Check]:
    """One proof that is the issuer's own binds the badge; co-signers' proofs are then only told."""
    if any(line.result in {"pass", "warning"} for line in lines):
        return [line if line.result in {"pass", "warning", "skipped"} else _downgraded(line, "") for line in lines]
    return lines


def _downgraded(line: Check, more: str) -> Check:
    return Check(
        id=line.id,
        result="warning",
        code=line.code,
        pointer=line.pointer,
        spec=line.spec,
        message=f"{line.message} {more}".strip(),
    )


def _fail(id_: str, reason: str, code: str, pointer: str = "", spec: str = _DI) -> Check:
    text = reason[:1].upper() + reason[1:].rstrip(".") + "."
    return Check(id=id_, result="fail", code=code, pointer=pointer, spec=spec, message=text)


def _unknown(id_: str, reason: str, code: str, pointer: str = "", spec: str = _DI) -> Check:
    text = reason[:1].upper() + reason[1:].rstrip(".") + "."
    return Check(id=id_, result="unknown", code=code, pointer=pointer, spec=spec, message=text)


def _skipped_binding() -> Check:
    return Check(
        id="issuer_binding", result="skipped", message="Whose key it is was not asked, as no signature holds."
    )


def _check_proof(
    document: Mapping[str, Any], proof: Mapping[str, Any], index: int | None, *, situation: Situation
) -> tuple[Check, Check]:
    """Check one Data Integrity proof."""
    where = "/proof" if index is None else f"/proof/{index}"
    try:
        cryptosuite_of(proof)
    except UnsupportedProofError as error:
        return _unknown("proof", str(error), error.problem, where), _skipped_binding()
    if problem := _proof_dates(proof, where, situation=situation):
        return problem, _skipped_binding()
    method_id = proof.get("verificationMethod")
    if not isinstance(method_id, str) or ":" not in method_id:
        message = "the proof does not name its key by a URL"
        return _fail(
            "proof", message, "INVALID_VERIFICATION_METHOD_URL", f"{where}/verificationMethod"
        ), _skipped_binding()
    identifier, _ = split_fragment(method_id)
    resolved = situation.controller(identifier)
    method = _method(resolved, method_id, proof.get("proofPurpose"))
    key = method.public_key if isinstance(method, VerificationMethod) else key_in_identifier(method_id)
    if key is None:
        assert isinstance(method, Unresolved)
        line = _fail if method.known_bad else _unknown
        return line("proof", method.message, method.code, f"{where}/verificationMethod"), _skipped_binding()
    if problem := _check_signature(document, proof, key, where):
        return problem, _skipped_binding()
    if proof.get("proofPurpose") != _PURPOSE:
        message = f"the proof was made for {proof.get('proofPurpose')!r:.40}, not for stating claims"
        return _fail("proof", message, "PROOF_VERIFICATION_ERROR", f"{where}/proofPurpose"), _skipped_binding()
    good = Check(
        id="proof", result="pass", pointer=where, spec=_DI, message="Nothing was changed since it was signed."
    )
    moment = proof.get("created") or document.get("validFrom")
    return good, bind(method, resolved, issuer=issuer_of(document), moment=moment, situation=situation)


def _proof_dates(proof: Mapping[str, Any], where: str, *, situation: Situation) -> Check | None:
    """A proof may not be from the future, nor have expired; its dates must be dates."""
    try:
        created = parse_date_time(_with_zone(proof["created"])) if "created" in proof else None
        expires = parse_date_time(_with_zone(proof["expires"])) if "expires" in proof else None
    except DocumentError as error:
        return _fail("proof", f"a date of the proof cannot be read: {error}", "PROOF_VERIFICATION_ERROR", where)
    skew = situation.policy.skew
    if created and created > situation.now + skew:
        return _fail(
            "proof", "the proof says it was made in the future", "PROOF_VERIFICATION_ERROR", f"{where}/created"
        )
    if expires and expires < situation.now - skew:
        return _fail(
            "proof",
            f"the proof was good until {expires:%d %B %Y} only",
            "PROOF_VERIFICATION_ERROR",
            f"{where}/expires",
        )
    return None


def _with_zone(value: object) -> object:
    """Read a proof's date without zone as UTC (VC-DI 1.0, section 2.1, on created)."""
    return (
        f"{value}Z"
        if isinstance(value, str) and "T" in value and not value.endswith("Z") and value[-6:-5] not in {"+", "-"}
        else value
    )


def _check_signature(
    document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, where: str
) -> Check | None:
    """Return None when the signature holds. Old bytes of a context are tried where they read differently."""
    try:
        verify_proof(document, proof=proof, public_key=key)
    except BadSignatureError as error:
        for variant in variants_for(document):
            try:
                verify_proof(document, proof=proof, public_key=key, contexts=ContextSet(variant=variant))
            except (BadSignatureError, DocumentError):
                continue
            # Under the old bytes the newer terms were dropped: anybody could have added them.
            message = "it holds members that its signature does not cover (jti or endorsementJwt)"
            return _fail("proof", message, "PROOF_VERIFICATION_ERROR", where)
        message = f"it was changed after it was signed, or was signed with another key than it names. {_NEED}"
        return _fail("proof", message, error.code, f"{where}/proofValue")
    except DocumentError as error:
        line = _unknown if error.problem in {"UNSUPPORTED", "UNKNOWN_CONTEXT"} else _fail
        pointer = (
            error.pointer.replace("/proof", where, 1) if error.pointer.startswith("/proof") else error.pointer
        )
        return line("proof", str(error), error.problem, pointer or where)
    return None


def _method(resolved: Resolved | Unresolved, method_id: str, purpose: object) -> VerificationMethod | Unresolved:
    if isinstance(resolved, Unresolved):
        return resolved
    try:
        return select_verification_method(resolved.document, method_id=method_id, purpose=str(purpose))
    except KeysError as error:
        return Unresolved(message=str(error), code=error.code, known_bad=True)


def bind(
    method: VerificationMethod | Unresolved,
    resolved: Resolved | Unresolved,
    *,
    issuer: str,
    moment: object,
    situation: Situation,
) -> Check:
    """Is the key one that the issuer itself lists, and was it in use then (CID 1.0, 3.3; S17 to S21)."""
    if isinstance(method, Unresolved):
        line = _fail if method.known_bad else _unknown
        return line("issuer_binding", method.message, method.code)
    assert isinstance(resolved, Resolved)
    if method.controller != issuer:
        message = f"it was signed with a key of {method.controller[:120]}, not of the issuer that it names"
        return _fail("issuer_binding", message, "INVALID_VERIFICATION_METHOD")
    try:
        at = parse_date_time(_with_zone(moment))
    except DocumentError:
        at = situation.now
    match key_force(method, at=at):
        case "revoked":
            message = "its key was stolen or lost, says the issuer, so nobody can tell who signed"
            return _fail("issuer_binding", message, "KEY_COMPROMISED")
        case "too late":
            assert method.expires
            retired = f"{method.expires:%d %B %Y}"
            message = f"it was signed on {at:%d %B %Y} with a key that the issuer had retired on {retired}"
            return _fail("issuer_binding", message, "KEY_RETIRED")
        case "retired":
            return Check(
                id="issuer_binding",
                result="warning",
                code="KEY_RETIRED",
                message="The key is the issuer's own and was retired later; "
                "that it was signed before that is the issuer's word.",
            )
    if resolved.source == "supplied" and not situation.policy.trust_documents:
        return Check(
            id="issuer_binding",
            result="warning",
            code="KEY_SUPPLIED",
            message="The issuer's key was read from files given to you, not from the issuer.",
        )
    return Check(id="issuer_binding", result="pass", spec="CID 1.0, 3.3", message="The key is the issuer's own.")


def _check_jwt(presented: Presented, *, situation: Situation) -> list[Check]:
    """Check a VC-JWT: header, key, signature, registered claims, provenance of the key."""
    jws, document = presented.jws, presented.document
    assert jws is not None
    compatible = situation.policy.compatible
    if problem := _header_problem(jws.header):
        return [problem, _skipped_binding()]
    issuer = issuer_of(document)
    moment = document.get("validFrom", document.get("issuanceDate"))
    found = _jwt_key(jws.header, issuer=issuer, moment=moment, situation=situation)
    if isinstance(found, Unresolved):
        line = _fail if found.known_bad else _unknown
        return [line("proof", found.message, found.code, "/kid", _JWT), _skipped_binding()]
    try:
        verify_jws(jws, public_key=found.key)
    except UnsupportedProofError as error:
        return [_unknown("proof", str(error), error.problem, "/alg", _JWT), _skipped_binding()]
    except DocumentError as error:
        return [_fail("proof", str(error), error.problem, error.pointer, _JWT), _skipped_binding()]
    except BadSignatureError as error:
        message = f"it was changed after it was signed, or was signed with another key than it names. {_NEED}"
        return [_fail("proof", message, error.code, "", _JWT), _skipped_binding()]
    lines: list[Check] = []
    for mismatch in check_registered_claims(jws.payload, document):
        message = f"the JWT says {mismatch.found} as {mismatch.claim}, the credential says {mismatch.expected}"
        tolerated = compatible and mismatch.claim == "sub" and "sub" not in jws.payload
        fault = _fail("proof", message, "CLAIM_MISMATCH", f"/{mismatch.claim}", _JWT)
        lines.append(_downgraded(fault, "") if tolerated else fault)
    if not any(line.result == "fail" for line in lines):
        lines.insert(
            0, Check(id="proof", result="pass", spec=_JWT, message="Nothing was changed since it was signed.")
        )
    return [*lines, found.binding]


def _header_problem(header: Mapping[str, Any]) -> Check | None:
    if "kid" not in header and "jwk" not in header:
        return _fail("proof", "the JWT names no key", "INVALID_VERIFICATION_METHOD", "/kid", _JWT)
    if header.get("typ", "JWT") not in {"JWT", "vc+jwt", "vc+ld+jwt"}:
        return _fail(
            "proof",
            f"the JWT is of the type {header.get('typ')!r:.40}, not JWT",
            "MALFORMED_VALUE_ERROR",
            "/typ",
            _JWT,
        )
    if stray := header.keys() - _HEADERS - {"cty", "iss"}:
        return _fail(
            "proof",
            f"the JWT has a header {min(stray)!r:.40} that is not allowed",
            "MALFORMED_VALUE_ERROR",
            "",
            _JWT,
        )
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _FoundKey:
    """A JWT's key, and what is known about whose it is."""

    key: PublicKey
    binding: Check


def _jwt_key(
    header: Mapping[str, Any], *, issuer: str, moment: object, situation: Situation
) -> _FoundKey | Unresolved:
    """Find the key that a JWT names: a DID URL, an address of a JWK, or a JWK in the header itself."""
    kid = header.get("kid")
    if "jwk" in header:
        try:
            key = parse_jwk(header["jwk"])
        except KeysError as error:
            return Unresolved(message=str(error), code=error.code, known_bad=True)
        return _FoundKey(key=key, binding=_provenance(key, issuer=issuer, moment=moment, situation=situation))
    if not isinstance(kid, str) or ":" not in kid:
        message = "the JWT names its key by something that is not a URL"
        return Unresolved(message=message, code="INVALID_VERIFICATION_METHOD_URL", known_bad=True)
    if kid.startswith("did:"):
        resolved = situation.controller(split_fragment(kid)[0])
        method = _method(resolved, kid, _PURPOSE)
        if isinstance(method, Unresolved):
            return method
        return _FoundKey(
            key=method.public_key,
            binding=bind(method, resolved, issuer=issuer, moment=moment, situation=situation),
        )
    key_there = fetch_jwk(kid, fetcher=situation.fetcher)
    if isinstance(key_there, Unresolved):
        return key_there
    return _FoundKey(
        key=key_there, binding=_provenance(key_there, issuer=issuer, moment=moment, situation=situation)
    )


def _provenance(key: PublicKey, *, issuer: str, moment: object, situation: Situation) -> Check:
    """Does the issuer itself publish this key: in its DID document, or in its host's jwks.json (OB 3.0 guide)."""
    thumbprint = jwk_thumbprint(key)
    if issuer.startswith("did:"):
        resolved = situation.controller(issuer)
        if isinstance(resolved, Unresolved):
            return bind(resolved, resolved, issuer=issuer, moment=moment, situation=situation)
        method = _method_of_key(resolved.document, thumbprint)
        return bind(method, resolved, issuer=issuer, moment=moment, situation=situation)
    parts = urlsplit(issuer)
    if parts.scheme != "https":
        message = "the issuer's id is neither a DID nor an https address, so its keys cannot be asked for"
        return _unbound(message, situation)
    jwks = fetch_jwks(f"https://{parts.netloc}/.well-known/jwks.json", fetcher=situation.fetcher)
    if isinstance(jwks, Unresolved):
        return _unbound(jwks.message, situation)
    for entry in jwks["keys"][:100]:
        try:
            listed = parse_jwk(entry)
        except KeysError:
            continue
        if jwk_thumbprint(listed) == thumbprint and jwks.get("iss", issuer) == issuer:
            return Check(id="issuer_binding", result="pass", spec=_JWT, message="The key is the issuer's own.")
    message = "the key is not among those that the issuer publishes, so somebody else may have signed"
    return _fail("issuer_binding", message, "INVALID_VERIFICATION_METHOD", "", _JWT)


def _method_of_key(document: ControllerDocument, thumbprint: str) -> VerificationMethod | Unresolved:
    for name in sorted(document.relationships.get(_PURPOSE, frozenset())):
        method = document.methods.get(name)
        if method is not None and jwk_thumbprint(method.public_key) == thumbprint:
            return method
    message = "the key is not among those that the issuer publishes, so somebody else may have signed"
    return Unresolved(message=message, code="INVALID_VERIFICATION_METHOD", known_bad=True)


def _unbound(message: str, situation: Situation) -> Check:
    if situation.policy.compatible:
        line = _unknown("issuer_binding", message, "KEY_NOT_BOUND", "", _JWT)
        return _downgraded(line, "The key is not bound to the issuer.")
    return _unknown("issuer_binding", message, "KEY_NOT_BOUND", "", _JWT)
