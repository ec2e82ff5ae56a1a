"""Seals: an event that was changed, moved, swapped, or copied to another stream does not carry the right one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from issuer.rules.journal import SEAL_BYTES, Event, replay, seal_event

KEY = b"k" * 32
START = bytes(SEAL_BYTES)
FEW = settings(max_examples=40, deadline=None)  # the law is simple, the sizes small
NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
EVENTS = st.builds(
    Event, type=NAMES, at=TIMES, actor=st.none() | NAMES, data=st.dictionaries(NAMES, VALUES, max_size=3)
)


def seals(events: Sequence[Event], *, stream: str = "process/1", key: bytes = KEY) -> list[bytes]:
    """The seal of each event of a stream."""
    found: list[bytes] = []
    for number, event in enumerate(events, start=1):
        previous = found[-1] if found else START
        found.append(seal_event(event, stream=stream, number=number, previous=previous, key=key))
    return found


def plain(event: Event) -> tuple[Any, ...]:
    return (event.type, event.at, event.actor, dict(event.data))


@FEW
@given(events=st.lists(EVENTS, min_size=1, max_size=5))
def test_the_same_events_carry_the_same_seals(events: list[Event]) -> None:
    assert seals(events) == seals([replace(event, data=dict(event.data)) for event in events])
    assert all(len(seal) == SEAL_BYTES for seal in seals(events))


@FEW
@given(events=st.lists(EVENTS, min_size=1, max_size=5), data=st.data())
def test_a_changed_event_breaks_its_seal_and_every_later_one(events: list[Event], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(events) - 1))
    other = data.draw(EVENTS)
    field = data.draw(st.sampled_from(("type", "at", "actor", "data")))
    changed = replace(events[place], **{field: getattr(other, field)})
    assume(plain(changed) != plain(events[place]))
    before, after = seals(events), seals([*events[:place], changed, *events[place + 1 :]])
    assert before[:place] == after[:place]
    assert not set(before[place:]) & set(after[place:])


@FEW
@given(events=st.lists(EVENTS, min_size=2, max_size=5), data=st.data())
def test_two_events_that_changed_places_break_their_seals(events: list[Event], data: st.DataObject) -> None:
    first, second = sorted(
        data.draw(st.lists(st.integers(0, len(events) - 1), min_size=2, max_size=2, unique=True))
    )
    assume(plain(events[first]) != plain(events[second]))
    swapped = list(events)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    assert not set(seals(events)[first:]) & set(seals(swapped)[first:])


@FEW
@given(event=EVENTS)
def test_an_event_that_was_moved_breaks_its_seal_even_between_equal_ones(event: Event) -> None:
    first, second, third = seals([event, event, event])
    assert len({first, second, third}) == 3
    assert seal_event(event, stream="process/1", number=3, previous=first, key=KEY) != third
    assert seal_event(event, stream="process/1", number=2, previous=second, key=KEY) != third


@FEW
@given(events=st.lists(EVENTS, min_size=1, max_size=4))
def test_an_event_that_was_left_out_breaks_every_later_seal(events: list[Event]) -> None:
    first = Event(type="FIRST", at=datetime(2026, 3, 2, tzinfo=UTC))
    assert not set(seals([first, *events])[1:]) & set(seals(events))


@FEW
@given(events=st.lists(EVENTS, min_size=1, max_size=4))
def test_events_that_were_copied_to_another_stream_do_not_carry_its_seals(events: list[Event]) -> None:
    assert not set(seals(events)) & set(seals(events, stream="process/2"))


@FEW
@given(events=st.lists(EVENTS, min_size=1, max_size=4))
def test_nobody_seals_without_the_key(events: list[Event]) -> None:
    assert not set(seals(events)) & set(seals(events, key=b"x" * 32))


def test_a_seal_is_about_the_instant_to_the_microsecond_however_it_is_written() -> None:
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    (seal,) = seals([Event(type="opened", at=at)])
    assert seals([Event(type="opened", at=at.astimezone(ZoneInfo("Asia/Kolkata")))]) == [seal]
    assert seals([Event(type="opened", at=at + timedelta(microseconds=1))]) != [seal]


def test_an_event_holds_what_its_data_name() -> None:
    event = Event(type="opened", at=datetime(2026, 3, 2, tzinfo=UTC), data={"deadline": "d"})
    assert event["deadline"] == "d"
    with pytest.raises(KeyError):
        event["another"]


def test_state_is_what_the_events_made_of_the_start() -> None:
    events = [Event(type=name, at=datetime(2026, 3, 2, tzinfo=UTC)) for name in ("a", "b", "c")]
    assert replay(lambda state, event: state + event.type, "", events) == "abc"
    assert replay(lambda state, event: state + event.type, "start", []) == "start"
