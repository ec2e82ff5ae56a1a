"""What the people of the demonstration do, through the use cases that everybody calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.rules.process import Process
from issuer.service import applications, processes
from issuer.service.academy import Academy, Work, query
from issuer.service.cases import process_case
from issuer.service.models import AnswerDraft, EvidenceDraft, Mode
from issuer.service.seeding.pens import Pens


@query
def member_ids(work: Work) -> Mapping[str, str]:
    """Return the ids of accounts by the first part of their address."""
    return {row.email.partition("@")[0]: row.id for row in work.unit.people.page(limit=500)}


@query
def state_of(work: Work, *, process: str) -> Process:
    """Return a process as it stands."""
    return process_case(work, process).state


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Who applies for what, and who has which part in it; people by id, badge and circle by short name."""

    applicant: str
    badge: str
    circle: str
    deciders: tuple[str, ...]
    facilitator: str
    secretary: str
    witnesses: tuple[str, ...] = ()
    name: str | None = None
    claims: tuple[str, ...] = ()
    mode: Mode = "meeting"


def hand_in(academy: Academy, case: Case, *, emails: Mapping[str, str]) -> str:
    """Write and hand in an application; return its id. `emails` maps ids to addresses."""
    who = case.applicant
    id_ = applications.start(academy, by=who, badge=case.badge, circle=case.circle)
    page = applications.application_page(academy, id_=id_, reader=who)
    claims = case.claims or tuple(f"I did this three times this spring: {c.criterion}" for c in page.claims)
    applications.save_draft(
        academy,
        by=who,
        id_=id_,
        claims=claims,
        reflection="I notice that I listen longer before I speak. Next I want to try this outside my own circle.",
    )
    applications.add_evidence(
        academy,
        by=who,
        id_=id_,
        evidence=EvidenceDraft(
            kind="minutes",
            title="Minutes of three meetings",
            note="From March to May; the passages are marked.",
            link="https://minutes.example.org/pod/2026-spring",
        ),
    )
    applications.choose_name(academy, by=who, id_=id_, name=case.name)
    for witness in case.witnesses:
        applications.invite_witness(
            academy, by=who, id_=id_, email=emails[witness], relation="was there in each of the meetings"
        )
    applications.submit(academy, by=who, id_=id_)
    for witness in case.witnesses:
        applications.give_statement(
            academy, by=witness, id_=id_, text="I was in these meetings and saw it as it is written here."
        )
    return id_


def evaluate_all(academy: Academy, id_: str, case: Case, *, pens: Pens) -> str:
    """Take an application up and let everybody look at it; return the process's id."""
    by = case.facilitator
    applications.take_up(
        academy,
        by=by,
        id_=id_,
        deciders=case.deciders,
        facilitator=case.facilitator,
        secretary=case.secretary,
        mode=case.mode,
    )
    page = applications.application_page(academy, id_=id_, reader=case.applicant)
    for peer in dict.fromkeys((*case.deciders, case.facilitator, case.secretary)):
        applications.declare_conflict(academy, by=peer, id_=id_, kind="none")
    for peer in case.deciders:
        applications.see_evidence(academy, by=peer, id_=id_)
        pens.evaluate(
            academy,
            by=peer,
            id_=id_,
            items=tuple(("seen", "") for _ in page.claims),
            appreciation="I like how calmly you do this.",
            suggestion="",
            passes=True,
            reaction=None,
        )
    pens.read_feedback(academy, by=case.applicant, id_=id_)
    assert page.process_id is not None
    return page.process_id


def decide_in_meeting(academy: Academy, process: str, *, pens: Pens) -> None:
    """Hold a meeting about a process in which everybody consents."""
    start = state_of(academy, process=process)
    holds, deciders = start.facilitator, start.deciders
    for peer in deciders:
        if start.peers[peer].key is None:
            pens.give_key(academy, by=peer, id_=process)
    processes.open_process(academy, by=holds, id_=process)
    for peer in deciders:
        processes.pass_questions(academy, by=peer, id_=process)
    processes.advance(academy, by=holds, id_=process)
    for peer in deciders:
        processes.react(academy, by=peer, id_=process, text=None)
    processes.advance(academy, by=holds, id_=process)
    consent = AnswerDraft(version=1, response="consent")
    for peer in deciders:
        pens.respond(academy, by=peer, id_=process, answer=consent)
    for person in (*deciders, *((start.concerned,) if start.concerned else ())):
        processes.nothing_more(academy, by=person, id_=process)


def award_in_meeting(
    academy: Academy, case: Case, *, pens: Pens, emails: Mapping[str, str], published: bool
) -> str:
    """Let somebody earn a badge in one meeting; return the path of the badge's page."""
    id_ = hand_in(academy, case, emails=emails)
    decide_in_meeting(academy, evaluate_all(academy, id_, case, pens=pens), pens=pens)
    return pens.accept(academy, by=case.applicant, id_=id_, published=published)
