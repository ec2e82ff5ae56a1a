"""Files that whoever audits hands in: JSON lists of small objects, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keys import KeysError, decode_base64url
from schemas import DocumentError, parse_json
from schemas.tlog.errors import LeafError

MAX_GIVEN_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 12


def read_list(data: bytes, *, what: str) -> list[Mapping[str, Any]]:
    """Return the objects of a file that holds one or a list of them; raise DocumentError."""
    value = parse_json(data, max_bytes=MAX_GIVEN_BYTES, max_depth=MAX_DEPTH)
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, Mapping) for item in items):
        raise DocumentError(f"{what} are a JSON list of objects")
    return items


def read_salt(value: object, *, pointer: str) -> bytes:
    """Return a salt that is written in base64url; raise LeafError. Its length is for `commit` to say."""
    try:
        return decode_base64url(value) if isinstance(value, str) else b""
    except KeysError as error:
        raise LeafError("a salt is base64url text", pointer=pointer) from error
