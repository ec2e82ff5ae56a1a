"""Rules of Open Badges 3.0 that no schema catches (CONFORMANCE A7, A8, K3, K5, K8, K11)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from schemas import is_url
from verifier.checks.date_rules import date_faults
from verifier.checks.result_rules import result_faults
from verifier.checks.rules import Fault, entries, is_typed

FOR_NOBODY = "It does not say whom it is for: it has neither an id nor an identifier."
_HASH = re.compile(r"(sha256\$[0-9a-f]{64}|md5\$[0-9a-f]{32})")
_LIKE_A_HASH = re.compile(r"(sha256|md5)\$[0-9a-fA-F]{16,}")
_TARGET_TYPES = frozenset(
    {
        "ceasn:Competency",
        "ceterms:Credential",
        "CFItem",
        "CFRubric",
        "CFRubricCriterion",
        "CFRubricCriterionLevel",
        "CTDL",
    }
)
_EXTENSION = re.compile(r"ext:[A-Za-z0-9.\-_|]+")


def badge_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield each breach, the worst kinds first in each part of the badge."""
    issuer = document.get("issuer")
    if isinstance(issuer, Mapping):
        yield from _profile(issuer, "/issuer")
    for pointer, entry in entries(document, "evidence", ""):
        if not is_typed(entry, "Evidence"):
            message = "A piece of evidence does not have the type Evidence."
            yield Fault(pointer=pointer, message=message, spec="OB 3.0, Evidence")
    for pointer, subject in entries(document, "credentialSubject", ""):
        if isinstance(subject, Mapping):
            yield from _subject(subject, pointer)
    yield from date_faults(document)


def _profile(profile: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    while True:  # at most as often as JSON may be nested
        if not is_typed(profile, "Profile"):
            message = "The issuer does not have the type Profile."
            yield Fault(pointer=f"{pointer}/type", message=message, spec="OB 3.0, Profile")
        for where, entry in entries(profile, "otherIdentifier", pointer):
            if not is_typed(entry, "IdentifierEntry"):
                message = "An identifier of the issuer does not have the type IdentifierEntry."
                yield Fault(pointer=where, message=message, spec="OB 3.0, IdentifierEntry")
        parent = profile.get("parentOrg")
        if not isinstance(parent, Mapping):
            return
        profile, pointer = parent, f"{pointer}/parentOrg"


def _subject(subject: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    spec = "OB 3.0, AchievementSubject"
    if not is_typed(subject, "AchievementSubject"):
        message = "The subject does not have the type AchievementSubject."
        yield Fault(pointer=f"{pointer}/type", message=message, spec=spec)
    if "id" not in subject and not subject.get("identifier"):
        yield Fault(pointer=pointer, message=FOR_NOBODY, spec=spec)
    for where, entry in entries(subject, "identifier", pointer):
        yield from _identifier(entry, where)
    if isinstance(subject.get("source"), Mapping) and not is_typed(subject["source"], "Profile"):
        message = "The source of the assessment does not have the type Profile."
        yield Fault(pointer=f"{pointer}/source", message=message, spec="OB 3.0, Profile")
    achievement = subject.get("achievement")
    if not isinstance(achievement, Mapping):
        message = "It does not say what was achieved."
        yield Fault(pointer=f"{pointer}/achievement", message=message, spec=spec)
        return
    yield from _achievement(achievement, f"{pointer}/achievement")
    yield from result_faults(subject, achievement, pointer)


def _identifier(entry: object, pointer: str) -> Iterator[Fault]:
    spec = "OB 3.0, IdentityObject"
    if not isinstance(entry, Mapping) or not is_typed(entry, "IdentityObject"):
        message = "An identifier of the person does not have the type IdentityObject."
        yield Fault(pointer=pointer, message=message, spec=spec)
        return
    text, where = entry.get("identityHash"), f"{pointer}/identityHash"
    if entry.get("hashed") is True:
        if not isinstance(text, str) or not _HASH.fullmatch(text):
            yield Fault(pointer=where, message="A hashed identifier is not a SHA-256 or MD5 text.", spec=spec)
        if not isinstance(entry.get("salt", ""), str):
            message = "The salt of a hashed identifier is not a text."
            yield Fault(pointer=f"{pointer}/salt", message=message, spec=spec)
    elif isinstance(text, str) and _LIKE_A_HASH.fullmatch(text):
        message = "An identifier says that it is not hashed, but it is a hash: nobody can be compared with it."
        yield Fault(pointer=where, message=message, spec=spec)


def _achievement(achievement: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    if not is_typed(achievement, "Achievement"):
        message = "The achievement does not have the type Achievement."
        yield Fault(pointer=f"{pointer}/type", message=message, spec="OB 3.0, Achievement")
    criteria = achievement.get("criteria")
    if not isinstance(criteria, Mapping) or not (criteria.get("id") or criteria.get("narrative")):
        message = "The criteria neither say anything nor name a page."
        yield Fault(pointer=f"{pointer}/criteria", message=message, spec="OB 3.0, Criteria")
    yield from _alignments(achievement, pointer)
    for where, description in entries(achievement, "resultDescription", pointer):
        if isinstance(description, Mapping):
            yield from _alignments(description, where)
            for inner, level in entries(description, "rubricCriterionLevel", where):
                if isinstance(level, Mapping):
                    yield from _alignments(level, inner)
    for where, entry in entries(achievement, "related", pointer):
        if not isinstance(entry, Mapping) or not is_typed(entry, "Related") or not is_url(entry.get("id")):
            message = "A related achievement does not have the type Related and an id that is a URL."
            yield Fault(pointer=where, message=message, spec="OB 3.0, Related")


def _alignments(node: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    """K8: what a badge is said to be aligned with has a name and an address."""
    spec = "OB 3.0, Alignment"
    for where, entry in entries(node, "alignment", pointer):
        if not isinstance(entry, Mapping) or not is_typed(entry, "Alignment"):
            message = "An alignment does not have the type Alignment."
            yield Fault(pointer=where, message=message, spec=spec)
            continue
        if not isinstance(entry.get("targetName"), str) or not entry["targetName"].strip():
            message = "An alignment does not name what it is aligned with."
            yield Fault(pointer=f"{where}/targetName", message=message, spec=spec)
        if not is_url(entry.get("targetUrl")):
            message = "An alignment does not give the address of what it is aligned with."
            yield Fault(pointer=f"{where}/targetUrl", message=message, spec=spec)
        kind = entry.get("targetType")
        known = isinstance(kind, str) and (kind in _TARGET_TYPES or _EXTENSION.fullmatch(kind))
        if kind is not None and not known:
            message = "An alignment is with something of a kind that Open Badges does not know."
            yield Fault(pointer=f"{where}/targetType", message=message, spec=spec)
