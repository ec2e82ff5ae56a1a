"""Sealed decision records: a fixed set of salted leaves whose Merkle root is signed (DOMAIN.md, section 11).

leaf = SHA-256(0x00 || tag || salt (32 bytes) || JCS([path, value])). A slot that holds nothing is a random leaf,
so nobody can count closed fields. A view opens some leaves (value and salt) and shows the bare hash of the
others; the root is the same for every view, also after values were erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as File
from types import MappingProxyType
from typing import Any

from keys import InvalidKeyError, decode_base64url, encode_base64url
from schemas.errors import MalformedValueError
from schemas.jcs import canonicalize_json
from schemas.merkle import HASH_BYTES, merkle_root

TAG = b"academy-badges/record/v1"
SALT_BYTES = 32
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place in a record: its path, who may see it, and how people call it."""

    path: Path
    open: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One leaf. `salt` is None where it is closed or erased, or where the slot was empty from the start."""

    path: Path
    hash: bytes
    salt: bytes | None = field(default=None, repr=False)
    value: Any = None

    @property
    def open(self) -> bool:
        """Say whether the leaf shows its value."""
        return self.salt is not None


@cache
def record_slots() -> tuple[Slot, ...]:
    """Return the fixed slots of a version 1 record, in the order of their leaves."""
    schema = json.loads((File(__file__).parent / "record_v1.json").read_text(encoding="utf-8"))
    return tuple(
        Slot(
            path=tuple(str(number) if part == "*" else part for part in slot["path"]),
            open=slot["open"],
            label=slot["label"],
        )
        for slot in schema["slots"]
        for number in range(slot.get("times", 1))
    )


def leaf_hash(path: Path, value: Any, *, salt: bytes) -> bytes:
    """Return the hash of one leaf."""
    return hashlib.sha256(b"\x00" + TAG + salt + canonicalize_json([list(path), value])).digest()


def seal_record(values: Mapping[Path, Any], *, random_bytes: Callable[[int], bytes]) -> tuple[Leaf, ...]:
    """Return the leaves of a record; raise MalformedValueError for a value that no slot is for."""
    slots = record_slots()
    if stray := values.keys() - {slot.path for slot in slots}:
        raise MalformedValueError(f"a decision record has no place called {'/'.join(min(stray))!r}")
    leaves = []
    for slot in slots:
        if values.get(slot.path) is None:
            leaves.append(Leaf(path=slot.path, hash=random_bytes(HASH_BYTES)))
            continue
        salt, value = random_bytes(SALT_BYTES), values[slot.path]
        leaves.append(Leaf(path=slot.path, hash=leaf_hash(slot.path, value, salt=salt), salt=salt, value=value))
    return tuple(leaves)


def record_root(leaves: Sequence[Leaf]) -> bytes:
    """Return the Merkle root over all leaves, open ones recomputed from value and salt.

    Raises MalformedValueError when the leaves are not those of the fixed slots, an open leaf does not fit its
    hash, or one salt stands twice.
    """
    if [leaf.path for leaf in leaves] != [slot.path for slot in record_slots()]:
        raise MalformedValueError("the record does not have the fixed slots")
    salts = [leaf.salt for leaf in leaves if leaf.salt is not None]
    if len(set(salts)) != len(salts):
        raise MalformedValueError("the record uses one salt twice")
    for leaf in leaves:
        if leaf.salt is not None and leaf_hash(leaf.path, leaf.value, salt=leaf.salt) != leaf.hash:
            raise MalformedValueError(
                f"the record's value at {'/'.join(leaf.path)!r} was changed", pointer="/" + "/".join(leaf.path)
            )
    return merkle_root([leaf.hash for leaf in leaves])


def view_record(leaves: Sequence[Leaf], *, open_to: Collection[str]) -> tuple[Leaf, ...]:
    """Return the record as somebody may see it who belongs to these groups (credential, members, circle)."""
    groups = {slot.path: slot.open for slot in record_slots()}
    return redact_record(leaves, [leaf.path for leaf in leaves if groups[leaf.path] not in open_to])


def redact_record(leaves: Sequence[Leaf], paths: Collection[Path]) -> tuple[Leaf, ...]:
    """Return the record with some leaves closed: value and salt gone, hash and root as before."""
    closed = set(paths)
    return tuple(Leaf(path=leaf.path, hash=leaf.hash) if leaf.path in closed else leaf for leaf in leaves)


def record_to_json(leaves: Sequence[Leaf]) -> list[dict[str, Any]]:
    """Return the leaves as JSON, hashes and salts in base64url."""
    return [
        {"path": list(leaf.path), "hash": encode_base64url(leaf.hash)}
        | ({"salt": encode_base64url(leaf.salt), "value": leaf.value} if leaf.salt is not None else {})
        for leaf in leaves
    ]


def record_from_json(value: object) -> tuple[Leaf, ...]:
    """Read leaves from JSON; `record_root` says whether they fit together. Raises MalformedValueError."""
    if not isinstance(value, list):
        raise MalformedValueError("a record is a list of leaves")
    try:
        return tuple(
            Leaf(
                path=tuple(entry["path"]),
                hash=decode_base64url(entry["hash"]),
                salt=decode_base64url(entry["salt"]) if "salt" in entry else None,
                value=entry.get("value"),
            )
            for entry in value
        )
    except (KeyError, TypeError, AttributeError, InvalidKeyError) as error:
        raise MalformedValueError("a leaf of the record cannot be read") from error


def record_values(leaves: Sequence[Leaf]) -> Mapping[Path, Any]:
    """Return the values of the open leaves."""
    return MappingProxyType({leaf.path: leaf.value for leaf in leaves if leaf.open})
