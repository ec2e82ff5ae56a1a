"""Is it revoked or suspended (Bitstring Status List 1.0, section 3.2; CONFORMANCE J1 to J8).

Three answers: the list says good, the list says not good, or we could not find out. Every entry is asked. Lists
for messages and for newer copies are told, and decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schemas import DocumentError, StatusListError, status_at
from verifier.checks.lines import Situation, issuer_of, may_be_a_part
from verifier.checks.status_entries import TELLING, Entry, PlainEntry, parse_entry, status_line
from verifier.checks.status_lists import BitList, VerifyList, ask_revocation_list, fetch_list
from verifier.guarded import FetchError
from verifier.report import Check
from verifier.texts import quoted

MAX_ENTRIES = 8
_WORDS = {"revocation": "revoked", "suspension": "suspended"}
_PLAIN_SPEC = "1EdTech VC Revocation List 1.0"


def check_status(document: Mapping[str, Any], *, situation: Situation, verify_list: VerifyList) -> list[Check]:
    """Ask every status entry; `verify_list` checks a list's own form, proof, issuer and dates."""
    value = document.get("credentialStatus", [])
    entries = value if isinstance(value, list) else [value]
    if not entries and may_be_a_part(document):
        reason = "what is shown says nothing of a way to revoke it; if there is one, the holder has left it out"
        return [status_line("warning", reason, "PART_SHOWN", "/credentialStatus")]
    if not entries:
        return [Check(id="status", result="skipped", message="The issuer gave it no way to be revoked.")]
    if len(entries) > MAX_ENTRIES:
        reason = f"it has more than {MAX_ENTRIES} status entries"
        return [status_line("unknown", reason, "LIMIT_EXCEEDED", "/credentialStatus")]
    lines: list[Check] = []
    for index, one in enumerate(entries):
        where = f"/credentialStatus/{index}" if isinstance(value, list) else "/credentialStatus"
        parsed = parse_entry(one, where)
        if isinstance(parsed, Check):
            lines.append(parsed)
            continue
        for entry in parsed:
            if isinstance(entry, PlainEntry):
                lines.append(_check_plain(entry, badge_id=document.get("id"), situation=situation))
            else:
                issuer = issuer_of(document)
                lines.append(_check_entry(entry, issuer=issuer, situation=situation, verify_list=verify_list))
    return lines


def _check_entry(entry: Entry, *, issuer: str, situation: Situation, verify_list: VerifyList) -> Check:
    try:
        found = fetch_list(entry, issuer=issuer, situation=situation, verify_list=verify_list)
        value = status_at(found.bits, entry.index, size=entry.size)
    except (FetchError, DocumentError) as error:
        return _not_known(error, entry)
    if entry.purpose in TELLING:
        return _told(entry, value)
    return _good_or_not(entry, value, found)


def _not_known(error: FetchError | DocumentError, entry: Entry) -> Check:
    what = f"check whether it was {_WORDS[entry.purpose]}" if entry.purpose in _WORDS else "ask for more about it"
    if isinstance(error, FetchError):
        reason, code = f"{error}. Try again later, or ask the issuer", "STATUS_RETRIEVAL_ERROR"
    else:
        reason, code = str(error), error.problem
    check = status_line("unknown", f"we could not {what}: {reason}", code, entry.where)
    return replace(check, decides=entry.purpose not in TELLING)


def _good_or_not(entry: Entry, value: int, found: BitList) -> Check:
    stated = f"{found.stated:%-d %B %Y, %H:%M} UTC"
    word = _WORDS[entry.purpose]
    if value:
        reason = f"it was {word}, says the issuer's list of {stated}"
        check = status_line("fail", reason, "STATUS_SET", entry.where)
        if value not in entry.messages:
            return check
        said = quoted(entry.messages[value])
        return replace(check, message=f"{check.message} The issuer's words for it: {said}.", said=said)
    message = f"Not {word}: status as the issuer stated it on {stated}"
    if entry.written_as_number:
        reason = f"{message}. Its place in the list is written as a number instead of a text"
        return status_line("warning", reason, "MALFORMED_VALUE_ERROR", f"{entry.where}/statusListIndex")
    if found.oddities:
        reason = f"{message}. {' '.join(found.oddities)}"
        return status_line("warning", reason, "ODD_STATUS_LIST", entry.where)
    return status_line("pass", message, "", entry.where)


def _told(entry: Entry, value: int) -> Check:
    """Tell what the issuer says about the badge beyond good and not good."""
    said = ""
    if entry.purpose == "refresh":
        reason = "the issuer has no newer copy of it"
        if value:
            reason = "the issuer has a newer copy of it: ask the person, or the issuer, for that one"
    elif value in entry.messages:
        said = quoted(entry.messages[value])
        reason = f"the issuer says about it: {said}"
    elif value:
        reason = f"the issuer's list has the value {value} for it, and no text for that value"
    else:
        reason = "the issuer has nothing to say about it"
    return replace(status_line("info", reason, "", entry.where), decides=False, said=said)


def _check_plain(entry: PlainEntry, *, badge_id: object, situation: Situation) -> Check:
    """Ask a 1EdTechRevocationList, which is deprecated and not signed."""
    try:
        if not isinstance(badge_id, str):
            raise StatusListError("the badge has no id that such a list could name")
        is_listed, source = ask_revocation_list(entry, badge_id=badge_id, situation=situation)
    except FetchError as error:
        reason = f"we could not check whether it was revoked: {error}. Try again later, or ask the issuer"
        return status_line("unknown", reason, "STATUS_RETRIEVAL_ERROR", entry.where, spec=_PLAIN_SPEC)
    except DocumentError as error:
        reason = f"we could not check whether it was revoked: {error}"
        return status_line("unknown", reason, error.problem, entry.where, spec=_PLAIN_SPEC)
    if is_listed:
        reason = "it was revoked: it stands on the issuer's list of revoked badges"
        return status_line("fail", reason, "STATUS_SET", entry.where, spec=_PLAIN_SPEC)
    reason = "not revoked: the issuer's list of revoked badges, an older kind that nobody signed, does not name it"
    if source == "supplied" and not situation.policy.trust_documents:
        reason += ". It was read from files given to you, not from the issuer"
    return status_line("warning", reason, "OLD_STATUS_LIST", entry.where, spec=_PLAIN_SPEC)
