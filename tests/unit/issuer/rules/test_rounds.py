"""Opening, questions, reactions, the round, and what a new version does to answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from issuer.errors import NotAllowedError
from issuer.rules import rounds
from issuer.rules.guards import Facts
from issuer.rules.policy import DEFAULT, SMALL_CIRCLE
from tests.builders import DAY, NOW, PHASES, Decision, a_decision, a_draft, facts, respond
from tests.unit.issuer.rules.refusing import refused


def evaluated(**more: Any) -> Decision:
    decision = a_decision(**more)
    decision.evaluate()
    return decision


# C1


@pytest.mark.parametrize("by", ["asha", "chiara", "sam", "ben"])
def test_only_the_facilitator_opens(by: str) -> None:
    with refused("C1", "Only the facilitator", NotAllowedError):
        evaluated().do(rounds.open_process, by=by, draft=a_draft())


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "preparing"])
def test_a_process_is_opened_once(phase: str) -> None:
    with refused("C1", "this is"):
        a_decision(phase).open()


@pytest.mark.parametrize(
    ("around", "rule"),
    [
        (facts(same_person={"asha": "a", "dev": "a"}), "G1"),
        (facts(eligible=frozenset({"chiara", "dev"})), "G2"),
        (facts(holders=frozenset()), "G3"),
        (facts(approved_by_concerned=frozenset({"chiara", "dev", "eli"})), "G5"),
        (facts(witnesses_given=0), "G6"),
        (facts(version_open=False), "V3"),
    ],
)
def test_opening_asks_the_guards(around: Facts, rule: str) -> None:
    decision = evaluated()
    decision.facts = around
    with refused(rule, ""):
        decision.open()


@pytest.mark.parametrize("mode", ["async", "meeting"])
def test_opening_fixes_text_review_date_and_deciders(mode: str) -> None:
    decision = evaluated(mode=mode)
    decision.open()
    process = decision.process
    assert process.phase == "clarifying"
    assert process.version is not None
    assert (process.version.number, process.version.text, process.version.review_on) == (
        1,
        "text-1",
        date(2028, 3, 2),
    )
    assert process.version.deciders == ("chiara", "dev", "eli")
    assert (process.opened_at, process.deadline) == (NOW, NOW + 5 * DAY)


@pytest.mark.parametrize(
    ("draft", "part"),
    [
        (a_draft("adopt"), "cannot have that outcome"),
        (a_draft(review_on=None), "a review date that is still to come"),
        (a_draft(review_on=NOW.date()), "a review date that is still to come"),
        (a_draft("not_yet", look_again_on=None), "a day to look again that is still to come"),
        (a_draft("not_yet", look_again_on=date(2026, 3, 1)), "a day to look again that is still to come"),
        (a_draft(measures=("m",) * 7), "at most 6 measures"),
        (a_draft(term_months=0), "at least one month"),
    ],
)
def test_a_version_that_could_not_be_decided_is_not_put_before_the_circle(draft: rounds.Draft, part: str) -> None:
    decision = evaluated()
    with refused("C1", part):
        decision.open(draft)
    decision = a_decision("integrating")
    with refused("C1", part):
        decision.amend(draft)


def test_a_version_at_the_limits_is_put_before_the_circle() -> None:
    decision = evaluated()
    tomorrow = NOW.date() + timedelta(days=1)
    decision.open(a_draft(review_on=tomorrow, measures=("m",) * 6, term_months=1))
    assert decision.process.version is not None
    assert decision.process.version.measures == ("m",) * 6


def test_not_yet_may_come_without_a_plan() -> None:
    decision = evaluated()
    decision.open(a_draft("not_yet", plan=None, review_on=None))
    assert decision.process.phase == "clarifying"


# Two sittings


def test_when_all_have_passed_with_the_checklist_the_round_begins_at_once() -> None:
    decision = a_decision()
    decision.evaluate(passes=True)
    decision.open()
    assert (decision.process.phase, decision.process.round) == ("consent_round", 1)
    assert decision.process.deadline == NOW + 7 * DAY


def test_one_who_has_not_passed_keeps_the_questions_open() -> None:
    decision = a_decision()
    decision.evaluate(passes=True)
    usual = {"text": "again", "passes": False, "reaction": "reaction"}
    decision.do(rounds.fill_checklist, by="eli", **usual)
    decision.do(rounds.read_feedback, by="asha")
    decision.open()
    assert decision.process.phase == "clarifying"


def test_a_new_question_asks_those_again_who_had_passed_but_not_those_who_asked() -> None:
    decision = a_decision("clarifying")
    decision.do(rounds.ask, by="chiara", question="q1", text="t1")
    decision.do(rounds.pass_questions, by="dev")
    decision.do(rounds.ask, by="eli", question="q2", text="t2")
    assert {m: decision.process.peers[m].asked for m in ("chiara", "dev", "eli")} == {
        "chiara": True,
        "dev": False,
        "eli": True,
    }
    for question in ("q1", "q2"):
        decision.do(rounds.answer_question, by="asha", question=question, text="answer")
    assert decision.process.phase == "clarifying"
    decision.do(rounds.pass_questions, by="dev")
    assert decision.process.phase == "reacting"


def test_passing_twice_is_passing_once() -> None:
    decision = a_decision("clarifying")
    decision.do(rounds.pass_questions, by="dev")
    assert decision.do(rounds.pass_questions, by="dev") == ()
    decision.do(rounds.ask, by="asha", question="q", text="t")
    assert not decision.process.peers["dev"].asked


# C2, C4


def test_questions_end_when_every_decider_asked_or_passed_and_all_are_answered() -> None:
    decision = a_decision("clarifying")
    decision.do(rounds.ask, by="chiara", question="q", text="t")
    for member in ("dev", "eli"):
        decision.do(rounds.pass_questions, by=member)
    assert decision.process.phase == "clarifying"
    decision.do(rounds.answer_question, by="fay", question="q", text="answer")
    assert decision.process.phase == "reacting"
    assert decision.process.deadline == NOW + 3 * DAY


def test_questions_end_with_their_time_when_none_is_unanswered() -> None:
    decision = a_decision("clarifying")
    decision.wait(5 * DAY - timedelta(microseconds=1))
    assert decision.process.phase == "clarifying"
    decision.wait(timedelta(microseconds=1))
    assert decision.process.phase == "reacting"


def test_an_unanswered_question_is_answered_before_time_matters() -> None:
    decision = a_decision("clarifying")
    decision.do(rounds.ask, by="asha", question="q", text="t")
    decision.wait(9 * DAY)
    assert decision.process.phase == "clarifying"
    decision.do(rounds.answer_question, by="asha", question="q", text="answer")
    assert decision.process.phase == "reacting"


def test_a_question_while_reacting_holds_the_round() -> None:
    decision = a_decision("reacting")
    decision.do(rounds.ask, by="dev", question="q", text="t")
    for member in ("chiara", "dev", "eli"):
        decision.do(rounds.react, by=member, text=None)
    decision.wait(9 * DAY)
    assert decision.process.phase == "reacting"
    decision.do(rounds.answer_question, by="asha", question="q", text="answer")
    assert decision.process.phase == "consent_round"


def test_reactions_end_when_everyone_reacted_or_passed() -> None:
    decision = a_decision("reacting")
    decision.do(rounds.react, by="asha", text="heard")
    for member, text in (("chiara", "glad"), ("dev", None), ("eli", "a doubt")):
        assert decision.process.phase == "reacting"
        decision.do(rounds.react, by=member, text=text)
    assert decision.process.phase == "consent_round"
    assert decision.process.reactions == (("asha", "heard"), ("chiara", "glad"), ("eli", "a doubt"))


def test_reactions_end_with_their_time() -> None:
    decision = a_decision("reacting")
    decision.wait(3 * DAY)
    assert decision.process.phase == "consent_round"


def test_both_times_may_be_over_when_somebody_looks_again_but_each_phase_has_its_own() -> None:
    decision = a_decision("clarifying")
    decision.wait(30 * DAY)
    assert decision.process.phase == "reacting"
    assert decision.process.deadline == decision.now + 3 * DAY


def test_in_a_meeting_no_phase_ends_by_itself() -> None:
    decision = a_decision("clarifying", mode="meeting")
    for member in ("chiara", "dev", "eli"):
        decision.do(rounds.pass_questions, by=member)
    decision.wait(90 * DAY)
    assert decision.process.phase == "clarifying"
    decision.do(rounds.advance, by="fay")
    assert decision.process.phase == "reacting"


@pytest.mark.parametrize(
    ("phase", "rule", "part"), [("clarifying", "C2", "asked or passed"), ("reacting", "C4", "reacted or passed")]
)
def test_in_a_meeting_the_facilitator_waits_for_everybody(phase: str, rule: str, part: str) -> None:
    decision = a_decision(phase, mode="meeting")
    decision.now += 90 * DAY
    with refused(rule, f"Not everybody has {part}"):
        decision.do(rounds.advance, by="fay")


def test_nobody_advances_outside_a_meeting() -> None:
    with refused("C2", "go on by themselves"):
        a_decision("clarifying").do(rounds.advance, by="fay")
    with refused("C2", "Only the facilitator", NotAllowedError):
        a_decision("clarifying", mode="meeting").do(rounds.advance, by="dev")
    with refused("C2", "it is consent round"):
        a_decision("consent_round", mode="meeting").do(rounds.advance, by="fay")


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase not in {"clarifying", "reacting"}])
def test_questions_and_reactions_have_their_phases(phase: str) -> None:
    decision = a_decision(phase)
    for function, arguments in (
        (rounds.ask, {"by": "dev", "question": "q", "text": "t"}),
        (rounds.answer_question, {"by": "asha", "question": "q", "text": "t"}),
        (rounds.pass_questions, {"by": "dev"}),
    ):
        with refused("C2", "while the decision is clarifying"):
            decision.do(function, **arguments)
    with refused("C4", "while the decision is clarifying or reacting"):
        decision.do(rounds.react, by="dev", text="t")


def test_strangers_and_facilitators_who_do_not_decide_neither_ask_nor_react() -> None:
    decision = a_decision("clarifying")
    for by, rule in (("zoe", "G2"), ("fay", "G4")):
        with refused(rule, "no voice", NotAllowedError):
            decision.do(rounds.ask, by=by, question="q", text="t")
        with refused(rule, "no voice", NotAllowedError):
            decision.do(rounds.react, by=by, text="t")
    with refused("G1", "Only those who decide", NotAllowedError):
        decision.do(rounds.pass_questions, by="asha")


def test_a_question_is_answered_once_by_those_who_know() -> None:
    decision = a_decision("clarifying")
    decision.do(rounds.ask, by="dev", question="q", text="t")
    with refused("C2", "The applicant, the proposer or the facilitator answers", NotAllowedError):
        decision.do(rounds.answer_question, by="dev", question="q", text="mine")
    decision.do(rounds.ask, by="eli", question="another", text="t")
    decision.do(rounds.answer_question, by="asha", question="q", text="answer")
    with refused("C2", "answered already"):
        decision.do(rounds.answer_question, by="fay", question="q", text="once more")
    assert [question.answer for question in decision.process.questions] == ["answer", None]


# C3


@pytest.mark.parametrize("phase", ["clarifying", "reacting"])
def test_the_proposer_rewrites_and_everybody_is_asked_again(phase: str) -> None:
    decision = a_decision(phase)
    decision.do(rounds.rewrite, by="asha")
    assert (decision.process.phase, decision.process.deadline) == ("preparing", None)
    assert not any(peer.asked or peer.reacted for peer in decision.process.peers.values())
    decision.open(a_draft(digest="digest-2", text="text-2"))
    assert [version.number for version in decision.process.versions] == [1, 2]


def test_nobody_else_rewrites() -> None:
    with refused("C3", "Only the proposer", NotAllowedError):
        a_decision("clarifying").do(rounds.rewrite, by="fay")
    with refused("C3", "this is consent round"):
        a_decision("consent_round").do(rounds.rewrite, by="asha")


# The round


def test_silence_is_never_consent_however_late_it_is() -> None:
    decision = a_decision("consent_round")
    decision.consent("chiara", "dev")
    decision.wait(10_000 * DAY)
    assert decision.process.phase == "consent_round"
    assert not rounds.may_close(decision.process, now=decision.now)
    with refused("C8", "this is consent round"):
        decision.close()


def test_a_round_in_which_nobody_answers_stays_open() -> None:
    decision = a_decision("consent_round")
    decision.wait(10_000 * DAY)
    assert (decision.process.phase, decision.process.outcome) == ("consent_round", None)


def test_consent_of_all_leads_to_settling() -> None:
    decision = a_decision("consent_round")
    decision.consent()
    assert (decision.process.phase, decision.process.deadline) == ("settling", NOW + 2 * DAY)


def test_a_concern_goes_with_a_consent_and_stops_nothing() -> None:
    decision = a_decision("consent_round")
    decision.consent("chiara", concern="concern-1")
    decision.consent("dev", "eli")
    assert decision.process.phase == "settling"
    assert decision.process.answers["chiara"].concern == "concern-1"


def test_the_round_is_finished_before_the_objection_is_worked_on() -> None:
    decision = a_decision("consent_round")
    decision.object("chiara")
    decision.consent("dev")
    assert decision.process.phase == "consent_round"
    decision.consent("eli")
    assert (decision.process.phase, decision.process.deadline) == ("integrating", None)


@pytest.mark.parametrize(
    "around",
    [
        facts(holders=frozenset()),
        facts(approved_by_concerned=frozenset({"chiara", "dev", "eli"})),
        facts(version_open=False),
    ],
)
def test_a_complete_round_waits_when_a_guard_does_not_hold_any_more(around: Facts) -> None:
    decision = a_decision("consent_round")
    decision.consent("chiara", "dev")
    decision.facts = around
    decision.consent("eli")
    assert decision.process.phase == "consent_round"
    decision.facts = facts()
    decision.wait(DAY)
    assert decision.process.phase == "settling"


@pytest.mark.parametrize(
    ("by", "rule"), [("asha", "G1"), ("fay", "G2"), ("sam", "G2"), ("ben", "G2"), ("zoe", "G2")]
)
def test_only_deciders_answer(by: str, rule: str) -> None:
    decision = a_decision("consent_round")
    with refused(rule, "Only those who decide", NotAllowedError):
        decision.consent(by)


def test_who_has_left_the_circle_does_not_answer() -> None:
    decision = a_decision("consent_round")
    decision.facts = facts(eligible=frozenset({"chiara", "dev"}))
    with refused("G2", "not a full member", NotAllowedError):
        decision.consent("eli")


@pytest.mark.parametrize("version", [0, 2])
def test_an_answer_is_for_the_version_on_the_table(version: int) -> None:
    with refused("G7", "version 1 is on the table now"):
        a_decision("consent_round").do(respond, by="dev", version=version, response="consent")


def test_an_answer_to_the_older_version_is_refused_after_an_amendment() -> None:
    decision = a_decision("integrating")
    decision.amend()
    with refused("G7", "version 2 is on the table now, and you answered version 1"):
        decision.do(respond, by="dev", version=1, response="consent")


@pytest.mark.parametrize("response", ["consent", "objection"])
def test_each_person_answers_once(response: str) -> None:
    decision = a_decision("consent_round")
    decision.consent("dev")
    with refused("G7", "answered in this round already"):
        decision.do(respond, by="dev", version=1, response=response, reason="r", objection="o")


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "consent_round"])
def test_answers_are_given_in_the_round_only(phase: str) -> None:
    with refused("C5", "while the decision is consent round"):
        a_decision(phase).do(respond, by="dev", version=1, response="consent")


@pytest.mark.parametrize("response", ["abstain", "approve", "veto", ""])
def test_there_are_two_answers(response: str) -> None:
    with refused("G7", "two answers: consent and objection"):
        a_decision("consent_round").do(respond, by="dev", version=1, response=response)


@pytest.mark.parametrize("reason", [None, ""])
def test_an_objection_has_a_reason(reason: str | None) -> None:
    with refused("G8", "needs a reason"):
        a_decision("consent_round").do(
            respond, by="dev", version=1, response="objection", reason=reason, objection="o"
        )


# C7


def test_after_an_amendment_all_three_answer_again() -> None:
    decision = a_decision("consent_round")
    decision.consent("chiara", "dev")
    decision.object("eli")
    before = dict(decision.process.answers)
    decision.amend()
    process = decision.process
    assert (process.phase, process.round, dict(process.answers)) == ("consent_round", 2, {})
    assert set(process.past_answers) == set(before.values())
    assert process.deadline == NOW + 7 * DAY
    decision.consent("chiara", "dev")
    assert decision.process.phase == "consent_round"
    decision.consent("eli")
    assert decision.process.phase == "settling"


@pytest.mark.parametrize("by", ["asha", "chiara", "fay"])
def test_deciders_proposer_and_facilitator_change_the_proposal(by: str) -> None:
    decision = a_decision("integrating")
    decision.amend(by=by)
    assert decision.process.phase == "consent_round"


@pytest.mark.parametrize("by", ["sam", "ben", "zoe"])
def test_nobody_else_changes_the_proposal(by: str) -> None:
    with refused("C7", "change the proposal", NotAllowedError):
        a_decision("integrating").amend(by=by)


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "integrating"])
def test_a_version_is_changed_while_integrating_only(phase: str) -> None:
    with refused("C7", "this is"):
        a_decision(phase).amend(by="dev")


def test_the_same_version_again_does_not_meet_an_objection() -> None:
    decision = a_decision("integrating")
    with refused("C7", "Nothing was changed"):
        decision.amend(a_draft(digest="another salt", terms="another salt"))


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "text-2"},
        {"measures": ("measure-1",)},
        {"term_months": 6},
        {"review_on": date(2026, 9, 2)},
        {"outcome": "not_yet", "look_again_on": date(2026, 9, 2)},
    ],
)
def test_one_change_is_a_new_version(changes: dict[str, Any]) -> None:
    decision = a_decision("integrating")
    decision.amend(replace(a_draft(digest="digest-2"), **changes))
    assert decision.process.phase == "consent_round"


@pytest.mark.parametrize("step", ["O2c", "O2t"])
def test_the_same_version_goes_round_again_when_no_objection_is_left(step: str) -> None:
    decision = a_decision("integrating")
    decision.do(rounds.change_objection, by="dev", objection="objection-1", step=step)
    decision.amend(a_draft())
    decision.consent()
    assert decision.process.phase == "settling"


# Time


def test_extensions_give_time_and_are_counted() -> None:
    decision = a_decision("consent_round")
    for number in (1, 2):
        decision.do(rounds.extend, by="fay")
        assert decision.process.deadline == NOW + (7 + 7 * number) * DAY
    with refused("C5", "All extensions are used"):
        decision.do(rounds.extend, by="fay")


def test_the_small_circle_has_one_extension() -> None:
    decision = a_decision("consent_round", policy=SMALL_CIRCLE)
    decision.do(rounds.extend, by="fay")
    with refused("C5", "All extensions are used"):
        decision.do(rounds.extend, by="fay")


def test_an_extension_after_the_deadline_begins_now() -> None:
    decision = a_decision("consent_round")
    decision.wait(20 * DAY)
    decision.do(rounds.extend, by="fay")
    assert decision.process.deadline == NOW + 27 * DAY


def test_only_the_facilitator_extends_and_only_while_answers_are_awaited() -> None:
    with refused("C5", "Only the facilitator", NotAllowedError):
        a_decision("consent_round").do(rounds.extend, by="dev")
    for phase in ("preparing", "integrating", "settling", "paused", "closed"):
        with refused("C5", "while the decision is"):
            a_decision(phase).do(rounds.extend, by="fay")


def test_the_preset_of_a_small_circle_is_shorter() -> None:
    decision = a_decision("clarifying", policy=SMALL_CIRCLE)
    assert decision.process.deadline == NOW + 2 * DAY
    decision.wait(2 * DAY)
    assert decision.process.deadline == NOW + 3 * DAY
    decision.wait(DAY)
    assert decision.process.deadline == NOW + 8 * DAY


def test_the_default_policy_is_the_one_of_the_domain_model() -> None:
    times = (DEFAULT.questions_days, DEFAULT.reactions_days, DEFAULT.round_days, DEFAULT.settling_days)
    assert times == (5, 3, 7, 2)
    assert (DEFAULT.extensions, DEFAULT.max_rounds, DEFAULT.min_peers, DEFAULT.min_holders) == (2, 3, 3, 1)
