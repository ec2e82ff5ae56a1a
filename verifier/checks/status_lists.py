"""Status lists themselves: fetched, good as credentials of their own, and then what stands at a place in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import (
    StatusListError,
    check_minimum_length,
    decode_bitstring,
    parse_date_time,
    parse_json,
)
from verifier.checks.binding import not_asked
from verifier.checks.form import types_of
from verifier.checks.lines import Situation, issuer_of, sentence
from verifier.checks.status_entries import Entry, PlainEntry
from verifier.fetch import Source
from verifier.read import Presented, read_badge
from verifier.report import Check, Report

MAX_REVOKED = 50_000
BYTES_OF_A_NODE = 8_192  # of a list: unpacking and keeping them costs less than reading one member
VerifyList = Callable[[Presented], list[Check]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BitList:
    """A bit list that is good in itself, when its issuer stated it, and what is odd about it."""

    bits: bytes
    stated: datetime
    oddities: tuple[str, ...]


def fetch_list(entry: Entry, *, issuer: str, situation: Situation, verify_list: VerifyList) -> BitList:
    """Return the list of an entry by the steps of section 3.2; raise FetchError or a DocumentError."""
    # 1 to 3. Get it; it is a status list, and secured as a credential of its own.
    document = situation.once(
        entry.kind.credential,
        entry.url,
        lambda: _good_document(entry, situation=situation, verify_list=verify_list),
    )
    # 4 and 5. It is for this purpose.
    subject = document.get("credentialSubject")
    if not isinstance(subject, Mapping) or entry.kind.subject not in types_of(subject):
        raise StatusListError("the status list holds no list")
    purposes = subject.get("statusPurpose")
    if entry.purpose not in (purposes if isinstance(purposes, list) else [purposes]):
        raise StatusListError(f"the status list is not for {entry.purpose}")
    # 6. Its bits, and what we ask of it ourselves.
    bits = situation.once(
        entry.kind.subject, entry.url, lambda: _bits(subject, legacy=entry.kind.legacy, situation=situation)
    )
    begin = document.get("validFrom", document.get("issuanceDate"))
    stated = parse_date_time(begin) if begin is not None else None
    oddities = _own_rules(document, bits, entry, issuer=issuer, situation=situation)
    _check_newest(document, entry, stated, situation=situation)
    return BitList(bits=bits, stated=stated or situation.now, oddities=tuple(oddities))


def _good_document(entry: Entry, *, situation: Situation, verify_list: VerifyList) -> Mapping[str, Any]:
    presented = read_badge(situation.fetcher.fetch(entry.url).body)
    if presented.problem:
        raise StatusListError(f"the status list cannot be read: {presented.problem}")
    if entry.kind.credential not in types_of(presented.document):
        raise StatusListError("what stands at the list's address is not a status list")
    report = Report(checks=tuple(verify_list(presented)), checked_at=situation.now)
    if not report:
        reason = (report.deciding or not_asked()).message
        raise StatusListError(f"the status list itself is not good: {reason[:1].lower()}{reason[1:-1]}")
    return presented.document


def _bits(subject: Mapping[str, Any], *, legacy: bool, situation: Situation) -> bytes:
    bits = decode_bitstring(subject.get("encodedList"), legacy=legacy)
    situation.pay(len(bits) // BYTES_OF_A_NODE)
    return bits


def _own_rules(
    document: Mapping[str, Any], bits: bytes, entry: Entry, *, issuer: str, situation: Situation
) -> list[str]:
    """Raise StatusListError for a list that we do not take; return what is odd where the policy is lenient.

    Long enough to hide one badge among many (section 3.1), at the address that it names itself, so that nobody
    can serve one list in the place of another, and of the badge's issuer or of one on the verifier's list (J5).
    """
    lenient = situation.policy.compatible
    oddities = []
    try:
        check_minimum_length(bits, size=entry.size)
    except StatusListError as error:
        if not lenient:
            raise
        oddities.append(sentence(str(error)))
    if issuer_of(document) not in {issuer, *situation.policy.issuers}:
        if not lenient:
            raise StatusListError("the status list is of another issuer than the badge")
        oddities.append("The list is of another issuer than the badge.")
    if document.get("id", entry.url) != entry.url:
        if not lenient:
            raise StatusListError("the status list says that it belongs at another address")
        oddities.append("The list says that it belongs at another address.")
    return oddities


def _check_newest(
    document: Mapping[str, Any], entry: Entry, stated: datetime | None, *, situation: Situation
) -> None:
    """Refuse a list that is older than one that was seen before (J3)."""
    if situation.seen is None:
        return
    newest = situation.seen.newer_than(issuer_of(document), entry.url, stated)
    if newest is not None:
        raise StatusListError(
            f"the status list is older than one of {newest:%-d %B %Y, %H:%M} UTC that was seen before; "
            "somebody may be holding back a newer one. Try again later, or ask the issuer"
        )


def ask_revocation_list(entry: PlainEntry, *, badge_id: object, situation: Situation) -> tuple[bool, Source]:
    """Say whether a 1EdTechRevocationList names a badge, and where it came from; raise FetchError, DocumentError.

    The list is plain JSON that nobody signed; both spellings of its member are read (CONFORMANCE J6).
    """
    answer = situation.fetcher.fetch(entry.url)
    revoked, is_whole = situation.once("1EdTechRevocationList", entry.url, lambda: _revoked_in(answer.body))
    if badge_id not in revoked and not is_whole:
        raise StatusListError("the list of revoked badges has an entry that names none")
    return badge_id in revoked, answer.source


def _revoked_in(body: bytes) -> tuple[frozenset[str], bool]:
    """Return the names of all badges that a 1EdTechRevocationList says are revoked, and whether all have names."""
    value = parse_json(body)
    members = ("revokedCredential", "revokedCredentials")
    if not isinstance(value, Mapping) or not any(isinstance(value.get(name), list) for name in members):
        raise StatusListError("what stands at the list's address is not a list of revoked badges")
    entries = [one for name in members if isinstance(value.get(name), list) for one in value[name]]
    if len(entries) > MAX_REVOKED:
        raise StatusListError(f"the list has more than {MAX_REVOKED:,} entries", code="LIMIT_EXCEEDED")
    named = [(one.get("id"), one.get("revoked")) if isinstance(one, Mapping) else (one, True) for one in entries]
    names = frozenset(name for name, revoked in named if isinstance(name, str) and revoked is not False)
    return names, all(isinstance(name, str) for name, _ in named)
