"""A version of the proposal before it is put to the circle, and what makes it one that can be decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from issuer.errors import RefusedError
from issuer.rules.journal import Event
from issuer.rules.kinds import KINDS
from issuer.rules.process import MAX_MEASURES, Process, Version, after

_CONTENT = ("outcome", "text", "review_on", "term_months", "measures", "plan", "look_again_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A version of the proposal as it is put before the circle; texts by id, digests computed."""

    outcome: str
    digest: str
    terms: str
    text: str
    review_on: date | None = None
    term_months: int | None = None
    measures: tuple[str, ...] = ()
    plan: str | None = None
    look_again_on: date | None = None

    def data(self, number: int) -> dict[str, Any]:
        """Return the event data of this version."""
        return {
            "version": number,
            "outcome": self.outcome,
            "digest": self.digest,
            "terms": self.terms,
            "text": self.text,
            "review_on": self.review_on.isoformat() if self.review_on else None,
            "term_months": self.term_months,
            "measures": list(self.measures),
            "plan": self.plan,
            "look_again_on": self.look_again_on.isoformat() if self.look_again_on else None,
        }


def same(draft: Draft, version: Version) -> bool:
    """Say whether people would read and answer the very same; digests with fresh salts do not count."""
    return all(getattr(draft, name) == getattr(version, name) for name in _CONTENT)


def opened(process: Process, *, by: str, draft: Draft, now: datetime) -> Event:
    """Return the event that puts a version before the circle, with the time for questions."""
    deadline = after(now, process.policy.questions_days)
    data = {**draft.data(len(process.versions) + 1), "deadline": deadline}
    return Event(type="opened", at=now, actor=by, data=data)


def proposable(process: Process, draft: Draft, *, now: datetime) -> None:
    """Refuse a version that could not be decided on."""
    if draft.outcome not in KINDS[process.kind].outcomes:
        raise RefusedError(
            "This kind of decision cannot have that outcome.",
            rule="C1",
            remedy="Choose one of the outcomes on the page.",
        )
    # A "not yet" says when to look again; without a plan its record says that none was agreed (A7).
    named, day = (
        ("a day to look again", draft.look_again_on)
        if draft.outcome == "not_yet"
        else ("a review date", draft.review_on)
    )
    if day is None or day <= now.astimezone(UTC).date():
        raise RefusedError(
            f"A proposal needs {named} that is still to come.",
            rule="C1",
            remedy="Say when the circle looks at it again.",
        )
    if len(draft.measures) > MAX_MEASURES:
        raise RefusedError(
            f"A proposal has at most {MAX_MEASURES} measures.", rule="C1", remedy="Join some of them."
        )
    if draft.term_months is not None and draft.term_months < 1:
        raise RefusedError("A term has at least one month.", rule="C1", remedy="Give a longer term, or none.")
