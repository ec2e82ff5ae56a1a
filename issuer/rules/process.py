"""How each event changes the state of a consent process. One engine for every kind of decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from issuer.rules.journal import Event
from issuer.rules.policy import Policy, Requirements
from issuer.rules.state import (
    CONFLICT_KINDS,
    MAX_DECIDERS,
    MAX_MEASURES,
    RECUSING,
    TALKING,
    AboutMe,
    Answer,
    Objection,
    Peer,
    Process,
    Question,
    Version,
)

__all__ = [
    "CONFLICT_KINDS",
    "MAX_DECIDERS",
    "MAX_MEASURES",
    "RECUSING",
    "TALKING",
    "AboutMe",
    "Answer",
    "Objection",
    "Peer",
    "Process",
    "Question",
    "Version",
    "after",
    "evolve",
]


def evolve(process: Process, event: Event) -> Process:
    """Return the process after an event."""
    return _HANDLERS[event.type](process, event)


def _peer(process: Process, member: str, **changes: Any) -> Process:
    peers = {**process.peers, member: replace(process.peers[member], **changes)}
    return replace(process, peers=MappingProxyType(peers))


def _prepared(process: Process, event: Event) -> Process:
    data = event.data
    peers = {member: Peer(member=member) for member in data["deciders"]}
    for member in (data["facilitator"], data["secretary"]) if data["evaluates"] else ():
        peers.setdefault(member, Peer(member=member, decides=False))
    return replace(
        process,
        kind=data["kind"],
        circle=data["circle"],
        subject=data["subject"],
        proposer=data["proposer"],
        concerned=data["concerned"],
        facilitator=data["facilitator"],
        secretary=data["secretary"],
        mode=data["mode"],
        policy=Policy(**data["policy"]),
        needs=Requirements(**data["needs"]),
        peers=MappingProxyType(peers),
        deadline=_moment(data.get("deadline")),
    )


def _decider_added(process: Process, event: Event) -> Process:
    member = event["member"]
    peer = replace(process.peers.get(member, Peer(member=member)), decides=True)
    return replace(process, peers=MappingProxyType({**process.peers, member: peer}))


def _stepped_aside(process: Process, event: Event) -> Process:
    """Leave the circle of those who decide; who holds the process stays for that."""
    assert event.actor
    process = replace(process, released=process.released + 1)
    if event.actor in {process.facilitator, process.secretary}:
        return _peer(process, event.actor, decides=False)
    rest = {member: peer for member, peer in process.peers.items() if member != event.actor}
    return replace(process, peers=MappingProxyType(rest))


def _role_handed_over(process: Process, event: Event) -> Process:
    member = event["member"]
    peers = dict(process.peers)
    changes = {event["role"]: member}
    if event["evaluates"]:
        peers.setdefault(member, Peer(member=member, decides=False))
        if event["role"] == "facilitator":
            changes["proposer"] = member  # about somebody's badge the facilitator is who proposes
    return replace(process, peers=MappingProxyType(peers), **changes)


def _conflict(process: Process, event: Event) -> Process:
    assert event.actor
    kind = event["kind"]
    process = _peer(process, event.actor, conflict=kind, conflict_accepted=frozenset())
    return _peer(process, event.actor, decides=False) if kind in RECUSING or kind == "mentor" else process


def _conflict_accepted(process: Process, event: Event) -> Process:
    assert event.actor
    accepted = process.peers[event["member"]].conflict_accepted | {event.actor}
    return _peer(process, event["member"], conflict_accepted=accepted)


def _checklist(process: Process, event: Event) -> Process:
    assert event.actor
    process = _peer(
        process,
        event.actor,
        checklist=event["text"],
        asked=event["passes"],
        passed=event["passes"],
        reacted=event["reaction"] is not None,
    )
    reactions = tuple(one for one in process.reactions if one[0] != event.actor)
    if event["reaction"]:
        reactions = (*reactions, (event.actor, event["reaction"]))
    return replace(process, reactions=reactions, feedback_read=False)


def _key_given(process: Process, event: Event) -> Process:
    assert event.actor
    return _peer(process, event.actor, key=event["key"], assurance=event["assurance"])


def _evidence_opened(process: Process, event: Event) -> Process:
    assert event.actor
    return _peer(process, event.actor, opened=True)


def _evidence_changed(process: Process, _event: Event) -> Process:
    """A4 and back: everybody looks again, who had passed is asked again; checklists stay until written anew."""
    process = _asked_again(process)
    peers = {member: replace(peer, opened=False) for member, peer in process.peers.items()}
    return replace(process, peers=MappingProxyType(peers), feedback_read=False)


def _feedback_read(process: Process, event: Event) -> Process:
    about = AboutMe(key=event["key"], signed=event["signed"]) if event.data.get("signed") else process.about_me
    return replace(process, feedback_read=True, feedback_read_at=event.at, about_me=about)


def _new_version(process: Process, event: Event) -> Process:
    data = event.data
    version = Version(
        number=data["version"],
        outcome=data["outcome"],
        digest=data["digest"],
        terms=data["terms"],
        text=data["text"],
        review_on=_day(data.get("review_on")),
        term_months=data.get("term_months"),
        measures=tuple(data.get("measures", ())),
        plan=data.get("plan"),
        look_again_on=_day(data.get("look_again_on")),
        deciders=process.deciders,
        keys=process.keys,
    )
    return replace(process, versions=(*process.versions, version), plan_agreed=None)


def _opened(process: Process, event: Event) -> Process:
    """C1, and C12 where others decide than before: those start at questions, and no answer is left."""
    if process.phase == "paused":
        process = _asked_again(_answers_lapse(process))
    process = _new_version(process, event)
    return replace(
        process,
        phase="clarifying",
        paused_from=None,
        time_left=None,
        opened_at=process.opened_at or event.at,
        deadline=_moment(event["deadline"]),
    )


def _asked_again(process: Process) -> Process:
    peers = {m: replace(peer, asked=False, passed=False, reacted=False) for m, peer in process.peers.items()}
    return replace(process, peers=MappingProxyType(peers))


def _answers_lapse(process: Process) -> Process:
    return replace(
        process,
        past_answers=(*process.past_answers, *process.answers.values()),
        answers=MappingProxyType({}),
        said=MappingProxyType({}),
        nothing_more=frozenset(),
    )


def _entered(process: Process, event: Event) -> Process:
    """Enter a phase: clarifying to reacting, reacting to the round, the round to what follows."""
    phase = event["phase"]
    process = replace(process, phase=phase, deadline=_moment(event.data.get("deadline")), nothing_more=frozenset())
    return replace(process, round=process.round + 1) if phase == "consent_round" else process


def _asked(process: Process, event: Event) -> Process:
    assert event.actor
    question = Question(id=event["question"], by=event.actor, text=event["text"])
    # Who had passed is asked again: the new question, or its answer, may bring one's own.
    peers = {
        member: replace(peer, asked=peer.asked and not peer.passed, passed=False)
        for member, peer in process.peers.items()
    }
    process = replace(process, questions=(*process.questions, question), peers=MappingProxyType(peers))
    return _peer(process, event.actor, asked=True) if event.actor in process.peers else process


def _question_answered(process: Process, event: Event) -> Process:
    return replace(
        process,
        questions=tuple(
            replace(question, answer=event["text"]) if question.id == event["question"] else question
            for question in process.questions
        ),
    )


def _passed_questions(process: Process, event: Event) -> Process:
    assert event.actor
    return _peer(process, event.actor, asked=True, passed=True)


def _reacted(process: Process, event: Event) -> Process:
    assert event.actor
    if event["text"]:
        process = replace(process, reactions=(*process.reactions, (event.actor, event["text"])))
    return _peer(process, event.actor, reacted=True) if event.actor in process.peers else process


def _answer(process: Process, event: Event, *, by: str) -> Answer:
    data = event.data
    return Answer(
        by=by,
        version=data["version"],
        round=process.round,
        response=data["response"],
        concern=data.get("concern"),
        reason=data.get("reason"),
        show_name=data.get("show_name", False),
        assurance=process.peers[by].assurance,
        statement=data.get("statement"),
        signed=data.get("signed"),
        noted_by=event.actor if event.actor != by else None,
        at=event.at,
    )


def _said(process: Process, event: Event) -> Process:
    """Note what somebody said without a key, or what was written down for them: it waits to be confirmed."""
    answer = _answer(process, event, by=event["member"])
    return replace(process, said=MappingProxyType({**process.said, answer.by: answer}))


def _responded(process: Process, event: Event) -> Process:
    assert event.actor
    answer = _answer(process, event, by=event.actor)
    objections = process.objections
    if answer.response == "objection":
        objections = (*objections, _objection(process, event))
    else:
        # O3: who objected and consents to a later version says that it is met.
        objections = tuple(
            replace(objection, state="integrated")
            if objection.by == event.actor
            and objection.version < answer.version
            and objection.state in {"raised", "understood"}
            else objection
            for objection in objections
        )
    answers = MappingProxyType({**process.answers, event.actor: answer})
    said = MappingProxyType({member: one for member, one in process.said.items() if member != event.actor})
    return replace(process, answers=answers, said=said, objections=objections)


def _objection(process: Process, event: Event) -> Objection:
    assert event.actor
    return Objection(
        id=event["objection"],
        by=event.actor,
        version=event["version"],
        round=process.round,
        reason=event["reason"],
        about=event.data.get("about", ""),
    )


def _objection_changed(process: Process, event: Event) -> Process:
    changes = {name: event[name] for name in ("state", "wording") if name in event.data}
    if changes.get("state") == "understood":
        changes["confirmed"] = True
    return replace(
        process,
        objections=tuple(
            replace(objection, **changes) if objection.id == event["objection"] else objection
            for objection in process.objections
        ),
    )


def _amended(process: Process, event: Event) -> Process:
    """C7: a new version; every answer so far lapses."""
    process = _new_version(process, event)
    met = event.data.get("met", {})
    objections = tuple(
        replace(objection, met=met.get(objection.id, objection.met)) for objection in process.objections
    )
    return _answers_lapse(replace(process, objections=objections))


def _rewritten(process: Process, _event: Event) -> Process:
    """C3: back to preparing; who had passed is asked again."""
    return replace(_asked_again(process), phase="preparing", deadline=None)


def _late_objection(process: Process, event: Event) -> Process:
    process = replace(process, objections=(*process.objections, _objection(process, event)))
    return replace(process, phase="integrating", nothing_more=frozenset(), plan_agreed=None, deadline=None)


def _nothing_more(process: Process, event: Event) -> Process:
    assert event.actor
    return replace(process, nothing_more=process.nothing_more | {event.actor})


def _plan_answered(process: Process, event: Event) -> Process:
    return replace(process, plan_agreed=event["agreed"])


def _extended(process: Process, event: Event) -> Process:
    return replace(process, deadline=_moment(event["deadline"]), extensions=process.extensions + 1)


def _paused(process: Process, event: Event) -> Process:
    left = process.deadline - event.at if process.deadline else None
    return replace(process, phase="paused", paused_from=process.phase, time_left=left, deadline=None)


def _resumed(process: Process, event: Event) -> Process:
    deadline = _moment(event["deadline"])
    return replace(process, phase=event["phase"], paused_from=None, time_left=None, deadline=deadline)


def _closed(process: Process, event: Event) -> Process:
    return replace(
        process,
        phase="closed",
        outcome=event["outcome"],
        record=event.data.get("record"),
        closed_at=event.at,
        deadline=None,
    )


_HANDLERS: Mapping[str, Callable[[Process, Event], Process]] = MappingProxyType(
    {
        "prepared": _prepared,
        "decider_added": _decider_added,
        "stepped_aside": _stepped_aside,
        "role_handed_over": _role_handed_over,
        "conflict_declared": _conflict,
        "conflict_accepted": _conflict_accepted,
        "key_given": _key_given,
        "evidence_opened": _evidence_opened,
        "checklist_filled": _checklist,
        "evidence_changed": _evidence_changed,
        "feedback_read": _feedback_read,
        "opened": _opened,
        "phase_entered": _entered,
        "question_asked": _asked,
        "question_answered": _question_answered,
        "questions_passed": _passed_questions,
        "reacted": _reacted,
        "said": _said,
        "responded": _responded,
        "objection_changed": _objection_changed,
        "amended": _amended,
        "rewritten": _rewritten,
        "late_objection": _late_objection,
        "nothing_more": _nothing_more,
        "plan_answered": _plan_answered,
        "extended": _extended,
        "paused": _paused,
        "resumed": _resumed,
        "closed": _closed,
    }
)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def after(now: datetime, days: int) -> str:
    """Return the text of a deadline that many times 24 hours from now, in UTC: no change of clocks moves it."""
    return (now.astimezone(UTC) + timedelta(days=days)).isoformat()
