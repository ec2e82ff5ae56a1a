"""What many pages show: people as a reader may see them, rows of lists, steps of a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Mode = Literal["async", "meeting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as this reader may see them: a display name or a pseudonym."""

    id: str
    name: str
    is_me: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """An application or a decision in a list that members see."""

    path: str
    title: str
    sentence: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryItem:
    """One step of a case or a decision, for the timeline."""

    at: datetime
    kind: str  # proposal, question, reaction, round, objection, met, decision, review, badge, pause
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that waits for this reader."""

    sentence: str
    path: str
    until: datetime | None = None
