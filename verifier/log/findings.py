"""What an audit finds: a code, a place, a plain sentence; and how much of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from verifier.texts import plain

# alarm: something is wrong with the log. unread: something could not be had. note: worth knowing, and no fault.
Level = Literal["alarm", "unread", "note"]
MAX_KEPT = 1000  # a hostile log may have a fault in every leaf; those above are counted only


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found; `index` is the leaf that it is about, `seen_before` whether it was told before."""

    code: str
    message: str
    level: Level = "alarm"
    index: int | None = None
    seen_before: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the finding for programs."""
        value: dict[str, Any] = {"level": self.level, "code": self.code, "message": plain(self.message)}
        if self.index is not None:
            value |= {"index": self.index, "seenBefore": self.seen_before}
        return value


@dataclass(slots=True)
class Findings:
    """All findings of one audit. `since` is the size of the head stored before: leaves below it are not new."""

    since: int = 0
    kept: list[Finding] = field(default_factory=list)
    dropped: int = 0
    new_alarms: int = 0
    old_alarms: int = 0
    unread: int = 0

    def add(
        self, code: str, message: str, *, level: Level = "alarm", index: int | None = None, new: bool = False
    ) -> None:
        """Take in one finding. What leaves say stays as it was; what is served, `new`, may have changed since."""
        seen_before = index is not None and index < self.since and not new
        if level == "alarm" and seen_before:
            self.old_alarms += 1
        elif level == "alarm":
            self.new_alarms += 1
        elif level == "unread":
            self.unread += 1
        if len(self.kept) >= MAX_KEPT:
            self.dropped += 1
            return
        self.kept.append(Finding(code=code, message=message, level=level, index=index, seen_before=seen_before))

    @property
    def codes(self) -> list[str]:
        """The codes of everything that is not a mere note, in the order of finding."""
        return [finding.code for finding in self.kept if finding.level != "note"]
