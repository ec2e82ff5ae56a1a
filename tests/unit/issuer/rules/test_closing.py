"""How a decision ends: settling, the plan of a "not yet", referral, stepping back; and how it pauses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules import rounds
from issuer.rules.guards import Facts
from issuer.rules.kinds import KINDS
from issuer.rules.process import after
from tests.builders import DAY, DECIDERS, NOW, PHASES, Decision, a_decision, a_draft, facts
from tests.unit.issuer.rules.refusing import refused

MOMENT = timedelta(microseconds=1)


# C8


def test_settling_closes_when_its_time_is_over_and_not_before() -> None:
    decision = a_decision("settling")
    decision.wait(2 * DAY - MOMENT)
    assert not rounds.may_close(decision.process, now=decision.now)
    with refused("C8", "still settling"):
        decision.close()
    decision.wait(MOMENT)
    assert rounds.may_close(decision.process, now=decision.now)
    decision.close()
    process = decision.process
    assert (process.phase, process.outcome, process.record) == ("closed", "consented", "root")
    assert (process.closed_at, process.deadline, process.closed) == (decision.now, None, True)


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "settling"])
def test_nothing_but_a_settled_decision_closes(phase: str) -> None:
    decision = a_decision(phase)
    decision.now += 999 * DAY
    assert not rounds.may_close(decision.process, now=decision.now)
    with refused("C8", "this is"):
        decision.close()


@pytest.mark.parametrize(
    ("around", "rule"),
    [
        (facts(same_person={"asha": "a", "dev": "a"}), "G1"),
        (facts(eligible=frozenset({"chiara", "dev"})), "G2"),
        (facts(holders=frozenset()), "G3"),
        (facts(approved_by_concerned=frozenset(DECIDERS)), "G5"),
        (facts(witnesses_given=1), "G6"),
        (facts(version_open=False), "V3"),
    ],
)
def test_closing_asks_the_guards_once_more(around: Facts, rule: str) -> None:
    decision = a_decision("settling")
    decision.wait(2 * DAY)
    decision.facts = around
    with refused(rule, ""):
        decision.close()
    assert decision.process.phase == "settling"


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("mode", ["async", "meeting"])
def test_every_kind_of_decision_goes_its_way_to_consent(kind: str, mode: str) -> None:
    decision = a_decision("closed", kind=kind, mode=mode)
    assert (decision.process.phase, decision.process.outcome) == ("closed", "consented")


@pytest.mark.parametrize(
    ("kind", "around", "rule"),
    [
        ("adopt", facts(eligible=frozenset({"chiara", "dev"})), "G2"),
        ("adopt", facts(eligible=frozenset(DECIDERS), delegate="ben"), "V1"),
        ("adopt", facts(eligible=frozenset({*DECIDERS, "ben"})), "consent rights"),
        ("constitute", facts(eligible=frozenset({"chiara", "dev"})), "G2"),
        ("constitute", facts(eligible=frozenset({*DECIDERS, "ben"})), "consent rights"),
    ],
)
def test_a_decision_of_a_whole_circle_asks_its_guards_at_each_step(kind: str, around: Facts, rule: str) -> None:
    decision = a_decision("consent_round", kind=kind)
    decision.consent("chiara", "dev")
    usual, decision.facts = decision.facts, around
    if "eli" in around.eligible:
        decision.consent("eli")
        assert decision.process.phase == "consent_round"
    decision.facts = usual
    if "eli" not in around.eligible:
        decision.consent("eli")
    decision.do(rounds.due)
    decision.wait(2 * DAY)
    decision.facts = around
    with refused(rule, ""):
        decision.close()


def test_an_old_version_is_honoured_on_the_last_day_and_refused_after_it() -> None:
    decision = a_decision("settling")
    decision.wait(2 * DAY)
    decision.facts = facts(version_open=False)
    with refused("V3", "replaced or retired too long ago"):
        decision.close()
    decision.facts = facts(version_open=True)
    decision.close()


# Meetings


def meeting(draft: rounds.Draft | None = None) -> Decision:
    return a_decision("settling", mode="meeting", draft=draft)


def test_in_a_meeting_settling_ends_when_each_decider_and_the_applicant_said_nothing_more() -> None:
    decision = meeting()
    for member in (*DECIDERS, "asha"):
        assert not rounds.may_close(decision.process, now=NOW)
        decision.do(rounds.nothing_more, by=member)
    assert rounds.may_close(decision.process, now=NOW)
    decision.close()
    assert decision.process.outcome == "consented"


@pytest.mark.parametrize("silent", [*DECIDERS, "asha"])
def test_if_one_does_not_say_it_the_usual_settling_time_runs(silent: str) -> None:
    decision = meeting()
    for member in {*DECIDERS, "asha"} - {silent}:
        decision.do(rounds.nothing_more, by=member)
    decision.wait(2 * DAY - MOMENT)
    with refused("C8", "still settling"):
        decision.close()
    decision.wait(MOMENT)
    decision.close()


def test_where_nobody_is_concerned_the_deciders_end_the_meeting() -> None:
    decision = a_decision("settling", kind="adopt", mode="meeting")
    for member in DECIDERS:
        decision.do(rounds.nothing_more, by=member)
    decision.close()


def test_a_doubt_after_nothing_more_is_heard_before_the_close_and_asks_everybody_again() -> None:
    decision = meeting()
    for member in DECIDERS:
        decision.do(rounds.nothing_more, by=member)
    decision.do(rounds.object_late, by="dev", objection="o", reason="r", about="")
    assert (decision.process.phase, decision.process.nothing_more) == ("integrating", frozenset())
    decision.amend()
    decision.consent()
    assert not decision.process.nothing_more
    assert not rounds.may_close(decision.process, now=decision.now)


def test_saying_nothing_more_twice_is_saying_it_once() -> None:
    decision = meeting()
    decision.do(rounds.nothing_more, by="dev")
    assert decision.do(rounds.nothing_more, by="dev") == ()


def test_nothing_more_is_said_by_those_in_the_closing_round_of_a_meeting() -> None:
    for by in ("fay", "sam", "zoe"):
        with refused("C8", "Those who decide here and the applicant", NotAllowedError):
            meeting().do(rounds.nothing_more, by=by)
    with refused("C8", "settling time runs by itself"):
        a_decision("settling").do(rounds.nothing_more, by="dev")
    with refused("C8", "while the decision is settling"):
        a_decision("consent_round", mode="meeting").do(rounds.nothing_more, by="dev")


# "Not yet" with a plan (A7)


def test_the_applicant_is_asked_last_about_the_plan() -> None:
    decision = meeting(a_draft("not_yet"))
    for member in DECIDERS:
        decision.do(rounds.nothing_more, by=member)
    assert rounds.plan_waits(decision.process)
    with refused("A7", "whether you agree to the plan"):
        decision.do(rounds.nothing_more, by="asha")
    decision.do(rounds.answer_plan, by="asha", agreed=True)
    decision.do(rounds.nothing_more, by="asha")
    decision.close()
    assert (decision.process.outcome, decision.process.plan_agreed) == ("not_yet", True)


def test_without_a_yes_it_is_not_yet_all_the_same_and_no_plan_is_agreed() -> None:
    decision = a_decision("settling", draft=a_draft("not_yet"))
    decision.wait(2 * DAY)
    decision.close()
    assert (decision.process.outcome, decision.process.plan_agreed) == ("not_yet", None)


def test_a_new_version_asks_about_its_own_plan() -> None:
    decision = a_decision("settling", draft=a_draft("not_yet"))
    decision.do(rounds.answer_plan, by="asha", agreed=True)
    decision.do(rounds.object_late, by="dev", objection="o", reason="r", about="")
    assert decision.process.plan_agreed is None
    decision.amend(a_draft("not_yet", text="text-2", plan="plan-2"))
    decision.consent()
    assert rounds.plan_waits(decision.process)


def test_only_the_applicant_answers_once_and_only_where_there_is_a_plan() -> None:
    decision = a_decision("settling", draft=a_draft("not_yet"))
    with refused("A7", "Only the applicant", NotAllowedError):
        decision.do(rounds.answer_plan, by="fay", agreed=True)
    decision.do(rounds.answer_plan, by="asha", agreed=False)
    with refused("A7", "answered already"):
        decision.do(rounds.answer_plan, by="asha", agreed=True)
    for draft in (a_draft(), a_draft("not_yet", plan=None)):
        with refused("A7", "no plan to agree to"):
            a_decision("settling", draft=draft).do(rounds.answer_plan, by="asha", agreed=True)
    with refused("A7", "while the decision is settling"):
        a_decision("consent_round", draft=a_draft("not_yet")).do(rounds.answer_plan, by="asha", agreed=True)


def test_there_is_no_plan_before_there_is_a_version() -> None:
    assert not rounds.plan_waits(a_decision().process)


# C10


def stuck(times: int) -> Decision:
    decision = a_decision("integrating")
    for number in range(2, times + 1):
        decision.amend()
        decision.consent("chiara", "eli")
        decision.object("dev", objection=f"objection-{number}")
    return decision


@pytest.mark.parametrize("by", ["chiara", "asha"])
def test_after_the_last_round_a_decider_or_the_applicant_refers_it_on(by: str) -> None:
    decision = stuck(3)
    decision.do(rounds.change_objection, by="dev", objection="objection-2", step="O2t")
    decision.do(rounds.refer, by=by)
    assert (decision.process.phase, decision.process.outcome) == ("closed", "referred")
    assert [one.state for one in decision.process.objections] == ["referred", "taken_back", "referred"]


@pytest.mark.parametrize("times", [1, 2])
def test_before_the_last_round_nothing_is_referred(times: int) -> None:
    with refused("C10", f"this is round {times}"):
        stuck(times).do(rounds.refer, by="chiara")


def test_using_extensions_does_not_change_when_a_question_is_referred() -> None:
    decision = a_decision("consent_round")
    decision.do(rounds.extend, by="fay")
    decision.object("dev")
    decision.consent("chiara", "eli")
    with refused("C10", "this is round 1"):
        decision.do(rounds.refer, by="dev")


def test_after_the_last_round_a_smaller_step_can_still_be_tried() -> None:
    decision = stuck(3)
    decision.amend()
    assert (decision.process.phase, decision.process.round) == ("consent_round", 4)


@pytest.mark.parametrize("by", ["fay", "sam", "zoe"])
def test_nobody_else_refers(by: str) -> None:
    with refused("C10", "ask for a referral", NotAllowedError):
        stuck(3).do(rounds.refer, by=by)


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "integrating"])
def test_a_referral_comes_from_integrating(phase: str) -> None:
    with refused("C10", "this is"):
        a_decision(phase).do(rounds.refer, by="chiara")


# C14


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "closed"])
def test_the_applicant_steps_back_at_any_time(phase: str) -> None:
    decision = a_decision(phase)
    decision.do(rounds.withdraw, by="asha")
    assert (decision.process.phase, decision.process.outcome) == ("closed", "withdrawn")


def test_nobody_steps_back_from_what_is_closed() -> None:
    with refused("C14", "this is closed"):
        a_decision("closed").do(rounds.withdraw, by="asha")


def test_nobody_steps_back_for_somebody_else() -> None:
    with refused("C14", "Only the applicant or the proposer", NotAllowedError):
        a_decision("clarifying").do(rounds.withdraw, by="fay")


def test_where_nobody_is_concerned_the_proposer_steps_back() -> None:
    decision = a_decision("clarifying", kind="adopt")
    decision.do(rounds.withdraw, by="fay")
    assert decision.process.outcome == "withdrawn"


# C11, C13


@pytest.mark.parametrize("phase", ["clarifying", "reacting", "consent_round", "settling"])
def test_a_pause_stops_the_clock_and_gives_back_the_time_that_was_left(phase: str) -> None:
    decision = a_decision(phase)
    assert decision.process.deadline is not None
    decision.wait(DAY)
    left = decision.process.deadline - decision.now
    decision.do(rounds.pause, by="fay")
    paused = decision.process
    assert (paused.phase, paused.deadline, paused.time_left) == ("paused", None, left)
    decision.wait(100 * DAY)
    assert decision.process.phase == "paused"
    decision.do(rounds.resume, by="fay")
    assert (decision.process.phase, decision.process.deadline) == (phase, decision.now + left)
    assert decision.process.time_left is None


def test_a_phase_without_a_deadline_has_none_after_the_pause() -> None:
    decision = a_decision("integrating")
    decision.do(rounds.pause, by="fay")
    decision.do(rounds.resume, by="fay")
    assert (decision.process.phase, decision.process.deadline) == ("integrating", None)


def test_a_round_that_was_over_its_time_is_so_after_the_pause() -> None:
    decision = a_decision("consent_round")
    before = decision.process.deadline
    decision.wait(9 * DAY)
    decision.do(rounds.pause, by="fay")
    decision.wait(DAY)
    decision.do(rounds.resume, by="fay")
    assert before is not None
    assert decision.process.deadline == before + DAY


def test_answers_wait_in_a_pause_where_they_are() -> None:
    decision = a_decision("consent_round")
    decision.consent("chiara", "dev")
    decision.do(rounds.pause, by="fay")
    with refused("C5", "it is paused"):
        decision.consent("eli")
    decision.do(rounds.resume, by="fay")
    decision.consent("eli")
    assert decision.process.phase == "settling"


def test_a_pause_does_not_let_anything_settle() -> None:
    decision = a_decision("settling")
    decision.do(rounds.pause, by="fay")
    decision.wait(99 * DAY)
    assert not rounds.may_close(decision.process, now=decision.now)


def test_only_the_facilitator_pauses_and_goes_on() -> None:
    with refused("C11", "Only the facilitator", NotAllowedError):
        a_decision("clarifying").do(rounds.pause, by="dev")
    with refused("C13", "Only the facilitator", NotAllowedError):
        a_decision("paused").do(rounds.resume, by="dev")


@pytest.mark.parametrize("phase", ["preparing", "paused", "closed"])
def test_what_does_not_run_is_not_paused(phase: str) -> None:
    with refused("C11", "this is"):
        a_decision(phase).do(rounds.pause, by="fay")


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "paused"])
def test_what_is_not_paused_does_not_go_on(phase: str) -> None:
    with refused("C13", "this is"):
        a_decision(phase).do(rounds.resume, by="fay")


def test_going_on_asks_the_guards_about_people() -> None:
    decision = a_decision("paused")
    decision.facts = facts(holders=frozenset())
    with refused("G3", "must hold this badge"):
        decision.do(rounds.resume, by="fay")


# Time


@pytest.mark.parametrize(
    "local",
    [
        datetime(2026, 3, 27, 12, 0, tzinfo=ZoneInfo("Europe/Berlin")),  # clocks go forward on the 29th
        datetime(2026, 10, 23, 12, 0, tzinfo=ZoneInfo("Europe/Berlin")),  # clocks go back on the 25th
        datetime(2026, 3, 6, 1, 30, tzinfo=ZoneInfo("America/New_York")),
    ],
)
def test_a_deadline_is_an_instant_that_no_change_of_clocks_moves(local: datetime) -> None:
    text = after(local, 7)
    assert text.endswith("+00:00")
    assert datetime.fromisoformat(text) - local.astimezone(UTC) == timedelta(hours=7 * 24)


def test_settling_over_a_change_of_clocks_takes_as_long_as_ever() -> None:
    zone = ZoneInfo("Europe/Berlin")
    decision = a_decision("settling", now=datetime(2026, 3, 28, 12, 0, tzinfo=zone))
    start = decision.now.astimezone(UTC)
    early, due = ((start + 2 * DAY - by).astimezone(zone) for by in (MOMENT, 0 * DAY))
    assert due.hour == 13
    assert not rounds.may_close(decision.process, now=early)
    assert rounds.may_close(decision.process, now=due)


def test_nothing_is_due_while_nothing_is() -> None:
    for phase in PHASES:
        assert a_decision(phase).do(rounds.due) == ()


@pytest.mark.parametrize("phase", ["preparing", "integrating", "settling", "paused", "closed"])
def test_a_scheduler_decides_nothing(phase: str) -> None:
    decision = a_decision(phase)
    decision.wait(9_999 * DAY)
    assert decision.process.phase == phase


def test_no_step_of_the_facilitator_forces_an_outcome() -> None:
    decision = a_decision("consent_round")
    for step in (rounds.pause, rounds.resume, rounds.extend):
        decision.do(step, by="fay")
    for step in (rounds.refer, rounds.withdraw):
        with pytest.raises(RefusedError):
            decision.do(step, by="fay")
    assert (decision.process.phase, decision.process.outcome) == ("consent_round", None)
