"""Who may see what of an application (DOMAIN.md sections 6 and 7)."""

from __future__ import annotations

from datetime import date

from issuer.rules.applications import Application
from issuer.rules.circles import Circle
from issuer.rules.process import Process
from issuer.service.academy import Work
from issuer.service.cases import circle_case, process_case

# Until the circle has taken it up, whoever holds the process roles reads it to do so.
_BEFORE = frozenset({"submitted"})


def process_of(work: Work, application: Application) -> Process | None:
    """Return the decision about an application, None before it is taken up."""
    return process_case(work, application.process).state if application.process else None


def part_in(work: Work, application: Application, reader: str) -> str | None:
    """Return what part somebody has: applicant, decider, facilitator, secretary, peer, witness, member or None."""
    if reader == application.applicant:
        return "applicant"
    process = process_of(work, application)
    part = _part_in_process(process, reader) if process is not None else None
    circle = circle_case(work, application.circle).state
    holds_process = reader in circle.running_roles(today=work.now.date())
    if part is None and holds_process and application.state in _BEFORE:
        return "role"  # before "witness": who was asked what they saw can still take it up
    if part is None and reader in application.witnessing:
        return "witness"
    if part is not None or (application.state == "draft" and process is None):
        return part
    return "role" if holds_process else "member" if reader in circle.members else None


def _part_in_process(process: Process, reader: str) -> str | None:
    if reader in process.deciders:
        return "decider"
    if reader == process.facilitator:
        return "facilitator"
    if reader == process.secretary:
        return "secretary"
    return "peer" if reader in process.peers else None


def may_see_evidence(work: Work, application: Application, reader: str) -> bool:
    """Say whether somebody may read claims, evidence and feedback.

    Peers do after they have answered the question about conflicts, and have none that keeps them out.
    """
    part = part_in(work, application, reader)
    process = process_of(work, application)
    if part == "applicant":
        return True
    if part == "role":
        return application.state in _BEFORE
    if part in {"decider", "peer", "facilitator", "secretary"} and process is not None:
        peer = process.peers.get(reader)
        return peer is None or (peer.conflict is not None and not peer.recused)
    return False


def may_return_incomplete(circle: Circle, application: Application, *, today: date) -> frozenset[str]:
    """Return the circle's secretary; where that is the applicant, or nobody, whoever else holds the process."""
    secretaries = frozenset(circle.holders_of("secretary", today=today)) - {application.applicant}
    return secretaries or circle.running_roles(today=today) - {application.applicant}
