"""Deleting what was only needed to decide, 90 days after the end: talk, checklists, evidence (DOMAIN.md 7)."""

from __future__ import annotations

from datetime import timedelta

from issuer.service.academy import Academy, Work, each_alone, query, use_case
from issuer.service.cases import process_case

KEPT_FOR = timedelta(days=90)


@query
def _due(work: Work) -> list[str]:
    return work.unit.cases.to_erase(closed_before=work.now - KEPT_FOR)


@use_case
def _erase(work: Work, *, id_: str) -> None:
    """Delete a case's texts and files. What was decided stays: the versions, their measures and plans."""
    process = process_case(work, id_).state
    decided = [text for version in process.versions for text in (version.text, version.plan, *version.measures)]
    work.unit.texts.erase(f"process/{id_}", keep=(process.subject, *decided))
    if process.kind == "award":
        work.unit.texts.erase(process.subject)  # the application's stream
    work.unit.cases.note_erased(id_)


def erase_due(academy: Academy) -> int:
    """Delete what is due; return how many cases."""
    return each_alone(_due(academy), lambda id_: _erase(academy, id_=id_))
