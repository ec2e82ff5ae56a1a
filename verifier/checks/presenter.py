"""Who shows a presentation: the holder's own signature, made for showing and for whoever asked (VC-DI 1.0, 4.4).

Lines `proof` say that nothing was changed, that it was made for showing credentials, and for this occasion; lines
`holder` that the key is the holder's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys import BadSignatureError, VerificationMethod, split_fragment
from schemas import (
    CompactJWS,
    DocumentError,
    UnsupportedProofError,
    check_jws_header,
    cryptosuite_of,
    parse_date_time,
    proofs_of,
    verify_jws,
    verify_proof,
)
from verifier.checks.binding import find_method, with_zone
from verifier.checks.jwt_claims import check_force
from verifier.checks.jwt_keys import find_jwt_key
from verifier.checks.lines import Situation, line
from verifier.report import Check, Result
from verifier.resolve import Unresolved

PURPOSE = "authentication"
_SPEC = "VC Data Integrity 1.0, 4.4"
_JOSE = "VC-JOSE-COSE 1.0, 3.2"
_CHANGED = "the presentation was changed after it was signed, or signed with another key than it names"
_SHOWN = "it was signed by the one who shows it, and not changed since"
_CONTENT_TYPES = frozenset({"vp", "vp+ld+json", "vp+ld"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a proof must have been made for: None where nothing was asked for."""

    domain: str | None = None
    challenge: str | None = None


def holder_of(document: Mapping[str, Any]) -> str:
    """Return the holder's identifier, "" where a presentation names none."""
    holder = document.get("holder")
    name = holder.get("id") if isinstance(holder, Mapping) else holder
    return name if isinstance(name, str) else ""


def check_own_proofs(document: Mapping[str, Any], *, occasion: Occasion, situation: Situation) -> list[Check]:
    """Check every Data Integrity proof of a presentation; each must hold."""
    try:
        proofs = proofs_of(document)
    except DocumentError as error:
        return [_fail(str(error), error.problem, error.pointer)]
    if not proofs:
        reason = "the presentation is not signed: anybody could have put it together"
        return [_fail(reason, "PROOF_VERIFICATION_ERROR", "/proof")]
    listed = isinstance(document["proof"], list)
    lines: list[Check] = []
    for index, proof in enumerate(proofs):
        where = f"/proof/{index}" if listed else "/proof"
        lines += _check_proof(document, proof, where, occasion=occasion, situation=situation)
    return lines


def _fail(reason: str, code: str, pointer: str = "", *, spec: str = _SPEC) -> Check:
    return line("proof", "fail", reason, code, pointer=pointer, spec=spec)


def _missing(found: Unresolved, where: str) -> Check:
    result: Result = "fail" if found.known_bad else "unknown"
    return line("proof", result, found.message, found.code, pointer=where, spec=_SPEC)


def _check_proof(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    where: str,
    *,
    occasion: Occasion,
    situation: Situation,
) -> list[Check]:
    # 1. A kind of proof that we have, for showing, in force, for this occasion.
    if problem := _proof_problem(proof, where, occasion=occasion, situation=situation):
        return [problem]
    # 2. The key, which its owner lists for authentication.
    method_id = str(proof["verificationMethod"])
    resolved = situation.controller(split_fragment(method_id)[0])
    method = find_method(resolved, method_id=method_id, purpose=PURPOSE)
    if isinstance(method, Unresolved):
        return [_missing(method, f"{where}/verificationMethod")]
    # 3. The signature.
    try:
        verify_proof(document, proof=proof, public_key=method.public_key, contexts=situation.contexts)
    except BadSignatureError as error:
        return [_fail(_CHANGED, error.code, f"{where}/proofValue")]
    except DocumentError as error:
        result: Result = "unknown" if error.problem in {"UNSUPPORTED", "UNKNOWN_CONTEXT"} else "fail"
        return [line("proof", result, str(error), error.problem, pointer=error.pointer or where, spec=_SPEC)]
    good = line("proof", "pass", _SHOWN, pointer=where, spec=_SPEC)
    # 4. Whose key it is.
    return [good, _check_holder(method, holder=holder_of(document), situation=situation)]


def _proof_problem(
    proof: Mapping[str, Any], where: str, *, occasion: Occasion, situation: Situation
) -> Check | None:
    """Return what is wrong with a proof's kind, purpose, dates, occasion or way of naming its key."""
    try:
        cryptosuite_of(proof)
        moments = {
            name: parse_date_time(with_zone(proof[name])) for name in ("created", "expires") if name in proof
        }
    except UnsupportedProofError as error:
        return line("proof", "unknown", str(error), error.problem, pointer=where, spec=_SPEC)
    except DocumentError as error:
        return _fail(f"a date of the proof cannot be read: {error}", "PROOF_VERIFICATION_ERROR", where)
    if proof.get("proofPurpose") != PURPOSE:
        reason = "the proof was not made for showing credentials (authentication)"
        return _fail(reason, "PROOF_VERIFICATION_ERROR", f"{where}/proofPurpose")
    if "created" in moments and situation.is_ahead(moments["created"]):
        return _fail("the proof says it was made in the future", "PROOF_VERIFICATION_ERROR", f"{where}/created")
    if "expires" in moments and situation.is_over(moments["expires"]):
        reason = f"the proof was good until {moments['expires']:%-d %B %Y} only"
        return _fail(reason, "PROOF_VERIFICATION_ERROR", f"{where}/expires")
    method_id = proof.get("verificationMethod")
    if not isinstance(method_id, str) or ":" not in method_id:
        reason = "the proof does not name its key by a URL"
        return _fail(reason, "INVALID_VERIFICATION_METHOD_URL", f"{where}/verificationMethod")
    return _other_occasion(proof.get("domain"), proof.get("challenge"), where, occasion=occasion)


