"""What people do in a consent process: each function says what happens next as events, or refuses.

Nothing here reads a clock or a row: the process, the facts and the time come in. DOMAIN.md 4.3, C and O rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.guards import Facts, demand, refusals
from issuer.rules.journal import Event, replay
from issuer.rules.kinds import KINDS
from issuer.rules.policy import Policy, Requirements
from issuer.rules.process import CONFLICT_KINDS, Objection, Process, after, evolve
from issuer.rules.transitions import move
from schemas import Response

_TALKING = frozenset({"clarifying", "reacting", "consent_round", "integrating", "settling"})
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
                "deciders": sorted(set(deciders)),
                "mode": mode,
                "policy": policy.to_json(),
                "needs": asdict(needs),
                "deadline": after(now, policy.evaluation_days) if KINDS[kind].evaluates else None,
            },
        ),
    )


def _in_phase(process: Process, *phases: str, step: str) -> None:
    if process.phase not in phases:
        raise RefusedError(
            f"This can be done while the decision is {' or '.join(phases).replace('_', ' ')};"
            f" it is {process.phase.replace('_', ' ')}.",
            rule=step,
            remedy="Look at the page again: it shows what can be done now.",
        )


def _is_decider(process: Process, member: str) -> None:
    if member not in process.deciders:
        raise NotAllowedError(
            "Only those who decide in this process can do this.",
            rule="G1" if member == process.concerned else "G2",
            remedy="If you should be one of them, talk to the facilitator.",
        )


def _has_voice(process: Process, member: str) -> None:
    if member not in process.peers and member not in {process.concerned, process.proposer}:
        raise NotAllowedError("You have no part in this process.", rule="G2")


def _facilitates(process: Process, member: str, *, step: str) -> None:
    if member != process.facilitator:
        raise NotAllowedError("Only the facilitator of this process can do this.", rule=step)


# Before the round: conflicts, evidence, checklists (phase preparing).


def declare_conflict(process: Process, *, by: str, kind: str, now: datetime) -> Events:
    """Answer the conflict question once. Some conflicts end one's part in deciding (G4)."""
    _in_phase(process, "preparing", step="G4")
    if by not in process.peers:
        raise NotAllowedError("You have no part in this process.", rule="G4")
    if kind not in CONFLICT_KINDS:
        raise RefusedError("This is not one of the answers.", rule="G4", remedy="Choose one of those on the page.")
    if process.peers[by].conflict is not None:
        raise RefusedError("You have answered this question already.", rule="G4")
    return (Event(type="conflict_declared", at=now, actor=by, data={"kind": kind}),)


def accept_conflict(process: Process, *, by: str, member: str, now: datetime) -> Events:
    """Say that a decider who named an "other" conflict can stay."""
    _in_phase(process, "preparing", step="G4")
    _is_decider(process, by)
    if member == by or member not in process.peers or process.peers[member].conflict != "other":
        raise RefusedError("There is no conflict of this person to settle.", rule="G4")
    return (Event(type="conflict_accepted", at=now, actor=by, data={"member": member}),)


def open_evidence(process: Process, *, by: str, now: datetime) -> Events:
    """Note that a decider has opened the evidence."""
    if by not in process.peers or process.peers[by].opened or process.phase != "preparing":
        return ()
    if process.peers[by].conflict is None:
        raise RefusedError(
            "Before you see the evidence, answer the question about conflicts of interest.",
            rule="G4",
            remedy="It stands at the top of the page and takes one tap.",
        )
    return (Event(type="evidence_opened", at=now, actor=by),)


def fill_checklist(
    process: Process, *, by: str, text: str, passes: bool, reaction: str | None, now: datetime
) -> Events:
    """Say what one saw, criterion by criterion; with it one may pass on questions and leave a reaction."""
    _in_phase(process, "preparing", step="G6")
    if by not in process.peers or process.peers[by].conflict in {"household", "paid_work", "dispute"}:
        raise NotAllowedError("You have no part in this evaluation.", rule="G4")
    if process.peers[by].conflict is None:
        raise RefusedError("First answer the question about conflicts of interest.", rule="G4")
    return (
        Event(
            type="checklist_filled", at=now, actor=by, data={"text": text, "passes": passes, "reaction": reaction}
        ),
    )


