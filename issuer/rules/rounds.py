"""What people do in a consent process: each function says what happens next as events, or refuses.

Nothing here reads a clock or a row: the process, the facts and the time come in. DOMAIN.md 4.3, C and O rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.evaluation import (
    accept_conflict,
    declare_conflict,
    fill_checklist,
    may_see_evidence,
    open_evidence,
    read_feedback,
)
from issuer.rules.guards import Facts, demand, refusals
from issuer.rules.journal import Event, replay
from issuer.rules.kinds import KINDS
from issuer.rules.objections import change_objection, object_late, word_objection
from issuer.rules.parts import facilitates, has_voice, in_phase, is_decider
from issuer.rules.policy import Policy, Requirements
from issuer.rules.process import MAX_DECIDERS, MAX_MEASURES, Process, after, evolve
from issuer.rules.transitions import move
from schemas import Response

__all__ = [
    "Draft",
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
    "may_close",
    "may_see_evidence",
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
_CONTENT = ("outcome", "text", "review_on", "term_months", "measures", "plan", "look_again_on")


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
    facilitates(process, by, step="C1")
    _proposable(process, draft, now=now)
    demand(process, facts, KINDS[process.kind].open)
    return _then(process, (_opened(process, by=by, draft=draft, now=now),), facts=facts, now=now)


def _opened(process: Process, *, by: str, draft: Draft, now: datetime) -> Event:
    deadline = after(now, process.policy.questions_days)
    data = {**draft.data(len(process.versions) + 1), "deadline": deadline}
    return Event(type="opened", at=now, actor=by, data=data)


def _proposable(process: Process, draft: Draft, *, now: datetime) -> None:
    if draft.outcome not in KINDS[process.kind].outcomes:
        raise RefusedError("This kind of decision cannot have that outcome.", rule="C1")
    # A "not yet" says when to look again; without a plan its record says that none was agreed (A7).
    named, day = (
        ("a day to look again", draft.look_again_on)
        if draft.outcome == "not_yet"
        else ("a review date", draft.review_on)
    )
    if day is None or day <= now.astimezone(UTC).date():
        raise RefusedError(
            f"A proposal needs {named} that is still to come.",
            rule="C1",
            remedy="Say when the circle looks at it again.",
        )
    if len(draft.measures) > MAX_MEASURES:
        raise RefusedError(
            f"A proposal has at most {MAX_MEASURES} measures.", rule="C1", remedy="Join some of them."
        )
    if draft.term_months is not None and draft.term_months < 1:
        raise RefusedError("A term has at least one month.", rule="C1", remedy="Give a longer term, or none.")


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
        raise NotAllowedError("The applicant, the proposer or the facilitator answers questions.", rule="C2")
    if not any(one.id == question and one.answer is None for one in process.questions):
        raise RefusedError("This question is answered already.", rule="C2")
    event = Event(type="question_answered", at=now, actor=by, data={"question": question, "text": text})
    return _then(process, (event,), facts=facts, now=now)


def pass_questions(process: Process, *, by: str, facts: Facts, now: datetime) -> Events:
    """Say that one has no question."""
    in_phase(process, "clarifying", step="C2")
    is_decider(process, by)
    if process.peers[by].asked:
        return ()
    return _then(process, (Event(type="questions_passed", at=now, actor=by),), facts=facts, now=now)


def react(process: Process, *, by: str, text: str | None, facts: Facts, now: datetime) -> Events:
    """Give a quick reaction, or pass with None."""
    in_phase(process, "clarifying", "reacting", step="C4")
    has_voice(process, by)
    return _then(process, (Event(type="reacted", at=now, actor=by, data={"text": text}),), facts=facts, now=now)


def advance(process: Process, *, by: str, facts: Facts, now: datetime) -> Events:
    """Go on to the next phase in a meeting, when everybody has spoken or passed."""
    facilitates(process, by, step="C2")
    if process.mode != "meeting":
        raise RefusedError("Outside a meeting the phases go on by themselves.", rule="C2")
    in_phase(process, "clarifying", "reacting", step="C2")
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
    is_decider(process, by, facts)
    in_phase(process, "consent_round", step="C5")
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
    facilitates(process, by, step="C5")
    in_phase(process, "clarifying", "reacting", "consent_round", step="C5")
    if process.extensions >= process.policy.extensions:
        raise RefusedError("All extensions are used.", rule="C5", remedy="Talk to those who have not spoken yet.")
    start = max(now, process.deadline or now)
    return (Event(type="extended", at=now, actor=by, data={"deadline": after(start, process.policy.round_days)}),)


# Changing the proposal.


def amend(
    process: Process, *, by: str, draft: Draft, met: Mapping[str, str], facts: Facts, now: datetime
) -> Events:
    """C7: put a new version on the table. All earlier answers lapse; everybody answers again."""
    move("C7", process.phase)
    if by not in {*process.deciders, process.facilitator, process.proposer}:
        raise NotAllowedError(
            "Those who decide here, the proposer and the facilitator change the proposal.", rule="C7"
        )
    _proposable(process, draft, now=now)
    current = process.version
    assert current is not None
    # Where every objection was taken back or made a concern, the same text can be put before all once more.
    if any(one.open for one in process.objections) and all(
        getattr(draft, name) == getattr(current, name) for name in _CONTENT
    ):
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
    in_phase(process, "settling", step="C8")
    if by not in {*process.deciders, process.concerned}:
        raise NotAllowedError("Those who decide here and the applicant close the meeting.", rule="C8")
    if process.mode != "meeting":
        raise RefusedError("Outside a meeting the settling time runs by itself.", rule="C8")
    if by == process.concerned and plan_waits(process):
        raise RefusedError(
            "First say whether you agree to the plan.", rule="A7", remedy='"No plan agreed" is a good answer too.'
        )
    if by in process.nothing_more:
        return ()
    return (Event(type="nothing_more", at=now, actor=by),)


def plan_waits(process: Process) -> bool:
    """Say whether a "not yet" is settling with a plan that the person concerned was not asked about yet."""
    version = process.version
    plan = version.plan if version is not None and version.outcome == "not_yet" else None
    return plan is not None and process.plan_agreed is None


def answer_plan(process: Process, *, by: str, agreed: bool, now: datetime) -> Events:
    """A7: when all consented to a "not yet", the applicant is asked last whether the plan is agreed.

    Without a yes the record says that no plan was agreed; the decision closes all the same.
    """
    in_phase(process, "settling", step="A7")
    if by != process.concerned:
        raise NotAllowedError("Only the applicant can say this.", rule="A7")
    if not plan_waits(process):
        raise RefusedError("There is no plan to agree to, or you have answered already.", rule="A7")
    return (Event(type="plan_answered", at=now, actor=by, data={"agreed": agreed}),)


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
    facilitates(process, by, step="C11")
    return (Event(type="paused", at=now, actor=by),)


def resume(process: Process, *, by: str, facts: Facts, now: datetime, draft: Draft | None = None) -> Events:
    """C13: the facilitator goes on where it was, with the time that was left.

    C12: where others decide now than before, they start again at questions, on a version (`draft`) whose digest
    names them. In both cases the guards about people hold.
    """
    step = "C12" if process.deciders_changed else "C13"
    move(step, process.phase)
    facilitates(process, by, step=step)
    demand(process, facts, KINDS[process.kind].people)
    if step == "C12":
        if draft is None:
            raise RefusedError(
                "Others decide now than those whom this version names.",
                rule="C12",
                remedy="Put the proposal before them anew; they start at questions.",
            )
        _proposable(process, draft, now=now)
        return _then(process, (_opened(process, by=by, draft=draft, now=now),), facts=facts, now=now)
    left = process.time_left
    data = {
        "phase": process.paused_from,
        "deadline": (now.astimezone(UTC) + left).isoformat() if left is not None else None,
    }
    return (Event(type="resumed", at=now, actor=by, data=data),)


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
    # Also where the objection of this round has become a concern already: all answer again, with it written down.
    spoken = {process.answers[member].response for member in process.deciders}
    if "objection" in spoken or any(objection.open for objection in process.objections):
        return Event(type="phase_entered", at=now, data={"phase": move("C6", process.phase)})
    if refusals(process, facts, KINDS[process.kind].decide):
        return None  # too few people or holders are left: the page says what is missing
    deadline = after(now, process.policy.settling_days)
    return Event(type="phase_entered", at=now, data={"phase": move("C5", process.phase), "deadline": deadline})
