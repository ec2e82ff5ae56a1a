"""What happens by itself: phases that are complete, or whose time is over (DOMAIN.md 4.3, C2, C4, C5, C6)."""

from __future__ import annotations

from datetime import datetime

from issuer.rules.guards import Facts, refusals
from issuer.rules.journal import Event, replay
from issuer.rules.kinds import KINDS
from issuer.rules.process import Process, after, evolve
from issuer.rules.transitions import move

Events = tuple[Event, ...]


def due(process: Process, *, facts: Facts, now: datetime) -> Events:
    """Return the steps that are due by themselves: phases that are complete, or whose time is over.

    No deadline ever becomes an answer: a consent round waits for everybody (DOMAIN.md 1.4).
    """
    return then(process, (), facts=facts, now=now)


def then(process: Process, events: Events, *, facts: Facts, now: datetime) -> Events:
    """Return the events and those that follow from them at once."""
    state = replay(evolve, process, events)
    following: list[Event] = []
    while (step := next_phase(state, now=now) or _round_is_complete(state, facts=facts, now=now)) is not None:
        following.append(step)
        state = evolve(state, step)
    return (*events, *following)


def next_phase(process: Process, *, now: datetime, by_hand: bool = False) -> Event | None:
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
