"""Results against their descriptions (Open Badges 3.0, Result and ResultDescription; CONFORMANCE K9, K10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from verifier.checks.rules import Fault, entries, is_typed

_RESULT = "OB 3.0, Result"
_DESCRIPTION = "OB 3.0, ResultDescription"
_CODE = "RESULT_ERROR"
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Description:
    """A result description, taken apart once: `allowed` and `levels` by their places, from low to high."""

    result_type: object
    allowed: Mapping[object, int] | None
    levels: Mapping[str, int]
    points: Mapping[str, Decimal]
    low: Decimal | None
    high: Decimal | None
    required_value: object
    required_level: object


def result_faults(subject: Mapping[str, Any], achievement: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    """Yield what is wrong with an achievement's result descriptions and a subject's results."""
    descriptions: dict[str, _Description] = {}
    for where, entry in entries(achievement, "resultDescription", f"{pointer}/achievement"):
        if not isinstance(entry, Mapping) or not is_typed(entry, "ResultDescription"):
            message = "A description of results does not have the type ResultDescription."
            yield Fault(pointer=where, message=message, spec=_DESCRIPTION)
        if not isinstance(entry, Mapping):
            continue
        description = _take_apart(entry)
        if isinstance(entry.get("id"), str):
            descriptions[entry["id"]] = description
        yield from _description(entry, description, where)
    for where, entry in entries(subject, "result", pointer):
        yield from _result(entry, where, descriptions)


def _take_apart(entry: Mapping[str, Any]) -> _Description:
    allowed = entry.get("allowedValue")
    levels = [level for _, level in entries(entry, "rubricCriterionLevel", "") if isinstance(level, Mapping)]
    named = [(level["id"], level) for level in levels if isinstance(level.get("id"), str)]
    points = {name: _number(level.get("points")) for name, level in named}
    return _Description(
        result_type=entry.get("resultType"),
        allowed={_key(value): place for place, value in enumerate(allowed)} if isinstance(allowed, list) else None,
        levels={name: place for place, (name, _) in enumerate(named)},
        points={name: number for name, number in points.items() if number is not None},
        low=_number(entry.get("valueMin")),
        high=_number(entry.get("valueMax")),
        required_value=entry.get("requiredValue"),
        required_level=entry.get("requiredLevel"),
    )


def _key(value: object) -> object:
    """Return what values are compared by: texts and numbers by themselves, anything else by what it is."""
    return value if isinstance(value, (str, int, float)) else str(value)[:_LONGEST_NUMBER]


def _description(entry: Mapping[str, Any], description: _Description, pointer: str) -> Iterator[Fault]:
    """A description that contradicts itself can be kept by no result."""
    for name, number in (("valueMin", description.low), ("valueMax", description.high)):
        if name in entry and number is None:
            message = f"A description of results has a {name} that is not a number."
            yield Fault(pointer=f"{pointer}/{name}", message=message, spec=_DESCRIPTION, code=_CODE)
    if description.low is not None and description.high is not None and description.high < description.low:
        message = "A description of results has a greatest value below its least one."
        yield Fault(pointer=f"{pointer}/valueMax", message=message, spec=_DESCRIPTION, code=_CODE)
    level = description.required_level
    if level is not None and not (isinstance(level, str) and level in description.levels):
        message = "A description of results demands a level that it does not have."
        yield Fault(pointer=f"{pointer}/requiredLevel", message=message, spec=_DESCRIPTION, code=_CODE)
    if description.required_value is not None and _breaks(description.required_value, description):
        message = "A description of results demands a value that it does not allow itself."
        yield Fault(pointer=f"{pointer}/requiredValue", message=message, spec=_DESCRIPTION, code=_CODE, odd=True)


def _result(entry: object, pointer: str, descriptions: Mapping[str, _Description]) -> Iterator[Fault]:
    if not isinstance(entry, Mapping) or not is_typed(entry, "Result"):
        yield Fault(pointer=pointer, message="A result does not have the type Result.", spec=_RESULT)
        return
    if not {"value", "achievedLevel", "status"} & entry.keys():
        message = "A result says neither a value, nor a level, nor a status."
        yield Fault(pointer=pointer, message=message, spec=_RESULT, code=_CODE, odd=True)
    name = entry.get("resultDescription")
    if name is None:
        return
    description = descriptions.get(name) if isinstance(name, str) else None
    if description is None:
        message = "A result names a description that the achievement does not have."
        yield Fault(pointer=f"{pointer}/resultDescription", message=message, spec=_RESULT, code=_CODE)
        return
    if description.result_type == "Status" and "status" not in entry:
        message = "A result of the kind Status does not say the status."
        yield Fault(pointer=f"{pointer}/status", message=message, spec=_RESULT, code=_CODE)
    if "achievedLevel" in entry:
        yield from _level(entry["achievedLevel"], description, f"{pointer}/achievedLevel")
    if "value" in entry:
        yield from _value(entry["value"], description, f"{pointer}/value")


def _level(level: object, description: _Description, pointer: str) -> Iterator[Fault]:
    if not isinstance(level, str) or level not in description.levels:
        message = "A result names a level that its description does not have."
        yield Fault(pointer=pointer, message=message, spec=_RESULT, code=_CODE)
        return
    required = description.required_level
    if isinstance(required, str) and required in description.levels:
        scale: Mapping[str, Any] = description.points
        if not {level, required} <= scale.keys():
            scale = description.levels
        if scale[level] < scale[required]:
            yield _missed(pointer)


def _value(value: object, description: _Description, pointer: str) -> Iterator[Fault]:
    if problem := _breaks(value, description):
        yield Fault(pointer=pointer, message=problem, spec=_DESCRIPTION, code=_CODE)
        return
    required = description.required_value
    if required is None:
        return
    number, least = _number(value), _number(required)
    allowed = description.allowed or {}
    if number is not None and least is not None:
        if number < least:
            yield _missed(pointer)
    elif _key(value) in allowed and allowed[_key(value)] < allowed.get(_key(required), 0):
        yield _missed(pointer)


def _missed(pointer: str) -> Fault:
    message = "A result is below what its description demands, and the badge was given all the same."
    return Fault(pointer=pointer, message=message, spec=_DESCRIPTION, code=_CODE, odd=True)


def _breaks(value: object, description: _Description) -> str:
    """Return how a value breaks its description, "" where it keeps it."""
    if description.allowed is not None and _key(value) not in description.allowed:
        return "A result has a value that its description does not allow."
    low, high = description.low, description.high
    if low is None and high is None:
        return ""
    number = _number(value)
    if number is None or (low is not None and number < low) or (high is not None and number > high):
        return "A result lies outside the range that its description gives."
    return ""


def _number(value: object) -> Decimal | None:
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value)[:_LONGEST_NUMBER].strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
