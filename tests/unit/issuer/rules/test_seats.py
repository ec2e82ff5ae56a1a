"""Who sits in a decision before it is opened: another decider, stepping aside, handing a seat on."""

from __future__ import annotations

from typing import Any

import pytest

from issuer.errors import NotAllowedError
from issuer.rules import rounds
from issuer.rules.guards import g6_heard
from issuer.rules.policy import Requirements
from issuer.rules.seats import add_decider, hand_over, step_aside
from tests.builders import Decision, a_decision, facts
from tests.unit.issuer.rules.refusing import refused

FIVE = frozenset({"chiara", "dev", "eli", "farah", "ben"})
LATER = ("clarifying", "reacting", "consent_round", "integrating", "settling", "closed")


def a_preparing(**more: Any) -> Decision:
    return a_decision(around=facts(eligible=FIVE), **more)


def test_another_peer_decides_too_and_looks_first() -> None:
    decision = a_preparing()
    decision.evaluate()
    decision.do(add_decider, by="fay", member="farah")
    assert "farah" in decision.process.deciders
    assert g6_heard(decision.process, decision.facts) is not None
    with refused("G4", "conflicts"):
        decision.open()


def test_a_facilitator_without_consent_rights_can_be_given_them() -> None:
    decision = a_decision(around=facts(eligible=FIVE | {"sam"}))
    decision.do(add_decider, by="fay", member="sam")
    assert decision.process.peers["sam"].decides


@pytest.mark.parametrize(
    ("by", "member", "rule", "words"),
    [
        ("fay", "asha", "G1", "nobody about their own badge"),
        ("fay", "gil", "G2", "full members"),
        ("fay", "dev", "C12", "decides here already"),
    ],
)
def test_not_everybody_can_be_added_nor_by_everybody(by: str, member: str, rule: str, words: str) -> None:
    with refused(rule, words):
        a_preparing().do(add_decider, by=by, member=member)


def test_only_the_facilitator_adds_deciders() -> None:
    with refused("C12", "Only the facilitator", NotAllowedError):
        a_preparing().do(add_decider, by="dev", member="farah")


def test_who_named_a_conflict_is_not_brought_back() -> None:
    decision = a_preparing()
    decision.do(rounds.declare_conflict, by="dev", kind="household")
    with refused("G4", "conflict of interest"):
        decision.do(add_decider, by="fay", member="dev")


def test_a_record_has_twelve_places() -> None:
    many = tuple(f"member-{number:02}" for number in range(12))
    decision = a_decision(deciders=many, around=facts(eligible=frozenset({*many, "farah"})))
    with refused("G2", "At most 12"):
        decision.do(add_decider, by="fay", member="farah")


@pytest.mark.parametrize("phase", LATER)
def test_seats_are_fixed_once_the_decision_is_open(phase: str) -> None:
    decision = a_decision(phase)
    with refused("C12", "preparing"):
        decision.do(add_decider, by="fay", member="ben")
    with refused("G2", "preparing"):
        decision.do(step_aside, by="dev")
    with refused("C11", "preparing"):
        decision.do(hand_over, by="fay", role="facilitator", member="sam")


def test_a_decider_who_was_added_in_a_pause_begins_at_questions() -> None:
    decision = a_decision("paused", around=facts(eligible=FIVE))
    decision.do(add_decider, by="fay", member="farah")
    assert decision.process.deciders_changed


def test_not_this_time_needs_no_reason_when_enough_people_stay() -> None:
    decision = a_preparing(needs=Requirements(min_peers=2, min_holders=1, min_witnesses=2))
    decision.do(step_aside, by="eli")
    assert decision.process.deciders == ("chiara", "dev")
    assert "eli" not in decision.process.peers


def test_who_holds_the_process_stays_for_that_after_stepping_aside() -> None:
    around = facts(eligible=frozenset({"chiara", "dev", "eli", "fay"}))
    decision = a_decision(deciders=("chiara", "dev", "eli", "fay"), around=around)
    decision.do(step_aside, by="fay")
    assert not decision.process.peers["fay"].decides


def test_nobody_steps_aside_below_the_rule() -> None:
    with refused("G2", "at least 3"):
        a_preparing().do(step_aside, by="eli")
    fewer = a_preparing(needs=Requirements(min_peers=2, min_holders=1, min_witnesses=2))
    with refused("G3", "hold this badge"):
        fewer.do(step_aside, by="chiara")
    with refused("G2", "Only those who decide", NotAllowedError):
        fewer.do(step_aside, by="farah")


def test_everybody_named_in_a_new_circle_decides_about_it() -> None:
    with refused("M1", "Everybody named"):
        a_decision(kind="constitute", deciders=("chiara", "dev", "eli", "farah")).do(step_aside, by="farah")


def test_a_seat_goes_to_somebody_who_holds_such_a_role() -> None:
    decision = a_decision(around=facts(role_holders=frozenset({"fay", "sam", "gil"})))
    decision.do(hand_over, by="sam", role="facilitator", member="gil")
    assert decision.process.facilitator == "gil"
    assert decision.process.proposer == "gil", "who handed the seat on has nothing to amend or answer any more"
    assert decision.process.peers["gil"].conflict is None
    assert not decision.process.peers["gil"].decides


@pytest.mark.parametrize(
    ("by", "role", "member", "rule", "words"),
    [
        ("fay", "leader", "sam", "C11", "two seats"),
        ("fay", "facilitator", "eli", "A3", "running term"),
        ("fay", "secretary", "asha", "A3", "not the applicant"),
    ],
)
def test_seats_are_not_given_to_anybody(by: str, role: str, member: str, rule: str, words: str) -> None:
    decision = a_decision(around=facts(role_holders=frozenset({"fay", "sam", "asha"})))
    with refused(rule, words):
        decision.do(hand_over, by=by, role=role, member=member)


def test_seats_are_handed_on_by_who_holds_them() -> None:
    with refused("C11", "facilitator or secretary does this", NotAllowedError):
        a_decision().do(hand_over, by="dev", role="facilitator", member="sam")
