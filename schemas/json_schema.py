"""Checking documents against the pinned JSON Schemas of Open Badges 3.0, with sentences for people.

The branch is chosen by the document's version before validation, so that nobody reads about a branch that was
not meant. The schemas are compiled once, when first needed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from schemas.pinned import CREDENTIALS_V1

if TYPE_CHECKING:
    from jsonschema_rs import Draft201909Validator, ValidationError

FOLDER = Path(__file__).resolve().parent / "json_schemas"
MAX_FAULTS = 20
Kind = Literal["achievement-2.0", "achievement-1.1", "endorsement", "profile"]
_FILES: Mapping[Kind, str] = {
    "achievement-2.0": "ob_v3p0_achievementcredential_schema.json",
    "achievement-1.1": "ob_v3p0_anyachievementcredential_schema.json",
    "endorsement": "derived-endorsementcredential-2026.json",
    "profile": "ob_v3p0_profile_schema.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFault:
    """One place where a document is not what its schema asks for."""

    pointer: str
    message: str


def schema_kind(document: Mapping[str, Any]) -> Kind | None:
    """Return which schema a credential has to meet, by its types and first context; None when none is for it."""
    types = document.get("type")
    names = {name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)}
    if names & {"OpenBadgeCredential", "AchievementCredential"}:
        contexts = document.get("@context")
        first = contexts[0] if isinstance(contexts, list) and contexts else contexts
        return "achievement-1.1" if first == CREDENTIALS_V1 else "achievement-2.0"
    return "endorsement" if "EndorsementCredential" in names else None


def validate_against(kind: Kind, document: Any) -> list[SchemaFault]:
    """Return at most 20 faults of a document, each with a JSON pointer and a sentence."""
    faults = []
    for error in _validator(kind).iter_errors(document):
        faults.append(_fault(error))
        if len(faults) == MAX_FAULTS:
            break
    return sorted(faults, key=lambda fault: fault.pointer)


@cache
def _validator(kind: Kind) -> Draft201909Validator:
    from jsonschema_rs import Draft201909Validator

    schema = json.loads((FOLDER / _FILES[kind]).read_text(encoding="utf-8"))
    if kind == "achievement-1.1":
        [branch] = [branch for branch in schema.pop("anyOf") if "issuanceDate" in branch["required"]]
        schema |= branch
    return Draft201909Validator(schema, validate_formats=True)


def _fault(error: ValidationError) -> SchemaFault:
    error = _deepest(error)
    kind = error.kind
    where = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.instance_path)
    match type(kind).__name__.rpartition("_")[2]:
        case "Required":
            message = f"the member {kind.property!r} is missing"  # type: ignore[attr-defined]  # by its name
        case "Type":
            message = f"expected {' or '.join(kind.types)}"  # type: ignore[attr-defined]  # by its name
        case "Format":
            message = f"expected a {kind.format}"  # type: ignore[attr-defined]  # by its name
        case "AdditionalProperties":
            names = ", ".join(repr(name) for name in kind.unexpected[:5])  # type: ignore[attr-defined]  # by its name
            message = f"nothing is known about {names} here"
        case "Enum" | "Constant":
            message = "the value is not one of those that are allowed"
        case _:
            message = "the value does not have the form that the schema asks for"
    return SchemaFault(pointer=where, message=message)


def _deepest(error: ValidationError) -> ValidationError:
    """Return the most exact fault behind "none of the alternatives fits"."""
    context = getattr(error.kind, "context", None)
    inner = [_deepest(one) for branch in context or () for one in branch]
    return max(inner, key=lambda one: len(one.instance_path), default=error)
