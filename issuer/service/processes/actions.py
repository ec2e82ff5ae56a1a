"""What somebody can do in a process now: the same conditions as the rules', so that pages offer no dead ends."""

from __future__ import annotations

from issuer.rules.guards import Facts
from issuer.rules.process import TALKING, Objection, Process
from issuer.rules.rounds import plan_waits


def actions_for(process: Process, reader: str, facts: Facts) -> frozenset[str]:
    """Return the names of the use cases that a reader may call now."""
    peer = process.peers.get(reader)
    decides = reader in process.deciders and reader in facts.eligible
    concerned, holds = reader == process.concerned, reader == process.facilitator
    voice = (peer is not None and peer.voice) or reader in {process.concerned, process.proposer}
    phase, meeting = process.phase, process.mode == "meeting"
    may = {
        "give_key": decides and peer is not None and peer.key is None and phase in {"preparing", "paused"},
        "change_key": decides and peer is not None and peer.key is not None and phase in {"preparing", "paused"},
        "open": holds and phase == "preparing",
        "ask": voice and phase in {"clarifying", "reacting"},
        "answer_question": reader in {process.concerned, process.proposer, process.facilitator}
        and phase in {"clarifying", "reacting"}
        and any(question.answer is None for question in process.questions),
        "pass_questions": decides and phase == "clarifying" and peer is not None and not peer.asked,
        "react": voice and phase in {"clarifying", "reacting"} and not (peer is not None and peer.reacted),
        "advance": holds and meeting and phase in {"clarifying", "reacting"},
        "respond": decides and phase == "consent_round" and reader not in process.answers,
        "note_answer": reader in {process.facilitator, process.secretary}
        and phase == "consent_round"
        and bool(set(process.deciders) - process.answers.keys() - {reader}),
        "extend": holds
        and phase in {"clarifying", "reacting", "consent_round"}
        and not meeting
        and process.extensions < process.policy.extensions,
        "amend": phase == "integrating" and reader in {*process.deciders, process.facilitator, process.proposer},
        "rewrite": reader == process.proposer and phase in {"clarifying", "reacting"},
        "nothing_more": phase == "settling"
        and meeting
        and (decides or concerned)
        and reader not in process.nothing_more
        and not (concerned and plan_waits(process)),
        "answer_plan": concerned and phase == "settling" and plan_waits(process),
        "object_late": decides and phase == "settling",
        "refer": phase == "integrating" and (decides or concerned) and process.round >= process.policy.max_rounds,
        "withdraw": not process.closed and reader == (process.concerned or process.proposer),
        "pause": holds and phase in TALKING,
        "resume": holds and phase == "paused",
    }
    return frozenset(name for name, allowed in may.items() if allowed)


def objection_actions(process: Process, objection: Objection, reader: str) -> frozenset[str]:
    """Return what a reader may do with one objection now."""
    if process.closed or not objection.open:
        return frozenset()
    may = {
        "word": process.phase == "integrating"
        and objection.state == "raised"
        and reader in {*process.deciders, process.facilitator, process.secretary},
        "understood": reader == objection.by and objection.state == "raised" and objection.wording is not None,
        "concern": reader == objection.by,
        "take_back": reader == objection.by,
    }
    return frozenset(name for name, allowed in may.items() if allowed)
