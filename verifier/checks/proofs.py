"""Is it unaltered, and is the key the issuer's own (CONFORMANCE Q6; VC-DI 1.0, section 4.4).

Two lines, kept apart: `proof` says that the signature fits the document and the key; `issuer_binding` that the
issuer itself lists this key for making claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys import BadSignatureError, PublicKey, VerificationMethod, split_fragment
from schemas import (
    ContextSet,
    DocumentError,
    UnsupportedProofError,
    cryptosuite_of,
    parse_date_time,
    proofs_of,
    verify_proof,
    without_later_terms,
)
from verifier.checks.binding import PURPOSE, check_binding, find_method, not_asked, softened, with_zone
from verifier.checks.jwt import check_jwt
from verifier.checks.lines import Situation, issuer_of, line, sentence
from verifier.read import Presented
from verifier.report import Check
from verifier.resolve import Unresolved, key_in_identifier

_SPEC = "VC Data Integrity 1.0, 4.4"
_CHANGED = (
    "it was changed after it was signed, or was signed with another key than it names. "
    "Ask the issuer for a new copy"
)


def check_proofs(presented: Presented, *, situation: Situation) -> list[Check]:
    """Check a JWT's signature, or every proof of the document: first the proof lines, then the binding lines."""
    document = presented.document
    if presented.jws is not None:
        lines = check_jwt(presented, situation=situation)
        # A proof inside, made before the JWT (OB 3.0, 8.2.2), proves nothing more; a broken one contradicts it.
        inside = _check_embedded(document, situation=situation) if "proof" in document else []
        odd = [check for check in inside if check.id == "proof" and check.result in {"fail", "unknown"}]
        return [*_proof_lines([check for check in lines if check.id == "proof"] + odd), *_not_proofs(lines)]
    return _check_embedded(document, situation=situation)


def _not_proofs(lines: list[Check]) -> list[Check]:
    return [check for check in lines if check.id != "proof"]


def _check_embedded(document: Mapping[str, Any], *, situation: Situation) -> list[Check]:
    try:
        proofs = proofs_of(document)
    except DocumentError as error:
        return [_fail(str(error), error.problem, error.pointer), not_asked()]
    if not proofs:
        message = "it is not signed: anybody could have written it"
        return [_fail(message, "PROOF_VERIFICATION_ERROR", "/proof"), not_asked()]
    lines = [
        _check_proof(
            document,
            proof,
            f"/proof/{index}" if isinstance(document["proof"], list) else "/proof",
            situation=situation,
        )
        for index, proof in enumerate(proofs)
    ]
    return [*_proof_lines([proof for proof, _ in lines]), *_binding_lines([binding for _, binding in lines])]


def is_broken_signature(check: Check) -> bool:
    """Say whether a line tells of a signature that does not fit, rather than of a proof that is none."""
    return check.id == "proof" and check.result == "fail" and check.message.startswith(sentence(_CHANGED)[:40])


def _proof_lines(lines: list[Check]) -> list[Check]:
    """A set of proofs holds when each that can be checked holds, and at least one can be."""
    if any(check.result == "pass" for check in lines):
        return [
            check if check.result != "unknown" else softened(check, "Another proof of the badge was checked.")
            for check in lines
        ]
    return lines


def _binding_lines(lines: list[Check]) -> list[Check]:
    """One proof that is the issuer's own binds the badge; co-signers' proofs are then only told."""
    if any(check.result in {"pass", "warning"} for check in lines):
        return [softened(check) if check.result in {"fail", "unknown"} else check for check in lines]
    return lines


def _fail(reason: str, code: str, pointer: str) -> Check:
    return line("proof", "fail", reason, code, pointer=pointer, spec=_SPEC)


def _unknown(reason: str, code: str, pointer: str) -> Check:
    return line("proof", "unknown", reason, code, pointer=pointer, spec=_SPEC)


