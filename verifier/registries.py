"""Registries of known issuers: local JSON files in the style of the Digital Credentials Consortium.

    {"meta": {"created": "..", "updated": ".."},
     "registry": {"did:web:academy.example": {"name": "The Academy", "location": "..", "url": ".."}}}

Whoever writes such a file says whom they trust; a report then says under which name an issuer stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from keys import InvalidDIDError, did_method
from schemas import LimitError, MalformedValueError

MAX_ISSUERS = 20_000
_MEMBERS = frozenset({"meta", "registry"})
_ENTRY = frozenset({"name", "location", "url"})
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A registry by its file's name: the name of each issuer by its identifier."""

    file: str
    names: Mapping[str, str]


def parse_registry(value: object, *, file: str) -> Registry:
    """Read a registry; raise MalformedValueError or LimitError with the pointer of what it cannot have."""
    if not isinstance(value, Mapping) or not isinstance(value.get("registry"), Mapping):
        raise MalformedValueError("a registry is a JSON object with a member registry", pointer="/registry")
    if stray := value.keys() - _MEMBERS:
        raise MalformedValueError(
            f"a registry has no member {min(stray)!r:.80}", pointer=f"/{_escaped(min(stray))}"
        )
    entries = value["registry"]
    if len(entries) > MAX_ISSUERS:
        raise LimitError(f"a registry has at most {MAX_ISSUERS:,} issuers", pointer="/registry")
    return Registry(
        file=file,
        names=MappingProxyType({name: _parse_entry(name, entry) for name, entry in entries.items()}),
    )


def _parse_entry(name: str, entry: Any) -> str:
    where = f"/registry/{_escaped(name)}"
    if not name.startswith("https://"):
        try:
            did_method(name)
        except InvalidDIDError as error:
            raise MalformedValueError(f"an issuer is a DID or an https address: {error}", pointer=where) from error
    if not isinstance(entry, Mapping):
        raise MalformedValueError("an issuer's entry is a JSON object", pointer=where)
    if stray := entry.keys() - _ENTRY:
        raise MalformedValueError(
            f"an issuer's entry has no member {min(stray)!r:.80}", pointer=f"{where}/{_escaped(min(stray))}"
        )
    for member in _ENTRY & entry.keys() | {"name"}:
        text = entry.get(member)
        if not isinstance(text, str) or not text or len(text) > _LONGEST:
            raise MalformedValueError(f"an issuer's {member} is a short text", pointer=f"{where}/{member}")
    found: str = entry["name"]
    return found


def _escaped(name: object) -> str:
    return str(name)[:200].replace("~", "~0").replace("/", "~1")
