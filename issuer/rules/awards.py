"""Awards: machine W, from the accepted decision to the signed badge and, if it must be, its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from issuer.rules.journal import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """One person's badge. `intent` is the digest of the exact unsigned credential that was accepted."""

    id: str
    holder: str = ""
    badge: str = ""
    version: str = ""
    application: str = ""
    process: str = ""
    credential: str = ""
    intent: str = ""
    accepted: str = ""  # text id of the signed acceptance
    leaf: str = ""  # hash of its `credential.issued` in the log
    proof: str | None = None  # text id of the log's proof that the badge carries
    status_list: int = 0
    status_index: int = 0
    state: str = "pending"
    published: bool = False
    valid_until: datetime | None = None
    planned_at: datetime | None = None
    issued_at: datetime | None = None
    revoked_at: datetime | None = None
    founding: bool = False

    def held(self, *, today: date) -> bool:
        """Say whether the badge is current: issued, not revoked, not past its term."""
        return self.state == "issued" and (self.valid_until is None or self.valid_until.date() >= today)


def evolve_award(award: Award, event: Event) -> Award:
    """Return the award after an event."""
    data = event.data
    match event.type:
        case "planned":
            until = data["valid_until"]
            return replace(
                award,
                holder=data["holder"],
                badge=data["badge"],
                version=data["version"],
                application=data["application"],
                process=data["process"],
                credential=data["credential"],
                intent=data["intent"],
                accepted=data["accepted"],
                leaf=data["leaf"],
                status_list=data["status_list"],
                status_index=data["status_index"],
                published=data["published"],
                founding=data["founding"],
                valid_until=datetime.fromisoformat(until) if until else None,
                planned_at=event.at,
            )
        case "logged":
            return replace(award, proof=data["proof"])
        case "issued":
            return replace(award, state="issued", issued_at=event.at)
        case "given_back":
            return replace(award, state="revoked", revoked_at=event.at)
        case "published":
            return replace(award, published=data["published"])
    raise AssertionError(f"an award has no event {event.type}")
