"""Award policy: presets, and what a badge asks for under each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from issuer.rules.policy import DEFAULT, PRESETS, SMALL_CIRCLE, Policy, Requirements, requirements_for


def needs(
    policy: Policy, level: str, peers: int | None = None, holders: int | None = None, witnesses: int | None = None
) -> tuple[int, int, int]:
    found = requirements_for(policy, level=level, min_peers=peers, min_holders=holders, min_witnesses=witnesses)
    assert isinstance(found, Requirements)
    return (found.min_peers, found.min_holders, found.min_witnesses)


@pytest.mark.parametrize("level", ["practitioner", "facilitator", "trainer", "consultant"])
def test_the_default_asks_for_what_is_written(level: str) -> None:
    assert needs(DEFAULT, level) == (3, 1, 2)
    assert needs(DEFAULT, level, 4, 2, 3) == (4, 2, 3)
    assert needs(DEFAULT, level, 2, 0, 0) == (2, 0, 0)


def test_a_small_circle_asks_less_for_practitioner_badges_only() -> None:
    assert needs(SMALL_CIRCLE, "practitioner") == (2, 1, 0)
    assert needs(SMALL_CIRCLE, "practitioner", 4, 2, 3) == (2, 1, 0)
    assert needs(SMALL_CIRCLE, "practitioner", 2, 0, 0) == (2, 0, 0)
    assert needs(SMALL_CIRCLE, "facilitator") == (3, 1, 2)
    assert needs(SMALL_CIRCLE, "consultant", 4, 2, 3) == (4, 2, 3)


def test_no_preset_lets_anybody_decide_alone() -> None:
    assert all(policy.min_peers >= 2 for policy in PRESETS.values())
    assert set(PRESETS) == {"default", "small_circle"}


def test_a_policy_comes_back_from_json_as_it_was() -> None:
    for policy in PRESETS.values():
        assert Policy(**policy.to_json()) == policy


def test_every_change_of_a_policy_changes_its_digest() -> None:
    values: dict[str, Any] = dict.fromkeys(DEFAULT.to_json().keys() - {"name"}, 99)
    changed = [replace(DEFAULT, **{name: value}) for name, value in values.items()]
    digests = {policy.digest for policy in (DEFAULT, SMALL_CIRCLE, *changed)}
    assert len(digests) == len(changed) + 2
