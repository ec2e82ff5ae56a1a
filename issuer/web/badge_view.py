"""A badge's document as people read it. The document is ours or a draft of ours; odd shapes become empty words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeView:
    """What a page shows of a badge. `image` is a path of ours; `person` the signed name, if there is one."""

    name: str
    skill: str
    version: str
    criteria: tuple[str, ...]
    criteria_path: str
    image: str
    tags: tuple[str, ...]
    person: str | None
    circle: str
    issuer: str
    last_day: date | None


def badge_view(credential: Mapping[str, Any]) -> BadgeView:
    """Return what stands in a badge's document."""
    subject = _mapping(credential.get("credentialSubject"))
    achievement = _mapping(subject.get("achievement"))
    criteria = _mapping(achievement.get("criteria"))
    image = achievement.get("image")
    return BadgeView(
        name=_text(achievement.get("name")) or _text(credential.get("name")),
        skill=_text(achievement.get("description")),
        version=_text(achievement.get("version")),
        criteria=_lines(_text(criteria.get("narrative"))),
        criteria_path=_path(criteria.get("id")),
        image=_path(image.get("id") if isinstance(image, Mapping) else image),
        tags=tuple(tag for tag in _list(achievement.get("tag")) if isinstance(tag, str)),
        person=_person(subject),
        circle=_text(_mapping(subject.get("source")).get("name")),
        issuer=_text(_mapping(credential.get("issuer")).get("name")),
        last_day=_day(credential.get("validUntil")),
    )


def _person(subject: Mapping[str, Any]) -> str | None:
    for entry in _list(subject.get("identifier")):
        if isinstance(entry, Mapping) and entry.get("identityType") == "name" and not entry.get("hashed"):
            return _text(entry.get("identityHash")) or None
    return None


def _lines(narrative: str) -> tuple[str, ...]:
    """Return a numbered narrative as its criteria, without their numbers."""
    return tuple(
        rest.strip() if number.strip().isdigit() and rest else line.strip()
        for line in narrative.splitlines()
        if line.strip()
        for number, _dot, rest in [line.partition(". ")]
    )


def _path(url: object) -> str:
    """Return the path of an address of ours, so that no page loads anything from another host."""
    parts = urlsplit(_text(url))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(_text(value)[:10])
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
