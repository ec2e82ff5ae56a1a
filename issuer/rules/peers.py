"""How each event changes who sits in a process and what they did before it is opened (issuer/rules/process.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from issuer.rules.journal import Event
from issuer.rules.policy import Policy, Requirements
from issuer.rules.state import RECUSING, AboutMe, Peer, Process


def change_peer(process: Process, member: str, **changes: Any) -> Process:
    """Return the process with one peer changed."""
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
        deadline=moment(data.get("deadline")),
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
        return change_peer(process, event.actor, decides=False)
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
    process = change_peer(process, event.actor, conflict=kind, conflict_accepted=frozenset())
    return change_peer(process, event.actor, decides=False) if kind in RECUSING or kind == "mentor" else process


def _conflict_accepted(process: Process, event: Event) -> Process:
    assert event.actor
    accepted = process.peers[event["member"]].conflict_accepted | {event.actor}
    return change_peer(process, event["member"], conflict_accepted=accepted)


def _checklist(process: Process, event: Event) -> Process:
    assert event.actor
    process = change_peer(
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
    return change_peer(process, event.actor, key=event["key"], assurance=event["assurance"])


def _evidence_opened(process: Process, event: Event) -> Process:
    assert event.actor
    return change_peer(process, event.actor, opened=True)


def _evidence_changed(process: Process, _event: Event) -> Process:
    """A4 and back: everybody looks again, who had passed is asked again; checklists stay until written anew."""
    process = asked_again(process)
    peers = {member: replace(peer, opened=False) for member, peer in process.peers.items()}
    return replace(process, peers=MappingProxyType(peers), feedback_read=False)


def _feedback_read(process: Process, event: Event) -> Process:
    about = AboutMe(key=event["key"], signed=event["signed"]) if event.data.get("signed") else process.about_me
    return replace(process, feedback_read=True, feedback_read_at=event.at, about_me=about)


def asked_again(process: Process) -> Process:
    """Return the process with everybody to be asked again."""
    peers = {m: replace(peer, asked=False, passed=False, reacted=False) for m, peer in process.peers.items()}
    return replace(process, peers=MappingProxyType(peers))


def moment(text: str | None) -> datetime | None:
    """Return the time in an event's data, where it has one."""
    return datetime.fromisoformat(text) if text else None


HANDLERS: Mapping[str, Callable[[Process, Event], Process]] = MappingProxyType(
    {
        "prepared": _prepared,
        "decider_added": _decider_added,
        "stepped_aside": _stepped_aside,
        "role_handed_over": _role_handed_over,
        "conflict_declared": _conflict,
        "conflict_accepted": _conflict_accepted,
        "evidence_opened": _evidence_opened,
        "checklist_filled": _checklist,
        "evidence_changed": _evidence_changed,
        "feedback_read": _feedback_read,
        "key_given": _key_given,
    }
)
