"""Rules of Open Badges 3.0 that no schema catches (CONFORMANCE A7, A8, K3, K5, K9, K10)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas import DocumentError, parse_date_time

Fault = tuple[str, str, str]
FOR_NOBODY = "It does not say whom it is for: it has neither an id nor an identifier."
_HASH = re.compile(r"(sha256\$[0-9a-f]{64}|md5\$[0-9a-f]{32})")


def _entries(node: Mapping[str, Any], name: str, pointer: str) -> Iterator[tuple[str, Any]]:
    value = node.get(name, [])
    if isinstance(value, list):
        yield from ((f"{pointer}/{name}/{index}", entry) for index, entry in enumerate(value))
    else:
        yield f"{pointer}/{name}", value


def _typed(node: object, wanted: str) -> bool:
    types = node.get("type") if isinstance(node, Mapping) else None
    return wanted in (types if isinstance(types, list) else [types])


def badge_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield pointer, sentence and source for each breach."""
    issuer = document.get("issuer")
    if isinstance(issuer, Mapping):
        yield from _profile(issuer, "/issuer")
    for pointer, entry in _entries(document, "evidence", ""):
        if not _typed(entry, "Evidence"):
            yield pointer, "A piece of evidence does not have the type Evidence.", "OB 3.0, Evidence"
    for pointer, subject in _entries(document, "credentialSubject", ""):
        if isinstance(subject, Mapping):
            yield from _subject(subject, pointer)
    if "awardedDate" in document:
        yield from _date(document["awardedDate"], "/awardedDate")


def _date(value: object, pointer: str) -> Iterator[Fault]:
    try:
        parse_date_time(value, pointer=pointer)
    except DocumentError as error:
        yield pointer, f"A date cannot be read: {error.message}.", "OB 3.0, DateTimeZ"


def _profile(profile: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    if not _typed(profile, "Profile"):
        yield f"{pointer}/type", "The issuer does not have the type Profile.", "OB 3.0, Profile"
    for where, entry in _entries(profile, "otherIdentifier", pointer):
        if not _typed(entry, "IdentifierEntry"):
            yield (
                where,
                "An identifier of the issuer does not have the type IdentifierEntry.",
                "OB 3.0, IdentifierEntry",
            )
    parent = profile.get("parentOrg")
    if isinstance(parent, Mapping):
        yield from _profile(parent, f"{pointer}/parentOrg")


def _subject(subject: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    if not _typed(subject, "AchievementSubject"):
        yield (
            f"{pointer}/type",
            "The subject does not have the type AchievementSubject.",
            "OB 3.0, AchievementSubject",
        )
    if "id" not in subject and not subject.get("identifier"):
        yield pointer, FOR_NOBODY, "OB 3.0, AchievementSubject"
    for where, entry in _entries(subject, "identifier", pointer):
        yield from _identifier(entry, where)
    if isinstance(subject.get("source"), Mapping) and not _typed(subject["source"], "Profile"):
        yield (
            f"{pointer}/source",
            "The source of the assessment does not have the type Profile.",
            "OB 3.0, Profile",
        )
    achievement = subject.get("achievement")
    if not isinstance(achievement, Mapping):
        yield f"{pointer}/achievement", "It does not say what was achieved.", "OB 3.0, AchievementSubject"
        return
    yield from _achievement(achievement, f"{pointer}/achievement")
    descriptions = {
        entry["id"]: entry
        for _, entry in _entries(achievement, "resultDescription", "")
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str)
    }
    for where, entry in _entries(subject, "result", pointer):
        yield from _result(entry, where, descriptions)


def _identifier(entry: object, pointer: str) -> Iterator[Fault]:
    if not isinstance(entry, Mapping) or not _typed(entry, "IdentityObject"):
        yield (
            pointer,
            "An identifier of the person does not have the type IdentityObject.",
            "OB 3.0, IdentityObject",
        )
    elif entry.get("hashed") is True and not _HASH.fullmatch(str(entry.get("identityHash"))):
        yield (
            f"{pointer}/identityHash",
            "A hashed identifier is not a SHA-256 or MD5 text.",
            "OB 3.0, IdentityObject",
        )


def _achievement(achievement: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    if not _typed(achievement, "Achievement"):
        yield f"{pointer}/type", "The achievement does not have the type Achievement.", "OB 3.0, Achievement"
    criteria = achievement.get("criteria")
    if not isinstance(criteria, Mapping) or not (criteria.get("id") or criteria.get("narrative")):
        yield f"{pointer}/criteria", "The criteria neither say anything nor name a page.", "OB 3.0, Criteria"
    for where, entry in _entries(achievement, "resultDescription", pointer):
        if not _typed(entry, "ResultDescription"):
            yield (
                where,
                "A description of results does not have the type ResultDescription.",
                "OB 3.0, ResultDescription",
            )


def _result(entry: object, pointer: str, descriptions: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    if not isinstance(entry, Mapping) or not _typed(entry, "Result"):
        yield pointer, "A result does not have the type Result.", "OB 3.0, Result"
        return
    name = entry.get("resultDescription")
    if name is None:
        return
    description = descriptions.get(name) if isinstance(name, str) else None
    if description is None:
        yield (
            f"{pointer}/resultDescription",
            "A result names a description that the achievement does not have.",
            "OB 3.0, Result",
        )
        return
    if description.get("resultType") == "Status" and "status" not in entry:
        yield f"{pointer}/status", "A result of the kind Status does not say the status.", "OB 3.0, Result"
    level = entry.get("achievedLevel")
    levels = [x.get("id") for _, x in _entries(description, "rubricCriterionLevel", "") if isinstance(x, Mapping)]
    if level is not None and level not in levels:
        yield (
            f"{pointer}/achievedLevel",
            "A result names a level that its description does not have.",
            "OB 3.0, Result",
        )
    if "value" in entry:
        yield from _value(entry["value"], description, f"{pointer}/value")


def _value(value: object, description: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    allowed = description.get("allowedValue")
    if isinstance(allowed, list) and value not in allowed:
        yield pointer, "A result has a value that its description does not allow.", "OB 3.0, ResultDescription"
    low, high = _number(description.get("valueMin")), _number(description.get("valueMax"))
    number = _number(value)
    if low is None and high is None:
        return
    if number is None or (low is not None and number < low) or (high is not None and number > high):
        yield pointer, "A result lies outside the range that its description gives.", "OB 3.0, ResultDescription"


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value)[:40]) if value is not None else None
    except InvalidOperation:
        return None
    return number if number is None or number.is_finite() else None
