"""Is it revoked or suspended (Bitstring Status List 1.0, section 3.2; CONFORMANCE J1 to J8).

Three answers: the list says good, the list says not good, or we could not find out. Every entry is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import (
    DocumentError,
    StatusListError,
    check_minimum_length,
    decode_bitstring,
    parse_date_time,
    status_at,
)
from verifier.checks.binding import not_asked
from verifier.checks.form import types_of
from verifier.checks.lines import Situation, issuer_of, line, sentence
from verifier.fetch import FetchError
from verifier.read import Presented, read_badge
from verifier.report import Check, Report, Result

MAX_ENTRIES = 8
_SPEC = "Bitstring Status List 1.0, 3.2"
_INDEX = re.compile(r"0|[1-9][0-9]{0,15}")
_LATER = frozenset(
    {"StatusList2021Entry", "1EdTechRevocationList", "RevocationList2020Status", "CredentialStatusList2017"}
)
VerifyList = Callable[[Presented], list[Check]]


def check_status(document: Mapping[str, Any], *, situation: Situation, verify_list: VerifyList) -> list[Check]:
    """Ask every status entry; `verify_list` checks a list's own form, proof, issuer and dates."""
    value = document.get("credentialStatus", [])
    entries = value if isinstance(value, list) else [value]
    if not entries:
        return [Check(id="status", result="skipped", message="The issuer gave it no way to be revoked.")]
    if len(entries) > MAX_ENTRIES:
        return [_line("unknown", f"it has more than {MAX_ENTRIES} status entries", "LIMIT_EXCEEDED")]
    return [
        _check_entry(
            entry,
            f"/credentialStatus/{index}" if isinstance(value, list) else "/credentialStatus",
            issuer=issuer_of(document),
            situation=situation,
            verify_list=verify_list,
        )
        for index, entry in enumerate(entries)
    ]


