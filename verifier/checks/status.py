"""Is it revoked or suspended (Bitstring Status List 1.0, section 3.2; CONFORMANCE J1 to J8).

Three answers: the list says good, the list says not good, or we could not find out. Every entry is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas import (
    DocumentError,
    StatusListError,
    check_minimum_length,
    decode_bitstring,
    parse_date_time,
    status_at,
)
from verifier.checks.form import types_of
from verifier.checks.proofs import Situation, issuer_of
from verifier.fetch import FetchError
from verifier.read import Presented, read_badge
from verifier.report import Check

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


def _line(result: str, reason: str, code: str, pointer: str = "/credentialStatus") -> Check:
    text = reason[:1].upper() + reason[1:].rstrip(".") + "."
    return Check(id="status", result=result, code=code, pointer=pointer, spec=_SPEC, message=text)  # type: ignore[arg-type]  # one of three literals


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
    if purpose in {"message", "refresh"}:
        return _line(
            "skipped", f"its status of the kind {purpose} says nothing about whether it is good", "", where
        )
    if purpose not in {"revocation", "suspension"}:
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
        bits, stated = _list_bits(
            entry.url, entry.purpose, issuer=issuer, situation=situation, verify_list=verify_list
        )
        if not situation.policy.compatible:
            check_minimum_length(bits)
        if status_at(bits, entry.index):
            word = "revoked" if entry.purpose == "revocation" else "suspended"
            return _line("fail", f"it was {word}, says the issuer's list of {stated}", "STATUS_SET", where)
    except FetchError as error:
        reason = f"we could not check whether it was revoked: {error}. Try again later, or ask the issuer"
        return _line("unknown", reason, "STATUS_RETRIEVAL_ERROR", where)
    except DocumentError as error:
        return _line("unknown", f"we could not check whether it was revoked: {error}", error.problem, where)
    message = f"Not revoked: status as the issuer stated it on {stated}."
    if entry.written_as_number:
        return Check(
            id="status",
            result="warning",
            code="MALFORMED_VALUE_ERROR",
            pointer=f"{where}/statusListIndex",
            spec=_SPEC,
            message=f"{message} Its place in the list is written as a number instead of a text.",
        )
    return Check(id="status", result="pass", spec=_SPEC, message=message)


def _list_bits(
    url: str, purpose: str, *, issuer: str, situation: Situation, verify_list: VerifyList
) -> tuple[bytes, str]:
    """Return a list's bits and when it was stated; raise FetchError, StatusListError or DocumentError."""
    presented = read_badge(situation.fetcher.fetch(url).body)
    if presented.problem:
        raise StatusListError(f"the status list cannot be read: {presented.problem}")
    document = presented.document
    if "BitstringStatusListCredential" not in types_of(document):
        raise StatusListError("what stands at the list's address is not a status list")
    if "id" in document and document["id"] != url:
        raise StatusListError("the status list says that it belongs at another address")
    if issuer_of(document) != issuer:
        raise StatusListError("the status list is of another issuer than the badge")
    broken = next((check for check in verify_list(presented) if check.result in {"fail", "unknown"}), None)
    if broken is not None:
        raise StatusListError(
            f"the status list itself is not good: {broken.message[:1].lower()}{broken.message[1:-1]}"
        )
    subject = document.get("credentialSubject")
    if not isinstance(subject, Mapping) or "BitstringStatusList" not in types_of(subject):
        raise StatusListError("the status list holds no list")
    purposes = subject.get("statusPurpose")
    if purpose not in (purposes if isinstance(purposes, list) else [purposes]):
        raise StatusListError(f"the status list is not for {purpose}")
    stated = parse_date_time(document["validFrom"]) if "validFrom" in document else situation.now
    return decode_bitstring(subject.get("encodedList")), f"{stated:%d %B %Y, %H:%M} UTC"
