"""Before the round: conflicts of interest, evidence, checklists, and feedback that is read."""

from __future__ import annotations

from typing import Any

import pytest

from issuer.errors import NotAllowedError
from issuer.rules import rounds
from issuer.rules.evaluation import change_evidence
from issuer.rules.guards import g4_conflicts, g6_heard
from issuer.rules.policy import Requirements
from tests.builders import DAY, NOW, PHASES, Decision, a_decision, a_draft, facts
from tests.unit.issuer.rules.refusing import refused

TALKING = ("clarifying", "reacting", "consent_round", "integrating", "settling")
RECUSING = ("household", "paid_work", "dispute")
FOUR = ("chiara", "dev", "eli", "farah")


def four_deciders(phase: str = "preparing", **more: Any) -> Decision:
    """One decider more than is needed, so that one can be lost."""
    around = facts(eligible=frozenset(FOUR))
    return a_decision(phase, deciders=FOUR, around=around, **more)


def checklist(decision: Decision, by: str, **changes: Any) -> None:
    usual = {"text": f"checklist-{by}", "passes": False, "reaction": None}
    decision.do(rounds.fill_checklist, by=by, **(usual | changes))


# Who has a part


def test_facilitator_and_secretary_are_asked_about_conflicts_without_deciding() -> None:
    process = a_decision().process
    assert set(process.peers) == {"chiara", "dev", "eli", "fay", "sam"}
    assert process.deciders == ("chiara", "dev", "eli")


def test_a_facilitator_who_decides_keeps_both_parts() -> None:
    decision = a_decision(
        deciders=("chiara", "dev", "fay"), around=facts(eligible=frozenset({"fay", "chiara", "dev"}))
    )
    assert decision.process.peers["fay"].decides


@pytest.mark.parametrize("kind", ["adopt", "constitute"])
def test_where_nobody_is_evaluated_nobody_is_asked_about_conflicts(kind: str) -> None:
    assert set(a_decision(kind=kind).process.peers) == {"chiara", "dev", "eli"}


def test_a_decision_about_a_badge_is_about_a_person() -> None:
    with refused("G1", "about a person"):
        rounds.prepare(**_prepared(concerned=None))


def test_a_decision_has_as_many_places_as_its_record() -> None:
    twelve = [f"member-{number}" for number in range(12)]
    (event,) = rounds.prepare(**_prepared(deciders=[*twelve, twelve[0]]))
    assert event["deciders"] == sorted(twelve)
    with refused("G2", "At most 12 people"):
        rounds.prepare(**_prepared(deciders=[*twelve, "one-more"]))


def test_there_are_two_ways_to_meet() -> None:
    assert rounds.prepare(**_prepared(mode="meeting"))
    with refused("C1", "over some days, or in a meeting"):
        rounds.prepare(**_prepared(mode="by lot"))


def _prepared(**changes: Any) -> Any:
    process = a_decision().process
    names = ("kind", "circle", "subject", "proposer", "concerned", "facilitator", "secretary", "deciders", "mode")
    usual = {name: getattr(process, name) for name in (*names, "policy", "needs")}
    return usual | {"now": NOW} | changes


# Conflicts of interest


@pytest.mark.parametrize("kind", RECUSING)
def test_a_recused_decider_loses_every_part(kind: str) -> None:
    decision = four_deciders()
    decision.do(rounds.declare_conflict, by="dev", kind=kind)
    assert "dev" not in decision.process.deciders
    assert not rounds.may_see_evidence(decision.process, "dev")
    with refused("G4", "have no part in this evaluation", NotAllowedError):
        decision.do(rounds.open_evidence, by="dev")
    with refused("G4", "have no part in this evaluation", NotAllowedError):
        checklist(decision, "dev")
    decision.evaluate(members=("chiara", "eli", "farah", "fay", "sam"))
    decision.open()
    with refused("G4", "no voice", NotAllowedError):
        decision.do(rounds.ask, by="dev", question="q", text="t")
    with refused("G4", "no voice", NotAllowedError):
        decision.do(rounds.react, by="dev", text="t")
    with refused("G4", "have no part in this evaluation", NotAllowedError):
        decision.do(rounds.open_evidence, by="dev")
    decision.say_nothing_special()
    with refused("G2", "Only those who decide", NotAllowedError):
        decision.consent("dev")


