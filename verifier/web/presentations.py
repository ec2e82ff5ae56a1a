"""Presentations: the holder's own proof, and every credential inside (VC-API.md, section 4.5).

A presentation as a JWT, or enveloped, is a form that is not checked here: its line is unknown with the code
UNSUPPORTED, so that it is never taken for a good one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from keys import BadSignatureError, KeysError, select_verification_method, split_fragment
from schemas import (
    DocumentError,
    cryptosuite_of,
    format_date_time,
    parse_date_time,
    proofs_of,
    verify_proof,
)
from verifier.checks.form import check_context, types_of
from verifier.report import Check, Report, Result
from verifier.resolve import Resolved, resolve_controller
from verifier.web.given import Checker
from verifier.web.problems import RequestError, problems_of, take_options, take_text
from verifier.web.vc_api import check_domain_and_challenge, check_given, counting_lines, take_checks

MAX_CREDENTIALS = 100
_PURPOSE = "authentication"
_SPEC = "VC Data Integrity 1.0, 4.4"


def verify_presentation(body: dict[str, Any], *, checker: Checker) -> tuple[bool, dict[str, Any]]:
    """Answer POST /presentations/verify: whether it is verified, and the body; raise RequestError."""
    options = take_options(body)
    checks = take_checks(options)
    domain, challenge = take_text(options, "domain"), take_text(options, "challenge")
    value = body.get("verifiablePresentation")
    if not isinstance(value, (dict, str)):
        message = "The member verifiablePresentation must be a JSON object, or a JWT as a text."
        raise RequestError(message, pointer="/verifiablePresentation")
    if isinstance(value, str) or "VerifiablePresentation" not in types_of(value):
        lines, reports = [_not_plain(value)], []
    else:
        lines = [*_check_form(value, checker=checker), *_check_own_proofs(value, checker=checker)]
        lines += check_domain_and_challenge(value, domain=domain, challenge=challenge)
        reports = _check_credentials(value, checker=checker)
    bad = [line for line in lines if line.result in {"fail", "unknown"}]
    problems = problems_of(bad)
    answers = []
    for index, report in enumerate(reports):
        counting = counting_lines(report, checks=checks)
        problems += problems_of(counting, prefix=f"/verifiableCredential/{index}")
        answers.append({"verified": not counting, **report.to_json()})
    verdict = _verdict([*lines, *(line for r in reports for line in r.checks if line.decides)])
    return not problems, {
        "verified": not problems,
        "problemDetails": problems,
        "verdict": verdict,
        "checks": [line.to_json() for line in lines],
        "credentials": answers,
        "warnings": [line.message for line in lines if line.result == "warning"],
        "checkedAt": format_date_time(checker.now),
    }


def _verdict(lines: list[Check]) -> str:
    results = {line.result for line in lines}
    return "invalid" if "fail" in results else "unknown" if "unknown" in results else "valid"


def _not_plain(value: object) -> Check:
    """Return the line on what is no plain presentation: a form that is not checked here, or none at all."""
    if isinstance(value, str) or "EnvelopedVerifiablePresentation" in types_of(value):
        message = "A presentation inside a JWT is not checked here, so nothing is said about it."
        return Check(id="proof", result="unknown", code="UNSUPPORTED", message=message)
    message = "Its type does not say that it is a Verifiable Presentation."
    return _fail("model", message, "MALFORMED_VALUE_ERROR", "/type")


def _fail(id_: str, reason: str, code: str, pointer: str = "", result: Result = "fail") -> Check:
    text = reason[:1].upper() + reason[1:].rstrip(".") + "."
    return Check(id=id_, result=result, code=code, pointer=pointer, spec=_SPEC, message=text)


def _check_form(document: Mapping[str, Any], *, checker: Checker) -> Iterator[Check]:
    yield from check_context(document, is_jwt=False, known=checker.contexts)
    holder = _holder(document)
    if "holder" in document and (not isinstance(holder, str) or ":" not in holder):
        yield _fail("model", "its holder is not named by a URL", "MALFORMED_VALUE_ERROR", "/holder")
    else:
        yield Check(id="model", result="pass", message="It has what a presentation must have.")


def _holder(document: Mapping[str, Any]) -> object:
    holder = document.get("holder")
    return holder.get("id") if isinstance(holder, Mapping) else holder


def _check_own_proofs(document: Mapping[str, Any], *, checker: Checker) -> list[Check]:
    try:
        proofs = proofs_of(document)
    except DocumentError as error:
        return [_fail("proof", str(error), error.problem, error.pointer)]
    if not proofs:
        reason = "the presentation is not signed: anybody could have put it together"
        return [_fail("proof", reason, "PROOF_VERIFICATION_ERROR", "/proof")]
    listed = isinstance(document["proof"], list)
    return [
        _check_own_proof(document, proof, f"/proof/{index}" if listed else "/proof", checker=checker)
        for index, proof in enumerate(proofs)
    ]


def _check_own_proof(
    document: Mapping[str, Any], proof: Mapping[str, Any], where: str, *, checker: Checker
) -> Check:
    """Check one proof: suite, purpose, dates, key, signature, and that the key is the holder's."""
    try:
        cryptosuite_of(proof)
        if problem := _wrong_options(proof, where, checker=checker):
            return problem
        method_id = str(proof["verificationMethod"])
        resolved = resolve_controller(split_fragment(method_id)[0], fetcher=checker.fetcher)
        if not isinstance(resolved, Resolved):
            result: Result = "fail" if resolved.known_bad else "unknown"
            return _fail("proof", resolved.message, resolved.code, f"{where}/verificationMethod", result)
        method = select_verification_method(resolved.document, method_id=method_id, purpose=_PURPOSE)
        verify_proof(document, proof=proof, public_key=method.public_key, contexts=checker.contexts)
    except BadSignatureError as error:
        reason = "the presentation was changed after it was signed, or signed with another key than it names"
        return _fail("proof", reason, error.code, f"{where}/proofValue")
    except KeysError as error:
        return _fail("proof", str(error), error.code, f"{where}/verificationMethod")
    except DocumentError as error:
        result = "unknown" if error.problem in {"UNSUPPORTED", "UNKNOWN_CONTEXT"} else "fail"
        return _fail("proof", str(error), error.problem, error.pointer or where, result)
    if method.revoked is not None:
        return _fail("proof", "its key was stolen or lost, says its owner", "KEY_COMPROMISED", where)
    if "holder" in document and method.controller != _holder(document):
        reason = "it was signed with somebody else's key than the holder's"
        return _fail("proof", reason, "INVALID_VERIFICATION_METHOD", "/holder")
    message = "The presentation was signed by the one who shows it, and not changed since."
    return Check(id="proof", result="pass", pointer=where, spec=_SPEC, message=message)


