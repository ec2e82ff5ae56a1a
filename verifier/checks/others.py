"""Dates, recipient, and whether the issuer is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keys import split_fragment
from schemas import DocumentError, matches_identity, parse_date_time
from verifier.checks.lines import Situation, issuer_of, may_be_a_part
from verifier.report import Check
from verifier.texts import quoted

_WEBSITE = re.compile(r"https?://[!-~]{1,190}")


def check_time(document: Mapping[str, Any], *, situation: Situation) -> list[Check]:
    """Say whether it is in force now, with the policy's clock skew (CONFORMANCE Q9, S38)."""
    begin = _moment(document, "validFrom", "issuanceDate")
    end = _moment(document, "validUntil", "expirationDate")
    if begin and situation.is_ahead(begin):
        return [_line("fail", f"It is not valid before {begin:%-d %B %Y}.", "/validFrom")]
    if end and situation.is_over(end):
        return [_line("fail", f"It ended on {end:%-d %B %Y}.", "/validUntil")]
    endless = "what is shown has no end date" if may_be_a_part(document) else "has no end date"
    until = f" until {end:%-d %B %Y}" if end else f", and {endless}"
    since = f" since {begin:%-d %B %Y}" if begin else ""
    return [_line("pass", f"In force{since}{until}.", "")]


def _line(result: str, message: str, pointer: str) -> Check:
    code = "VALIDITY_PERIOD" if result == "fail" else ""
    return Check(id="time", result=result, code=code, pointer=pointer, spec="VCDM 2.0, 4.9", message=message)  # type: ignore[arg-type]  # pass or fail


def _moment(document: Mapping[str, Any], *names: str) -> datetime | None:
    for name in names:
        if name in document:
            try:
                return parse_date_time(document[name])
            except DocumentError:
                return None  # the model check has said so
    return None


def check_recipient(document: Mapping[str, Any], *, recipient: str | None) -> list[Check]:
    """Compare an expected e-mail address, name or DID with what the badge says (OB 3.0, IdentityObject)."""
    if recipient is None:
        message = "Whether it is for a certain person was not asked. Give their e-mail address to compare."
        return [Check(id="recipient", result="skipped", message=message)]
    subject = document.get("credentialSubject")
    subjects = [s for s in (subject if isinstance(subject, list) else [subject]) if isinstance(s, Mapping)]
    for one in subjects:
        identifiers = one.get("identifier", [])
        identifiers = identifiers if isinstance(identifiers, list) else [identifiers]
        if one.get("id") == recipient or any(
            isinstance(entry, Mapping) and matches_identity(entry, recipient) for entry in identifiers
        ):
            return [Check(id="recipient", result="pass", message="It is for the person you asked about.")]
    message = "It is for somebody else than the person you asked about."
    return [
        Check(
            id="recipient", result="fail", code="RECIPIENT_MISMATCH", pointer="/credentialSubject", message=message
        )
    ]


def check_issuer_known(document: Mapping[str, Any], *, situation: Situation) -> list[Check]:
    """Say whether the issuer is on this verifier's own list. That is for the reader to judge."""
    policy = situation.policy
    issuer = issuer_of(document)
    if any(name == issuer or split_fragment(name)[0] == issuer for name in policy.issuers):
        return [Check(id="issuer_known", result="pass", decides=False, message="The issuer is on your list.")]
    for registry in policy.registries:
        if issuer in registry.names:
            said = quoted(registry.names[issuer])
            message = f"The issuer is on your list {quoted(registry.file)} as {said}."
            return [Check(id="issuer_known", result="pass", decides=False, message=message, said=said)]
    profile = document.get("issuer")
    url = profile.get("url") if isinstance(profile, Mapping) else None
    website = f" Here is its website, as it says itself: {url}" if _is_website(url) else ""
    return [
        Check(
            id="issuer_known",
            result="unknown" if policy.require_known_issuer else "info",
            code="ISSUER_NOT_LISTED",
            pointer="/issuer",
            decides=policy.require_known_issuer,
            message=f"The issuer is on no list of yours: you decide whether you trust it.{website}",
        )
    ]


def _is_website(value: object) -> bool:
    """Say whether a text is a web address and nothing but one, so that it can stand in a sentence of ours."""
    return isinstance(value, str) and _WEBSITE.fullmatch(value) is not None