def test_a_mentor_keeps_a_voice_and_loses_consent_rights() -> None:
    decision = four_deciders()
    decision.do(rounds.declare_conflict, by="dev", kind="mentor")
    assert decision.process.deciders == ("chiara", "eli", "farah")
    decision.do(rounds.open_evidence, by="dev")
    checklist(decision, "dev")
    decision.evaluate(members=("chiara", "eli", "farah", "fay", "sam"))
    decision.open()
    decision.do(rounds.ask, by="dev", question="q", text="t")
    decision.do(rounds.answer_question, by="asha", question="q", text="t")
    decision.do(rounds.react, by="dev", text="t")
    decision.say_nothing_special()
    with refused("G2", "Only those who decide", NotAllowedError):
        decision.consent("dev")
    decision.consent()
    assert decision.process.phase == "settling"
    with refused("G2", "Only those who decide", NotAllowedError):
        decision.do(rounds.object_late, by="dev", objection="o", reason="r", about="")


def test_a_mentor_who_drops_the_conflict_question_keeps_the_round_closed() -> None:
    decision = a_decision()
    decision.evaluate(members=("chiara", "dev", "eli", "fay", "sam"))
    peers = dict(decision.process.peers)
    ben_joined = a_decision(deciders=("ben", *peers.keys() & {"chiara", "dev", "eli"}))
    with refused("G4", "answer the question about conflicts"):
        ben_joined.do(rounds.open_evidence, by="ben")
    with refused("G4", "answer the question about conflicts"):
        checklist(ben_joined, "ben")
    with refused("G4", "Not everybody has answered"):
        ben_joined.open()


def test_only_those_with_a_part_answer_the_question() -> None:
    with refused("G4", "no part in this process", NotAllowedError):
        a_decision().do(rounds.declare_conflict, by="ben", kind="none")


def test_the_answer_is_one_of_those_on_the_page() -> None:
    with refused("G4", "not one of the answers"):
        a_decision().do(rounds.declare_conflict, by="dev", kind="cousin")


@pytest.mark.parametrize("first", ["none", "other", "mentor", "household"])
def test_a_conflict_cannot_be_taken_back_nor_answered_twice(first: str) -> None:
    decision = a_decision()
    decision.do(rounds.declare_conflict, by="dev", kind=first)
    for again in ("none", first):
        with refused("G4", "answered this question already"):
            decision.do(rounds.declare_conflict, by="dev", kind=again)


def test_a_conflict_that_is_found_later_can_be_added_while_preparing() -> None:
    decision = four_deciders()
    decision.do(rounds.declare_conflict, by="dev", kind="none")
    decision.do(rounds.declare_conflict, by="dev", kind="mentor")
    decision.do(rounds.declare_conflict, by="dev", kind="household")
    assert decision.process.phase == "preparing"
    assert decision.process.peers["dev"].recused


@pytest.mark.parametrize("phase", TALKING)
def test_a_conflict_found_after_opening_pauses_the_process(phase: str) -> None:
    decision = four_deciders(phase)
    decision.do(rounds.declare_conflict, by="eli", kind="household")
    assert (decision.process.phase, decision.process.paused_from) == ("paused", phase)
    assert "eli" not in decision.process.deciders


def test_a_conflict_found_during_a_pause_leaves_it_paused() -> None:
    decision = four_deciders("paused")
    decision.do(rounds.declare_conflict, by="eli", kind="mentor")
    assert decision.process.paused_from == "clarifying"


def test_no_conflict_is_declared_in_a_closed_process() -> None:
    with refused("G4", "it is closed"):
        four_deciders("closed").do(rounds.declare_conflict, by="eli", kind="household")


@pytest.mark.parametrize("phase", ["clarifying", "consent_round", "settling"])
def test_others_who_decide_now_start_again_at_questions_on_a_version_that_names_them(phase: str) -> None:
    decision = four_deciders(phase)
    first_opened = decision.process.opened_at
    decision.do(rounds.declare_conflict, by="eli", kind="household")
    with refused("C12", "Others decide now"):
        decision.do(rounds.resume, by="fay")
    with refused("C1", "review date"):
        decision.do(rounds.resume, by="fay", draft=a_draft(review_on=None))
    decision.wait(DAY)
    decision.do(rounds.resume, by="fay", draft=a_draft(digest="digest-2"))
    process = decision.process
    assert (process.phase, process.versions[-1].deciders) == ("clarifying", ("chiara", "dev", "farah"))
    assert not process.answers
    assert not any(peer.asked or peer.reacted for peer in process.peers.values())
    assert process.opened_at == first_opened
    decision.say_nothing_special()
    decision.consent()
    assert decision.process.phase == "settling"


