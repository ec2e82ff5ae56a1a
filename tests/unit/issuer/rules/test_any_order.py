"""Random people do random things at random times: what must hold, holds in every order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from issuer.errors import AcademyError
from issuer.rules import rounds
from issuer.rules.evaluation import change_evidence
from issuer.rules.guards import Facts, refusals
from issuer.rules.journal import Event, replay
from issuer.rules.kinds import KINDS
from issuer.rules.policy import DEFAULT, SMALL_CIRCLE, Requirements
from issuer.rules.process import CONFLICT_KINDS, Process, evolve
from issuer.rules.transitions import TRANSITIONS
from schemas import canonicalize_json
from tests.builders import NOW, Decision, a_decision, a_draft, facts, respond

FOUR = ("chiara", "dev", "eli", "farah")
EVERYBODY = (*FOUR, "asha", "fay", "sam", "zoe")
PEOPLE = st.sampled_from(EVERYBODY)
PEERS = st.sampled_from(FOUR)
MOSTLY_FAY = st.sampled_from(("fay", "fay", "fay", "chiara", "asha"))
TIMES = st.sampled_from(
    [timedelta(0), timedelta(hours=5), timedelta(days=1), timedelta(days=6), timedelta(days=40)]
)
# Most of the time nobody names a conflict, or no round would ever begin.
CONFLICTS = st.sampled_from((*("none",) * 12, *CONFLICT_KINDS, "nonsense"))
RESPONSES = st.sampled_from(("consent", "consent", "consent", "objection", "abstain"))
CHANGES = st.sampled_from([{"text": "t"}, {}, {"measures": ("m",)}, {"term_months": 3}])
SELDOM = st.sampled_from((*(False,) * 7, True))
OUTCOMES = st.sampled_from(("award", "award", "not_yet", "adopt"))


def during(*phases: str) -> Callable[..., Any]:
    """Where a step has a chance; `out_of_place` tries the others."""
    return precondition(lambda self: self.decision.process.phase in phases)


class AnyOrder(RuleBasedStateMachine):
    """One award process, and everybody who could want something of it."""

    decision: Decision

    @initialize(
        mode=st.sampled_from(("async", "meeting")),
        small=st.booleans(),
        phase=st.sampled_from(("consent_round", "preparing", "settling", "preparing", "integrating")),
    )
    def begin(self, *, mode: str, small: bool, phase: str) -> None:
        self.number = 0
        self.decision = a_decision(
            phase,
            mode=mode,
            deciders=FOUR,
            around=facts(eligible=frozenset(FOUR)),
            needs=Requirements(min_peers=3, min_holders=1, min_witnesses=2),
            policy=SMALL_CIRCLE if small else DEFAULT,
        )

    def attempt(self, function: Callable[..., Any], **arguments: Any) -> None:
        """Try it: it happens by the table, or it is refused in a sentence and nothing has changed."""
        before = self.decision.process
        try:
            events = self.decision.do(function, **arguments)
        except AcademyError as refusal:
            assert str(refusal)  # noqa: PT017 - most attempts are refused, none has to be
            assert self.decision.process is before
            return
        state = before
        for event in events:
            canonicalize_json(dict(event.data))  # the journal can keep it
            after = evolve(state, event)
            self.check_step(state, after)
            self.check_objections(state, after, event)
            state = after

    def check_step(self, before: Process, after: Process) -> None:
        if before.phase != after.phase:
            assert any(
                before.phase in step.sources and after.phase == (step.target or before.paused_from)
                for step in TRANSITIONS.values()
                if step.machine == "C"
            )
        elif before.deadline is not None:
            assert after.deadline is not None
            assert after.deadline >= before.deadline
        if before.phase == "paused" and after.phase == before.paused_from and before.time_left is not None:
            assert after.deadline == self.decision.now + before.time_left
        if len(after.versions) > len(before.versions):
            assert not after.answers or after.phase == "clarifying"
        assert not set(after.deciders) - set(before.deciders)
        assert after.versions[: len(before.versions)] == before.versions
        assert [one.id for one in after.objections][: len(before.objections)] == [
            one.id for one in before.objections
        ]
        assert set(before.answers.values()) <= {*after.answers.values(), *after.past_answers}

    def check_objections(self, before: Process, after: Process, event: Event) -> None:
        """Only a consent of the person who objected meets an objection, and only a referral refers it."""
        for old, new in zip(before.objections, after.objections, strict=False):
            if old.state == new.state:
                continue
            assert old.state in {"raised", "understood"}
            if new.state == "integrated":
                assert (event.type, event.actor, event["response"]) == ("responded", old.by, "consent")
                assert event["version"] > old.version
            elif new.state == "referred":
                assert before.round >= before.policy.max_rounds
            else:
                assert event.actor == old.by

    def fresh(self, name: str) -> str:
        self.number += 1
        return f"{name}-{self.number}"

    def a_version(self, outcome: str, changes: dict[str, Any]) -> rounds.Draft:
        current = self.decision.process.version
        draft = a_draft(outcome, digest=self.fresh("digest"), text=current.text if current else "text-1")
        changes = {name: self.fresh("text") if value == "t" else value for name, value in changes.items()}
        return replace(draft, look_again_on=date(2036, 1, 1), review_on=date(2036, 1, 1), **changes)

    # Before the round

    @rule(by=PEOPLE, kind=CONFLICTS)
    def declare_conflict(self, by: str, kind: str) -> None:
        self.attempt(rounds.declare_conflict, by=by, kind=kind)

    @during("preparing")
    @rule()
    def everybody_answers_the_conflict_question(self) -> None:
        for member in (*FOUR, "fay", "sam"):
            self.attempt(rounds.declare_conflict, by=member, kind="none")

    @during("preparing", "paused")
    @rule(by=PEERS, member=PEERS)
    def accept_conflict(self, by: str, member: str) -> None:
        self.attempt(rounds.accept_conflict, by=by, member=member)

    @during("preparing")
    @rule(by=PEOPLE)
    def look(self, by: str) -> None:
        self.attempt(rounds.open_evidence, by=by)

    @during("preparing")
    @rule(by=PEOPLE, passes=st.booleans())
    def fill_checklist(self, by: str, *, passes: bool) -> None:
        reaction = "reaction" if passes else None
        self.attempt(rounds.fill_checklist, by=by, text=self.fresh("text"), passes=passes, reaction=reaction)

    @during("preparing")
    @rule(passes=st.booleans(), last=st.sampled_from(("filled", "read", "opened", "opened")))
    def everybody_does_their_part(self, last: str, *, passes: bool) -> None:
        self.everybody_answers_the_conflict_question()
        for member in FOUR:
            self.look(member)
            self.fill_checklist(member, passes=passes)
        if last != "filled":
            self.read_feedback("asha")
        if last == "opened":
            self.open("fay", "award")

    @during("preparing")
    @rule(by=st.sampled_from(("asha", "asha", "fay")))
    def read_feedback(self, by: str) -> None:
        self.attempt(rounds.read_feedback, by=by)

    @during("preparing")
    @rule(by=st.sampled_from(("asha", "dev")), really=SELDOM)
    def change_evidence(self, by: str, *, really: bool) -> None:
        if really:
            self.attempt(change_evidence, by=by)

    @during("preparing")
    @rule(by=MOSTLY_FAY, outcome=OUTCOMES)
    def open(self, by: str, outcome: str) -> None:
        self.attempt(rounds.open_process, by=by, draft=self.a_version(outcome, {}))

    # Talking

    @during("clarifying", "reacting")
    @rule(by=PEOPLE)
    def ask(self, by: str) -> None:
        self.attempt(rounds.ask, by=by, question=self.fresh("question"), text="t")

    @during("clarifying", "reacting")
    @rule(by=PEOPLE, last=st.integers(0, 3))
    def answer_question(self, by: str, last: int) -> None:
        questions = [one.id for one in self.decision.process.questions]
        question = questions[-last] if 0 < last <= len(questions) else "another"
        self.attempt(rounds.answer_question, by=by, question=question, text="t")

    @during("clarifying", "reacting")
    @rule(by=PEOPLE)
    def speak_or_pass(self, by: str) -> None:
        self.attempt(rounds.pass_questions, by=by)
        self.attempt(rounds.react, by=by, text=None)

    @during("clarifying", "reacting")
    @rule()
    def everybody_passes(self) -> None:
        for member in FOUR:
            self.speak_or_pass(member)

    @during("clarifying", "reacting")
    @rule(by=MOSTLY_FAY)
    def advance(self, by: str) -> None:
        self.attempt(rounds.advance, by=by)

    @during("clarifying", "reacting")
    @rule()
    def rewrite(self) -> None:
        self.attempt(rounds.rewrite, by="asha")

    @during("preparing", "paused")
    @rule(by=PEERS, number=st.integers(min_value=1, max_value=6))
    def give_key(self, by: str, number: int) -> None:
        self.attempt(rounds.give_key, by=by, key=f"key-{number}", assurance="link")

    # The round

    @during("consent_round")
    @rule(by=PEERS, response=RESPONSES, back=st.sampled_from((0, 0, 0, 0, 1)))
    def respond(self, by: str, response: str, back: int) -> None:
        version = len(self.decision.process.versions) - back
        more = {"reason": "r", "objection": self.fresh("objection"), "concern": "c"}
        self.attempt(respond, by=by, version=version, response=response, **more)

    @during("consent_round")
    @rule()
    def everybody_consents(self) -> None:
        for member in FOUR:
            self.respond(member, "consent", 0)

    @during("clarifying", "reacting", "consent_round")
    @rule(by=MOSTLY_FAY)
    def extend(self, by: str) -> None:
        self.attempt(rounds.extend, by=by)

    @during("consent_round", "integrating")
    @rule(by=PEERS, step=st.sampled_from(("word", "O1", "O2c", "O2t", "O3", "O4")), last=st.integers(1, 2))
    def work_on_objection(self, by: str, step: str, last: int) -> None:
        objections = self.decision.process.objections
        chosen = objections[-last] if last <= len(objections) else None
        id_ = chosen.id if chosen else "another"
        if step == "word":
            self.attempt(rounds.word_objection, by=by, objection=id_, wording=self.fresh("wording"))
        else:
            self.attempt(rounds.change_objection, by=chosen.by if chosen else by, objection=id_, step=step)
            self.attempt(rounds.change_objection, by=by, objection=id_, step=step)

    @during("integrating")
    @rule(by=PEOPLE, outcome=OUTCOMES, changes=CHANGES)
    def amend(self, by: str, outcome: str, changes: dict[str, Any]) -> None:
        met = {one.id: "met" for one in self.decision.process.objections}
        self.attempt(rounds.amend, by=by, draft=self.a_version(outcome, changes), met=met)

    # The end

    @during("settling")
    @rule(by=PEOPLE)
    def nothing_more(self, by: str) -> None:
        self.attempt(rounds.nothing_more, by=by)

    @during("settling")
    @rule(silent=st.sampled_from(("nobody", "dev", "asha")))
    def a_closing_round(self, silent: str) -> None:
        self.answer_plan(agreed=True)
        for member in {*FOUR, "asha"} - {silent}:
            self.nothing_more(member)
        self.close()

    @during("settling")
    @rule(agreed=st.booleans())
    def answer_plan(self, *, agreed: bool) -> None:
        self.attempt(rounds.answer_plan, by="asha", agreed=agreed)

    @during("settling")
    @rule(by=PEOPLE)
    def object_late(self, by: str) -> None:
        self.attempt(rounds.object_late, by=by, objection=self.fresh("objection"), reason="r", about="")

    @during("integrating")
    @rule(by=PEOPLE)
    def refer(self, by: str) -> None:
        self.attempt(rounds.refer, by=by)

    @rule(by=st.sampled_from(("dev", "fay", "asha")), really=SELDOM)
    def withdraw(self, by: str, *, really: bool) -> None:
        if really:
            self.attempt(rounds.withdraw, by=by)

    @during("clarifying", "reacting", "consent_round", "integrating", "settling")
    @rule(by=MOSTLY_FAY, really=SELDOM)
    def pause(self, by: str, *, really: bool) -> None:
        if really:
            self.attempt(rounds.pause, by=by)

    @during("paused")
    @rule(by=MOSTLY_FAY, anew=st.booleans())
    def resume(self, by: str, *, anew: bool) -> None:
        draft = self.a_version("award", {}) if anew else None
        self.attempt(rounds.resume, by=by, draft=draft)

    @rule(by=PEOPLE, which=st.integers(0, 13))
    def out_of_place(self, by: str, which: int) -> None:
        steps: tuple[Callable[[], Any], ...] = (
            lambda: self.open(by, "award"),
            lambda: self.look(by),
            lambda: self.fill_checklist(by, passes=True),
            lambda: self.read_feedback(by),
            lambda: self.ask(by),
            lambda: self.answer_question(by, 1),
            lambda: self.speak_or_pass(by),
            lambda: self.advance(by),
            lambda: self.respond(by, "consent", 0),
            lambda: self.amend(by, "award", {"text": "t"}),
            lambda: self.object_late(by),
            lambda: self.refer(by),
            lambda: self.resume(by, anew=True),
            self.close,
        )
        steps[which]()

    @rule(time=TIMES)
    def time_passes(self, time: timedelta) -> None:
        self.decision.now += time
        answered = dict(self.decision.process.answers)
        self.attempt(rounds.due)
        assert dict(self.decision.process.answers) == answered

    @during("settling")
    @rule(circle=st.sampled_from((FOUR, FOUR, FOUR, FOUR[:2])))
    def close(self, circle: tuple[str, ...] = FOUR) -> None:
        self.decision.facts = replace(self.decision.facts, eligible=frozenset(circle))
        before = self.decision.process
        self.attempt(rounds.close, record="root")
        if self.decision.process is not before:
            self.check_closing(before, self.decision.facts)

    def check_closing(self, before: Process, around: Facts) -> None:
        """Consent of every decider to this very version, nothing open, nobody's own badge; never by time alone."""
        version = before.version
        assert version is not None
        assert set(before.answers) >= set(before.deciders)
        for member in before.deciders:
            answer = before.answers[member]
            assert (answer.response, answer.version, answer.round) == ("consent", version.number, before.round)
        assert not any(one.state in {"raised", "understood", "referred"} for one in before.objections)
        assert not refusals(before, around, KINDS["award"].close)
        if before.deadline is None or self.decision.now < before.deadline:
            assert before.mode == "meeting"
            assert before.nothing_more >= {*before.deciders, "asha"}
        assert version.deciders == before.deciders
        assert "asha" not in before.deciders
        assert len(before.deciders) >= 3
        assert self.decision.process.outcome == {"award": "consented", "not_yet": "not_yet"}[version.outcome]

    @rule(
        who=st.sampled_from((FOUR, FOUR, FOUR, FOUR[:3])),
        holders=st.sampled_from((("chiara",), ("chiara",), ("dev",), ())),
    )
    def the_circle_changes(self, who: tuple[str, ...], holders: tuple[str, ...]) -> None:
        self.decision.facts = replace(facts(), eligible=frozenset(who), holders=frozenset(holders))

    # What always holds

    def teardown(self) -> None:
        """The events tell the same story."""
        if hasattr(self, "decision"):
            assert replay(evolve, Process(id="process-1"), self.decision.events) == self.decision.process

    @invariant()
    def answers_belong_to_the_version_on_the_table(self) -> None:
        if hasattr(self, "decision"):
            process = self.decision.process
            number = process.version.number if process.version else 0
            assert all(answer.version == number for answer in process.answers.values())
            assert all(member == answer.by for member, answer in process.answers.items())

    @invariant()
    def a_complete_round_with_an_objection_goes_on(self) -> None:
        if hasattr(self, "decision") and self.decision.process.phase == "consent_round":
            answers, deciders = self.decision.process.answers, self.decision.process.deciders
            spoken = [answers[member].response for member in deciders if member in answers]
            assert len(spoken) < len(deciders) or "objection" not in spoken

    @invariant()
    def nobody_decides_who_must_not(self) -> None:
        if hasattr(self, "decision"):
            process = self.decision.process
            assert set(process.deciders) <= set(FOUR)
            assert not any(
                process.peers[m].recused or process.peers[m].conflict == "mentor" for m in process.deciders
            )

    @invariant()
    def an_end_has_an_outcome_and_nothing_else_has(self) -> None:
        if hasattr(self, "decision"):
            process = self.decision.process
            assert process.closed == (process.outcome is not None)
            assert (process.record is not None) == (process.outcome in {"consented", "not_yet"})
            assert process.opened_at is None or process.opened_at >= NOW


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=160,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