def _wrong_options(proof: Mapping[str, Any], where: str, *, checker: Checker) -> Check | None:
    """Return what is wrong with a proof's purpose, dates or way of naming its key."""
    if proof.get("proofPurpose") != _PURPOSE:
        reason = "the proof was not made for showing credentials (authentication)"
        return _fail("proof", reason, "PROOF_VERIFICATION_ERROR", f"{where}/proofPurpose")
    if reason := _wrong_time(proof, checker=checker):
        return _fail("proof", reason, "PROOF_VERIFICATION_ERROR", where)
    method_id = proof.get("verificationMethod")
    if not isinstance(method_id, str) or ":" not in method_id:
        reason = "the proof does not name its key by a URL"
        return _fail("proof", reason, "INVALID_VERIFICATION_METHOD_URL", f"{where}/verificationMethod")
    return None


def _wrong_time(proof: Mapping[str, Any], *, checker: Checker) -> str:
    """Return what is wrong with a proof's dates, "" when nothing is."""
    moments = {}
    for name in ("created", "expires"):
        if name in proof:
            try:
                moments[name] = parse_date_time(proof[name])
            except DocumentError as error:
                return f"a date of the proof cannot be read: {error}"
    skew = checker.policy.skew
    if "created" in moments and moments["created"] > checker.now + skew:
        return "the proof says it was made in the future"
    if "expires" in moments and moments["expires"] < checker.now - skew:
        return "the proof was good for a time that is over"
    return ""


def _check_credentials(document: Mapping[str, Any], *, checker: Checker) -> list[Report]:
    value = document.get("verifiableCredential", [])
    credentials = value if isinstance(value, list) else [value]
    if len(credentials) > MAX_CREDENTIALS:
        raise RequestError(
            f"The presentation holds more than {MAX_CREDENTIALS} credentials.",
            code="LIMIT_EXCEEDED",
            pointer="/verifiablePresentation/verifiableCredential",
        )
    return [
        check_given(
            credential,
            checker=checker,
            pointer=f"/verifiablePresentation/verifiableCredential/{index}",
        )
        for index, credential in enumerate(credentials)
    ]
