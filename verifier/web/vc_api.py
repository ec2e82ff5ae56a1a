"""The VC-API's view of a report (VC-API.md, section 4) and the check of many badges at once.

`verified` is what a program acts on, so it never says yes where the report knows better. It means: readable, its
words defined, conforming to the data model, its proof good, not revoked, in force. Whose key it is counts too
where the issuer is a DID. Where the issuer is an https address, as in the specifications' own vectors, that stays
a line of its own (`issuer_binding`) and moves the report's `verdict` alone (VC-API.md, 4.4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from schemas import looks_like_jws
from verifier.report import Check, Report
from verifier.web.given import Checker
from verifier.web.problems import RequestError, problems_of, take_flag, take_options, take_text

MAX_BADGES = 100
_ALWAYS = frozenset({"readable", "context", "model", "schema", "proof", "issuer_binding"})
_CARRIED = frozenset({"endorsement", "decision", "log"})
# What a caller may ask for in `options.checks`; without it, all of it.
_ASKED = MappingProxyType(
    {
        "proof": frozenset[str](),
        "credentialStatus": frozenset({"status"}),
        "status": frozenset({"status"}),
        "validity": frozenset({"time"}),
        "time": frozenset({"time"}),
    }
)
_BULK_OPTIONS = frozenset({"recipient", "refresh"})


def counting_lines(report: Report, *, checks: Collection[str] | None = None) -> list[Check]:
    """Return the lines of a report that `verified` depends on and that are not good."""
    counted = _ALWAYS | {"status", "time"}
    if checks is not None:
        counted = _ALWAYS.union(*(_ASKED.get(name, frozenset()) for name in checks))
    if not _issuer_id(report).startswith("did:"):
        counted -= {"issuer_binding"}
    return [
        line
        for line in report.checks
        if (line.id in counted and line.result in {"fail", "unknown"}) or _is_contradiction(line)
    ]


def _is_contradiction(line: Check) -> bool:
    """Say whether a badge contradicts what it carries: an endorsement moved apart, another badge's log entry."""
    return line.result == "fail" and line.decides and line.id.partition("/")[0] in _CARRIED


def _issuer_id(report: Report) -> str:
    issuer = report.credential.get("issuer")
    name = issuer.get("id") if isinstance(issuer, Mapping) else None
    return name if isinstance(name, str) else ""


def take_checks(options: dict[str, Any]) -> list[str] | None:
    """Return `options.checks`; raise RequestError when it is not a list of texts."""
    value = options.get("checks")
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise RequestError("The option checks must be a list of texts.", pointer="/options/checks")
    return value


def verify_credential(body: dict[str, Any], *, checker: Checker) -> tuple[bool, dict[str, Any]]:
    """Answer POST /credentials/verify: whether it is verified, and the body."""
    options = take_options(body)
    checks = take_checks(options)
    domain, challenge = take_text(options, "domain"), take_text(options, "challenge")
    checker = checker.refreshing() if take_flag(options, "refresh") else checker
    value = body.get("verifiableCredential")
    if value is None:
        raise RequestError("The request has no member verifiableCredential.", pointer="/verifiableCredential")
    report = check_given(value, checker=checker, pointer="/verifiableCredential")
    bad = counting_lines(report, checks=checks)
    document = report.document or {}
    if domain is not None or challenge is not None:
        bad += check_domain_and_challenge(document, domain=domain, challenge=challenge)
    answer = {"verified": not bad, "problemDetails": problems_of(bad), **report.to_json()}
    return not bad, answer


def check_given(value: object, *, checker: Checker, pointer: str) -> Report:
    """Return the report on a credential that is a JSON object, or a JWT as a text; nothing is fetched for it."""
    if isinstance(value, dict):
        return checker.check_value(value)
    if isinstance(value, str) and looks_like_jws(value):
        return checker.check_bytes(value.encode("ascii"))
    raise RequestError("A credential is a JSON object, or a JWT as a text.", pointer=pointer)


def check_domain_and_challenge(
    document: Mapping[str, Any], *, domain: str | None, challenge: str | None
) -> list[Check]:
    """Return a line for each expected value that no proof of the document has (VC-DI 1.0, 4.4, steps 9, 10)."""
    value = document.get("proof", [])
    proofs = [proof for proof in (value if isinstance(value, list) else [value]) if isinstance(proof, Mapping)]
    lines = []
    for name, wanted, code in (
        ("domain", domain, "INVALID_DOMAIN_ERROR"),
        ("challenge", challenge, "INVALID_CHALLENGE_ERROR"),
    ):
        if wanted is not None and not any(wanted in _listed(proof.get(name)) for proof in proofs):
            message = f"The proof was not made for the {name} that was asked for."
            pointer = f"/proof/{name}"
            lines.append(Check(id="proof", result="fail", code=code, pointer=pointer, message=message))
    return lines


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else [value]


def verify_many(body: dict[str, Any], *, checker: Checker) -> dict[str, Any]:
    """Answer POST /api/verify: a report for each badge, in their order; raise RequestError."""
    if stray := body.keys() - {"badges", "options"}:
        name = min(stray)
        raise RequestError(f"The request has no member {name[:80]!r}.", pointer=f"/{_escaped(name)}")
    options = take_options(body)
    if stray := options.keys() - _BULK_OPTIONS:
        name = min(stray)
        raise RequestError(f"There is no option {name[:80]!r}.", pointer=f"/options/{_escaped(name)}")
    recipient = take_text(options, "recipient")
    checker = checker.refreshing() if take_flag(options, "refresh") else checker
    badges = body.get("badges")
    if not isinstance(badges, list) or not badges:
        raise RequestError("The member badges must be a list of 1 to 100 badges.", pointer="/badges")
    if len(badges) > MAX_BADGES:
        message = f"There are {len(badges)} badges; send at most {MAX_BADGES} at once."
        raise RequestError(message, code="LIMIT_EXCEEDED", pointer="/badges")
    for index, badge in enumerate(badges):
        if not isinstance(badge, (dict, str)):
            message = "A badge is a JSON object, or a text: a JWT, a link, or an image as base64."
            raise RequestError(message, pointer=f"/badges/{index}")
    reports = [
        checker.check_text(badge, recipient=recipient)
        if isinstance(badge, str)
        else checker.check_value(badge, recipient=recipient)
        for badge in badges
    ]
    return {"reports": [report.to_json() for report in reports]}


def _escaped(name: str) -> str:
    return name[:80].replace("~", "~0").replace("/", "~1")
