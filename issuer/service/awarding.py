"""The badge that a process of kind award is about, exactly as it would be issued."""

from __future__ import annotations

from typing import Any

from issuer.rules.applications import Application
from issuer.rules.credentials import add_months, build_draft, circle_profile
from issuer.rules.journal import Event
from issuer.rules.process import Process
from issuer.service.academy import Work
from issuer.service.badges import definition_for
from issuer.service.cases import application_case, store
from keys import encode_base64url

_SALT_BYTES = 16


def application_of(work: Work, process: Process) -> Application:
    """Return the application that a process decides about."""
    return application_case(work, process.subject.removeprefix("application/")).state


def fix_address(work: Work, application: Application) -> Application:
    """Give the badge its address and the salt of its recipient's digest, once for each application."""
    if application.credential is not None:
        return application
    salt = encode_base64url(work.academy.random_bytes(_SALT_BYTES))
    event = Event(type="badge_drafted", at=work.now, data={"credential": work.new_id(), "salt": salt})
    return store(work, application_case(work, application.id), (event,)).state


def badge_url(work: Work, application: Application) -> str:
    """Return the address of the badge that an application is about."""
    return work.academy.url(f"/credentials/{application.credential}")


def usual_text(outcome: str, badge: str) -> str:
    """Return what a proposal about a badge says where nobody wrote more."""
    if outcome == "not_yet":
        return f"Not yet: we look at the badge “{badge}” again when the plan was worked on."
    return f"We award the badge “{badge}”."


def badge_draft(
    work: Work, process: Process, application: Application, *, term_months: int | None
) -> dict[str, Any]:
    """Return the badge as it is put before the deciders (TRANSPARENCY.md section 1)."""
    academy = work.academy
    assert application.identity_salt is not None
    person = work.unit.people.by_id(application.applicant)
    circle = work.unit.cases.circle(id_=application.circle)
    assert person is not None
    assert circle is not None
    return build_draft(
        credential_url=badge_url(work, application),
        issuer=academy.issuer,
        definition=definition_for(work, application),
        circle=circle_profile(base_url=academy.base_url, slug=circle.slug, name=circle.name),
        email=person.email,
        salt=application.identity_salt,
        signed_name=work.unit.texts.get(application.signed_name),
        decision_url=academy.url(f"/decisions/{process.id}"),
        base_url=academy.base_url,
        term_ends=add_months(work.now.date(), term_months) if term_months else None,
    )
