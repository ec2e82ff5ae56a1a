"""Dates with time and zone, as the specifications write them, and nothing that only looks like one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import MalformedValueError, format_date_time, parse_date_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-03T10:00:00Z", datetime(2026, 5, 3, 10, tzinfo=UTC)),
        ("2026-05-03T12:00:00+02:00", datetime(2026, 5, 3, 10, tzinfo=UTC)),
        ("2026-05-02T20:00:00-14:00", datetime(2026, 5, 3, 10, tzinfo=UTC)),
        ("2026-05-03T10:00:00.5Z", datetime(2026, 5, 3, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-05-03T10:00:00.123456789Z", datetime(2026, 5, 3, 10, 0, 0, 123_456, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_date_with_time_and_zone_is_read(text: str, expected: datetime) -> None:
    assert parse_date_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-03",
        "2026-05-03T10:00:00",
        "2026-05-03 10:00:00Z",
        "2026-05-03T10:00Z",
        "2026-05-03T10:00:00z",
        "2026-05-03t10:00:00Z",
        "2026-05-03T10:00:00+0200",
        "2026-05-03T10:00:00.Z",
        "2026-05-03T10:00:00,5Z",
        "20260503T100000Z",
        "2026-W18-7T10:00:00Z",
        "2026-123T10:00:00Z",
        "2026-05-03T10:00:00Z\n",
        " 2026-05-03T10:00:00Z",
        "٢٠٢٦-05-03T10:00:00Z",
        "2031-02-30T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-05-03T24:00:00Z",
        "2026-05-03T10:00:60Z",
        "2026-05-03T10:00:00+14:01",
        "2026-05-03T10:00:00+24:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "-2026-05-03T10:00:00Z",
        "",
        None,
        1_777_777_777,
        ["2026-05-03T10:00:00Z"],
    ],
)
def test_what_is_no_date_with_time_and_zone_is_refused(text: object) -> None:
    with pytest.raises(MalformedValueError) as caught:
        parse_date_time(text, pointer="/validFrom")
    assert caught.value.pointer == "/validFrom"


@given(
    st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9000, 1, 1)),  # noqa: DTZ001 - zone below
    st.integers(-14, 14),
)
def test_what_is_written_is_read_again(moment: datetime, hours: int) -> None:
    zoned = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    assert parse_date_time(format_date_time(zoned)) == zoned
