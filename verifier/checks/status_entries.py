"""The entries of credentialStatus: which list, which place in it, and what for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from verifier.checks.form import types_of
from verifier.checks.lines import line
from verifier.report import Check

SPEC = "Bitstring Status List 1.0, 3.2"
MAX_SIZE = 32  # bits of one entry
MAX_MESSAGES = 1024
_INDEX = re.compile(r"0|[1-9][0-9]{0,15}")
_STATUS = re.compile(r"0[xX][0-9a-fA-F]{1,16}")
PURPOSES = ("revocation", "suspension", "message", "refresh")
TELLING = frozenset({"message", "refresh"})  # says nothing about whether the badge is good


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """A kind of bit list: the types of its credential and of the list in it; `legacy` as it was written before."""

    credential: str
    subject: str
    legacy: bool = False


BITSTRING = ListKind(credential="BitstringStatusListCredential", subject="BitstringStatusList")
KINDS = MappingProxyType(
    {
        "BitstringStatusListEntry": BITSTRING,
        "StatusList2021Entry": ListKind(
            credential="StatusList2021Credential", subject="StatusList2021", legacy=True
        ),
    }
)
REVOCATION_LIST = "1EdTechRevocationList"
_NOT_READ = frozenset({"RevocationList2020Status", "CredentialStatusList2017"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A place in a bit list, for one purpose. `messages` are the texts of its values, where it has them."""

    kind: ListKind
    purpose: str
    url: str
    index: int
    size: int
    messages: Mapping[int, str]
    written_as_number: bool
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainEntry:
    """The address of a 1EdTechRevocationList."""

    url: str
    where: str


def status_line(result: Any, reason: str, code: str, where: str, *, spec: str = SPEC) -> Check:
    """Return a line on the status."""
    return line("status", result, reason, code, pointer=where, spec=spec)


def parse_entry(entry: object, where: str) -> list[Entry | PlainEntry] | Check:
    """Return what an entry of credentialStatus asks for, one for each purpose; a line where it cannot be asked."""
    types = types_of(entry)
    if isinstance(entry, Mapping) and REVOCATION_LIST in types:
        if not isinstance(entry.get("id"), str):
            return _odd("its status entry does not say where the list stands", where)
        return [PlainEntry(url=entry["id"], where=where)]
    kind = next((KINDS[name] for name in types if name in KINDS), None)
    if not isinstance(entry, Mapping) or kind is None:
        name = next((name for name in types if name in _NOT_READ), str(types[:1])[:80])
        reason = f"its status is kept in a form that is not checked here ({name})"
        return status_line("unknown", reason, "UNSUPPORTED", where)
    index, url, size = (entry.get(name) for name in ("statusListIndex", "statusListCredential", "statusSize"))
    purposes = entry.get("statusPurpose")
    purposes = purposes if isinstance(purposes, list) else [purposes]
    if not purposes or not all(purpose in PURPOSES for purpose in purposes):
        return _odd("its status entry does not say what it is for, or something that is not known here", where)
    is_number = isinstance(index, int) and not isinstance(index, bool)
    if not (is_number or isinstance(index, str)) or not _INDEX.fullmatch(str(index)):
        return _odd("its place in the status list is not a number", where)
    size = 1 if size is None else size
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= MAX_SIZE:
        return _odd(f"its status entry has a size that is not between 1 and {MAX_SIZE} bits", where)
    messages = _parse_messages(entry.get("statusMessage", []))
    if messages is None:
        return _odd("the texts of its status entry are not texts for its values", where)
    if not isinstance(url, str):
        return _odd("its status entry does not say where the list stands", where)
    return [
        Entry(
            kind=kind,
            purpose=purpose,
            url=url,
            index=int(str(index)),
            size=size,
            messages=messages,
            written_as_number=is_number,
            where=where,
        )
        for purpose in dict.fromkeys(purposes)
    ]


def _odd(reason: str, where: str) -> Check:
    return status_line("unknown", reason, "MALFORMED_VALUE_ERROR", where)


def _parse_messages(value: object) -> dict[int, str] | None:
    """Return the texts of `statusMessage` by their value; None where they cannot be told apart."""
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MAX_MESSAGES:
        return None
    found: dict[int, str] = {}
    for entry in entries:
        status, text = (entry.get("status"), entry.get("message")) if isinstance(entry, Mapping) else (None, None)
        if not isinstance(status, str) or not _STATUS.fullmatch(status) or not isinstance(text, str):
            return None
        if found.setdefault(int(status, 16), text) != text:
            return None
    return found
