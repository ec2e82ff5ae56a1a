"""The canonical JSON text of a value: JSON Canonicalization Scheme (RFC 8785)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from schemas.errors import MalformedValueError
from schemas.strict_json import MAX_INTEGER

_FIXED_NOTATION = range(-6, 21)  # ECMAScript writes other exponents with an "e"


def canonicalize_json(value: Any) -> bytes:
    """Return the RFC 8785 text of a JSON value in UTF-8.

    Raises MalformedValueError for what JSON cannot hold: NaN, Infinity, integers beyond 2^53-1, lone
    surrogates, names that are not texts, and values of other types.
    """
    parts: list[str] = []
    _write(value, parts.append)
    try:
        return "".join(parts).encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedValueError("a text holds half of a surrogate pair") from error


def _write(value: Any, write: Callable[[str], None]) -> None:
    if isinstance(value, str):
        write(json.dumps(value, ensure_ascii=False))
    elif value is None or isinstance(value, (bool, int, float)):
        write(_scalar(value))
    elif isinstance(value, (list, tuple)):
        write("[")
        for index, item in enumerate(value):
            write("," if index else "")
            _write(item, write)
        write("]")
    elif isinstance(value, dict):
        write("{")
        for index, name in enumerate(sorted(value, key=_utf16)):
            write(f"{',' if index else ''}{json.dumps(name, ensure_ascii=False)}:")
            _write(value[name], write)
        write("}")
    else:
        raise MalformedValueError(f"a {type(value).__name__} has no JSON form")


def _scalar(value: float | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return _number(value)
    if abs(value) > MAX_INTEGER:
        raise MalformedValueError(f"the number {value} is beyond 2^53-1, where programs round differently")
    return str(value)


def _utf16(name: object) -> bytes:
    # Names are sorted by their UTF-16 code units (RFC 8785, section 3.2.3).
    if not isinstance(name, str):
        raise MalformedValueError(f"the name {name!r} is not a text")
    return name.encode("utf-16-be", "surrogatepass")


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785, section 3.2.2.3)."""
    if not math.isfinite(value):
        raise MalformedValueError(f"{value} is not a JSON number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0") if fraction != "0" else ""
    digits = (whole + fraction).lstrip("0")
    # The value is 0.digits times ten to the point; repr gives the shortest digits that read back.
    point = len(whole) + int(power or 0) if whole != "0" else int(power or 0) - (len(fraction) - len(digits))
    digits = digits.rstrip("0") or "0"
    if point - 1 not in _FIXED_NOTATION:
        exponent = point - 1
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{'+' if exponent > 0 else '-'}{abs(exponent)}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"
