"""The outcome that the leaf of a closed decision shows, recomputed by its readers (TRANSPARENCY.md, section 3)."""

from __future__ import annotations

from dataclasses import fields

from schemas.outcome import Rules, why_no_consent
from schemas.tlog.leaves import DecisionClosed


def why_not_consented(leaf: DecisionClosed) -> str | None:
    """Return None when the leaf shows a consent: all deciders answered, nobody else did, and they are enough.

    Else the rule that is not met, or "K" where those who decided are not those who answered. That each key is a
    member, and that enough of them hold the badge, no leaf can show.
    """
    answered = [response.by for response in leaf.responses]
    if tuple(sorted(answered)) != tuple(sorted(leaf.deciders)):
        return "K"
    rules = Rules(min_peers=leaf.rules.min_peers, min_holders=0)
    return why_no_consent(
        rules=rules, deciders=leaf.deciders, holders=(), answers=dict.fromkeys(answered, "consent")
    )


def same_decision(copy: DecisionClosed, closed: DecisionClosed) -> bool:
    """Say whether a `credential.issued` repeats everything that its `decision.closed` says."""
    names = {part.name for part in fields(DecisionClosed)} - {"id", "at"}
    return all(getattr(copy, name) == getattr(closed, name) for name in names)
