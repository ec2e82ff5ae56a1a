"""What the log's texts are made of: lines, decimal numbers, base64. One text for one value, everywhere."""

from __future__ import annotations

import base64
import binascii
import re

from schemas.merkle import HASH_BYTES
from schemas.tlog.errors import LIMIT, TlogError

MAX_SIZE = 2**63 - 1  # entries in a tree, as the other implementations count them; POSIX times end here, too
MAX_PROOF_HASHES = 63  # a path is never longer than the tree is deep (tlog-witness, "add-checkpoint")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # "ASCII control characters (those below U+0020)" but newline


def read_decimal(text: str, *, what: str, error: type[TlogError], maximum: int = MAX_SIZE) -> int:
    """Return an "ASCII decimal with no leading zeroes (unless zero)" of at most `maximum`, or raise `error`."""
    if not _DECIMAL.fullmatch(text) or int(text) > maximum:
        raise error(f"{what} is a decimal number without leading zeros, of at most {maximum}; got {text!r:.40}")
    return int(text)


def read_base64(text: str, *, what: str, error: type[TlogError]) -> bytes:
    """Return the bytes of the one standard base64 text for them (RFC 4648, section 4), or raise `error`."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as cause:
        raise error(f"{what} is not base64 text") from cause
    if write_base64(data) != text:
        raise error(f"{what} is base64 text with stray bits or stray padding at its end")
    return data


def write_base64(data: bytes) -> str:
    """Return standard base64 text (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def read_hash(text: str, *, what: str, error: type[TlogError]) -> bytes:
    """Return the 32 bytes of a hash in base64, or raise `error`."""
    data = read_base64(text, what=what, error=error)
    if len(data) != HASH_BYTES:
        raise error(f"{what} has {HASH_BYTES} bytes, got {len(data)}")
    return data


def read_hashes(lines: list[str], *, error: type[TlogError]) -> tuple[bytes, ...]:
    """Return the hashes of a proof, one on each line, or raise `error`."""
    if len(lines) > MAX_PROOF_HASHES:
        raise error(f"a proof has at most {MAX_PROOF_HASHES} hashes, got {len(lines)}", code=LIMIT)
    return tuple(
        read_hash(line, what=f"hash {number} of the proof", error=error) for number, line in enumerate(lines, 1)
    )


def check_hashes(hashes: tuple[bytes, ...], *, error: type[TlogError]) -> None:
    """Raise `error` unless these can stand in a proof."""
    if len(hashes) > MAX_PROOF_HASHES or any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise error(f"a proof is at most {MAX_PROOF_HASHES} hashes of {HASH_BYTES} bytes")


def check_size(size: int, *, what: str, error: type[TlogError]) -> None:
    """Raise `error` unless a tree can have this size."""
    if not 0 <= size <= MAX_SIZE:
        raise error(f"{what} is a number from 0 to {MAX_SIZE}, got {size}")


def read_text(data: bytes, *, what: str, max_bytes: int, error: type[TlogError]) -> str:
    """Return UTF-8 text of at most `max_bytes` without control characters other than newline, or raise `error`."""
    if len(data) > max_bytes:
        raise error(f"{what} is longer than {max_bytes:,} bytes", code=LIMIT)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise error(f"{what} is not UTF-8: byte {cause.start} cannot be read") from cause
    check_characters(text, what=what, error=error)
    return text


def check_characters(text: str, *, what: str, error: type[TlogError]) -> None:
    """Raise `error` for control characters other than newline, and for what UTF-8 cannot hold."""
    if stray := _CONTROL.search(text):
        raise error(f"{what} holds the control character U+{ord(stray[0]):04X}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as cause:
        raise error(f"{what} holds half of a surrogate pair") from cause
