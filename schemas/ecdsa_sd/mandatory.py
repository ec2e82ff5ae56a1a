"""What a holder may never hide of an Open Badge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Whoever could leave one of these out could show an ended or revoked badge as good, or somebody else's as theirs.
_ALWAYS = (
    "issuer",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "credentialStatus",
    "credentialSchema",
    "refreshService",
    "termsOfUse",
)
_SUBJECT = ("id", "identifier")
# Open Badges 3.0 demands these of an achievement; its certification asks for them in every derived badge.
_ACHIEVEMENT = ("id", "name", "description", "criteria")


def badge_mandatory_pointers(document: Mapping[str, Any]) -> list[str]:
    """Return the JSON pointers that an issuer of Open Badges makes mandatory, as far as the document has them.

    Covers one subject with one achievement; types and ids on the way are shown in any case. Without any of these
    members the list is empty.
    """
    pointers = [f"/{name}" for name in _ALWAYS if name in document]
    subject = document.get("credentialSubject")
    if isinstance(subject, Mapping):
        pointers += [f"/credentialSubject/{name}" for name in _SUBJECT if name in subject]
        achievement = subject.get("achievement")
        if isinstance(achievement, Mapping):
            pointers += [f"/credentialSubject/achievement/{name}" for name in _ACHIEVEMENT if name in achievement]
    return pointers
