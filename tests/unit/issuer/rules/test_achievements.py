"""Badges on offer: versions that never change, the time to finish on an old one, founding evaluators."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from issuer.errors import InvalidInputError
from issuer.rules.achievements import (
    ANOTHER_WAY,
    Badge,
    Definition,
    check_definition,
    check_founding,
    definition_from_json,
    evolve_badge,
)
from issuer.rules.guards import g3_holders
from issuer.rules.journal import Event
from tests.builders import NOW, a_process, facts
from tests.unit.issuer.rules.refusing import refused

TODAY = NOW.date()
DAY = timedelta(days=1)


def a_definition(**changes: Any) -> Definition:
    usual = Definition(
        slug="secretary",
        version="1",
        name="Secretary",
        skill="Keeps the circle's memory findable and kind.",
        level="practitioner",
        bundle="Circle basics",
        criteria=("Minutes can be found.", "Minutes are kind."),
        show=("Minutes of three meetings.",),
        requires=("circle-member",),
    )
    return replace(usual, **changes)


def checked(**changes: Any) -> Definition:
    return check_definition(a_definition(**changes), known=("circle-member", "secretary"), existing=None)


def adopted(badge: Badge, version: str, *, days: int = 0, founders: tuple[str, ...] = ()) -> Badge:
    data = {
        "version": version,
        "digest": f"digest-{version}",
        "text": f"text-{version}",
        "decision": f"process-{version}",
        "review_on": "2028-03-02",
        "founders": list(founders),
        "founding_until": "2026-09-01" if founders else None,
    }
    return evolve_badge(badge, Event(type="adopted", at=NOW + days * DAY, data=data))


# Definitions


def test_a_definition_always_ends_with_another_way_to_show_the_skill() -> None:
    assert checked().show == ("Minutes of three meetings.", ANOTHER_WAY)
    assert checked(show=(ANOTHER_WAY, " ", "First.")).show == ("First.", ANOTHER_WAY)
    assert checked(show=()).show == (ANOTHER_WAY,)


def test_a_definition_comes_back_from_json_as_it_was() -> None:
    definition = checked(min_peers=4, award_term_months=36)
    assert definition_from_json(definition.to_json()) == definition


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "Not a slug"}, "slug"),
        ({"slug": "a" * 61}, "slug"),
        ({"name": " "}, "name"),
        ({"skill": ""}, "skill"),
        ({"version": ""}, "version"),
        ({"version": "1/2"}, "version"),
        ({"criteria": ("One.",)}, "criteria"),
        ({"criteria": ("One.", " ", "")}, "criteria"),
        ({"criteria": ("x",) * 7}, "criteria"),
        ({"level": "master"}, "level"),
        ({"requires": ("unknown",)}, "requires"),
        ({"requires": ("secretary",)}, "requires"),
        ({"min_peers": 1}, "min_peers"),
        ({"min_peers": 13}, "min_peers"),
        ({"min_holders": -1}, "min_holders"),
        ({"min_witnesses": -1}, "min_witnesses"),
        ({"award_term_months": 0}, "award_term_months"),
        ({"review_months": 0}, "review_months"),
    ],
)
def test_each_fault_of_a_definition_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked(**changes)
    assert caught.value.faults.keys() == {field}
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "changes",
    [
        {"criteria": ("x",) * 6},
        {"slug": "a" * 60},
        {"version": "1.0.2"},
        {"min_peers": 2, "min_holders": 0, "min_witnesses": 0, "award_term_months": 1, "review_months": 1},
        {"min_peers": 12, "min_holders": 12, "min_witnesses": 12},
    ],
)
def test_a_definition_at_the_limits_can_be_adopted(changes: dict[str, Any]) -> None:
    assert checked(**changes).name == "Secretary"


def test_empty_criteria_are_left_out() -> None:
    assert checked(criteria=("One.", " ", "Two.")).criteria == ("One.", "Two.")


def test_a_version_that_was_adopted_never_changes() -> None:
    badge = adopted(Badge(slug="secretary"), "1")
    known = ("circle-member",)
    with pytest.raises(InvalidInputError, match="adopted already and never changes"):
        check_definition(a_definition(), known=known, existing=badge)
    assert check_definition(a_definition(version="2"), known=known, existing=badge).version == "2"


# Versions


def test_a_badge_that_was_never_adopted_has_no_version() -> None:
    badge = Badge(slug="secretary")
    assert badge.current is None
    assert not badge.is_open("1", today=TODAY)


def test_an_older_version_is_open_for_180_days_and_not_longer() -> None:
    badge = adopted(adopted(Badge(slug="secretary"), "1"), "2")
    assert badge.current is not None
    assert badge.current.version == "2"
    assert badge.is_open("2", today=TODAY + 9999 * DAY)
    assert badge.is_open("1", today=TODAY + 180 * DAY)
    assert not badge.is_open("1", today=TODAY + 181 * DAY)


def test_a_third_version_does_not_give_the_first_one_more_time() -> None:
    badge = adopted(adopted(adopted(Badge(slug="secretary"), "1"), "2"), "3", days=100)
    first = badge.version("1")
    assert first is not None
    assert first.superseded_on == TODAY
    assert not badge.is_open("1", today=TODAY + 181 * DAY)
    assert badge.is_open("2", today=TODAY + 280 * DAY)


def test_an_event_that_no_badge_has_is_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError, match="no event opened"):
        evolve_badge(Badge(slug="secretary"), Event(type="opened", at=NOW))


# Founding


def test_founders_are_in_force_until_their_day() -> None:
    badge = adopted(Badge(slug="secretary"), "1", founders=("chiara", "dev"))
    last = date(2026, 9, 1)
    assert badge.founders_now(today=last, ordinary_holders=0) == {"chiara", "dev"}
    assert badge.founders_now(today=last + DAY, ordinary_holders=0) == frozenset()
    assert badge.founding_decision == "process-1"


@pytest.mark.parametrize(("holders", "open_"), [(2, True), (3, False), (4, False)])
def test_the_window_closes_when_three_ordinary_holders_exist(holders: int, open_: bool) -> None:
    badge = adopted(Badge(slug="secretary"), "1", founders=("chiara", "dev"))
    assert bool(badge.founders_now(today=TODAY, ordinary_holders=holders)) is open_


def test_a_badge_without_a_founding_decision_has_no_founders() -> None:
    assert adopted(Badge(slug="secretary"), "1").founders_now(today=TODAY, ordinary_holders=0) == frozenset()


def test_a_new_version_keeps_the_founding_decision() -> None:
    badge = adopted(adopted(Badge(slug="secretary"), "1", founders=("chiara", "dev")), "2")
    assert badge.founders_now(today=TODAY, ordinary_holders=0) == {"chiara", "dev"}


def test_without_holders_an_expired_founding_decision_opens_nothing() -> None:
    badge = adopted(Badge(slug="secretary"), "1", founders=("chiara", "dev"))
    for day, holds in ((date(2026, 9, 1), True), (date(2026, 9, 2), False)):
        founders = badge.founders_now(today=day, ordinary_holders=0)
        refusal = g3_holders(a_process(), facts(holders=frozenset(), founders=founders))
        assert (refusal is None) is holds


def founding(founders: dict[str, str], until: date | None = date(2026, 9, 1)) -> None:
    check_founding(founders=founders, until=until, today=TODAY, min_peers=3)


def test_a_founding_decision_names_people_with_reasons_and_an_end() -> None:
    founding({})
    for number in (2, 5):
        founding({f"member-{one}": "They have done it for years." for one in range(number)})


@pytest.mark.parametrize("until", [None, TODAY])
def test_a_founding_decision_ends_on_a_day_to_come(until: date | None) -> None:
    with pytest.raises(InvalidInputError, match="ends on a day to come"):
        founding({"chiara": "r", "dev": "r"}, until)


def test_each_founder_has_a_reason() -> None:
    with pytest.raises(InvalidInputError, match="why the circle trusts them"):
        founding({"chiara": "r", "dev": " "})


@pytest.mark.parametrize("number", [1, 6])
def test_there_are_two_to_five_founders(number: int) -> None:
    with refused("G3", "three to five founding evaluators"):
        founding({f"member-{one}": "r" for one in range(number)})