def _check_proof(
    document: Mapping[str, Any], proof: Mapping[str, Any], where: str, *, situation: Situation
) -> tuple[Check, Check]:
    """Check one Data Integrity proof."""
    # 1. A kind of proof that we have, in force now, that names its key by a URL.
    method_id = proof.get("verificationMethod")
    if problem := _proof_form(proof, where, situation=situation):
        return problem, not_asked()
    assert isinstance(method_id, str)
    # 2. The key, from its controller's document; where that cannot be had, as the URL itself tells it.
    resolved = situation.controller(split_fragment(method_id)[0])
    method = find_method(resolved, method_id=method_id, purpose=proof.get("proofPurpose"))
    key = method.public_key if isinstance(method, VerificationMethod) else key_in_identifier(method_id)
    if key is None:
        assert isinstance(method, Unresolved)
        result = _fail if method.known_bad else _unknown
        return result(method.message, method.code, f"{where}/verificationMethod"), not_asked()
    # 3. The signature, made for stating claims.
    if problem := _check_signature(document, proof, key, where, contexts=situation.contexts):
        return problem, not_asked()
    if proof.get("proofPurpose") != PURPOSE:
        message = f"the proof was made for {proof.get('proofPurpose')!r:.40}, not for stating claims"
        return _fail(message, "PROOF_VERIFICATION_ERROR", f"{where}/proofPurpose"), not_asked()
    good = line("proof", "pass", _whole_or_part(proof), pointer=where, spec=_SPEC)
    # 4. Whose key it is.
    moment = proof.get("created") or document.get("validFrom")
    return good, check_binding(method, resolved, issuer=issuer_of(document), moment=moment, situation=situation)


def _whole_or_part(proof: Mapping[str, Any]) -> str:
    """Say what a good signature covers: all that was signed, or the part that its holder chose to show."""
    if cryptosuite_of(proof).form == "sd":
        return "what is shown was not changed since it was signed; the holder may have left parts out"
    return "nothing was changed since it was signed"


def _proof_form(proof: Mapping[str, Any], where: str, *, situation: Situation) -> Check | None:
    """A proof is of a kind that we have, names its key by a URL, is not from the future and has not expired."""
    try:
        cryptosuite_of(proof)
    except UnsupportedProofError as error:
        return _unknown(str(error), error.problem, where)
    try:
        created = parse_date_time(with_zone(proof["created"])) if "created" in proof else None
        expires = parse_date_time(with_zone(proof["expires"])) if "expires" in proof else None
    except DocumentError as error:
        return _fail(f"a date of the proof cannot be read: {error}", "PROOF_VERIFICATION_ERROR", where)
    if created and situation.is_ahead(created):
        message = "the proof says it was made in the future"
        return _fail(message, "PROOF_VERIFICATION_ERROR", f"{where}/created")
    if expires and situation.is_over(expires):
        message = f"the proof was good until {expires:%-d %B %Y} only"
        return _fail(message, "PROOF_VERIFICATION_ERROR", f"{where}/expires")
    method_id = proof.get("verificationMethod")
    if not isinstance(method_id, str) or ":" not in method_id:
        message = "the proof does not name its key by a URL"
        return _fail(message, "INVALID_VERIFICATION_METHOD_URL", f"{where}/verificationMethod")
    return None


def _check_signature(
    document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, where: str, *, contexts: ContextSet
) -> Check | None:
    """Return None when the signature holds."""
    try:
        verify_proof(document, proof=proof, public_key=key, contexts=contexts)
    except BadSignatureError as error:
        if _holds_without_later_terms(document, proof, key, contexts=contexts):
            # Made with the old bytes, or the members were added since: nobody can tell which.
            message = "it holds members that its signature does not cover (jti or endorsementJwt)"
            return _fail(message, "PROOF_VERIFICATION_ERROR", where)
        return _fail(_CHANGED, error.code, f"{where}/proofValue")
    except DocumentError as error:
        result = _unknown if error.problem in {"UNSUPPORTED", "UNKNOWN_CONTEXT"} else _fail
        in_proof = error.pointer.startswith("/proof")
        pointer = error.pointer.replace("/proof", where, 1) if in_proof else error.pointer
        return result(str(error), error.problem, pointer or where)
    return None


def _holds_without_later_terms(
    document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, *, contexts: ContextSet
) -> bool:
    """Say whether a signature holds under the older bytes of the Open Badges context, if they read differently."""
    older = without_later_terms(document)
    if older is None:
        return False
    try:
        verify_proof(older, proof=proof, public_key=key, contexts=contexts)
    except (BadSignatureError, DocumentError):
        return False
    return True
