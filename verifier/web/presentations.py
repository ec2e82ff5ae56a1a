"""A presentation's report as the VC-API answers it: the holder's proof, every credential (VC-API.md, 4.5)."""

from __future__ import annotations

from typing import Any

from verifier.presentation import verify_presentation as report_on
from verifier.web.given import Checker
from verifier.web.problems import RequestError, problems_of, take_options, take_text
from verifier.web.vc_api import counting_lines, take_checks


def verify_presentation(body: dict[str, Any], *, checker: Checker) -> tuple[bool, dict[str, Any]]:
    """Answer POST /presentations/verify: whether it is verified, and the body; raise RequestError."""
    options = take_options(body)
    checks = take_checks(options)
    domain, challenge = take_text(options, "domain"), take_text(options, "challenge")
    value = body.get("verifiablePresentation")
    if not isinstance(value, (dict, str)):
        message = "The member verifiablePresentation must be a JSON object, or a JWT as a text."
        raise RequestError(message, pointer="/verifiablePresentation")
    report = report_on(
        value,
        now=checker.now,
        fetcher=checker.fetcher,
        policy=checker.policy,
        domain=domain,
        challenge=challenge,
        contexts=checker.contexts,
        seen=checker.seen,
    )
    problems = problems_of(report.checks)
    answers = []
    for index, credential in enumerate(report.credentials):
        counting = counting_lines(credential, checks=checks)
        problems += problems_of(counting, prefix=f"/verifiableCredential/{index}")
        answers.append({"verified": not counting, **credential.to_json()})
    # Without a good proof of its own nothing was shown by anybody, whatever lines there are.
    shown = any(line.id == "proof" and line.result == "pass" for line in report.checks)
    verified = shown and not problems
    told = {**report.to_json(), "credentials": answers}
    return verified, {"verified": verified, "problemDetails": problems, **told}
