"""What somebody can sign now: the exact facts that their own key puts its name to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from issuer.rules.applications import Application
from issuer.rules.process import Process
from issuer.service.academy import Work
from issuer.service.awarding import badge_draft, badge_url
from issuer.service.cases import application_case
from issuer.service.models import ToSign
from issuer.service.statements.signing import decision_url, identity_digest
from schemas import format_date_time


def answer_to_sign(work: Work, process: Process, reader: str) -> ToSign | None:
    """Return what a decider would sign in the round that is open, None outside of one."""
    if process.phase != "consent_round" or reader not in process.deciders:
        return None
    return _about_version(work, process, reader, key=process.peers[reader].key)


def acceptance_to_sign(work: Work, process: Process, reader: str) -> ToSign | None:
    """Return what the applicant signs when accepting, None where no version was decided."""
    return _about_version(work, process, reader, key=None) if process.version is not None else None


def about_me_to_sign(work: Work, process: Process, application: Application) -> ToSign:
    """Return what the applicant signs before the round: that the badge will be about them."""
    draft = badge_draft(work, process, application, term_months=None)
    person = work.unit.people.by_id(application.applicant)
    assert person is not None
    identity: Mapping[str, Any] = next(one for one in draft["credentialSubject"]["identifier"] if one["hashed"])
    return ToSign(
        decision=decision_url(work, process.id),
        proposal=_proposal_url(work, process, len(process.versions) + 1),
        badge=badge_url(work, application),
        version=len(process.versions) + 1,
        round=process.round + 1,
        digest=identity_digest(draft),
        now=format_date_time(work.now),
        name=str(person.name),
        outcome="award",
        deciders=len(process.deciders),
        identity={"email": str(person.email), **identity},
    )


def _about_version(work: Work, process: Process, reader: str, *, key: str | None) -> ToSign:
    version, person = process.version, work.unit.people.by_id(reader)
    assert version is not None
    assert person is not None
    badge = None
    if process.kind == "award":
        badge = badge_url(work, application_case(work, process.subject.removeprefix("application/")).state)
    return ToSign(
        decision=decision_url(work, process.id),
        proposal=_proposal_url(work, process, version.number),
        badge=badge,
        version=version.number,
        round=process.round,
        digest=version.digest,
        now=format_date_time(work.now),
        name=str(person.name),
        outcome=version.outcome,
        deciders=len(process.deciders),
        key=key,
    )


def _proposal_url(work: Work, process: Process, version: int) -> str:
    return f"{decision_url(work, process.id)}/proposals/{version}"
