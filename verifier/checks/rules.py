"""What the rules of Open Badges share: a fault with its place, and ways to walk through a badge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One breach of a rule. `odd` where the specification asks for less than a must: told, and not deciding."""

    pointer: str
    message: str
    spec: str
    code: str = "MALFORMED_VALUE_ERROR"
    odd: bool = False


def entries(node: Mapping[str, Any], name: str, pointer: str) -> Iterator[tuple[str, Any]]:
    """Yield the pointer and value of each entry of a member that is one thing or a list of them."""
    value = node.get(name, [])
    if isinstance(value, list):
        yield from ((f"{pointer}/{name}/{index}", entry) for index, entry in enumerate(value))
    else:
        yield f"{pointer}/{name}", value


def is_typed(node: object, wanted: str) -> bool:
    """Say whether an object has a type."""
    types = node.get("type") if isinstance(node, Mapping) else None
    return wanted in (types if isinstance(types, list) else [types])


def listed(node: Mapping[str, Any], name: str) -> list[Any]:
    """Return a member that is one thing or a list of them as a list."""
    value = node.get(name, [])
    return value if isinstance(value, list) else [value]
