"""The outcome of a decision, recomputed from answers and rules: the closing rule and every verifier ask here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Response = Literal["consent", "objection"]
# An objection in one of these states keeps a proposal from becoming a decision (DOMAIN.md 4.1, G8).
OPEN_OBJECTION_STATES = frozenset({"raised", "understood", "referred"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How many people, and how many holders of the badge, a decision needs."""

    min_peers: int
    min_holders: int


def why_no_consent(
    *,
    rules: Rules,
    deciders: Collection[str],
    holders: Collection[str],
    answers: Mapping[str, Response],
    objections: Sequence[str] = (),
) -> str | None:
    """Return None when all deciders consented and nothing is open, or the name of the first rule that is not met.

    `answers` are those of the deciding round, for its exact version; `objections` are the states of all
    objections of the process. Silence is never consent: a missing answer is G7.
    """
    if len(set(deciders)) < rules.min_peers:
        return "G2"
    if len(set(holders) & set(deciders)) < rules.min_holders:
        return "G3"
    if set(deciders) != answers.keys():
        return "G7"
    if any(response != "consent" for response in answers.values()):
        return "G8"
    if any(state in OPEN_OBJECTION_STATES for state in objections):
        return "G8"
    return None
