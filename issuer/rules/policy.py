"""Award policy: how many, how long. Values that the Academy Circle decides; the defaults are DOMAIN.md 4."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from schemas import canonicalize_json, multihash

PRACTITIONER = "practitioner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the award policy. Times are in days, the review in months."""

    name: str = "default"
    min_peers: int = 3
    min_holders: int = 1
    min_witnesses: int = 2
    questions_days: int = 5
    reactions_days: int = 3
    round_days: int = 7
    extensions: int = 2
    max_rounds: int = 3
    settling_days: int = 2
    take_up_days: int = 7
    evaluation_days: int = 7
    review_months: int = 24

    def to_json(self) -> dict[str, Any]:
        """Return the policy as JSON."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """The multihash of the policy's canonical JSON."""
        return multihash(canonicalize_json(self.to_json()))


DEFAULT = Policy()
SMALL_CIRCLE = replace(
    DEFAULT,
    name="small_circle",
    min_peers=2,
    min_holders=1,
    min_witnesses=0,
    questions_days=2,
    reactions_days=1,
    round_days=5,
    extensions=1,
    settling_days=1,
)
PRESETS = {policy.name: policy for policy in (DEFAULT, SMALL_CIRCLE)}


def award_policy() -> dict[str, Any]:
    """Return the Academy's award policy as the log names it: every preset that a circle can choose."""
    return {"presets": [policy.to_json() for policy in PRESETS.values()]}


def award_policy_digest() -> str:
    """Return the multihash of the award policy's canonical JSON."""
    return multihash(canonicalize_json(award_policy()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What one decision needs."""

    min_peers: int
    min_holders: int
    min_witnesses: int = 0


def requirements_for(
    policy: Policy, *, level: str, min_peers: int | None, min_holders: int | None, min_witnesses: int | None
) -> Requirements:
    """Return what a badge asks for under a policy: practitioner badges follow a lighter preset.

    Facilitator level and above stay as written in the definition (DOMAIN.md 4, preset "small circle").
    """
    written = Requirements(
        min_peers=DEFAULT.min_peers if min_peers is None else min_peers,
        min_holders=DEFAULT.min_holders if min_holders is None else min_holders,
        min_witnesses=DEFAULT.min_witnesses if min_witnesses is None else min_witnesses,
    )
    if policy.name != SMALL_CIRCLE.name or level != PRACTITIONER:
        return written
    return Requirements(
        min_peers=min(written.min_peers, policy.min_peers),
        min_holders=min(written.min_holders, policy.min_holders),
        min_witnesses=min(written.min_witnesses, policy.min_witnesses),
    )
