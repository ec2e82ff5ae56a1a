"""What this verifier asks for beyond the specifications, read from a JSON file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from schemas import MalformedValueError

MAX_SKEW_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The verifier's own choices. The defaults are for somebody who trusts nobody in particular."""

    issuers: frozenset[str] = frozenset()
    require_known_issuer: bool = False
    require_decision: bool = False
    require_witnesses: bool = False
    require_named: int = 0
    compatible: bool = False
    trust_documents: bool = False
    clock_skew_s: int = 300
    logs: tuple[str, ...] = ()

    @property
    def skew(self) -> timedelta:
        """Return how far clocks may be apart."""
        return timedelta(seconds=self.clock_skew_s)


def parse_policy(value: object) -> Policy:
    """Read a policy; raise MalformedValueError for a name or a value that it cannot have."""
    if not isinstance(value, dict):
        raise MalformedValueError("a policy is a JSON object")
    defaults = {field.name: field.default for field in fields(Policy)}
    if stray := value.keys() - defaults.keys():
        raise MalformedValueError(f"a policy has no member {min(stray)!r}", pointer=f"/{min(stray)}")
    chosen: dict[str, Any] = {}
    for name, given in value.items():
        default = defaults[name]
        if isinstance(default, (frozenset, tuple)):
            if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
                raise MalformedValueError(f"{name} is a list of texts", pointer=f"/{name}")
            chosen[name] = type(default)(given)
        elif type(given) is not type(default):
            raise MalformedValueError(f"{name} is a {type(default).__name__}", pointer=f"/{name}")
        else:
            chosen[name] = given
    if not 0 <= chosen.get("clock_skew_s", 0) <= MAX_SKEW_S:
        raise MalformedValueError(f"clock_skew_s is between 0 and {MAX_SKEW_S}", pointer="/clock_skew_s")
    return Policy(**chosen)
