"""The facts that stand around a decision, read from sealed streams: rows in tables only say where to look."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from issuer.rules.achievements import Badge
from issuer.rules.applications import Application
from issuer.rules.guards import Facts
from issuer.rules.process import Process
from issuer.service.academy import Work
from issuer.service.cases import (
    application_case,
    award_case,
    badge_case,
    circle_case,
    circle_of_kind,
    process_case,
)
from issuer.service.proposals import Proposal, read_proposal

_YEAR = timedelta(days=365)
_LAST_AWARDS = 5
_FEW = 12
# A large mail host that reads no dots in the part before the @, under both of its names.
_ONE_WITHOUT_DOTS = MappingProxyType({"gmail.com": "gmail.com", "googlemail.com": "gmail.com"})


def holds(work: Work, member: str, badge: str, *, today: date, as_of: datetime | None = None) -> bool:
    """Say whether somebody holds a badge now, or held it at a moment, as the award's own stream tells."""
    for row in work.unit.awards.awards_of(member, badge=badge):
        award = award_case(work, row.id, as_of=as_of).state
        if (award.holder, award.badge) == (member, badge) and award.held(today=today):
            return True
    return False


def awaits(work: Work, member: str, badge: str) -> bool:
    """Say whether somebody accepted a badge that is still to be signed."""
    found = [award_case(work, row.id).state for row in work.unit.awards.awards_of(member, badge=badge)]
    return any((award.holder, award.badge, award.state) == (member, badge, "pending") for award in found)


def ordinary_holders(work: Work, badge: Badge, *, today: date, as_of: datetime | None = None) -> int:
    """Return how many hold a badge without being its founders, counted up to a few."""
    found = set()
    for row in work.unit.awards.holders_of(badge.slug, limit=_FEW):
        award = award_case(work, row.id, as_of=as_of).state
        if award.badge == badge.slug and award.held(today=today):
            found.add(award.holder)
    return len(found - badge.founders)


def founders_now(work: Work, badge: Badge, *, today: date, as_of: datetime | None = None) -> frozenset[str]:
    """Return the founding evaluators while the founding decision is in force."""
    if not badge.founders:
        return frozenset()
    holders = ordinary_holders(work, badge, today=today, as_of=as_of)
    return badge.founders_now(today=today, ordinary_holders=holders)


def facts_for(work: Work, process: Process, *, as_of: datetime | None = None) -> Facts:
    """Return what the guards of a process look at: as things are, or as they were at a moment."""
    now = as_of or work.now
    day = now.date()
    delegate = _delegate(work, today=day)
    if process.kind == "constitute":
        plan = _proposal(work, process).circle
        named = frozenset(plan.members) if plan else frozenset()
        return Facts(today=day, eligible=named, role_holders=named)
    circle = circle_case(work, process.circle, as_of=as_of).state
    around = Facts(
        today=day, delegate=delegate, role_holders=circle.running_roles(today=day), eligible=circle.members
    )
    if process.kind != "award":
        return replace(around, eligible=circle.members | ({delegate} if delegate else set()))
    application = application_case(work, process.subject.removeprefix("application/")).state
    badge = badge_case(work, application.badge, as_of=as_of).state
    assert process.concerned
    return replace(
        around,
        same_person=_contacts(work, {process.concerned, process.facilitator, process.secretary, *process.peers}),
        holders=frozenset(m for m in process.peers if holds(work, m, badge.slug, today=day, as_of=as_of)),
        founders=founders_now(work, badge, today=day, as_of=as_of),
        approved_by_concerned=work.unit.cases.concerned_where_decided(
            process.concerned, since=now - _YEAR, until=now
        ),
        outside_recent=_outside_recent(work, process, circle.members, until=now),
        witnesses_given=application.witnesses_given,
        statement_at=application.statement_at,
        with_circle=application.state not in {"draft", "submitted"},
        version_open=badge.is_open(application.version, today=day),
    )


def lacking_badges(work: Work, application: Application, required: Iterable[str]) -> list[str]:
    """Return the slugs of badges that an application builds on and the applicant does not hold."""
    today = work.now.date()
    return [slug for slug in required if not holds(work, application.applicant, slug, today=today)]


def _proposal(work: Work, process: Process) -> Proposal:
    text = process.versions[-1].text if process.versions else process.subject
    return read_proposal(work, text)


def _delegate(work: Work, *, today: date) -> str | None:
    superpod = circle_of_kind(work, "superpod")
    return next(iter(superpod.holders_of("delegate", today=today)), None) if superpod else None


def _contacts(work: Work, members: Iterable[str]) -> dict[str, str]:
    """Return a digest of each person's verified address: two accounts with one address are one person."""
    return {
        row.id: hashlib.sha256(one_address(row.email).encode("utf-8")).hexdigest()
        for row in work.unit.people.named(members).values()
    }


def one_address(email: str) -> str:
    """Return the mailbox that an address leads to: a+b@example.org and a@example.org reach one person."""
    local, _, host = email.lower().rpartition("@")
    local = local.partition("+")[0]
    if host in _ONE_WITHOUT_DOTS:
        local, host = local.replace(".", ""), _ONE_WITHOUT_DOTS[host]
    return f"{local}@{host}"


def same_person(work: Work, *members: str) -> bool:
    """Say whether accounts lead to one mailbox."""
    return len(set(_contacts(work, members).values())) == 1


def _outside_recent(work: Work, process: Process, members: frozenset[str], *, until: datetime) -> bool:
    if set(process.deciders) - members:
        return True
    ids = work.unit.cases.last_awards(process.circle, until=until, limit=_LAST_AWARDS)
    return any(set(process_case(work, id_).state.deciders) - members for id_ in ids)
