"""The guards G1 to G8 of DOMAIN.md 4.1, and those of A3, V1, V3: each holds, does not, and at its boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from issuer.rules import guards, rounds
from issuer.rules.guards import Guard, Refusal, demand
from issuer.rules.kinds import KINDS
from issuer.rules.policy import Requirements
from issuer.rules.process import Process
from tests.builders import NOW, Decision, a_decision, a_draft, a_process, facts
from tests.unit.issuer.rules.refusing import refused


def with_peer(process: Process, member: str, **changes: Any) -> Process:
    peers = {**process.peers, member: replace(process.peers[member], **changes)}
    return replace(process, peers=MappingProxyType(peers))


def evaluated() -> Process:
    decision = a_decision()
    decision.evaluate()
    return decision.process


def says(refusal: Refusal | None, rule: str, part: str) -> bool:
    return refusal is not None and refusal.rule == rule and part in refusal.sentence and bool(refusal.remedy)


@pytest.mark.parametrize("guard", KINDS["award"].open)
def test_every_guard_of_an_opening_holds_when_all_is_well(guard: Guard) -> None:
    assert guard(evaluated(), facts()) is None


@pytest.mark.parametrize("guard", KINDS["award"].close)
def test_every_guard_of_a_closing_holds_when_all_is_well(guard: Guard) -> None:
    assert guard(a_process("settling"), facts()) is None


# G1


def test_g1_the_applicant_is_not_a_decider() -> None:
    decision = a_decision(deciders=("asha", "chiara", "dev"))
    assert says(guards.g1_own_badge(decision.process, facts()), "G1", "their own badge")


@pytest.mark.parametrize("role", ["facilitator", "secretary"])
def test_g1_the_applicant_holds_no_role_in_the_process(role: str) -> None:
    assert says(guards.g1_own_badge(a_process(**{role: "asha"}), facts()), "G1", "their own badge")


@pytest.mark.parametrize("part", ["chiara", "fay", "sam"])
def test_g1_a_second_account_of_the_applicant_has_no_part(part: str) -> None:
    around = facts(same_person={"asha": "address", part: "address"})
    assert says(guards.g1_own_badge(a_process(), around), "G1", "their own badge")


def test_g1_other_people_have_other_addresses() -> None:
    around = facts(same_person={"asha": "address", "chiara": "another", "dev": "a third"})
    assert guards.g1_own_badge(a_process(), around) is None


def test_g1_says_nothing_where_nobody_is_concerned() -> None:
    assert guards.g1_own_badge(a_decision(kind="adopt").process, facts()) is None


# G2


def test_g2_as_many_peers_as_are_needed_are_enough() -> None:
    assert guards.g2_enough_peers(a_process(needs=Requirements(min_peers=3, min_holders=1)), facts()) is None


def test_g2_one_peer_fewer_is_refused() -> None:
    process = a_process(needs=Requirements(min_peers=4, min_holders=1))
    assert says(guards.g2_enough_peers(process, facts()), "G2", "at least 4 deciding peers")


def test_g2_a_recused_decider_does_not_count() -> None:
    assert says(guards.g2_enough_peers(with_peer(a_process(), "dev", decides=False), facts()), "G2", "at least 3")


def test_g2_nobody_decides_alone_whatever_the_needs_say() -> None:
    alone = a_decision(deciders=("chiara",), needs=Requirements(min_peers=0, min_holders=0)).process
    assert says(guards.g2_enough_peers(alone, facts()), "G2", "at least 2 deciding peers")


def test_g2_every_decider_is_a_full_member() -> None:
    around = facts(eligible=frozenset({"chiara", "dev"}))
    assert says(
        guards.g2_enough_peers(a_process(), around), "G2", "Not everybody named as decider is a full member"
    )


def test_g2_two_accounts_of_one_person_are_not_two_peers() -> None:
    around = facts(same_person={"dev": "address", "eli": "address"})
    assert says(guards.g2_enough_peers(a_process(), around), "G2", "are one person")


# G3


def test_g3_a_holder_among_the_deciders_is_needed() -> None:
    assert says(guards.g3_holders(a_process(), facts(holders=frozenset({"ben"}))), "G3", "At least 1")


def test_g3_counts_as_many_holders_as_the_badge_asks_for() -> None:
    process = a_process(needs=Requirements(min_peers=3, min_holders=2))
    assert says(guards.g3_holders(process, facts()), "G3", "At least 2")
    assert guards.g3_holders(process, facts(holders=frozenset({"chiara", "eli"}))) is None


def test_g3_is_met_by_founders_whatever_the_badge_asks_for() -> None:
    process = a_process(needs=Requirements(min_peers=3, min_holders=2))
    assert guards.g3_holders(process, facts(holders=frozenset(), founders=frozenset({"dev"}))) is None


def test_g3_is_not_met_by_founders_who_do_not_decide_here() -> None:
    around = facts(holders=frozenset(), founders=frozenset({"ben"}))
    assert says(guards.g3_holders(a_process(), around), "G3", "At least 1")


def test_g3_is_refused_when_the_founding_decision_has_expired() -> None:
    assert says(
        guards.g3_holders(a_process(), facts(holders=frozenset(), founders=frozenset())), "G3", "At least 1"
    )


# G4


@pytest.mark.parametrize("silent", ["chiara", "fay", "sam"])
def test_g4_everybody_with_a_part_answers_the_conflict_question(silent: str) -> None:
    process = with_peer(evaluated(), silent, conflict=None)
    assert says(guards.g4_conflicts(process, facts()), "G4", "Not everybody has answered")


@pytest.mark.parametrize("member", ["dev", "fay"])
def test_g4_another_conflict_waits_for_every_other_decider(member: str) -> None:
    others = frozenset({"chiara", "dev", "eli"}) - {member}
    process = with_peer(evaluated(), member, conflict="other")
    assert says(guards.g4_conflicts(process, facts()), "G4", "not settled yet")
    process = with_peer(process, member, conflict_accepted=others - {"eli"})
    assert says(guards.g4_conflicts(process, facts()), "G4", "not settled yet")
    assert guards.g4_conflicts(with_peer(process, member, conflict_accepted=others), facts()) is None


@pytest.mark.parametrize("kind", ["mentor", "household", "paid_work", "dispute"])
def test_g4_a_facilitator_with_a_conflict_loses_the_seat(kind: str) -> None:
    process = with_peer(evaluated(), "fay", conflict=kind)
    assert says(guards.g4_conflicts(process, facts()), "G4", "The facilitator has a conflict")


@pytest.mark.parametrize("kind", ["household", "paid_work", "dispute"])
def test_g4_a_secretary_who_is_recused_has_no_part(kind: str) -> None:
    process = with_peer(evaluated(), "sam", conflict=kind)
    assert says(guards.g4_conflicts(process, facts()), "G4", "The secretary has a conflict")


def test_g4_a_mentor_may_keep_the_minutes() -> None:
    assert guards.g4_conflicts(with_peer(evaluated(), "sam", conflict="mentor"), facts()) is None


# G5


def test_g5_refuses_when_the_applicant_approved_every_decider() -> None:
    around = facts(approved_by_concerned=frozenset({"chiara", "dev", "eli", "ben"}))
    assert says(guards.g5_not_only_each_other(a_process(), around), "G5", "approved by this person")


def test_g5_one_decider_whom_the_applicant_did_not_approve_is_enough() -> None:
    around = facts(approved_by_concerned=frozenset({"chiara", "dev"}))
    assert guards.g5_not_only_each_other(a_process(), around) is None


def test_g5_holds_when_somebody_from_outside_decided_lately() -> None:
    around = facts(approved_by_concerned=frozenset({"chiara", "dev", "eli"}), outside_recent=True)
    assert guards.g5_not_only_each_other(a_process(), around) is None


# G6


@pytest.mark.parametrize("change", [{"opened": False}, {"checklist": None}])
def test_g6_every_decider_has_looked_and_filled_the_checklist(change: dict[str, Any]) -> None:
    process = with_peer(evaluated(), "dev", **change)
    assert says(guards.g6_heard(process, facts()), "G6", "Not everybody has looked")


def test_g6_asks_no_checklist_of_those_who_do_not_decide() -> None:
    assert evaluated().peers["fay"].checklist is None
    assert guards.g6_heard(evaluated(), facts()) is None


@pytest.mark.parametrize(
    ("given", "part"), [(1, "Still 1 witness statement to"), (0, "Still 2 witness statements to")]
)
def test_g6_waits_for_the_witnesses(given: int, part: str) -> None:
    assert says(guards.g6_heard(evaluated(), facts(witnesses_given=given)), "G6", part)


def test_g6_more_witnesses_than_needed_do_no_harm() -> None:
    assert guards.g6_heard(evaluated(), facts(witnesses_given=3)) is None


def test_g6_the_applicant_has_read_the_feedback() -> None:
    process = replace(evaluated(), feedback_read=False)
    assert says(guards.g6_heard(process, facts()), "G6", "has not read all of the feedback")


def test_g6_a_statement_that_came_after_reading_is_read_as_well() -> None:
    process = evaluated()
    assert guards.g6_heard(process, facts(statement_at=NOW)) is None
    late = facts(statement_at=NOW + timedelta(seconds=1))
    assert says(guards.g6_heard(process, late), "G6", "has not read all of the feedback")


# G7, G8


def test_g7_one_silent_decider_holds_everything() -> None:
    decision = a_decision("consent_round")
    decision.consent("chiara", "dev")
    assert says(guards.g7_spoken(decision.process, facts()), "G7", "Silence is not consent")


def test_g7_an_answer_to_another_version_does_not_count() -> None:
    process = a_process("settling")
    older = {**process.answers, "dev": replace(process.answers["dev"], version=0)}
    assert says(guards.g7_spoken(replace(process, answers=older), facts()), "G7", "Not everybody has spoken")


def test_g7_an_answer_of_another_round_does_not_count() -> None:
    process = a_process("settling")
    older = {**process.answers, "dev": replace(process.answers["dev"], round=0)}
    assert says(guards.g7_spoken(replace(process, answers=older), facts()), "G7", "Not everybody has spoken")


@pytest.mark.parametrize("state", ["raised", "understood", "referred"])
def test_g8_an_open_objection_holds_everything(state: str) -> None:
    decision = a_decision("integrating")
    decision.amend()
    decision.consent()
    process = decision.process
    assert guards.g8_nothing_open(process, facts()) is None
    objections = (replace(process.objections[0], state=state),)
    assert says(
        guards.g8_nothing_open(replace(process, objections=objections), facts()), "G8", "An objection is open"
    )


@pytest.mark.parametrize("state", ["integrated", "concern", "taken_back"])
def test_g8_holds_when_the_objection_was_met(state: str) -> None:
    process = a_process("integrating")
    process = replace(process, objections=(replace(process.objections[0], state=state),), answers={})
    assert guards.g8_nothing_open(process, facts()) is None


def test_g8_an_open_objection_is_seen_before_everybody_has_spoken() -> None:
    decision = a_decision("consent_round")
    decision.object("dev")
    assert says(guards.g8_nothing_open(decision.process, facts()), "G8", "An objection is open")


def test_g8_an_answer_that_was_an_objection_never_counts_as_consent() -> None:
    decision = a_decision("consent_round")
    decision.object("dev")
    process = replace(decision.process, objections=())
    assert says(guards.g8_nothing_open(process, facts()), "G8", "An objection is open")


# A3, A5, V1, V3, consent rights


def test_a5_an_application_that_was_taken_back_is_not_decided_on() -> None:
    decision = a_decision()
    decision.evaluate()
    decision.facts = facts(with_circle=False)
    with refused("A5", "taken the application back"):
        decision.open()


def test_a3_facilitator_and_secretary_have_a_running_term() -> None:
    assert guards.roles_running(a_process(), facts()) is None
    around = facts(role_holders=frozenset({"fay"}))
    assert says(guards.roles_running(a_process(), around), "A3", "no running term")


def test_v1_the_delegate_of_the_superpod_is_among_the_deciders() -> None:
    process = a_decision(kind="adopt").process
    assert guards.delegate_decides(process, facts(delegate=None)) is None
    assert guards.delegate_decides(process, facts(delegate="eli")) is None
    assert says(
        guards.delegate_decides(process, facts(delegate="ben")), "V1", "delegate is not among the deciders"
    )


def test_v3_a_version_that_is_too_old_is_not_decided_on() -> None:
    for process in (a_process("preparing"), a_process("consent_round")):
        assert guards.version_open(process, facts()) is None
        assert says(guards.version_open(process, facts(version_open=False)), "V3", "too long ago")


def test_v3_a_text_that_is_rewritten_may_become_an_award_again() -> None:
    decision = a_decision("clarifying", draft=a_draft("not_yet"))
    decision.do(rounds.rewrite, by="asha")
    assert says(guards.version_open(decision.process, facts(version_open=False)), "V3", "too long ago")


def test_v3_not_yet_can_be_said_on_an_old_version() -> None:
    process = a_decision("consent_round", draft=a_draft("not_yet")).process
    assert guards.version_open(process, facts(version_open=False)) is None


@pytest.mark.parametrize("kind", ["adopt", "constitute"])
def test_nobody_with_consent_rights_is_left_out_of_a_decision_of_the_circle(kind: str) -> None:
    process = a_decision(kind=kind).process
    everybody = frozenset({"chiara", "dev", "eli"})
    assert guards.everybody_decides(process, facts(eligible=everybody)) is None
    left_out = facts(eligible=everybody | {"ben"})
    assert says(guards.everybody_decides(process, left_out), "consent rights", "Not everybody with consent rights")
    decision = Decision(process, facts=left_out)
    with refused("consent rights", "among the deciders"):
        decision.do(rounds.open_process, by="fay", draft=a_draft(kind))


def test_what_does_not_hold_is_raised_with_its_rule_and_remedy() -> None:
    with refused("G3", "must hold this badge"):
        demand(a_process(), facts(holders=frozenset()), KINDS["award"].take_up)


@pytest.mark.parametrize(
    ("around", "rule"),
    [
        ({"same_person": {"asha": "a", "eli": "a"}}, "G1"),
        ({"eligible": frozenset({"chiara"})}, "G2"),
        ({"holders": frozenset()}, "G3"),
        ({"approved_by_concerned": frozenset({"chiara", "dev", "eli"})}, "G5"),
        ({"version_open": False}, "V3"),
        ({"role_holders": frozenset()}, "A3"),
    ],
)
def test_taking_up_asks_all_guards_about_people(around: dict[str, Any], rule: str) -> None:
    with refused(rule, ""):
        demand(a_process(), facts(**around), KINDS["award"].take_up)
