"""From the members of a JSON object to the fields of a dataclass and back: all of them, and no others."""

from __future__ import annotations

from dataclasses import MISSING, Field, field, fields, is_dataclass
from typing import Any, TypeVar

from schemas.tlog.errors import LeafError
from schemas.tlog.leaf_values import Reader

T = TypeVar("T")


def holds(name: str, read: Reader | type) -> Any:
    """Return a dataclass field for the member `name`, read by a reader or into another dataclass."""
    return field(metadata={"name": name, "read": an_object(read) if isinstance(read, type) else read})


def may_hold(name: str, read: Reader) -> Any:
    """Return a dataclass field for a member that may be missing; it is None then."""
    return field(default=None, metadata={"name": name, "read": read})


def an_object(kind: type) -> Reader:
    """Return a reader of JSON objects into a dataclass."""

    def read(value: Any, pointer: str) -> Any:
        return read_members(kind, value, pointer)

    return read


def read_members(kind: type[T], value: Any, pointer: str) -> T:
    """Return the dataclass that a JSON object holds; raise LeafError with the place."""
    if not isinstance(value, dict):
        raise LeafError("expected a JSON object", pointer=pointer)
    assert is_dataclass(kind)
    members: dict[str, Field[Any]] = {part.metadata["name"]: part for part in fields(kind)}
    if unknown := sorted(value.keys() - members.keys()):
        raise LeafError(f"a leaf has no member {unknown[0]!r:.80} here", pointer=pointer)
    read: dict[str, Any] = {}
    for name, part in members.items():
        if name in value:
            read[part.name] = part.metadata["read"](value[name], f"{pointer}/{name}")
        elif part.default is MISSING:
            raise LeafError(f"the member {name!r} is missing", pointer=pointer)
    return kind(**read)


def write_members(part: Any) -> dict[str, Any]:
    """Return the JSON object of a dataclass, without the members that it does not have."""
    values = {place.metadata["name"]: getattr(part, place.name) for place in fields(part)}
    return {name: _write(value) for name, value in values.items() if value is not None}


def _write(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    return write_members(value) if is_dataclass(value) else value
