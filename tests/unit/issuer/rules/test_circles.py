"""Circles: what can become one, who holds a role until when, and double links."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from issuer.errors import InvalidInputError
from issuer.rules.circles import Circle, PlannedCircle, check_planned, evolve_circle
from issuer.rules.journal import Event
from tests.builders import NOW
from tests.unit.issuer.rules.refusing import refused

TODAY = NOW.date()
ACADEMY = Circle(id="academy", kind="academy", members=frozenset({"fay", "sam", "chiara"}))
KINDS = {"academy": "academy"}


def a_plan(**changes: Any) -> PlannedCircle:
    usual = PlannedCircle(
        kind="pod",
        name="North",
        aim="Learn together.",
        domain="Badges of its members.",
        parent="academy",
        members=("fay", "sam", "chiara", "dev"),
        roles=MappingProxyType({"facilitator": "fay", "secretary": "sam", "leader": "fay", "delegate": "chiara"}),
    )
    return replace(usual, **changes)


def check(plan: PlannedCircle, *, parent: Circle | None = ACADEMY, kinds: dict[str, str] | None = None) -> None:
    check_planned(plan, existing_kinds=KINDS if kinds is None else kinds, parent=parent)


def test_a_circle_that_is_complete_can_be_constituted() -> None:
    check(a_plan())
    check(a_plan(kind="academy", parent=None), parent=None, kinds={})


@pytest.mark.parametrize(
    ("changes", "field", "part"),
    [
        ({"name": " "}, "name", "name"),
        ({"aim": ""}, "aim", "aim"),
        ({"domain": ""}, "domain", "domain"),
        ({"kind": "board"}, "kind", "what kind of circle"),
        ({"policy": "quick"}, "policy", "policy"),
        (
            {"members": ("fay", "fay"), "roles": {"facilitator": "fay", "secretary": "fay"}},
            "members",
            "two people",
        ),
        ({"roles": {"facilitator": "fay"}}, "secretary", "Say who is the secretary"),
        ({"roles": {"secretary": "fay"}}, "facilitator", "Say who is the facilitator"),
        ({"roles": {"facilitator": "fay", "secretary": "zoe"}}, "roles", "one of its members"),
        ({"roles": {"facilitator": "fay", "secretary": "sam", "king": "sam"}}, "roles", "has these roles"),
    ],
)
def test_each_fault_of_a_plan_is_named(changes: dict[str, Any], field: str, part: str) -> None:
    with pytest.raises(InvalidInputError, match=part) as caught:
        check(a_plan(**changes))
    assert caught.value.faults.keys() == {field}


def test_the_academy_circle_comes_first_and_once_and_has_no_parent() -> None:
    with refused("constitute", "constituted first"):
        check(a_plan(), kinds={})
    with refused("constitute", "Academy Circle already"):
        check(a_plan(kind="academy", parent=None), parent=None)
    with refused("constitute", "has no parent"):
        check(a_plan(kind="academy"), kinds={})


def test_every_other_circle_has_a_parent() -> None:
    with refused("constitute", "has a parent circle"):
        check(a_plan(parent=None), parent=None)


def test_leader_and_delegate_are_two_members_of_both_circles() -> None:
    roles = dict(a_plan().roles)
    with refused("double link", "are two people"):
        check(a_plan(roles=roles | {"delegate": "fay"}))
    with refused("double link", "full members of both circles"):
        check(a_plan(roles=roles | {"delegate": "dev"}))


@pytest.mark.parametrize("seat", ["leader", "delegate"])
def test_one_empty_seat_is_no_fault(seat: str) -> None:
    check(a_plan(roles={role: member for role, member in a_plan().roles.items() if role != seat}))


def constituted(until: str = "2027-03-02", *, parent: str | None = "academy", roles: Any = None) -> Circle:
    data = {
        "kind": "pod",
        "parent": parent,
        "members": ["fay", "sam", "chiara"],
        "roles": [
            {"role": role, "member": member, "until": until}
            for role, member in (a_plan().roles if roles is None else roles).items()
        ],
        "policy": "default",
        "decision": "process-1",
        "review_on": "2026-09-02",
    }
    return evolve_circle(Circle(id="north"), Event(type="constituted", at=NOW, data=data))


def test_a_constituting_decision_makes_the_circle() -> None:
    circle = constituted()
    assert circle.members == {"fay", "sam", "chiara"}
    assert (circle.constituted_on, circle.review_on, circle.decision) == (TODAY, date(2026, 9, 2), "process-1")


def test_a_role_ends_with_its_term() -> None:
    circle = constituted("2026-12-31")
    last = date(2026, 12, 31)
    assert circle.holders_of("facilitator", today=last) == ("fay",)
    assert circle.running_roles(today=last) == {"fay", "sam"}
    assert circle.holders_of("facilitator", today=last + timedelta(days=1)) == ()
    assert circle.running_roles(today=last + timedelta(days=1)) == frozenset()


def test_leaders_and_delegates_do_not_hold_the_process() -> None:
    assert constituted().running_roles(today=TODAY) == {"fay", "sam"}


def test_an_empty_seat_is_a_single_link() -> None:
    assert not constituted().single_link(today=TODAY)
    assert constituted(roles={"facilitator": "fay", "leader": "fay"}).single_link(today=TODAY)
    assert not constituted(roles={}, parent=None).single_link(today=TODAY)


def test_an_event_that_no_circle_has_is_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError, match="no event opened"):
        evolve_circle(Circle(id="north"), Event(type="opened", at=NOW))
