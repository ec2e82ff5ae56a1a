"""How a decision ends or pauses: settling, the plan of a "not yet", referral, stepping back (C8, C10 to C14)."""

from __future__ import annotations

from datetime import UTC, datetime

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.flow import then
from issuer.rules.guards import Facts, demand
from issuer.rules.journal import Event
from issuer.rules.kinds import KINDS
from issuer.rules.parts import facilitates, in_phase
from issuer.rules.process import Process
from issuer.rules.transitions import move
from issuer.rules.versions import Draft, opened, proposable

Events = tuple[Event, ...]


def nothing_more(process: Process, *, by: str, now: datetime) -> Events:
    """Say in a meeting's closing round that one has nothing more to bring."""
    in_phase(process, "settling", step="C8")
    if by not in {*process.deciders, process.concerned}:
        raise NotAllowedError(
            "Those who decide here and the applicant close the meeting.",
            rule="C8",
            remedy="Wait until they have said that there is nothing more.",
        )
    if process.mode != "meeting":
        raise RefusedError(
            "Outside a meeting the settling time runs by itself.",
            rule="C8",
            remedy="Wait until it is over; a decider who has something new can bring it until then.",
        )
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
        raise NotAllowedError(
            "Only the applicant can say this.", rule="A7", remedy="Wait for the applicant's word."
        )
    if not plan_waits(process):
        raise RefusedError(
            "There is no plan to agree to, or you have answered already.",
            rule="A7",
            remedy="Look at the page again: it shows how the decision stands.",
        )
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
        raise NotAllowedError(
            "Those who decide here and the applicant ask for a referral.",
            rule="C10",
            remedy="Talk to one of them about it.",
        )
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
        raise NotAllowedError(
            "Only the applicant or the proposer can step back.",
            rule="C14",
            remedy="Talk to the person who brought it.",
        )
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
        proposable(process, draft, now=now)
        return then(process, (opened(process, by=by, draft=draft, now=now),), facts=facts, now=now)
    left = process.time_left
    data = {
        "phase": process.paused_from,
        "deadline": (now.astimezone(UTC) + left).isoformat() if left is not None else None,
    }
    return (Event(type="resumed", at=now, actor=by, data=data),)