def test_others_who_decide_now_do_not_inherit_a_plan() -> None:
    decision = four_deciders("settling", draft=a_draft("not_yet"))
    decision.do(rounds.answer_plan, by="asha", agreed=True)
    decision.do(rounds.declare_conflict, by="eli", kind="mentor")
    decision.do(rounds.resume, by="fay", draft=a_draft("not_yet", digest="digest-2"))
    assert decision.process.plan_agreed is None


def test_too_few_deciders_do_not_go_on() -> None:
    decision = a_decision("consent_round")
    decision.do(rounds.declare_conflict, by="eli", kind="dispute")
    with refused("G2", "at least 3"):
        decision.do(rounds.resume, by="fay", draft=a_draft())


def test_the_objection_of_somebody_recused_stays() -> None:
    decision = four_deciders("integrating")
    decision.do(rounds.declare_conflict, by="dev", kind="dispute")
    decision.do(rounds.resume, by="fay", draft=a_draft(digest="digest-2", text="text-2"))
    decision.say_nothing_special()
    decision.consent()
    assert decision.process.phase == "integrating"
    assert decision.process.objections[0].state == "raised"


def test_a_facilitator_with_a_conflict_cannot_go_on() -> None:
    decision = a_decision("reacting")
    decision.do(rounds.declare_conflict, by="fay", kind="household")
    with refused("G4", "The facilitator has a conflict"):
        decision.do(rounds.resume, by="fay")


# Other conflicts


def test_another_conflict_is_settled_when_each_other_decider_says_so() -> None:
    decision = a_decision()
    decision.do(rounds.declare_conflict, by="dev", kind="other")
    decision.evaluate(members=("chiara", "eli", "fay", "sam"))
    decision.do(rounds.accept_conflict, by="chiara", member="dev")
    with refused("G4", "not settled yet"):
        decision.open()
    decision.do(rounds.accept_conflict, by="eli", member="dev")
    decision.open()


def test_another_conflict_found_later_is_settled_in_the_pause() -> None:
    decision = a_decision("consent_round")
    decision.do(rounds.declare_conflict, by="dev", kind="other")
    with refused("G4", "not settled yet"):
        decision.do(rounds.resume, by="fay")
    for member in ("chiara", "eli"):
        decision.do(rounds.accept_conflict, by=member, member="dev")
    decision.do(rounds.resume, by="fay")
    assert decision.process.phase == "consent_round"


def test_what_was_accepted_does_not_cover_a_conflict_of_another_kind() -> None:
    decision = four_deciders()
    decision.do(rounds.declare_conflict, by="dev", kind="other")
    decision.do(rounds.accept_conflict, by="chiara", member="dev")
    decision.do(rounds.declare_conflict, by="dev", kind="mentor")
    assert not decision.process.peers["dev"].conflict_accepted


@pytest.mark.parametrize(("by", "member"), [("dev", "dev"), ("chiara", "eli"), ("chiara", "asha")])
def test_there_must_be_a_conflict_of_somebody_else_to_settle(by: str, member: str) -> None:
    decision = a_decision()
    decision.do(rounds.declare_conflict, by="dev", kind="other")
    with refused("G4", "no conflict of this person"):
        decision.do(rounds.accept_conflict, by=by, member=member)


@pytest.mark.parametrize(("by", "rule"), [("asha", "G1"), ("fay", "G2")])
def test_only_deciders_settle_a_conflict(by: str, rule: str) -> None:
    decision = a_decision()
    decision.do(rounds.declare_conflict, by="dev", kind="other")
    with refused(rule, "Only those who decide", NotAllowedError):
        decision.do(rounds.accept_conflict, by=by, member="dev")


# Evidence, checklist, feedback


def test_evidence_is_seen_after_the_conflict_question() -> None:
    decision = a_decision()
    assert not rounds.may_see_evidence(decision.process, "dev")
    with refused("G4", "Before you see the evidence"):
        decision.do(rounds.open_evidence, by="dev")
    decision.do(rounds.declare_conflict, by="dev", kind="none")
    assert rounds.may_see_evidence(decision.process, "dev")
    assert decision.do(rounds.open_evidence, by="dev")
    assert decision.do(rounds.open_evidence, by="dev") == ()


