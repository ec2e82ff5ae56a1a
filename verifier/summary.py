"""What a reader wants to know about a badge, as the badge says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas import canonicalize_json
from verifier.checks.form import is_badge, types_of
from verifier.checks.rules import listed


def summarize(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a reader wants to know about the badge, as the badge says it: texts only, cut to a line."""
    issuer = document.get("issuer")
    subject = next((s for s in listed(document, "credentialSubject") if isinstance(s, Mapping)), {})
    achieved = subject.get("achievement")
    achievement: Mapping[str, Any] = achieved if isinstance(achieved, Mapping) else {}
    profile = issuer if isinstance(issuer, Mapping) else {"id": issuer}
    names = [
        entry.get("identityHash")
        for entry in listed(subject, "identifier")
        if isinstance(entry, Mapping) and entry.get("hashed") is False and entry.get("identityType") == "name"
    ]
    found = {
        "id": document.get("id"),
        "type": types_of(document),
        "name": achievement.get("name") or document.get("name"),
        "description": achievement.get("description"),
        "issuer": {
            name: profile[name] for name in ("id", "name", "url", "email") if isinstance(profile.get(name), str)
        },
        "recipient": {"id": subject.get("id"), "name": next((n for n in names if isinstance(n, str)), None)},
        "validFrom": document.get("validFrom", document.get("issuanceDate")),
        "validUntil": document.get("validUntil", document.get("expirationDate")),
        "isBadge": is_badge(document),
    }
    return {name: _short(value) for name, value in found.items() if value is not None}


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= 2000 else value[:2000] + "…"  # noqa: PLR2004 - a page of text
    if isinstance(value, dict):
        return {name: _short(child) for name, child in value.items() if child is not None}
    if isinstance(value, list):
        return [_short(child) for child in value[:20]]
    return value if isinstance(value, bool) else str(canonicalize_json(value)[:200], "utf-8", "replace")
