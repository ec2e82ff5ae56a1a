"""Awards: from the plan to the signed badge, and giving it back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from issuer.rules.awards import Award, evolve_award
from issuer.rules.journal import Event
from tests.builders import NOW

PLAN: dict[str, Any] = {
    "holder": "asha",
    "badge": "secretary",
    "version": "1",
    "application": "application-1",
    "process": "process-1",
    "credential": "credential-1",
    "intent": "digest",
    "accepted": "text-1",
    "leaf": "hash",
    "status_list": 1,
    "status_index": 7,
    "published": False,
    "founding": True,
    "valid_until": None,
}


def award(*events: str, **plan: Any) -> Award:
    found = evolve_award(Award(id="award-1"), Event(type="planned", at=NOW, data=PLAN | plan))
    for type_ in events:
        found = evolve_award(found, Event(type=type_, at=NOW, data={"published": True}))
    return found


def test_a_plan_is_not_yet_a_badge() -> None:
    planned = award()
    assert (planned.state, planned.planned_at, planned.issued_at, planned.founding) == ("pending", NOW, None, True)
    assert {name: getattr(planned, name) for name in PLAN} == PLAN
    assert not planned.held(today=NOW.date())


def test_a_plan_gets_its_proof_from_the_log_before_it_is_signed() -> None:
    logged = evolve_award(award(), Event(type="logged", at=NOW, data={"proof": "text-2"}))
    assert (logged.state, logged.proof, award().proof) == ("pending", "text-2", None)


def test_an_issued_badge_is_held_until_it_is_given_back() -> None:
    issued = award("issued")
    assert (issued.state, issued.issued_at, issued.held(today=date(2099, 1, 1))) == ("issued", NOW, True)
    given_back = award("issued", "given_back")
    assert (given_back.state, given_back.held(today=NOW.date())) == ("revoked", False)


def test_a_badge_with_a_term_is_held_to_its_last_day() -> None:
    issued = award("issued", valid_until="2026-06-02T23:59:59+00:00")
    assert issued.valid_until == datetime(2026, 6, 2, 23, 59, 59, tzinfo=UTC)
    assert issued.held(today=date(2026, 6, 2))
    assert not issued.held(today=date(2026, 6, 3))


def test_the_holder_publishes_a_badge() -> None:
    assert award("issued", "published").published


def test_an_event_that_no_award_has_is_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError, match="no event opened"):
        award("opened")
