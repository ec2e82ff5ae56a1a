"""Values that are valid as they come; a test changes one thing.

Asha asks for a badge. Chiara holds it and decides with Dev and Eli; Fay facilitates, Sam keeps the minutes, and
Ben is Asha's mentor where a test needs one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from issuer.rules import rounds
from issuer.rules.applications import Application, evolve_application, step
from issuer.rules.guards import Facts
from issuer.rules.journal import Event, replay
from issuer.rules.policy import DEFAULT, Policy, Requirements
from issuer.rules.process import Process, evolve
from issuer.rules.rounds import Draft, Said

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DECIDERS = ("chiara", "dev", "eli")
PHASES = ("preparing", "clarifying", "reacting", "consent_round", "integrating", "settling", "paused", "closed")
NEEDS = Requirements(min_peers=3, min_holders=1, min_witnesses=2)


def facts(**changes: Any) -> Facts:
    """Facts under which every guard holds."""
    usual = Facts(
        today=NOW.date(),
        eligible=frozenset({*DECIDERS, "ben"}),
        holders=frozenset({"chiara"}),
        role_holders=frozenset({"fay", "sam"}),
        witnesses_given=2,
    )
    return replace(usual, **changes)


def a_draft(outcome: str = "award", **changes: Any) -> Draft:
    """A version that can be put before the circle."""
    usual = Draft(
        outcome=outcome,
        digest="digest-1",
        terms="terms-1",
        text="text-1",
        review_on=date(2028, 3, 2),
        plan="plan-1" if outcome == "not_yet" else None,
        look_again_on=date(2026, 9, 1) if outcome == "not_yet" else None,
    )
    return replace(usual, **changes)


def respond(
    process: Process, *, by: str, facts: Facts, now: datetime, statement: str | None = "signed", **said: Any
) -> tuple[Event, ...]:
    """Answer, signed unless a test says otherwise."""
    words = Said(**said, statement=statement, signed=statement)
    return rounds.respond(process, by=by, said=words, facts=facts, now=now)


class Decision:
    """A process on its way: one step after the other, with the facts and the time of each."""

    def __init__(
        self, process: Process, *, facts: Facts, now: datetime = NOW, events: tuple[Event, ...] = ()
    ) -> None:
        self.process = process
        self.facts = facts
        self.now = now
        self.events = events

    def do(self, function: Callable[..., tuple[Event, ...]], **arguments: Any) -> tuple[Event, ...]:
        """Do what a rule allows and return its events; a refusal changes nothing."""
        known = inspect.signature(function).parameters
        if "facts" in known:
            arguments.setdefault("facts", self.facts)
        arguments.setdefault("now", self.now)
        events = function(self.process, **arguments)
        self.events += events
        self.process = replay(evolve, self.process, events)
        return events

    def wait(self, time: timedelta) -> None:
        """Let time pass, and let happen what happens by itself."""
        self.now += time
        self.do(rounds.due)

    def evaluate(self, *, passes: bool = False, members: Iterable[str] | None = None) -> None:
        """Everybody answers the conflict question, looks, fills the checklist; the applicant reads."""
        for member in sorted(self.process.peers) if members is None else members:
            self.do(rounds.declare_conflict, by=member, kind="none")
        for member in self.process.deciders:
            self.do(rounds.open_evidence, by=member)
            self.do(
                rounds.fill_checklist,
                by=member,
                text=f"checklist-{member}",
                passes=passes,
                reaction="reaction" if passes else None,
            )
        self.give_keys()
        self.do(rounds.read_feedback, by=self.process.concerned, key="key-asha", signed="signed-about-me")

    def give_keys(self) -> None:
        """Everybody who decides gives a key of their own."""
        for member in self.process.deciders:
            self.do(rounds.give_key, by=member, key=f"key-{member}", assurance="link")

    def open(self, draft: Draft | None = None) -> None:
        """The facilitator opens."""
        self.do(rounds.open_process, by=self.process.facilitator, draft=draft or a_draft())

    def say_nothing_special(self) -> None:
        """Everybody passes on questions and reactions, so that the round begins."""
        for member in self.process.deciders:
            self.do(rounds.pass_questions, by=member)
        if self.process.mode == "meeting":
            self.do(rounds.advance, by=self.process.facilitator)
        for member in self.process.deciders:
            self.do(rounds.react, by=member, text=None)
        if self.process.mode == "meeting":
            self.do(rounds.advance, by=self.process.facilitator)

    def consent(self, *members: str, **more: Any) -> None:
        """Some or all deciders consent to the version on the table."""
        for member in members or self.process.deciders:
            version = self.process.versions[-1].number
            self.do(respond, by=member, version=version, response="consent", **more)

    def object(self, member: str, *, objection: str = "objection-1", reason: str = "reason-1") -> None:
        """A decider objects."""
        version = self.process.versions[-1].number
        more = {"objection": objection, "reason": reason, "about": "criterion 2"}
        self.do(respond, by=member, version=version, response="objection", **more)

    def amend(self, draft: Draft | None = None, *, by: str = "dev", met: Mapping[str, str] | None = None) -> None:
        """Somebody writes a new version."""
        number = len(self.process.versions) + 1
        usual = a_draft(digest=f"digest-{number}", terms=f"terms-{number}", text=f"text-{number}")
        self.do(rounds.amend, by=by, draft=draft or usual, met=met or {})

    def close(self) -> None:
        """Close with a record."""
        self.do(rounds.close, record="root")


def a_decision(
    phase: str = "preparing",
    *,
    kind: str = "award",
    mode: str = "async",
    policy: Policy = DEFAULT,
    needs: Requirements = NEEDS,
    around: Facts | None = None,
    deciders: Iterable[str] = DECIDERS,
    draft: Draft | None = None,
    now: datetime = NOW,
) -> Decision:
    """A decision that came as far as a phase, by the rules."""
    award = kind == "award"
    events = rounds.prepare(
        kind=kind,
        circle="north",
        subject="application/1",
        proposer="asha" if award else "fay",
        concerned="asha" if award else None,
        facilitator="fay",
        secretary="sam",
        deciders=deciders,
        mode=mode,
        policy=policy,
        needs=needs,
        now=now,
    )
    around = around or (facts() if award else facts(eligible=frozenset(deciders)))
    decision = Decision(replay(evolve, Process(id="process-1"), events), facts=around, now=now, events=events)
    if phase != "preparing":
        if award:
            decision.evaluate()
        else:
            decision.give_keys()
        decision.open(draft or a_draft("award" if award else kind))
        _go(decision, phase)
    return decision


def _go(decision: Decision, phase: str) -> None:
    if phase == "paused":
        decision.do(rounds.pause, by="fay")
    elif phase == "reacting":
        for member in decision.process.deciders:
            decision.do(rounds.pass_questions, by=member)
        if decision.process.mode == "meeting":
            decision.do(rounds.advance, by="fay")
    elif phase != "clarifying":
        decision.say_nothing_special()
    if phase == "integrating":
        decision.object("dev")
        decision.consent(*(set(decision.process.deciders) - {"dev"}))
    elif phase in {"settling", "closed"}:
        decision.consent()
    if phase == "closed":
        decision.wait(decision.process.policy.settling_days * DAY)
        decision.close()


def a_process(phase: str = "preparing", **changes: Any) -> Process:
    """A process in a phase, with fields changed."""
    return replace(a_decision(phase).process, **changes)


def an_application(state: str = "draft", **changes: Any) -> Application:
    """Asha's application for a badge of two criteria, complete, as far as a state."""
    way = {
        "draft": (),
        "submitted": ("A1",),
        "in_evaluation": ("A1", "A3"),
        "in_consent": ("A1", "A3", "A5"),
        "consented": ("A1", "A3", "A5", "A6"),
        "not_yet": ("A1", "A3", "A5", "A7"),
        "referred": ("A1", "A3", "A5", "A8"),
        "issued": ("A1", "A3", "A5", "A6", "A10"),
        "declined": ("A1", "A3", "A5", "A6", "A11"),
        "withdrawn": ("A12",),
    }
    started = {"applicant": "asha", "badge": "secretary", "version": "1", "circle": "north", "criteria": 2}
    happened = [
        Event(type="started", at=NOW, actor="asha", data=started),
        Event(
            type="draft_saved", at=NOW, actor="asha", data={"claims": ["claim-1", "claim-2"], "reflection": "r"}
        ),
        Event(type="evidence_added", at=NOW, actor="asha", data={"id": "evidence-1", "text": "text-1"}),
    ]
    application = replay(evolve_application, Application(id="application-1"), happened)
    for id_ in way[state]:
        application = evolve_application(application, step(application, id_, by="asha", now=NOW))
    return replace(application, **changes)
