"""The life of an objection: it belongs to the circle, and only who objected says that it is met."""

from __future__ import annotations

import pytest

from issuer.errors import NotAllowedError
from issuer.rules import rounds
from issuer.rules.journal import Event
from issuer.rules.process import evolve
from tests.builders import DAY, NOW, PHASES, Decision, a_decision, a_draft, facts
from tests.unit.issuer.rules.refusing import refused


def state(decision: Decision, objection: str = "objection-1") -> str:
    return next(one.state for one in decision.process.objections if one.id == objection)


def change(decision: Decision, step: str, by: str = "dev", objection: str = "objection-1") -> None:
    decision.do(rounds.change_objection, by=by, objection=objection, step=step)


def worded() -> Decision:
    decision = a_decision("integrating")
    decision.do(rounds.word_objection, by="eli", objection="objection-1", wording="wording-1")
    return decision


@pytest.mark.parametrize("by", ["chiara", "dev", "fay", "sam"])
def test_the_circle_words_an_objection(by: str) -> None:
    decision = a_decision("integrating")
    decision.do(rounds.word_objection, by=by, objection="objection-1", wording="wording-1")
    assert decision.process.objections[0].wording == "wording-1"
    assert state(decision) == "raised"


@pytest.mark.parametrize("by", ["asha", "ben", "zoe"])
def test_nobody_else_words_an_objection(by: str) -> None:
    with refused("O1", "word objections", NotAllowedError):
        a_decision("integrating").do(rounds.word_objection, by=by, objection="objection-1", wording="w")


def test_a_wording_is_changed_until_it_is_confirmed() -> None:
    decision = worded()
    decision.do(rounds.word_objection, by="chiara", objection="objection-1", wording="wording-2")
    change(decision, "O1")
    assert (state(decision), decision.process.objections[0].wording) == ("understood", "wording-2")
    with refused("O1", "worded already"):
        decision.do(rounds.word_objection, by="chiara", objection="objection-1", wording="wording-3")


def test_there_is_something_to_confirm_first() -> None:
    with refused("O1", "not worded this objection yet"):
        change(a_decision("integrating"), "O1")


def test_objections_are_worded_while_integrating() -> None:
    decision = a_decision("consent_round")
    decision.object("dev")
    with refused("O1", "while the decision is integrating"):
        decision.do(rounds.word_objection, by="eli", objection="objection-1", wording="w")


@pytest.mark.parametrize("step", ["O1", "O2c", "O2t"])
@pytest.mark.parametrize("by", ["fay", "sam", "asha", "chiara", "zoe"])
def test_nobody_closes_the_objection_of_somebody_else(step: str, by: str) -> None:
    with refused(step[:2], "Only the person who objected", NotAllowedError):
        change(worded(), step, by=by)


@pytest.mark.parametrize("step", ["O3", "O4", "O5", "C8", "A6", "", "nonsense"])
def test_an_objection_is_not_met_by_saying_so(step: str) -> None:
    decision = worded()
    with refused("O2", "confirmed, made a concern, or taken back"):
        change(decision, step)
    assert state(decision) == "raised"


@pytest.mark.parametrize(("step", "after"), [("O2c", "concern"), ("O2t", "taken_back")])
def test_the_objecting_person_makes_it_a_concern_or_takes_it_back(step: str, after: str) -> None:
    decision = worded()
    change(decision, step)
    assert state(decision) == after
    with refused(step, f"this is {after.replace('_', ' ')}"):
        change(decision, step)


def test_an_understood_objection_can_become_a_concern() -> None:
    decision = worded()
    change(decision, "O1")
    change(decision, "O2c")
    assert state(decision) == "concern"


def test_an_objection_that_nobody_knows_is_not_changed() -> None:
    with refused("O1", "no such objection"):
        change(worded(), "O2t", objection="another")


def test_a_closed_decision_keeps_its_objections_as_they_are() -> None:
    decision = worded()
    decision.do(rounds.withdraw, by="asha")
    with refused("O2", "The decision is closed"):
        change(decision, "O2t")


def test_an_objection_made_a_concern_in_its_own_round_still_takes_a_new_round() -> None:
    decision = a_decision("consent_round")
    decision.object("dev")
    change(decision, "O2c")
    decision.consent("chiara", "eli")
    assert decision.process.phase == "integrating"
    decision.amend()
    decision.consent()
    assert (decision.process.phase, state(decision)) == ("settling", "concern")


