"""The dates of a badge against each other (Open Badges 3.0, AchievementSubject; CONFORMANCE A5)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas import DocumentError, parse_date_time
from verifier.checks.rules import Fault, entries

_SPEC = "OB 3.0, DateTimeZ"
_CODE = "DATE_ORDER"


def date_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield dates that cannot be read, or that contradict each other."""
    awarded = yield from _date(document, "awardedDate", "")
    until = _quietly(document.get("validUntil", document.get("expirationDate")))
    if awarded and until and awarded > until:
        message = "It was awarded after the day on which it ends."
        yield Fault(pointer="/awardedDate", message=message, spec=_SPEC, code=_CODE, odd=True)
    for pointer, subject in entries(document, "credentialSubject", ""):
        if not isinstance(subject, Mapping):
            continue
        start = yield from _date(subject, "activityStartDate", pointer)
        end = yield from _date(subject, "activityEndDate", pointer)
        if start and end and end < start:
            message = "The activity that it is about ends before it begins."
            yield Fault(pointer=f"{pointer}/activityEndDate", message=message, spec=_SPEC, code=_CODE)
        if awarded and start and awarded < start:
            message = "It was awarded before the activity that it is about began."
            yield Fault(pointer="/awardedDate", message=message, spec=_SPEC, code=_CODE, odd=True)


def _date(node: Mapping[str, Any], name: str, pointer: str) -> Generator[Fault, None, datetime | None]:
    """Yield a fault for a date that cannot be read; return the date."""
    if name not in node:
        return None
    try:
        return parse_date_time(node[name], pointer=f"{pointer}/{name}")
    except DocumentError as error:
        yield Fault(pointer=f"{pointer}/{name}", message=f"A date cannot be read: {error.message}.", spec=_SPEC)
    return None


def _quietly(value: object) -> datetime | None:
    try:
        return parse_date_time(value)
    except DocumentError:
        return None
