"""A newer copy of a badge, asked for on request (Open Badges 3.0, section 9.1, step 3; CONFORMANCE A4, K2, Q10).

The badge says where newer copies of it stand. That address is asked once, through the guarded fetcher, and only
when the badge's own signature holds. What stands there counts as a copy when its issuer and its id are those of
the badge; it is then checked by itself, and what it says of newer copies is not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from schemas import DocumentError, parse_date_time
from verifier.checks.lines import issuer_of, line
from verifier.checks.rules import entries, is_typed
from verifier.fetch import Fetcher
from verifier.guarded import FetchError
from verifier.read import Presented, read_badge
from verifier.report import Check, Report, Result

SERVICE = "1EdTechCredentialRefresh"
_ID = "refresh"
_SPEC = "OB 3.0, 9.1"
Verify = Callable[[Presented], Report]


def with_newer_copy(report: Report, *, asked: bool, fetcher: Fetcher, verify: Verify) -> Report:
    """Return a report with a line on newer copies where the badge names a place for them, and the copy's report.

    `verify` checks the copy, without asking for a newer one again. The line decides nothing: the verdict is on the
    copy that was handed in.
    """
    document = report.document or {}
    found = [
        (where, entry) for where, entry in entries(document, "refreshService", "") if is_typed(entry, SERVICE)
    ]
    if not found:
        return report
    where, entry = found[0]
    if not asked:
        reason = "it says where newer copies of it stand, and nobody asked for one"
        return _told(report, "skipped", reason, "", where)
    if not any(check.id == "proof" and check.result == "pass" for check in report.checks):
        return _told(report, "skipped", "a newer copy was not asked for, as no signature holds", "", where)
    try:
        presented = read_badge(fetcher.fetch(str(entry.get("id"))).body)
    except FetchError as error:
        return _told(report, "info", f"we could not get a newer copy: {error}", "REFRESH_FAILED", where)
    if presented.problem is not None:
        reason = f"what stands where newer copies should be cannot be read: {presented.problem}"
        return _told(report, "info", reason, "REFRESH_FAILED", where)
    if not _is_equal(document, presented.document):
        reason = "what stands where newer copies should be is another badge"
        return _told(report, "warning", reason, "REFRESH_FAILED", where)
    begin, newer = _begin(document), _begin(presented.document)
    if begin is not None and newer is not None and newer <= begin:
        return _told(report, "info", "the issuer has no newer copy than this", "", where)
    return _with_copy(report, verify(presented), newer, where)


def _with_copy(report: Report, copy: Report, begin: datetime | None, where: str) -> Report:
    of = f" of {begin:%-d %B %Y}" if begin else ""
    if copy:
        reason = f"the issuer has a newer copy{of}, and it is good: go by that one"
        return replace(_told(report, "info", reason, "", where), newer=copy)
    word = "is not good" if copy.verdict == "invalid" else "could not be checked"
    why = f": {copy.deciding.message[:1].lower()}{copy.deciding.message[1:]}" if copy.deciding else ""
    reason = f"the issuer has a newer copy{of}, and that {word}{why}"
    return replace(_told(report, "warning", reason, "REFRESH_FAILED", where), newer=copy)


def _told(report: Report, result: Result, reason: str, code: str, where: str) -> Report:
    check: Check = line(_ID, result, reason, code, pointer=where, spec=_SPEC)
    return replace(report, checks=(*report.checks, replace(check, decides=False)))


def _is_equal(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two credentials are the same one: by issuer and id, percent-decoded and trimmed (A4)."""
    ids = [document.get("id") for document in (one, other)]
    names = [_plain(issuer_of(document)) for document in (one, other)]
    return isinstance(ids[0], str) and _plain(ids[0]) == _plain(ids[1]) and bool(names[0]) and names[0] == names[1]


def _plain(identifier: object) -> str:
    return unquote(identifier).strip() if isinstance(identifier, str) else ""


def _begin(document: Mapping[str, Any]) -> datetime | None:
    try:
        return parse_date_time(document.get("validFrom", document.get("issuanceDate")))
    except DocumentError:
        return None