def _other_occasion(domain: object, challenge: object, where: str, *, occasion: Occasion) -> Check | None:
    """VC-DI 1.0, section 4.4, steps 9 and 10; in a JWT its claims aud and nonce."""
    domains = domain if isinstance(domain, list) else [domain]
    if occasion.domain is not None and occasion.domain not in domains:
        reason = "the presentation was not made for the domain that was asked for"
        return _fail(reason, "INVALID_DOMAIN_ERROR", f"{where}/domain")
    if occasion.challenge is not None and occasion.challenge != challenge:
        reason = "the presentation does not answer the challenge that was given: it may have been shown before"
        return _fail(reason, "INVALID_CHALLENGE_ERROR", f"{where}/challenge")
    return None


def _check_holder(method: VerificationMethod, *, holder: str, situation: Situation) -> Check:
    if method.revoked is not None:
        return line("holder", "fail", "its key was stolen or lost, says its owner", "KEY_COMPROMISED")
    if method.expires is not None and situation.now >= method.expires:
        reason = f"it was signed with a key that its owner had retired on {method.expires:%-d %B %Y}"
        return line("holder", "fail", reason, "KEY_RETIRED")
    if holder and method.controller != holder:
        reason = "it was signed with somebody else's key than the holder's"
        return line("holder", "fail", reason, "INVALID_VERIFICATION_METHOD", pointer="/holder")
    return line("holder", "pass", f"it is shown by {method.controller[:200]}")


def check_own_jwt(
    document: Mapping[str, Any], jws: CompactJWS, *, is_jose: bool, occasion: Occasion, situation: Situation
) -> list[Check]:
    """Check the signature of a presentation in a JWT, in the form vp+jwt or in that of the claim vp."""
    # 1. A header of a form that we have, and one presentation in it.
    try:
        check_jws_header(jws.header)
    except UnsupportedProofError as error:
        return [line("proof", "unknown", str(error), error.problem, pointer="/alg", spec=_JOSE)]
    except DocumentError as error:
        return [_fail(str(error), error.problem, error.pointer, spec=_JOSE)]
    if problem := _layout_problem(jws, is_jose=is_jose):
        return [problem]
    # 2. The key, which the holder lists for authentication.
    holder = holder_of(document) or str(jws.payload.get("iss", "")) or _owner_of_key(jws)
    if "jwk" in jws.header and not holder:
        return [_fail("the JWT says neither who shows it nor whose key it is", "INVALID_VERIFICATION_METHOD")]
    found = find_jwt_key(jws.header, owner=holder, moment=None, situation=situation, purpose=PURPOSE)
    if isinstance(found, Unresolved):
        return [_missing(found, "/kid")]
    # 3. The signature.
    try:
        verify_jws(jws, public_key=found.key)
    except BadSignatureError as error:
        return [_fail(_CHANGED, error.code, spec=_JOSE)]
    # 4. The claims: who, when, for whom.
    faults = [*_claim_faults(document, jws.payload), *check_force(jws.payload, situation=situation)]
    if other := _other_occasion(jws.payload.get("aud"), jws.payload.get("nonce"), "", occasion=occasion):
        faults.append(other)
    lines = faults or [line("proof", "pass", _SHOWN, spec=_JOSE)]
    binding = found.binding
    if binding.result == "pass" or binding.code == "KEY_SUPPLIED":
        return [*lines, line("holder", "pass", f"it is shown by {holder[:200]}")]
    result: Result = "fail" if binding.result == "fail" else "unknown"
    return [*lines, line("holder", result, binding.message, binding.code, pointer="/holder")]


def _owner_of_key(jws: CompactJWS) -> str:
    kid = jws.header.get("kid")
    return split_fragment(kid)[0] if isinstance(kid, str) else ""


def _layout_problem(jws: CompactJWS, *, is_jose: bool) -> Check | None:
    if not is_jose:
        if str(jws.header.get("typ", "JWT")).upper() != "JWT":
            reason = f"the JWT is of the type {jws.header['typ']!r:.40}, not one of a presentation"
            return _fail(reason, "MALFORMED_VALUE_ERROR", "/typ", spec=_JOSE)
        return None
    kind = jws.header.get("cty", "vp")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in _CONTENT_TYPES:
        reason = f"the JWT says it holds {kind!r:.40}, not a presentation"
        return _fail(reason, "MALFORMED_VALUE_ERROR", "/cty", spec=_JOSE)
    for claim in ("vc", "vp"):
        if claim in jws.payload:
            reason = f"the JWT has a claim {claim}, which a presentation of this form may not have"
            return _fail(reason, "MALFORMED_VALUE_ERROR", f"/{claim}", spec=_JOSE)
    return None


def _claim_faults(document: Mapping[str, Any], payload: Mapping[str, Any]) -> list[Check]:
    wanted = {"iss": holder_of(document), "jti": document.get("id")}
    return [
        _fail(
            f"the JWT says {str(payload[claim])[:200]} as {claim}, the presentation says {str(expected)[:200]}",
            "CLAIM_MISMATCH",
            f"/{claim}",
            spec=_JOSE,
        )
        for claim, expected in wanted.items()
        if claim in payload and expected and payload[claim] != expected
    ]
