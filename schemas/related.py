"""Related resources: a credential can pin what it refers to by a digest (VCDM 2.0, section 5.3).

Only what is pinned here can be compared; of anything else nothing is said. A context that was changed in place
under its URL has several byte versions, and a digest of any of them is right.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from keys import InvalidKeyError, decode_multibase
from schemas.pinned import pinned_contexts

MAX_RESOURCES = 64
# Subresource Integrity, section 3.2; a multihash says the same by a code and a length.
_SRI = MappingProxyType({"sha256": 32, "sha384": 48, "sha512": 64})
_MULTIHASH = MappingProxyType({b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"})
_BARE = MappingProxyType({size: name for name, size in _SRI.items()})


def related_resource_faults(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a JSON pointer and a sentence for each entry of `relatedResource` that is not as it must be."""
    value = document.get("relatedResource", [])
    entries = value if isinstance(value, list) else [value]
    if len(entries) > MAX_RESOURCES:
        yield "/relatedResource", f"It names more than {MAX_RESOURCES} related resources."
        return
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        place = f"/relatedResource/{index}" if isinstance(value, list) else "/relatedResource"
        name = entry.get("id") if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(name, str) or ":" not in name:
            yield place, "A related resource does not say by a URL which one it is."
        elif name in seen:
            yield f"{place}/id", "Two entries are about the same related resource."
        elif "digestSRI" not in entry and "digestMultibase" not in entry:
            yield place, "A related resource has no digest."
        else:
            seen.add(name)
            for member, read in (("digestSRI", _read_sri), ("digestMultibase", _read_multibase)):
                if member in entry:
                    yield from _digest_faults(f"{place}/{member}", name, read(entry[member]))


def _digest_faults(place: str, name: str, digest: tuple[str, bytes] | None) -> Iterator[tuple[str, str]]:
    if digest is None:
        yield place, "The digest of a related resource cannot be read."
        return
    known = _known_digests(name, digest[0])
    if known and digest[1] not in known:
        yield place, "The digest of a related resource is not that of the resource."


def _read_sri(value: object) -> tuple[str, bytes] | None:
    """Return algorithm and digest of Subresource Integrity's form, in either alphabet of base64."""
    if not isinstance(value, str):
        return None
    name, mark, text = value.partition("-")
    if not mark or name not in _SRI:
        return None
    try:
        digest = base64.b64decode(text.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        return None
    return (name, digest) if len(digest) == _SRI[name] else None


def _read_multibase(value: object) -> tuple[str, bytes] | None:
    """Return algorithm and digest of a multibase text: a multihash or, as many write it, the bare digest."""
    if not isinstance(value, str):
        return None
    try:
        data = decode_multibase(value)
    except InvalidKeyError:
        return None
    if (name := _MULTIHASH.get(data[:2])) and len(data) == 2 + _SRI[name]:
        return name, data[2:]
    return (_BARE[len(data)], data) if len(data) in _BARE else None


@cache
def _known_digests(url: str, algorithm: str) -> frozenset[bytes]:
    """Return the digests of every byte version of a pinned context; none for what is not pinned."""
    files = [entry.path for entry in pinned_contexts() if entry.url == url and entry.use != "examples"]
    return frozenset(hashlib.new(algorithm, path.read_bytes()).digest() for path in files)
