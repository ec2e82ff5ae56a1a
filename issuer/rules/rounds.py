"""What people do in a consent process: each function says what happens next as events, or refuses.

Nothing here reads a clock or a row: the process, the facts and the time come in. DOMAIN.md 4.3, C and O rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.answers import Said, give_key, note_answer, respond
from issuer.rules.ending import (
    answer_plan,
    close,
    may_close,
    nothing_more,
    pause,
    plan_waits,
    refer,
    resume,
    withdraw,
)
from issuer.rules.evaluation import (
    accept_conflict,
    declare_conflict,
    fill_checklist,
    may_see_evidence,
    open_evidence,
    read_feedback,
)
from issuer.rules.flow import due, next_phase, then
from issuer.rules.guards import Facts, demand
from issuer.rules.journal import Event
from issuer.rules.kinds import KINDS
from issuer.rules.objections import change_objection, object_late, word_objection
from issuer.rules.parts import facilitates, has_voice, in_phase, is_decider
from issuer.rules.policy import Policy, Requirements
from issuer.rules.process import MAX_DECIDERS, Process, after
from issuer.rules.transitions import move
from issuer.rules.versions import Draft, opened, proposable, same

__all__ = [
    "Draft",
    "Said",
    "accept_conflict",
    "advance",
    "amend",
    "answer_plan",
    "answer_question",
    "ask",
    "change_objection",
    "close",
    "declare_conflict",
    "due",
    "extend",
    "fill_checklist",
    "give_key",
    "may_close",
    "may_see_evidence",
    "note_answer",
    "nothing_more",
    "object_late",
    "open_evidence",
    "open_process",
    "pass_questions",
    "pause",
    "plan_waits",
    "prepare",
    "react",
    "read_feedback",
    "refer",
    "respond",
    "resume",
    "rewrite",
    "withdraw",
    "word_objection",
]

MODES = ("async", "meeting")
Events = tuple[Event, ...]


def prepare(
    *,
    kind: str,
    circle: str,
    subject: str,
    proposer: str,
    concerned: str | None,
    facilitator: str,
    secretary: str,
    deciders: Iterable[str],
    mode: str,
    policy: Policy,
    needs: Requirements,
    now: datetime,
) -> Events:
    """Begin a process: who decides, who holds it, by which policy."""
    deciders = sorted(set(deciders))
    if mode not in MODES:
        raise RefusedError(
            "Circles decide over some days, or in a meeting.", rule="C1", remedy="Choose one of both."
        )
    if len(deciders) > MAX_DECIDERS:
        raise RefusedError(
            f"At most {MAX_DECIDERS} people decide together here.", rule="G2", remedy="Name fewer deciders."
        )
    if KINDS[kind].evaluates and concerned is None:
        raise RefusedError("This kind of decision is about a person.", rule="G1", remedy="Say about whom it is.")
    return (
        Event(
            type="prepared",
            at=now,
            actor=proposer,
            data={
                "kind": kind,
                "circle": circle,
                "subject": subject,
                "proposer": proposer,
                "concerned": concerned,
                "facilitator": facilitator,
                "secretary": secretary,
                "deciders": deciders,
                "mode": mode,
                "policy": policy.to_json(),
                "needs": asdict(needs),
                "evaluates": KINDS[kind].evaluates,
                "deadline": after(now, policy.evaluation_days) if KINDS[kind].evaluates else None,
            },
        ),
    )


def open_process(process: Process, *, by: str, draft: Draft, facts: Facts, now: datetime) -> Events:
    """C1: the facilitator opens; text, review date and deciders are fixed from here on."""
    move("C1", process.phase)
    facilitates(process, by, step="C1")
    proposable(process, draft, now=now)
    demand(process, facts, KINDS[process.kind].open)
    return then(process, (opened(process, by=by, draft=draft, now=now),), facts=facts, now=now)


# Questions and reactions.


def ask(process: Process, *, by: str, question: str, text: str, now: datetime) -> Events:
    """Ask a clarifying question; it has to be answered before the circle goes on."""
    in_phase(process, "clarifying", "reacting", step="C2")
    has_voice(process, by)
    return (Event(type="question_asked", at=now, actor=by, data={"question": question, "text": text}),)


def answer_question(process: Process, *, by: str, question: str, text: str, facts: Facts, now: datetime) -> Events:
    """Answer a question: the applicant, the proposer or the facilitator does."""
    in_phase(process, "clarifying", "reacting", step="C2")
    if by not in {process.concerned, process.proposer, process.facilitator}:
        raise NotAllowedError(
            "The applicant, the proposer or the facilitator answers questions.",
            rule="C2",
            remedy="Wait for their answer, or ask a further question.",
        )
    if not any(one.id == question and one.answer is None for one in process.questions):
        raise RefusedError(
            "This question is answered already.",
            rule="C2",
            remedy="Ask a further question if something is still unclear.",
        )
    event = Event(type="question_answered", at=now, actor=by, data={"question": question, "text": text})
    return then(process, (event,), facts=facts, now=now)


def pass_questions(process: Process, *, by: str, facts: Facts, now: datetime) -> Events:
    """Say that one has no question."""
    in_phase(process, "clarifying", step="C2")
    is_decider(process, by)
    if process.peers[by].asked:
        return ()
    return then(process, (Event(type="questions_passed", at=now, actor=by),), facts=facts, now=now)


def react(process: Process, *, by: str, text: str | None, facts: Facts, now: datetime) -> Events:
    """Give a quick reaction, or pass with None."""
    in_phase(process, "clarifying", "reacting", step="C4")
    has_voice(process, by)
    return then(process, (Event(type="reacted", at=now, actor=by, data={"text": text}),), facts=facts, now=now)


def advance(process: Process, *, by: str, facts: Facts, now: datetime) -> Events:
    """Go on to the next phase in a meeting, when everybody has spoken or passed."""
    facilitates(process, by, step="C2")
    if process.mode != "meeting":
        raise RefusedError(
            "Outside a meeting the phases go on by themselves.",
            rule="C2",
            remedy="They go on as soon as everybody has spoken or passed, or the time is over.",
        )
    in_phase(process, "clarifying", "reacting", step="C2")
    step = next_phase(process, now=now, by_hand=True)
    if step is None:
        word = "asked or passed" if process.phase == "clarifying" else "reacted or passed"
        raise RefusedError(
            f"Not everybody has {word} yet, or a question is still to be answered.",
            rule="C2" if process.phase == "clarifying" else "C4",
            remedy="The page shows who has not spoken yet.",
        )
    return then(process, (step,), facts=facts, now=now)


# Time, and changing the proposal.


def extend(process: Process, *, by: str, now: datetime) -> Events:
    """Give the round more time; deadlines only ever move forward."""
    facilitates(process, by, step="C5")
    in_phase(process, "clarifying", "reacting", "consent_round", step="C5")
    if process.extensions >= process.policy.extensions:
        raise RefusedError("All extensions are used.", rule="C5", remedy="Talk to those who have not spoken yet.")
    start = max(now, process.deadline or now)
    return (Event(type="extended", at=now, actor=by, data={"deadline": after(start, process.policy.round_days)}),)


def amend(
    process: Process, *, by: str, draft: Draft, met: Mapping[str, str], facts: Facts, now: datetime
) -> Events:
    """C7: put a new version on the table. All earlier answers lapse; everybody answers again."""
    move("C7", process.phase)
    if by not in {*process.deciders, process.facilitator, process.proposer}:
        raise NotAllowedError(
            "Those who decide here, the proposer and the facilitator change the proposal.",
            rule="C7",
            remedy="Tell one of them which change you would like to see.",
        )
    proposable(process, draft, now=now)
    current = process.version
    assert current is not None
    # Where every objection was taken back or made a concern, the same text can be put before all once more.
    if any(one.open for one in process.objections) and same(draft, current):
        raise RefusedError(
            "Nothing was changed.",
            rule="C7",
            remedy="Change the text, add a measure, shorten the term, or move the review date.",
        )
    number = len(process.versions) + 1
    amended = Event(type="amended", at=now, actor=by, data={**draft.data(number), "met": dict(met)})
    entered = Event(
        type="phase_entered",
        at=now,
        actor=by,
        data={"phase": move("C7", process.phase), "deadline": after(now, process.policy.round_days)},
    )
    return then(process, (amended, entered), facts=facts, now=now)


def rewrite(process: Process, *, by: str, now: datetime) -> Events:
    """C3: the proposer takes the text back to rewrite it before the round."""
    move("C3", process.phase)
    if by != process.proposer:
        raise NotAllowedError(
            "Only the proposer rewrites.", rule="C3", remedy="Ask the proposer to take the text back."
        )
    return (Event(type="rewritten", at=now, actor=by),)
