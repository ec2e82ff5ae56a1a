"""Reading JSON from strangers: one text, one meaning, bounded work.

Refused, because readers disagree about it: duplicate names, NaN and Infinity, numbers that overflow, integers
beyond 2^53-1 (RFC 7493, section 2.2), lone surrogates, U+0000, a byte order mark. Refused as too much: long,
deep or many-membered texts.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from schemas.errors import LimitError, ParsingError

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
MAX_NODES = 50_000
MAX_INTEGER = 2**53 - 1
_ESCAPED_SURROGATE_OR_NUL = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


def parse_json(data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value of a JSON text of at most `max_bytes` bytes and `max_depth` levels.

    Raises ParsingError with line and column, or LimitError.
    """
    if len(data) > max_bytes:
        raise LimitError(f"the text is longer than {max_bytes:,} bytes")
    text = _decode(data) if isinstance(data, bytes) else data
    if text.startswith("\ufeff"):
        raise ParsingError("the text begins with a byte order mark, which JSON does not have; save it without")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except json.JSONDecodeError as error:
        raise ParsingError(
            f"this is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError:
        raise LimitError(f"the text is nested more than {max_depth} levels deep") from None
    _check_size(value, max_depth=max_depth)
    if _ESCAPED_SURROGATE_OR_NUL.search(text) or "\0" in text:
        _check_strings(value)
    return value


def dump_json(value: Any) -> str:
    """Return a value as compact JSON text, members in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParsingError(f"the text is not UTF-8: byte {error.start} cannot be read") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ParsingError(f"the name {name[:80]!r} stands twice in one object")
            seen.add(name)
    return result


def _constant(name: str) -> NoReturn:
    raise ParsingError(f"{name} is not a JSON number")


def _integer(text: str) -> int:
    # The text's length first: making an int of a million digits takes time in their square.
    if len(text) > len(str(-MAX_INTEGER)) or abs(int(text)) > MAX_INTEGER:
        raise ParsingError(f"the number {text[:24]}… is beyond 2^53-1, where programs round differently")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ParsingError(f"the number {text[:24]} is too large")
    return value


def _check_size(value: Any, *, max_depth: int) -> None:
    level, nodes = [value], 0
    for _ in range(max_depth + 1):
        nodes += len(level)
        if nodes > MAX_NODES:
            raise LimitError(f"the text has more than {MAX_NODES:,} members and items")
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return
    raise LimitError(f"the text is nested more than {max_depth} levels deep")


def _check_strings(value: Any) -> None:
    for text in _strings(value):
        if "\0" in text:
            raise ParsingError("a text holds the character U+0000, which many programs cut texts at")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ParsingError("a text holds half of a surrogate pair") from error


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, child in value.items():
            yield name
            yield from _strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child)
