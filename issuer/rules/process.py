"""How each event changes the state of a consent process. One engine for every kind of decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from issuer.rules.journal import Event
from issuer.rules.peers import HANDLERS, asked_again, change_peer, moment
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
        process = asked_again(_answers_lapse(process))
    process = _new_version(process, event)
    return replace(
        process,
        phase="clarifying",
        paused_from=None,
        time_left=None,
        opened_at=process.opened_at or event.at,
        deadline=moment(event["deadline"]),
    )


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
    process = replace(process, phase=phase, deadline=moment(event.data.get("deadline")), nothing_more=frozenset())
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
    return change_peer(process, event.actor, asked=True) if event.actor in process.peers else process


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
    return change_peer(process, event.actor, asked=True, passed=True)


def _reacted(process: Process, event: Event) -> Process:
    assert event.actor
    if event["text"]:
        process = replace(process, reactions=(*process.reactions, (event.actor, event["text"])))
    return change_peer(process, event.actor, reacted=True) if event.actor in process.peers else process


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
    return replace(asked_again(process), phase="preparing", deadline=None)


def _late_objection(process: Process, event: Event) -> Process:
    process = replace(process, objections=(*process.objections, _objection(process, event)))
    return replace(process, phase="integrating", nothing_more=frozenset(), plan_agreed=None, deadline=None)


def _nothing_more(process: Process, event: Event) -> Process:
    assert event.actor
    return replace(process, nothing_more=process.nothing_more | {event.actor})


def _plan_answered(process: Process, event: Event) -> Process:
    return replace(process, plan_agreed=event["agreed"])


def _extended(process: Process, event: Event) -> Process:
    return replace(process, deadline=moment(event["deadline"]), extensions=process.extensions + 1)


def _paused(process: Process, event: Event) -> Process:
    left = process.deadline - event.at if process.deadline else None
    return replace(process, phase="paused", paused_from=process.phase, time_left=left, deadline=None)


def _resumed(process: Process, event: Event) -> Process:
    deadline = moment(event["deadline"])
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
        **HANDLERS,
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


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def after(now: datetime, days: int) -> str:
    """Return the text of a deadline that many times 24 hours from now, in UTC: no change of clocks moves it."""
    return (now.astimezone(UTC) + timedelta(days=days)).isoformat()
