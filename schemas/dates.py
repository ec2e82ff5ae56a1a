"""Dates and times as the specifications write them: XML Schema dateTimeStamp (VCDM 2.0, section 4.9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from schemas.errors import MalformedValueError

_TIMESTAMP = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,20}))?(?P<zone>Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
_MAX_OFFSET = timedelta(hours=14)


def parse_date_time(text: object, *, pointer: str = "") -> datetime:
    """Return the time, in UTC, of a date, a time and a zone.

    The day must be one of the calendar; second 60 is refused (POSIX time has none, so two programs would take
    two times from it); fractions are cut to microseconds. Raises MalformedValueError.
    """
    match = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise MalformedValueError(f"expected a date, a time and a zone, got {text!r:.80}", pointer=pointer)
    fraction = (match["fraction"] or "0")[:6].ljust(6, "0")
    try:
        zone = match["zone"].replace("Z", "+00:00")
        moment = datetime.fromisoformat(f"{match['day']}T{match['time']}.{fraction}{zone}")
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedValueError(f"{text!r} is not a time of the calendar", pointer=pointer) from error
    if abs(moment.utcoffset() or timedelta()) > _MAX_OFFSET:
        raise MalformedValueError(f"no place on earth has the time zone of {text!r}", pointer=pointer)
    return utc


def format_date_time(moment: datetime) -> str:
    """Return a time as text in UTC with whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
