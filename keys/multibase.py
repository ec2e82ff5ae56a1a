"""Text for bytes: base58btc and unpadded base64url, bare and with their multibase letter.

Source: Controlled Identifiers 1.0, section 2.4. Decoding is strict: one text for one value. Base58 takes time
in the square of its length, so the length is limited before any work.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Literal

from keys.errors import InvalidKeyError

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
MAX_BASE58 = 512
MAX_BASE64URL = 20_000_000


def encode_base58btc(data: bytes) -> str:
    """Return `data` in base58 with Bitcoin's alphabet; each leading zero byte is a leading "1"."""
    number = int.from_bytes(data, "big")
    letters = []
    while number:
        number, remainder = divmod(number, 58)
        letters.append(_ALPHABET[remainder])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(letters))


def decode_base58btc(text: str) -> bytes:
    """Return the bytes of a base58btc text of at most 512 letters; raise InvalidKeyError for anything else."""
    if len(text) > MAX_BASE58:
        raise InvalidKeyError(f"expected at most {MAX_BASE58} base58 letters, got {len(text)}")
    number = 0
    for letter in text:
        if letter not in _VALUES:
            raise InvalidKeyError(f"{letter!r} is not a base58btc letter")
        number = number * 58 + _VALUES[letter]
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base64url(data: bytes) -> str:
    """Return `data` in base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Return the bytes of an unpadded base64url text, which must be the only text for those bytes."""
    if len(text) > MAX_BASE64URL:
        raise InvalidKeyError(f"expected at most {MAX_BASE64URL} base64url letters, got {len(text)}")
    if not _BASE64URL.fullmatch(text):
        raise InvalidKeyError("a base64url text holds only letters, digits, '-' and '_', without padding")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise InvalidKeyError("the base64url text has an impossible length") from error
    if encode_base64url(data) != text:
        raise InvalidKeyError("the base64url text has stray bits at its end")
    return data


def encode_multibase(data: bytes, *, base: Literal["z", "u"] = "z") -> str:
    """Return `data` as multibase text, `z` for base58btc or `u` for base64url."""
    return "z" + encode_base58btc(data) if base == "z" else "u" + encode_base64url(data)


def decode_multibase(text: str) -> bytes:
    """Return the bytes of a multibase text in base58btc (`z`) or base64url (`u`)."""
    match text[:1]:
        case "z":
            return decode_base58btc(text[1:])
        case "u":
            return decode_base64url(text[1:])
    raise InvalidKeyError("expected multibase text that begins with 'z' or 'u'")
