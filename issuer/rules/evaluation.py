"""Before the round: conflicts of interest, evidence, checklists and feedback (DOMAIN.md 4.1, G4 and G6)."""

from __future__ import annotations

from datetime import datetime

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.journal import Event
from issuer.rules.parts import in_phase, is_decider
from issuer.rules.process import CONFLICT_KINDS, RECUSING, TALKING, Peer, Process
from issuer.rules.transitions import move

Events = tuple[Event, ...]


def _weight(kind: str | None) -> int:
    """How much of one's part a conflict ends: a later answer can only say more than the one before."""
    return 3 if kind in RECUSING else {None: -1, "none": 0, "other": 1, "mentor": 2}[kind]


def declare_conflict(process: Process, *, by: str, kind: str, now: datetime) -> Events:
    """Answer the conflict question. Some conflicts end one's part in deciding (G4).

    A conflict that is found later can be added at any time; once the process is open, it pauses (C11).
    """
    in_phase(process, "preparing", *sorted(TALKING), "paused", step="G4")
    peer = _peer(process, by)
    if kind not in CONFLICT_KINDS:
        raise RefusedError("This is not one of the answers.", rule="G4", remedy="Choose one of those on the page.")
    if _weight(kind) <= _weight(peer.conflict):
        raise RefusedError(
            "You have answered this question already.",
            rule="G4",
            remedy="A conflict that you find later can be added; none can be taken back.",
        )
    declared = Event(type="conflict_declared", at=now, actor=by, data={"kind": kind})
    if process.phase in TALKING and kind != "none":
        move("C11", process.phase)
        return (declared, Event(type="paused", at=now, actor=by))
    return (declared,)


def _peer(process: Process, member: str) -> Peer:
    if member not in process.peers:
        raise NotAllowedError(
            "You have no part in this process.",
            rule="G4",
            remedy="If you should have one, talk to the facilitator.",
        )
    return process.peers[member]


def accept_conflict(process: Process, *, by: str, member: str, now: datetime) -> Events:
    """Say that somebody who named an "other" conflict can stay."""
    in_phase(process, "preparing", "paused", step="G4")
    is_decider(process, by)
    if member == by or member not in process.peers or process.peers[member].conflict != "other":
        raise RefusedError(
            "There is no conflict of this person to settle.",
            rule="G4",
            remedy="Look at the page again: it may be settled already.",
        )
    return (Event(type="conflict_accepted", at=now, actor=by, data={"member": member}),)


def may_see_evidence(process: Process, member: str) -> bool:
    """Say whether somebody with a part may see the evidence: after the conflict question, and not when recused."""
    peer = process.peers.get(member)
    return peer is not None and peer.conflict is not None and not peer.recused


def open_evidence(process: Process, *, by: str, now: datetime) -> Events:
    """Note that somebody has opened the evidence; refuse who may not see it. Others leave no trace."""
    peer = process.peers.get(by)
    if peer is None:
        return ()
    _unbiased(peer)
    if peer.opened or process.phase != "preparing":
        return ()
    return (Event(type="evidence_opened", at=now, actor=by),)


def _unbiased(peer: Peer) -> None:
    if peer.conflict is None:
        raise RefusedError(
            "Before you see the evidence, answer the question about conflicts of interest.",
            rule="G4",
            remedy="It stands at the top of the page and takes one tap.",
        )
    if peer.recused:
        raise NotAllowedError(
            "You named a conflict of interest and have no part in this evaluation.",
            rule="G4",
            remedy="You can follow the outcome with the rest of the circle.",
        )


def fill_checklist(
    process: Process, *, by: str, text: str, passes: bool, reaction: str | None, now: datetime
) -> Events:
    """Say what one saw, criterion by criterion; with it one may pass on questions and leave a reaction.

    A checklist that is filled again replaces the one before, and the applicant reads it again.
    """
    in_phase(process, "preparing", step="G6")
    peer = _peer(process, by)
    _unbiased(peer)
    if not peer.voice:
        raise NotAllowedError(
            "Those who decide here, and mentors, fill in the checklist.",
            rule="G6",
            remedy="If you should be one of them, talk to the facilitator.",
        )
    if not peer.opened:
        raise RefusedError(
            "First look at the evidence.", rule="G6", remedy="Open the evidence on the application's page."
        )
    data = {"text": text, "passes": passes, "reaction": reaction}
    return (Event(type="checklist_filled", at=now, actor=by, data=data),)


def read_feedback(
    process: Process, *, by: str, now: datetime, key: str | None = None, signed: str | None = None
) -> Events:
    """Note that the person concerned has read all feedback that there is by now.

    `signed` is the text id of their signed word that the badge is about them, made with `key`.
    """
    if by != process.concerned:
        raise NotAllowedError(
            "Only the applicant can say this.", rule="G6", remedy="Wait for the applicant's word."
        )
    if process.phase != "preparing":
        return ()
    data = {"key": key, "signed": signed} if signed else {}
    return (Event(type="feedback_read", at=now, actor=by, data=data),)


def change_evidence(process: Process, *, by: str, now: datetime) -> Events:
    """Note that the application came back with other evidence: those who decide look at it again."""
    in_phase(process, "preparing", step="A4")
    if by != process.concerned:
        raise NotAllowedError(
            "Only the applicant changes the evidence.", rule="A4", remedy="Tell the applicant what you miss."
        )
    return (Event(type="evidence_changed", at=now, actor=by),)
