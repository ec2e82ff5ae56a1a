"""The small part of CBOR (RFC 8949) that a proof value is written in.

Byte strings, texts, whole numbers from 0 on, arrays, and maps from numbers to byte strings; nothing else: no tags
(VC-DI ECDSA 1.0 forbids them), no floats, no indefinite lengths, no map with a key twice. Writing is
deterministic (section 4.2.1). Reading accepts any width of a length and any order of keys, because common
libraries write both and nothing is signed over these bytes.
"""

from __future__ import annotations

from typing import NoReturn, TypeAlias

from schemas.errors import ProofError

Value: TypeAlias = "int | bytes | str | list[Value] | dict[int, bytes]"

_UNSIGNED, _BYTES, _TEXT, _ARRAY, _MAP = 0, 2, 3, 4, 5
_NAMES = (
    "a number",
    "a negative number",
    "bytes",
    "text",
    "an array",
    "a map",
    "a tag",
    "a float or simple value",
)
_DIRECT = 24  # smaller arguments stand in the first byte itself
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
MAX_DEPTH = 2  # the array of components, and arrays in it


def encode(value: Value) -> bytes:
    """Return a value in deterministic CBOR: shortest lengths, keys of maps in rising order."""
    if isinstance(value, int):
        return _head(_UNSIGNED, value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, str):
        data = value.encode("utf-8")
        return _head(_TEXT, len(data)) + data
    if isinstance(value, list):
        return _head(_ARRAY, len(value)) + b"".join(encode(item) for item in value)
    return _head(_MAP, len(value)) + b"".join(encode(key) + encode(value[key]) for key in sorted(value))


def _head(major: int, argument: int) -> bytes:
    if argument < _DIRECT:
        return bytes([major << 5 | argument])
    for info, width in _WIDTHS.items():
        if argument < 1 << 8 * width:
            return bytes([major << 5 | info]) + argument.to_bytes(width, "big")
    raise OverflowError(argument)


def decode(data: bytes) -> Value:
    """Return the one value that `data` holds; raise ProofError for anything else."""
    reader = _Reader(data)
    value = reader.value(0)
    if reader.left:
        _refuse("bytes are left over at its end")
    return value


def _refuse(reason: str) -> NoReturn:
    raise ProofError(f"the proof's value is not made as it must be: {reason}", pointer="/proof/proofValue")


class _Reader:
    """A place in the bytes. Every length is compared with what is left before it is believed."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def _take(self, count: int) -> bytes:
        if count > self.left:
            _refuse("it ends too early")
        self._at += count
        return self._data[self._at - count : self._at]

    def _head(self) -> tuple[int, int]:
        [first] = self._take(1)
        major, info = first >> 5, first & 31
        if info < _DIRECT:
            return major, info
        if info not in _WIDTHS:
            _refuse("it has a length that is not said beforehand")
        return major, int.from_bytes(self._take(_WIDTHS[info]), "big")

    def value(self, depth: int) -> Value:
        major, argument = self._head()
        match major:
            case 0:
                return argument
            case 2:
                return self._take(argument)
            case 3:
                try:
                    return self._take(argument).decode("utf-8")
                except UnicodeDecodeError:
                    _refuse("a text in it is not UTF-8")
            case 4 if depth < MAX_DEPTH:
                self._check_count(argument)
                return [self.value(depth + 1) for _ in range(argument)]
            case 5 if depth < MAX_DEPTH:
                self._check_count(argument)
                return self._map(argument)
        _refuse(f"{_NAMES[major]} stands where none may")

    def _check_count(self, count: int) -> None:
        if count > self.left:  # each item takes a byte at least
            _refuse("it ends too early")

    def _map(self, count: int) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for _ in range(count):
            key_major, key = self._head()
            if key_major != _UNSIGNED:
                _refuse("a key of its map is not a number")
            if key in found:
                _refuse(f"the key {key} stands twice in its map")
            value_major, length = self._head()
            if value_major != _BYTES:
                _refuse("a value of its map is not bytes")
            found[key] = self._take(length)
        return found
