"""From a decision to the credential: Open Badges 3.0 documents, unsigned (DESIGN.md section 5)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from issuer.rules.achievements import Definition
from schemas import CREDENTIALS_V2, OB_CONTEXT, format_date_time, hash_identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """The Academy as its badges name it. `did` is its identifier, `url` its website."""

    did: str
    name: str
    url: str
    email: str | None = None

    def profile(self) -> dict[str, Any]:
        """Return the Profile that stands in every badge."""
        profile = {"id": self.did, "type": ["Profile"], "name": self.name, "url": self.url}
        return profile | ({"email": self.email} if self.email else {})


def achievement(definition: Definition, *, base_url: str) -> dict[str, Any]:
    """Return the Achievement of one version of a badge."""
    url = f"{base_url}/achievements/{definition.slug}-v{definition.version}"
    lines = [f"{number}. {criterion}" for number, criterion in enumerate(definition.criteria, start=1)]
    return {
        "id": url,
        "type": ["Achievement"],
        "achievementType": "Badge",
        "name": definition.name,
        "description": definition.skill,
        "criteria": {
            "id": f"{base_url}/badges/{definition.slug}?version={definition.version}",
            "narrative": "\n".join(lines),
        },
        "image": {
            "id": f"{base_url}/images/{definition.slug}.png",
            "type": "Image",
            "caption": f"The badge {definition.name}",
        },
        "tag": [tag for tag in (definition.level, definition.bundle) if tag],
        "version": definition.version,
    }


def build_draft(
    *,
    credential_url: str,
    issuer: Issuer,
    definition: Definition,
    circle: Mapping[str, str],
    email: str,
    salt: str,
    signed_name: str | None,
    decision_url: str,
    base_url: str,
    term_ends: date | None,
) -> dict[str, Any]:
    """Return the badge as it is put before the deciders: everything but its dates of issue, status and proof.

    `circle` has id (URL) and name. The term's last day is fixed here, so that it is consented to.
    """
    identifiers: list[dict[str, Any]] = [
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": hash_identity(email, salt=salt),
            "identityType": "emailAddress",
            "salt": salt,
        }
    ]
    if signed_name:
        identifiers.append(
            {"type": "IdentityObject", "hashed": False, "identityHash": signed_name, "identityType": "name"}
        )
    draft: dict[str, Any] = {
        "@context": [CREDENTIALS_V2, OB_CONTEXT],
        "id": credential_url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": definition.name,
        "issuer": issuer.profile(),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": identifiers,
            "achievement": achievement(definition, base_url=base_url),
            "source": {"id": circle["id"], "type": ["Profile"], "name": circle["name"]},
        },
        "evidence": [
            {
                "id": decision_url,
                "type": ["Evidence"],
                "name": "How peers decided",
                "description": "The sealed record of the decision by consent.",
                "genre": "decision record",
            }
        ],
    }
    if term_ends is not None:
        draft["validUntil"] = f"{term_ends.isoformat()}T23:59:59Z"
    return draft


def complete_draft(
    draft: Mapping[str, Any],
    *,
    valid_from: datetime,
    status_url: str,
    status_index: int,
    endorsements: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what will be signed: the draft, its date of issue, its place in a status list, the peers' answers."""
    credential = dict(draft)
    end = credential.pop("validUntil", None)
    credential["validFrom"] = format_date_time(valid_from)
    if end is not None:
        credential["validUntil"] = end
    if endorsements:
        credential["endorsement"] = [dict(endorsement) for endorsement in endorsements]
    credential["credentialStatus"] = {
        "id": f"{status_url}#{status_index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(status_index),
        "statusListCredential": status_url,
    }
    return credential


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def circle_profile(*, base_url: str, slug: str, name: str) -> Mapping[str, str]:
    """Return how a badge names the circle that decided."""
    return {"id": f"{base_url}/circles/{slug}", "name": name}