def test_consent_of_the_objecting_person_to_a_later_version_says_that_it_is_met() -> None:
    decision = worded()
    change(decision, "O1")
    decision.amend(met={"objection-1": "met-1"})
    assert state(decision) == "understood"
    decision.consent("chiara", "eli")
    assert (decision.process.phase, state(decision)) == ("consent_round", "understood")
    decision.consent("dev")
    assert (decision.process.phase, state(decision)) == ("settling", "integrated")
    assert decision.process.objections[0].met == "met-1"


def test_a_consent_to_the_version_that_was_objected_to_meets_nothing() -> None:
    decision = a_decision("integrating")
    data = {"version": 1, "response": "consent"}
    process = evolve(decision.process, Event(type="responded", at=NOW, actor="dev", data=data))
    assert process.objections[0].state == "raised"


def test_consent_of_others_does_not_meet_an_objection() -> None:
    decision = a_decision("integrating")
    decision.amend()
    decision.consent("chiara", "eli")
    assert state(decision) == "raised"


def test_who_objects_again_keeps_both_objections_open() -> None:
    decision = a_decision("integrating")
    decision.amend()
    decision.consent("chiara", "eli")
    decision.object("dev", objection="objection-2")
    assert decision.process.phase == "integrating"
    assert (state(decision), state(decision, "objection-2")) == ("raised", "raised")


def test_several_objections_are_each_met_by_their_own_person() -> None:
    decision = a_decision("consent_round")
    decision.object("chiara", objection="first")
    decision.object("dev", objection="second")
    decision.consent("eli")
    decision.amend(met={"first": "how", "second": "how else"})
    decision.consent("chiara")
    assert (state(decision, "first"), state(decision, "second")) == ("integrated", "raised")


def test_an_objection_that_was_taken_back_is_not_integrated_later() -> None:
    decision = a_decision("integrating")
    change(decision, "O2t")
    decision.amend()
    decision.consent()
    assert state(decision) == "taken_back"


# Late objections (C9)


def late(decision: Decision, by: str = "eli", reason: str = "reason-9") -> None:
    decision.do(rounds.object_late, by=by, objection="late", reason=reason, about="aim")


def test_a_late_objection_leads_back_to_integrating() -> None:
    decision = a_decision("settling")
    late(decision)
    assert (decision.process.phase, decision.process.deadline) == ("integrating", None)
    assert state(decision, "late") == "raised"
    assert not rounds.may_close(decision.process, now=decision.now + 99 * DAY)


def test_after_a_late_objection_all_answer_a_new_version() -> None:
    decision = a_decision("settling")
    late(decision)
    with refused("C7", "Nothing was changed"):
        decision.amend(a_draft())
    decision.amend(met={"late": "met"})
    assert not decision.process.answers
    decision.consent("chiara", "dev")
    assert decision.process.phase == "consent_round"
    decision.consent("eli")
    assert (decision.process.phase, state(decision, "late")) == ("settling", "integrated")
    decision.wait(2 * DAY)
    decision.close()
    assert decision.process.outcome == "consented"


def test_a_late_objection_counts_as_long_as_the_decision_is_not_closed() -> None:
    decision = a_decision("settling")
    decision.wait(2 * DAY)
    assert rounds.may_close(decision.process, now=decision.now)
    late(decision)
    assert decision.process.phase == "integrating"


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "settling"])
def test_a_late_objection_comes_while_the_decision_settles(phase: str) -> None:
    with refused("C9", "this is"):
        late(a_decision(phase))


@pytest.mark.parametrize("by", ["asha", "fay", "sam", "zoe"])
def test_only_deciders_object_late(by: str) -> None:
    with refused("G1" if by == "asha" else "G2", "Only those who decide", NotAllowedError):
        late(a_decision("settling"), by=by)


def test_who_has_left_the_circle_does_not_object_late() -> None:
    decision = a_decision("settling")
    decision.facts = facts(eligible=frozenset({"chiara", "dev"}))
    with refused("G2", "not a full member", NotAllowedError):
        late(decision)


def test_a_late_objection_has_a_reason() -> None:
    with refused("C9", "needs a reason"):
        late(a_decision("settling"), reason="")