def _line(result: Result, reason: str, code: str, pointer: str = "/credentialStatus") -> Check:
    return line("status", result, reason, code, pointer=pointer, spec=_SPEC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A status entry that names a list, a place in it, and what for."""

    purpose: str
    url: str
    index: int
    written_as_number: bool


def _parse_entry(entry: object, where: str) -> _Entry | Check:
    """Read one entry of credentialStatus; a Check where it cannot be asked."""
    types = types_of(entry)
    if not isinstance(entry, Mapping) or "BitstringStatusListEntry" not in types:
        kind = next((name for name in types if name in _LATER), str(types[:1]))
        return _line(
            "unknown", f"its status is kept in a form that is not checked here ({kind})", "UNSUPPORTED", where
        )
    purpose, index, url = (
        entry.get(name) for name in ("statusPurpose", "statusListIndex", "statusListCredential")
    )
    if purpose in ("message", "refresh"):
        return _line(
            "skipped", f"its status of the kind {purpose} says nothing about whether it is good", "", where
        )
    if purpose not in ("revocation", "suspension"):
        return _line("unknown", "its status entry does not say what it is for", "MALFORMED_VALUE_ERROR", where)
    is_number = isinstance(index, int) and not isinstance(index, bool)
    if not (is_number or isinstance(index, str)) or not _INDEX.fullmatch(str(index)):
        return _line("unknown", "its place in the status list is not a number", "MALFORMED_VALUE_ERROR", where)
    if entry.get("statusSize", 1) != 1:
        return _line(
            "unknown", "its status takes more than one bit, which is not checked here", "UNSUPPORTED", where
        )
    if not isinstance(url, str):
        return _line(
            "unknown", "its status entry does not say where the list stands", "MALFORMED_VALUE_ERROR", where
        )
    return _Entry(purpose=str(purpose), url=url, index=int(str(index)), written_as_number=is_number)


def _check_entry(
    value: object, where: str, *, issuer: str, situation: Situation, verify_list: VerifyList
) -> Check:
    entry = _parse_entry(value, where)
    if isinstance(entry, Check):
        return entry
    try:
        found = _fetch_list(entry, situation=situation, verify_list=verify_list)
        oddities = _own_rules(found, entry, issuer=issuer, situation=situation)
        is_set = status_at(found.bits, entry.index)
    except FetchError as error:
        reason = f"we could not check whether it was revoked: {error}. Try again later, or ask the issuer"
        return _line("unknown", reason, "STATUS_RETRIEVAL_ERROR", where)
    except DocumentError as error:
        return _line("unknown", f"we could not check whether it was revoked: {error}", error.problem, where)
    stated = f"{found.stated:%d %B %Y, %H:%M} UTC"
    if is_set:
        word = "revoked" if entry.purpose == "revocation" else "suspended"
        return _line("fail", f"it was {word}, says the issuer's list of {stated}", "STATUS_SET", where)
    word = "Not revoked" if entry.purpose == "revocation" else "Not suspended"
    message = f"{word}: status as the issuer stated it on {stated}"
    if entry.written_as_number:
        reason = f"{message}. Its place in the list is written as a number instead of a text"
        return _line("warning", reason, "MALFORMED_VALUE_ERROR", f"{where}/statusListIndex")
    if oddities:
        return _line("warning", f"{message}. {' '.join(oddities)}", "ODD_STATUS_LIST", where)
    return _line("pass", message, "", where)


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """A status list that is good in itself."""

    document: Mapping[str, Any]
    bits: bytes
    stated: datetime


def _fetch_list(entry: _Entry, *, situation: Situation, verify_list: VerifyList) -> _List:
    """Return the list of an entry by the steps of section 3.2; raise FetchError or a DocumentError."""
    # 1 to 3. Get it; it is a status list, and secured as a credential of its own.
    presented = read_badge(situation.fetcher.fetch(entry.url).body)
    if presented.problem:
        raise StatusListError(f"the status list cannot be read: {presented.problem}")
    document = presented.document
    if "BitstringStatusListCredential" not in types_of(document):
        raise StatusListError("what stands at the list's address is not a status list")
    report = Report(checks=tuple(verify_list(presented)), checked_at=situation.now)
    if not report:
        reason = (report.deciding or not_asked()).message
        raise StatusListError(f"the status list itself is not good: {reason[:1].lower()}{reason[1:-1]}")
    # 4 and 5. It is for this purpose.
    subject = document.get("credentialSubject")
    if not isinstance(subject, Mapping) or "BitstringStatusList" not in types_of(subject):
        raise StatusListError("the status list holds no list")
    purposes = subject.get("statusPurpose")
    if entry.purpose not in (purposes if isinstance(purposes, list) else [purposes]):
        raise StatusListError(f"the status list is not for {entry.purpose}")
    # 6. Its bits.
    bits = decode_bitstring(subject.get("encodedList"))
    stated = parse_date_time(document["validFrom"]) if "validFrom" in document else situation.now
    return _List(document=document, bits=bits, stated=stated)


def _own_rules(found: _List, entry: _Entry, *, issuer: str, situation: Situation) -> list[str]:
    """Raise StatusListError for a list that we do not take; return what is odd where the policy is lenient.

    Long enough to hide one badge among many (section 3.1), at the address that it names itself, so that nobody
    can serve one list in the place of another, and of the badge's issuer or of one on the verifier's list (J5).
    """
    lenient = situation.policy.compatible
    oddities = []
    try:
        check_minimum_length(found.bits)
    except StatusListError as error:
        if not lenient:
            raise
        oddities.append(sentence(str(error)))
    if issuer_of(found.document) not in {issuer, *situation.policy.issuers}:
        if not lenient:
            raise StatusListError("the status list is of another issuer than the badge")
        oddities.append("The list is of another issuer than the badge.")
    if found.document.get("id", entry.url) != entry.url:
        if not lenient:
            raise StatusListError("the status list says that it belongs at another address")
        oddities.append("The list says that it belongs at another address.")
    return oddities
