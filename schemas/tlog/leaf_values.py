"""What may stand in a leaf: one reader for each kind of value, and none for free text.

A reader takes a JSON value and its place (a JSON pointer); it returns the value, or raises LeafError. Texts stay
as they stand in the leaf, so that what was read is what was hashed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from keys import KeysError, decode_base64url, parse_did_key, parse_multikey
from schemas.dates import format_date_time, parse_date_time
from schemas.errors import MalformedValueError
from schemas.merkle import HASH_BYTES
from schemas.strict_json import MAX_INTEGER
from schemas.tlog.errors import LeafError, VerifierKeyError
from schemas.tlog.vkeys import ED25519, parse_vkey

_MULTIHASH_SHA256 = b"\x12\x20"
_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{22,64}")  # at least 128 bits, in base64url or base32
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")
_FILE = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]*(?:/[0-9A-Za-z_][0-9A-Za-z_.-]*)*")
_MAX_FILE = 200
Reader = Callable[[Any, str], Any]


def read_event_id(value: Any, pointer: str) -> str:
    """Read the random id of an event."""
    if not isinstance(value, str) or not _EVENT_ID.fullmatch(value):
        raise LeafError("an event's id is 22 to 64 random letters, digits, '-' and '_'", pointer=pointer)
    return value


def read_moment(value: Any, pointer: str) -> str:
    """Read an RFC 3339 time in UTC with whole seconds, the one way in which we write it."""
    try:
        text = format_date_time(parse_date_time(value))
    except MalformedValueError as error:
        raise LeafError(error.message, pointer=pointer) from error
    if text != value:
        raise LeafError(f"a time in a leaf is written {text}, got {value!r:.40}", pointer=pointer)
    return text


def read_day(value: Any, pointer: str) -> str:
    """Read a date."""
    try:
        day = date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day != value:
        raise LeafError(f"expected a date such as 2026-03-02, got {value!r:.40}", pointer=pointer)
    return day


def read_digest(value: Any, pointer: str) -> str:
    """Read a SHA-256 multihash in multibase u: a digest that whoever has the bytes can recompute."""
    data = _multibase(value, pointer)
    if data[:2] != _MULTIHASH_SHA256 or len(data) != 2 + HASH_BYTES:
        raise LeafError("a digest is a SHA-256 multihash in multibase u", pointer=pointer)
    return str(value)


def read_commitment(value: Any, pointer: str) -> str:
    """Read an HMAC-SHA-256 in multibase u, bare: nobody can recompute it without the salt."""
    if len(_multibase(value, pointer)) != HASH_BYTES:
        raise LeafError(f"a commitment is {HASH_BYTES} bytes in multibase u", pointer=pointer)
    return str(value)


def _multibase(value: Any, pointer: str) -> bytes:
    if not isinstance(value, str) or not value.startswith("u"):
        raise LeafError(f"expected multibase text that begins with 'u', got {value!r:.40}", pointer=pointer)
    try:
        return decode_base64url(value[1:])
    except KeysError as error:
        raise LeafError(f"the multibase text cannot be read: {error}", pointer=pointer) from error


def read_statement_key(value: Any, pointer: str) -> str:
    """Read the did:key of an Ed25519 statement key."""
    try:
        kind = parse_did_key(value).kind if isinstance(value, str) else None
    except KeysError as error:
        raise LeafError(f"the key of a decider cannot be used: {error}", pointer=pointer) from error
    if kind != "Ed25519":
        raise LeafError("a decider's key is the did:key of an Ed25519 key", pointer=pointer)
    return str(value)


def read_issuer_key(value: Any, pointer: str) -> str:
    """Read the Multikey text of an issuer's key."""
    try:
        parse_multikey(value)
    except KeysError as error:
        raise LeafError(f"the issuer's key cannot be used: {error}", pointer=pointer) from error
    return str(value)


def read_log_key(value: Any, pointer: str) -> str:
    """Read the vkey of a log."""
    try:
        key = parse_vkey(value) if isinstance(value, str) else None
    except VerifierKeyError as error:
        raise LeafError(f"the log's key cannot be used: {error.message}", pointer=pointer) from error
    if key is None or key.signature_type != ED25519:
        raise LeafError("a log's key is a vkey of type 0x01", pointer=pointer)
    return str(value)


def read_version(value: Any, pointer: str) -> str:
    """Read the version of a release."""
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise LeafError("a version is up to 64 letters, digits, '.', '+' and '-'", pointer=pointer)
    return value


def read_file_name(value: Any, pointer: str) -> str:
    """Read the name of a file that the Academy serves to browsers."""
    if not isinstance(value, str) or len(value) > _MAX_FILE or not _FILE.fullmatch(value):
        raise LeafError("a file's name is a path of letters, digits, '_', '.' and '-'", pointer=pointer)
    return value


def count_from(minimum: int) -> Reader:
    """Return a reader of whole numbers from `minimum` on."""

    def read(value: Any, pointer: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= MAX_INTEGER:
            raise LeafError(f"expected a whole number from {minimum} on, got {value!r:.40}", pointer=pointer)
        return value

    return read


def one_of(*words: str) -> Reader:
    """Return a reader of one of these words."""

    def read(value: Any, pointer: str) -> str:
        if not isinstance(value, str) or value not in words:
            raise LeafError(f"expected one of {', '.join(words)}; got {value!r:.40}", pointer=pointer)
        return value

    return read


def sorted_list(read_item: Reader, *, key: Callable[[Any], Any] = lambda item: item, minimum: int = 0) -> Reader:
    """Return a reader of lists without doubles, sorted by `key`: an order of its own would tell something."""

    def read(value: Any, pointer: str) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)) or len(value) < minimum:
            raise LeafError(f"expected a list of at least {minimum}", pointer=pointer)
        items = tuple(read_item(item, f"{pointer}/{number}") for number, item in enumerate(value))
        _check_order([key(item) for item in items], pointer)
        return items

    return read


def _check_order(keys: Sequence[Any], pointer: str) -> None:
    if any(first >= second for first, second in pairwise(keys)):
        raise LeafError("the list is sorted and holds nothing twice", pointer=pointer)
