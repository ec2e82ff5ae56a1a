"""What a verification found: one line for each check, one verdict for all. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from schemas import format_date_time

Result = Literal["pass", "fail", "unknown", "warning", "info", "skipped"]
Verdict = Literal["valid", "invalid", "unknown"]

# The order in which a report tells its checks (after these: endorsement/1, endorsement/2 ...).
CHECK_IDS = (
    "readable",
    "context",
    "model",
    "schema",
    "proof",
    "issuer_binding",
    "status",
    "time",
    "recipient",
    "issuer_known",
    "decision",
    "log",
    "witnesses",
)
# Which of several reasons people hear first: what was done to the badge before how it is written.
_WEIGHT = ("readable", "proof", "issuer_binding", "status", "time", "recipient", "context", "model", "schema")
_WORDS: Mapping[Verdict, str] = {
    "valid": "This badge is good: unaltered, signed by the issuer that it names, and in force now.",
    "invalid": "This badge is not good.",
    "unknown": "We could not find out whether this badge is good.",
}
_NO_BADGE = "No badge was found in this."


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of a report.

    `message` is a sentence for people; `code` the specification's name for the problem, where it has one;
    `pointer` the place in the document; `spec` where the rule is written. `decides` says whether a fail or an
    unknown of this line decides the verdict. `said` are words of somebody else that `message` quotes, so that a
    page can set them apart from ours.
    """

    id: str
    result: Result
    message: str
    code: str = ""
    pointer: str = ""
    spec: str = ""
    decides: bool = True
    said: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the line as JSON."""
        return {
            "id": self.id,
            "result": self.result,
            "code": self.code,
            "message": self.message,
            "pointer": self.pointer,
            "spec": self.spec,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was found about one badge. Truthy when the verdict is valid."""

    checks: tuple[Check, ...]
    checked_at: datetime
    credential: Mapping[str, Any] = field(default_factory=dict)
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    key_source: str = ""  # fetched, supplied, pinned or identifier: where the issuer's key came from
    newer: Report | None = None  # on the newer copy that was asked for
    decision: Mapping[str, Any] = field(default_factory=dict)  # what is proven of the peers' decision

    def __bool__(self) -> bool:
        return self.verdict == "valid"

    @property
    def verdict(self) -> Verdict:
        """Return the one verdict: known to be false beats not known, and that beats good.

        Nothing is good by default: a badge whose signature and issuer were not both found good is not known.
        """
        deciding = {check.result for check in self.checks if check.decides}
        if "fail" in deciding:
            return "invalid"
        signed = any(check.id == "proof" and check.result == "pass" for check in self.checks)
        bound = any(check.id == "issuer_binding" and check.result in {"pass", "warning"} for check in self.checks)
        return "valid" if signed and bound and "unknown" not in deciding else "unknown"

    @property
    def deciding(self) -> Check | None:
        """Return the check that decided the verdict, the weightiest where several did; None for a good badge."""
        wanted = {"invalid": "fail", "unknown": "unknown", "valid": ""}[self.verdict]
        found = [check for check in self.checks if check.decides and check.result == wanted]
        return min(found, key=_place, default=None)

    @property
    def sentence(self) -> str:
        """Return the verdict in words, with its first reason."""
        reason = self.deciding
        if reason is not None and self.unreadable:
            return f"{_NO_BADGE} {reason.message}"
        return _WORDS[self.verdict] + (f" {reason.message}" if reason else "")

    @property
    def unreadable(self) -> bool:
        """Say whether no badge was found in what was given: nothing is said against anybody's badge then."""
        is_first = self.deciding is not None and self.deciding.id == "readable"
        return is_first and self.verdict == "invalid" and not self.credential

    @property
    def warnings(self) -> tuple[Check, ...]:
        """Return what is odd about this badge."""
        return tuple(check for check in self.checks if check.result == "warning")

    def check(self, id_: str) -> Check:
        """Return the first line of that id."""
        return next(check for check in self.checks if check.id == id_)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "credential": dict(self.credential),
            "checks": [check.to_json() for check in self.checks],
            "warnings": [check.message for check in self.warnings],
            "keySource": self.key_source,
            "checkedAt": format_date_time(self.checked_at),
            **({"decision": dict(self.decision)} if self.decision else {}),
            **({"newer": self.newer.to_json()} if self.newer is not None else {}),
        }


def _place(check: Check) -> int:
    # A proof that stumbles over undefined words says again what the line on contexts has said better.
    id_ = "context" if check.code == "DATA_LOSS_DETECTION_ERROR" else check.id
    return _WEIGHT.index(id_) if id_ in _WEIGHT else len(_WEIGHT)
