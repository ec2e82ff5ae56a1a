"""Small documents that people filled in by form, stored as one text each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from schemas import dump_json, parse_json


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceText:
    """What is said about one piece of evidence. `size` is the file's, in bytes."""

    kind: str
    title: str
    note: str = ""
    link: str | None = None
    file_name: str | None = None
    size: int | None = None

    def to_text(self) -> str:
        """Return it as the text that is stored."""
        return dump_json(asdict(self))


def evidence_text(text: str | None) -> EvidenceText:
    """Return what is said about a piece of evidence; after erasure only that there was one."""
    return EvidenceText(**parse_json(text)) if text else EvidenceText(kind="", title="(erased)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistText:
    """A peer's words, criterion by criterion: (word, note) each."""

    items: tuple[tuple[str, str], ...]
    appreciation: str
    suggestion: str

    def to_text(self) -> str:
        """Return it as the text that is stored."""
        return dump_json(asdict(self))


def checklist_text(text: str) -> ChecklistText:
    """Return a stored checklist."""
    value: dict[str, Any] = parse_json(text)
    return ChecklistText(
        items=tuple((word, note) for word, note in value["items"]),
        appreciation=value["appreciation"],
        suggestion=value["suggestion"],
    )