def read_feedback(process: Process, *, by: str, now: datetime) -> Events:
    """Note that the person concerned has read all feedback."""
    if by != process.concerned:
        raise NotAllowedError("Only the applicant can say this.", rule="G6")
    if process.phase != "preparing" or process.feedback_read:
        return ()
    return (Event(type="feedback_read", at=now, actor=by),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A version of the proposal as it is put before the circle; texts by id, digests computed."""

    outcome: str
    digest: str
    terms: str
    text: str
    review_on: date | None = None
    term_months: int | None = None
    measures: tuple[str, ...] = ()
    plan: str | None = None
    look_again_on: date | None = None

    def data(self, number: int) -> dict[str, Any]:
        """Return the event data of this version."""
        return {
            "version": number,
            "outcome": self.outcome,
            "digest": self.digest,
            "terms": self.terms,
            "text": self.text,
            "review_on": self.review_on.isoformat() if self.review_on else None,
            "term_months": self.term_months,
            "measures": list(self.measures),
            "plan": self.plan,
            "look_again_on": self.look_again_on.isoformat() if self.look_again_on else None,
        }


def open_process(process: Process, *, by: str, draft: Draft, facts: Facts, now: datetime) -> Events:
    """C1: the facilitator opens; text, review date and deciders are fixed from here on."""
    move("C1", process.phase)
    _facilitates(process, by, step="C1")
    _proposable(process, draft)
    demand(process, facts, KINDS[process.kind].open)
    number = len(process.versions) + 1
    deadline = after(now, process.policy.questions_days)
    opened = Event(type="opened", at=now, actor=by, data={**draft.data(number), "deadline": deadline})
    return _then(process, (opened,), facts=facts, now=now)


def _proposable(process: Process, draft: Draft) -> None:
    if draft.outcome not in KINDS[process.kind].outcomes:
        raise RefusedError("This kind of decision cannot have that outcome.", rule="C1")
    if draft.review_on is None and draft.outcome != "not_yet":
        raise RefusedError(
            "A proposal needs a review date.", rule="C1", remedy="Say when the circle looks at it again."
        )


# Questions and reactions.


def ask(process: Process, *, by: str, question: str, text: str, now: datetime) -> Events:
    """Ask a clarifying question; it has to be answered before the circle goes on."""
    _in_phase(process, "clarifying", "reacting", step="C2")
    _has_voice(process, by)
    return (Event(type="question_asked", at=now, actor=by, data={"question": question, "text": text}),)


def answer_question(process: Process, *, by: str, question: str, text: str, facts: Facts, now: datetime) -> Events:
    """Answer a question: the applicant, the proposer or the facilitator does."""
    _in_phase(process, "clarifying", "reacting", step="C2")
    if by not in {process.concerned, process.proposer, process.facilitator}:
        raise NotAllowedError("The applicant, the proposer or the facilitator answers questions.", rule="C2")
    if not any(one.id == question and one.answer is None for one in process.questions):
        raise RefusedError("This question is answered already.", rule="C2")
    event = Event(type="question_answered", at=now, actor=by, data={"question": question, "text": text})
    return _then(process, (event,), facts=facts, now=now)


def pass_questions(process: Process, *, by: str, facts: Facts, now: datetime) -> Events:
    """Say that one has no question."""
    _in_phase(process, "clarifying", step="C2")
    _is_decider(process, by)
    return _then(process, (Event(type="questions_passed", at=now, actor=by),), facts=facts, now=now)


def react(process: Process, *, by: str, text: str | None, facts: Facts, now: datetime) -> Events:
    """Give a quick reaction, or pass with None."""
    _in_phase(process, "clarifying", "reacting", step="C4")
    _has_voice(process, by)
    return _then(process, (Event(type="reacted", at=now, actor=by, data={"text": text}),), facts=facts, now=now)


def advance(process: Process, *, by: str, facts: Facts, now: datetime) -> Events:
    """Go on to the next phase in a meeting, when everybody has spoken or passed."""
    _facilitates(process, by, step="C2")
    if process.mode != "meeting":
        raise RefusedError("Outside a meeting the phases go on by themselves.", rule="C2")
    _in_phase(process, "clarifying", "reacting", step="C2")
    step = _next_phase(process, now=now, by_hand=True)
    if step is None:
        word = "asked or passed" if process.phase == "clarifying" else "reacted or passed"
        raise RefusedError(
            f"Not everybody has {word} yet, or a question is still to be answered.",
            rule="C2" if process.phase == "clarifying" else "C4",
            remedy="The page shows who has not spoken yet.",
        )
    return _then(process, (step,), facts=facts, now=now)


# The round.


def respond(
    process: Process,
    *,
    by: str,
    version: int,
    response: Response,
    facts: Facts,
    now: datetime,
    concern: str | None = None,
    reason: str | None = None,
    objection: str = "",
    about: str = "",
    show_name: bool = False,
    assurance: str = "link",
) -> Events:
    """Consent or object to the version that is on the table, once in a round."""
    _is_decider(process, by)
    _in_phase(process, "consent_round", step="C5")
    current = process.version
    assert current is not None
    if version != current.number:
        raise RefusedError(
            f"The proposal was changed: version {current.number} is on the table now,"
            f" and you answered version {version}.",
            rule="G7",
            remedy="Read the new version and answer again.",
        )
    if by in process.answers:
        raise RefusedError(
            "You have answered in this round already.", rule="G7", remedy="Each person answers once."
        )
    if response not in ("consent", "objection"):
        raise RefusedError("There are two answers: consent and objection.", rule="G7")
    if response == "objection" and not reason:
        raise RefusedError("An objection needs a reason; one sentence is enough.", rule="G8")
    data: dict[str, Any] = {
        "version": version,
        "response": response,
        "show_name": show_name,
        "assurance": assurance,
    }
    if response == "objection":
        data |= {"objection": objection, "reason": reason, "about": about}
    elif concern:
        data["concern"] = concern
    return _then(process, (Event(type="responded", at=now, actor=by, data=data),), facts=facts, now=now)


def extend(process: Process, *, by: str, now: datetime) -> Events:
    """Give the round more time; deadlines only ever move forward."""
    _facilitates(process, by, step="C5")
    _in_phase(process, "clarifying", "reacting", "consent_round", step="C5")
    if process.extensions >= process.policy.extensions:
        raise RefusedError("All extensions are used.", rule="C5", remedy="Talk to those who have not spoken yet.")
    start = max(now, process.deadline or now)
    return (Event(type="extended", at=now, actor=by, data={"deadline": after(start, process.policy.round_days)}),)


# Objections.


def _objection_of(process: Process, objection: str) -> Objection:
    found = next((one for one in process.objections if one.id == objection), None)
    if found is None:
        raise RefusedError("There is no such objection in this process.", rule="O1")
    return found


def word_objection(process: Process, *, by: str, objection: str, wording: str, now: datetime) -> Events:
    """Write down how the circle understands an objection; the objecting person confirms it."""
    _in_phase(process, "integrating", step="O1")
    if by not in {*process.deciders, process.facilitator, process.secretary}:
        raise NotAllowedError(
            "Those who decide here, the facilitator and the secretary word objections.", rule="O1"
        )
    if _objection_of(process, objection).state != "raised":
        raise RefusedError("This objection is worded already.", rule="O1")
    return (Event(type="objection_changed", at=now, actor=by, data={"objection": objection, "wording": wording}),)


def change_objection(process: Process, *, by: str, objection: str, step: str, now: datetime) -> Events:
    """O1, O2: only the objecting person says that it is understood, only a concern, or taken back."""
    found = _objection_of(process, objection)
    if by != found.by:
        raise NotAllowedError("Only the person who objected can do this.", rule=step[:2])
    if process.closed:
        raise RefusedError("The decision is closed.", rule=step[:2])
    if step == "O1" and found.wording is None:
        raise RefusedError("The circle has not worded this objection yet.", rule="O1")
    state = move(step, found.state)
    return (Event(type="objection_changed", at=now, actor=by, data={"objection": objection, "state": state}),)


def amend(
    process: Process, *, by: str, draft: Draft, met: Mapping[str, str], facts: Facts, now: datetime
) -> Events:
    """C7: put a new version on the table. All earlier answers lapse; everybody answers again."""
    move("C7", process.phase)
    if by not in {*process.deciders, process.facilitator, process.proposer}:
        raise NotAllowedError(
            "Those who decide here, the proposer and the facilitator change the proposal.", rule="C7"
        )
    if process.round >= process.policy.max_rounds + process.extensions:
        raise RefusedError(
            f"After {process.policy.max_rounds} rounds the circle refers the question on.",
            rule="C10",
            remedy="Ask for a referral, or try a smaller step in a new process.",
        )
    _proposable(process, draft)
    current = process.version
    assert current is not None
    if draft.digest == current.digest:
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
    return _then(process, (amended, entered), facts=facts, now=now)


def rewrite(process: Process, *, by: str, now: datetime) -> Events:
    """C3: the proposer takes the text back to rewrite it before the round."""
    move("C3", process.phase)
    if by != process.proposer:
        raise NotAllowedError("Only the proposer rewrites.", rule="C3")
    return (Event(type="rewritten", at=now, actor=by),)


# Settling and closing.


def nothing_more(process: Process, *, by: str, now: datetime) -> Events:
    """Say in a meeting's closing round that one has nothing more to bring."""
    _in_phase(process, "settling", step="C8")
    if by not in {*process.deciders, process.concerned}:
        raise NotAllowedError("Those who decide here and the applicant close the meeting.", rule="C8")
    if process.mode != "meeting":
        raise RefusedError("Outside a meeting the settling time runs by itself.", rule="C8")
    if by in process.nothing_more:
        return ()
    return (Event(type="nothing_more", at=now, actor=by),)


def object_late(process: Process, *, by: str, objection: str, reason: str, about: str, now: datetime) -> Events:
    """C9: a decider brings something new while the decision settles."""
    move("C9", process.phase)
    _is_decider(process, by)
    if not reason:
        raise RefusedError("An objection needs a reason; one sentence is enough.", rule="C9")
    current = process.version
    assert current is not None
    data = {"objection": objection, "reason": reason, "about": about, "version": current.number}
    return (Event(type="late_objection", at=now, actor=by, data=data),)


def may_close(process: Process, *, now: datetime) -> bool:
    """Say whether settling is over: by its time, or in a meeting when everybody said "nothing more"."""
    if process.phase != "settling":
        return False
    if process.mode == "meeting":
        everybody = set(process.deciders) | ({process.concerned} if process.concerned else set())
        if everybody <= process.nothing_more:
            return True
    return process.deadline is not None and now >= process.deadline


def close(process: Process, *, record: str, facts: Facts, now: datetime) -> Events:
    """C8: close with what was consented to. `record` is the root of the sealed record."""
    move("C8", process.phase)
    if not may_close(process, now=now):
        raise RefusedError(
            "The decision is still settling.", rule="C8", remedy="Wait until the settling time is over."
        )
    demand(process, facts, KINDS[process.kind].close)
    version = process.version
    assert version is not None
    outcome = KINDS[process.kind].outcomes[version.outcome]
    return (Event(type="closed", at=now, data={"outcome": outcome, "record": record}),)


def refer(process: Process, *, by: str, now: datetime) -> Events:
    """C10: after the last round, any decider or the applicant asks that the broader circle takes it on."""
    move("C10", process.phase)
    if by not in {*process.deciders, process.concerned}:
        raise NotAllowedError("Those who decide here and the applicant ask for a referral.", rule="C10")
    if process.round < process.policy.max_rounds:
        raise RefusedError(
            f"A question is referred on after {process.policy.max_rounds} rounds; this is round {process.round}.",
            rule="C10",
            remedy="Try another version first.",
        )
    referred = tuple(
        Event(
            type="objection_changed", at=now, actor=by, data={"objection": one.id, "state": move("O4", one.state)}
        )
        for one in process.objections
        if one.state in {"raised", "understood"}
    )
    return (*referred, Event(type="closed", at=now, actor=by, data={"outcome": "referred"}))


def withdraw(process: Process, *, by: str, now: datetime) -> Events:
    """C14: the applicant or the proposer steps back."""
    move("C14", process.phase)
    if by != (process.concerned or process.proposer):
        raise NotAllowedError("Only the applicant or the proposer can step back.", rule="C14")
    return (Event(type="closed", at=now, actor=by, data={"outcome": "withdrawn"}),)


def pause(process: Process, *, by: str, now: datetime) -> Events:
    """C11: the facilitator stops the clock."""
    move("C11", process.phase)
    _facilitates(process, by, step="C11")
    return (Event(type="paused", at=now, actor=by),)


def resume(process: Process, *, by: str, now: datetime) -> Events:
    """C13: the facilitator goes on with the same deciders where it was."""
    move("C13", process.phase)
    _facilitates(process, by, step="C13")
    assert process.paused_from
    deadline = after(now, process.policy.round_days)
    return (Event(type="resumed", at=now, actor=by, data={"phase": process.paused_from, "deadline": deadline}),)


# What happens by itself.


def due(process: Process, *, facts: Facts, now: datetime) -> Events:
    """Return the steps that are due by themselves: phases that are complete, or whose time is over.

    No deadline ever becomes an answer: a consent round waits for everybody (DOMAIN.md 1.4).
    """
    return _then(process, (), facts=facts, now=now)


def _then(process: Process, events: Events, *, facts: Facts, now: datetime) -> Events:
    """Return the events and those that follow from them at once."""
    state = replay(evolve, process, events)
    following: list[Event] = []
    while (step := _next_phase(state, now=now) or _round_is_complete(state, facts=facts, now=now)) is not None:
        following.append(step)
        state = evolve(state, step)
    return (*events, *following)


def _next_phase(process: Process, *, now: datetime, by_hand: bool = False) -> Event | None:
    """C2, C4: in async mode by themselves; in a meeting when the facilitator advances."""
    if process.phase not in {"clarifying", "reacting"} or (process.mode == "meeting" and not by_hand):
        return None
    unanswered = any(question.answer is None for question in process.questions)
    over = process.deadline is not None and now >= process.deadline and process.mode != "meeting"
    deciders = [process.peers[member] for member in process.deciders]
    if process.phase == "clarifying":
        if unanswered or not (over or all(peer.asked for peer in deciders)):
            return None
        data = {"phase": move("C2", process.phase), "deadline": after(now, process.policy.reactions_days)}
    else:
        if unanswered or not (over or all(peer.reacted for peer in deciders)):
            return None
        data = {"phase": move("C4", process.phase), "deadline": after(now, process.policy.round_days)}
    return Event(type="phase_entered", at=now, data=data)


def _round_is_complete(process: Process, *, facts: Facts, now: datetime) -> Event | None:
    """C5, C6: when everybody has spoken, the round leads to settling or to integrating objections."""
    if process.phase != "consent_round" or set(process.deciders) - process.answers.keys():
        return None
    if any(objection.open for objection in process.objections):
        return Event(type="phase_entered", at=now, data={"phase": move("C6", process.phase)})
    if refusals(process, facts, KINDS[process.kind].decide):
        return None  # too few people or holders are left: the page says what is missing
    deadline = after(now, process.policy.settling_days)
    return Event(type="phase_entered", at=now, data={"phase": move("C5", process.phase), "deadline": deadline})
