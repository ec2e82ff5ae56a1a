"""Whoever holds only the log learns of no case, no person and no ending (TRANSPARENCY.md, sections 3 and 6)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from issuer.rules.policy import award_policy_digest
from issuer.service import applications, processes
from issuer.service.log import flush
from issuer.service.log.entries import pad_due
from issuer.service.models import AnswerDraft
from tests.integration.world import Asked, World
from tests.pens import PENS


def leaves_since(world: World, number: int) -> list[dict[str, Any]]:
    """Return the leaves that were written after so many others, in the order of writing."""
    rows = sorted(world.rows("outbox"), key=lambda row: row["number"])
    return [json.loads(row["leaf"]) for row in rows[number:]]


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for member in value.values():
                yield from texts_in(member)
        case list():
            for member in value:
                yield from texts_in(member)
        case str():
            yield value


def not_yet(world: World) -> Asked:
    """A decision that ends with "not yet": who objects says so, and the circle plans to look again."""
    asked = world.in_round(mode="async")
    objection = AnswerDraft(version=1, response="objection", reason="Only one criterion was seen.")
    PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=objection)
    return asked


def test_the_same_peers_in_two_decisions_leave_nothing_in_common(world: World) -> None:
    start = len(world.rows("outbox"))
    world.accepted(badge="feedback", witnesses=(world["ben"],))
    middle = len(world.rows("outbox"))
    world.accepted(
        badge="circle-member", applicant=world["ben"], witnesses=(world["asha"], world["chiara"]), name=None
    )
    first, second = leaves_since(world, start)[: middle - start], leaves_since(world, middle)
    everybody_knows = {award_policy_digest(), *(leaf["type"] for leaf in first), "first"}
    everybody_knows |= {leaf[name] for leaf in first for name in ("at", "closedAt") if name in leaf}
    assert not (set(texts_in(first)) & set(texts_in(second))) - everybody_knows


def test_an_ending_without_consent_leaves_no_more_than_the_events_of_any_decision(world: World) -> None:
    start = len(world.rows("outbox"))
    asked = not_yet(world)
    applications.withdraw(world.academy, by=world["asha"], id_=asked.application)
    kinds = Counter(leaf["type"] for leaf in leaves_since(world, start))
    assert set(kinds) == {"decision.event"}


def test_what_was_taken_back_before_it_was_opened_leaves_nothing(world: World) -> None:
    start = len(world.rows("outbox"))
    asked = world.evaluated()
    applications.withdraw(world.academy, by=world["asha"], id_=asked.application)
    world.clock.pass_days(2)
    pad_due(world.academy)
    assert "decision.closed" not in {leaf["type"] for leaf in leaves_since(world, start)}
    assert not any(row["value"] for row in world.rows("texts") if row["stream"] == f"openings/{asked.process}")


def test_endings_follow_on_another_day_and_fill_each_decision_up_to_eights(world: World) -> None:
    pad_due(world.academy)
    world.clock.pass_days(1)
    pad_due(world.academy)  # those of the academy's beginning
    start = len(world.rows("outbox"))
    withdrawn = not_yet(world)
    applications.withdraw(world.academy, by=world["asha"], id_=withdrawn.application)
    world.accepted(badge="feedback", witnesses=(world["ben"],))
    before = len(leaves_since(world, start))
    assert pad_due(world.academy) == 0, "not on the day itself"
    assert len(leaves_since(world, start)) == before
    world.clock.pass_days(1)
    assert pad_due(world.academy) == 2
    events = [leaf for leaf in leaves_since(world, start) if leaf["type"] == "decision.event"]
    assert len(events) % 8 == 0
    late = [leaf["c"] for leaf in leaves_since(world, start)[before:]]
    assert late == sorted(late), "in the order of random commitments, and not decision by decision"
    assert pad_due(world.academy) == 0
    flush(world.academy)


def test_a_decision_that_is_still_open_is_not_padded(world: World) -> None:
    world.clock.pass_days(1)
    pad_due(world.academy)
    start = len(world.rows("outbox"))
    asked = world.in_round(mode="async")
    world.clock.pass_days(3)
    processes.close_due(world.academy)
    assert pad_due(world.academy) == 0
    assert world.process(asked).phase == "consent_round"
    assert Counter(leaf["type"] for leaf in leaves_since(world, start)) == {"decision.event": 1}
