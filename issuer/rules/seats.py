"""Who sits in a decision, until it is opened: another decider, stepping aside, handing the process on.

Once it is open, the deciders stand in the digest of what is answered; changing them then needs a pause (C11, C12).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.guards import Facts, demand, g2_enough_peers, g3_holders
from issuer.rules.journal import Event
from issuer.rules.kinds import KINDS
from issuer.rules.parts import facilitates, in_phase
from issuer.rules.process import Process
from issuer.rules.state import MAX_DECIDERS

Events = tuple[Event, ...]


def add_decider(process: Process, *, by: str, member: str, facts: Facts, now: datetime) -> Events:
    """Invite another peer to decide, before the opening or in a pause (C12)."""
    in_phase(process, "preparing", "paused", step="C12")
    facilitates(process, by, step="C12")
    peer = process.peers.get(member)
    if member in process.deciders:
        raise RefusedError(
            "This person decides here already.", rule="C12", remedy="Choose another member of the circle."
        )
    if member == process.concerned or member not in facts.eligible:
        raise RefusedError(
            "Only full members of the circle decide, and nobody about their own badge.",
            rule="G1" if member == process.concerned else "G2",
            remedy="Choose another member of the circle.",
        )
    if peer is not None and peer.conflict not in {None, "none", "other"}:
        raise RefusedError(
            "This person named a conflict of interest.", rule="G4", remedy="Choose another member of the circle."
        )
    if len(process.deciders) >= MAX_DECIDERS:
        raise RefusedError(
            f"At most {MAX_DECIDERS} people decide together here.",
            rule="G2",
            remedy="Let somebody step aside first.",
        )
    return (Event(type="decider_added", at=now, actor=by, data={"member": member}),)


def step_aside(process: Process, *, by: str, facts: Facts, now: datetime) -> Events:
    """Say "not this time": a decider leaves without a reason before the opening, if enough stay (G2, G3)."""
    in_phase(process, "preparing", step="G2")
    if by not in process.deciders:
        raise NotAllowedError(
            "Only those who decide here can step aside.", rule="G2", remedy="You have nothing to do here."
        )
    if process.kind == "constitute":
        raise RefusedError(
            "Everybody named in a new circle decides about it.",
            rule="M1",
            remedy="Tell the facilitator: the circle can be proposed anew without you.",
        )
    without = replace(process, peers=MappingProxyType({m: peer for m, peer in process.peers.items() if m != by}))
    demand(without, facts, (g2_enough_peers, g3_holders))
    return (Event(type="stepped_aside", at=now, actor=by),)


def hand_over(process: Process, *, by: str, role: str, member: str, facts: Facts, now: datetime) -> Events:
    """Give the facilitator's or the secretary's seat to somebody who holds such a role in the circle now."""
    in_phase(process, "preparing", "paused", step="C11")
    if by == process.concerned or by not in {process.facilitator, process.secretary, *facts.role_holders}:
        raise NotAllowedError(
            "The circle's facilitator or secretary does this.",
            rule="C11",
            remedy="Ask one of them; the circle's page says who they are.",
        )
    if role not in {"facilitator", "secretary"}:
        raise RefusedError(
            "There are two seats to hand on: facilitator and secretary.",
            rule="C11",
            remedy="Choose one of the two.",
        )
    if member not in facts.role_holders or member == process.concerned:
        raise RefusedError(
            "Who holds the process has a running term as facilitator or secretary, and is not the applicant.",
            rule="A3",
            remedy="Choose somebody who holds one of these roles in the circle now.",
        )
    data = {"role": role, "member": member, "evaluates": KINDS[process.kind].evaluates}
    return (Event(type="role_handed_over", at=now, actor=by, data=data),)
