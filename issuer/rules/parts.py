"""Who may do what in a process, and when: the checks that every step begins with."""

from __future__ import annotations

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.guards import Facts
from issuer.rules.process import Process


def in_phase(process: Process, *phases: str, step: str) -> None:
    """Refuse a step outside its phases."""
    if process.phase not in phases:
        raise RefusedError(
            f"This can be done while the decision is {' or '.join(phases).replace('_', ' ')};"
            f" it is {process.phase.replace('_', ' ')}.",
            rule=step,
            remedy="Look at the page again: it shows what can be done now.",
        )


def is_decider(process: Process, member: str, facts: Facts | None = None) -> None:
    """Refuse people without consent rights here; with facts also those who lost their membership since."""
    if member not in process.deciders:
        raise NotAllowedError(
            "Only those who decide in this process can do this.",
            rule="G1" if member == process.concerned else "G2",
            remedy="If you should be one of them, talk to the facilitator.",
        )
    if facts is not None and member not in facts.eligible:
        raise NotAllowedError(
            "You are not a full member of this circle now.", rule="G2", remedy="Talk to the facilitator."
        )


def has_voice(process: Process, member: str) -> None:
    """Refuse people who neither decide nor are the applicant, the proposer or a mentor with a voice."""
    peer = process.peers.get(member)
    if (peer is None or not peer.voice) and member not in {process.concerned, process.proposer}:
        raise NotAllowedError(
            "You have no voice in this process.",
            rule="G4" if peer else "G2",
            remedy="Tell somebody who decides what you would like to bring in.",
        )


def facilitates(process: Process, member: str, *, step: str) -> None:
    """Refuse everybody but the facilitator of this process."""
    if member != process.facilitator:
        raise NotAllowedError(
            "Only the facilitator of this process can do this.",
            rule=step,
            remedy="Ask the facilitator; the page says who it is.",
        )