def test_who_has_no_part_may_not_see_evidence_and_leaves_no_trace() -> None:
    decision = a_decision()
    assert not rounds.may_see_evidence(decision.process, "ben")
    assert decision.do(rounds.open_evidence, by="asha") == ()


def test_a_checklist_says_what_was_seen_so_the_evidence_comes_first() -> None:
    decision = a_decision()
    decision.do(rounds.declare_conflict, by="dev", kind="none")
    with refused("G6", "First look at the evidence"):
        checklist(decision, "dev")


def test_only_those_with_a_part_fill_the_checklist() -> None:
    decision = a_decision()
    with refused("G4", "no part in this process", NotAllowedError):
        checklist(decision, "ben")
    decision.do(rounds.declare_conflict, by="fay", kind="none")
    decision.do(rounds.open_evidence, by="fay")
    with refused("G6", "Those who decide here", NotAllowedError):
        checklist(decision, "fay")


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "preparing"])
def test_checklists_are_filled_before_the_round(phase: str) -> None:
    with refused("G6", "while the decision is preparing"):
        checklist(a_decision(phase), "dev")


def test_a_changed_checklist_is_read_again() -> None:
    decision = a_decision()
    decision.evaluate()
    checklist(decision, "dev", text="changed", reaction="first thoughts")
    with refused("G6", "has not read all of the feedback"):
        decision.open()
    checklist(decision, "dev", text="changed again", reaction="second thoughts")
    assert decision.process.peers["dev"].checklist == "changed again"
    assert decision.process.reactions == (("dev", "second thoughts"),)
    decision.do(rounds.read_feedback, by="asha")
    decision.open()


def test_only_the_applicant_says_that_the_feedback_was_read() -> None:
    with refused("G6", "Only the applicant", NotAllowedError):
        a_decision().do(rounds.read_feedback, by="dev")


def test_reading_feedback_again_after_opening_changes_nothing() -> None:
    assert a_decision("clarifying").do(rounds.read_feedback, by="asha") == ()


def test_feedback_can_be_read_again_when_a_statement_came() -> None:
    decision = a_decision()
    decision.evaluate()
    decision.now = NOW.replace(hour=10)
    decision.facts = facts(statement_at=decision.now)
    assert g6_heard(decision.process, decision.facts) is not None
    decision.do(rounds.read_feedback, by="asha")
    assert g6_heard(decision.process, decision.facts) is None


def test_after_other_evidence_everybody_looks_again_and_is_asked_again() -> None:
    decision = a_decision()
    decision.evaluate(passes=True)
    decision.do(change_evidence, by="asha")
    with refused("G6", "Not everybody has looked"):
        decision.open()
    for member in decision.process.deciders:
        decision.do(rounds.open_evidence, by=member)
    with refused("G6", "has not read all of the feedback"):
        decision.open()
    decision.do(rounds.read_feedback, by="asha")
    decision.open()
    assert decision.process.phase == "clarifying"


def test_the_applicant_changes_the_evidence_before_the_round() -> None:
    with refused("A4", "Only the applicant", NotAllowedError):
        a_decision().do(change_evidence, by="dev")
    with refused("A4", "it is clarifying"):
        a_decision("clarifying").do(change_evidence, by="asha")


def test_who_can_pass_with_the_checklist_changes_that_mind_with_the_next_one() -> None:
    decision = a_decision()
    decision.do(rounds.declare_conflict, by="dev", kind="none")
    decision.do(rounds.open_evidence, by="dev")
    checklist(decision, "dev", passes=True, reaction="")
    assert (decision.process.peers["dev"].asked, decision.process.peers["dev"].reacted) == (True, True)
    checklist(decision, "dev")
    assert (decision.process.peers["dev"].asked, decision.process.peers["dev"].reacted) == (False, False)


def test_numbers_are_checked_again_as_soon_as_a_conflict_is_named() -> None:
    decision = a_decision(needs=Requirements(min_peers=3, min_holders=1))
    decision.do(rounds.declare_conflict, by="chiara", kind="household")
    decision.evaluate(members=("dev", "eli", "fay", "sam"))
    assert g4_conflicts(decision.process, decision.facts) is None
    with refused("G2", "at least 3"):
        decision.open()
