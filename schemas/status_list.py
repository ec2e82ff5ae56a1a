"""Bitstring Status Lists (W3C Recommendation of 2025-05-15): bits, their text, the unsigned list credential."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keys import InvalidKeyError, decode_base64url, encode_base64url
from schemas.dates import format_date_time
from schemas.errors import StatusListError
from schemas.pinned import CREDENTIALS_V2

MIN_ENTRIES = 131_072  # section 3.1: 16 KiB, so that one entry hides among many
MAX_BYTES = 8 * 1024 * 1024
_MAX_TEXT = 12 * 1024 * 1024


def encode_bitstring(bits: bytes) -> str:
    """Return bits as the text of `encodedList`: multibase base64url of gzip, the same bytes each time."""
    return "u" + encode_base64url(gzip.compress(bits, mtime=0))


def decode_bitstring(text: object, *, max_bytes: int = MAX_BYTES, legacy: bool = False) -> bytes:
    """Return the bits of an `encodedList`, never making more than `max_bytes` of them.

    With `legacy`, the multibase letter may be missing (StatusList2021). Raises StatusListError.
    """
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise StatusListError("the status list's encodedList is not a text, or far too long")
    if text.startswith("u"):
        text = text[1:]
    elif not legacy:
        raise StatusListError("the status list's encodedList does not begin with the multibase letter 'u'")
    try:
        packed = decode_base64url(text.rstrip("=") if legacy else text)
    except InvalidKeyError as error:
        raise StatusListError(f"the status list cannot be read: {error}") from error
    unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        bits = unpack.decompress(packed, max_bytes + 1)
    except zlib.error as error:
        raise StatusListError("the status list is not gzip data") from error
    if len(bits) > max_bytes:
        raise StatusListError(f"the status list unpacks to more than {max_bytes:,} bytes", code="LIMIT_EXCEEDED")
    if not unpack.eof or unpack.unused_data:
        raise StatusListError("the status list's gzip data is cut off or has something behind it")
    return bits


def check_minimum_length(bits: bytes, *, size: int = 1) -> None:
    """Raise StatusListError when a list has fewer than 131,072 entries: its holders could be told apart."""
    entries = len(bits) * 8 // size
    if entries < MIN_ENTRIES:
        raise StatusListError(
            f"the status list has {entries:,} entries; {MIN_ENTRIES:,} are the least",
            code="STATUS_LIST_LENGTH_ERROR",
        )


def status_at(bits: bytes, index: int, *, size: int = 1) -> int:
    """Return the value of one entry; index 0 is the most significant bit of the first byte (section 3.2)."""
    start = index * size
    if index < 0 or start + size > len(bits) * 8:
        raise StatusListError(f"the status list has no entry {index}", code="RANGE_ERROR")
    value = 0
    for position in range(start, start + size):
        value = value << 1 | (bits[position // 8] >> (7 - position % 8)) & 1
    return value


def set_bit(bits: bytearray, index: int) -> None:
    """Set one entry of one bit."""
    bits[index // 8] |= 0x80 >> index % 8


def build_status_list_credential(
    *,
    url: str,
    issuer: str | Mapping[str, Any],
    bits: bytes,
    valid_from: datetime,
    valid_until: datetime,
    ttl_ms: int,
) -> dict[str, Any]:
    """Return the unsigned BitstringStatusListCredential for revocation that stands at `url`."""
    return {
        "@context": [CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": format_date_time(valid_from),
        "validUntil": format_date_time(valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "ttl": ttl_ms,
            "encodedList": encode_bitstring(bits),
        },
    }
