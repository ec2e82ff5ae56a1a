"""What the facilitator does: opens, goes on, gives time, pauses. None of it decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from issuer.errors import NotAllowedError
from issuer.rules import rounds as rules
from issuer.rules.applications import step
from issuer.rules.credentials import add_months
from issuer.rules.process import Process
from issuer.rules.rounds import Draft
from issuer.service.academy import Academy, Work, each_alone, query, use_case
from issuer.service.awarding import application_of, badge_draft, fix_address, usual_text
from issuer.service.badges import definition_for
from issuer.service.cases import application_case, existing, process_case, store
from issuer.service.closing import close_if_settled
from issuer.service.facts import facts_for
from issuer.service.inputs import parse_text
from issuer.service.log.entries import note_event
from issuer.service.notices import invite_deciders, send
from issuer.service.processes.steps import take_step, visible_process
from issuer.service.proposals import Proposal, draft_version, read_proposal

_LOOK_AGAIN = timedelta(hours=1)
_REVIEW_MONTHS = {"constitute": 6}  # an academy that begins looks at itself soon (DOMAIN.md section 5)


@use_case
def open_process(
    work: Work,
    *,
    by: str,
    id_: str,
    text: str = "",
    review_on: date | None = None,
    measures: tuple[str, ...] = (),
) -> None:
    """C1, and A5 for an award: put the proposal before the deciders; text, review date and deciders are fixed."""
    case = visible_process(work, id_, by)
    process = case.state
    if by != process.facilitator:
        raise NotAllowedError(
            "The facilitator of this process opens it.",
            rule="C1",
            remedy="Ask the facilitator; the page says who it is.",
        )
    kept = tuple(parse_text(measure, field="measures") for measure in measures if measure.strip())
    draft = _first_draft(
        work, process, by=by, text=parse_text(text, field="text"), review_on=review_on, measures=kept
    )
    process = take_step(
        work,
        id_,
        by,
        lambda process, facts: rules.open_process(process, by=by, draft=draft, facts=facts, now=work.now),
    ).state
    note_event(work, id_, event="opened", by=by)
    if process.kind == "award":
        application = application_case(work, application_of(work, process).id)
        if application.state.state == "in_evaluation":
            store(work, application, (step(application.state, "A5", by=by, now=work.now),))
    invite_deciders(
        work,
        process,
        path=f"/processes/{id_}",
        text="A decision in your circle has been opened. Please ask, react, and say whether you consent.",
    )


def _first_draft(
    work: Work,
    process: Process,
    *,
    by: str,
    text: str,
    review_on: date | None,
    measures: tuple[str, ...],
) -> Draft:
    """Return the version that is opened: for an award the exact badge, else the document that was proposed."""
    months = _REVIEW_MONTHS.get(process.kind, process.policy.review_months)
    term = None
    if process.kind == "award":
        application = fix_address(work, application_of(work, process))
        definition = definition_for(work, application)
        months, term = definition.review_months, definition.award_term_months
        proposal = Proposal(
            text=text or usual_text("award", definition.name),
            credential=badge_draft(work, process, application, term_months=term),
        )
    else:
        latest = process.version.text if process.version else process.subject
        proposal = read_proposal(work, latest)
        proposal = replace(proposal, text=text or proposal.text)
    return draft_version(
        work,
        process,
        proposal,
        by=by,
        outcome=process.kind,
        review_on=review_on or add_months(work.now.date(), months),
        term_months=term,
        measures=measures,
    )


@use_case
def advance(work: Work, *, by: str, id_: str) -> None:
    """Go on to the next phase in a meeting, when everybody has spoken or passed."""
    take_step(work, id_, by, lambda process, facts: rules.advance(process, by=by, facts=facts, now=work.now))


@use_case
def extend(work: Work, *, by: str, id_: str) -> None:
    """Give more time."""
    take_step(work, id_, by, lambda process, _: rules.extend(process, by=by, now=work.now))


@use_case
def rewrite(work: Work, *, by: str, id_: str) -> None:
    """Take the text back to rewrite it before the round."""
    take_step(work, id_, by, lambda process, _: rules.rewrite(process, by=by, now=work.now))


@use_case
def pause(work: Work, *, by: str, id_: str) -> None:
    """Stop the clock."""
    take_step(work, id_, by, lambda process, _: rules.pause(process, by=by, now=work.now))


@use_case
def resume(work: Work, *, by: str, id_: str) -> None:
    """Go on; where others decide now than before, they start at questions on a version that names them."""
    process = visible_process(work, id_, by).state
    draft = _same_again(work, process, by=by) if process.deciders_changed else None
    take_step(
        work,
        id_,
        by,
        lambda process, facts: rules.resume(process, by=by, facts=facts, now=work.now, draft=draft),
    )


def _same_again(work: Work, process: Process, *, by: str) -> Draft:
    """Return the version on the table once more, with a digest that names those who decide now."""
    current = process.version
    assert current is not None
    return draft_version(
        work,
        process,
        read_proposal(work, current.text),
        by=by,
        outcome=current.outcome,
        review_on=current.review_on,
        term_months=current.term_months,
        measures=tuple(work.unit.texts.get(measure) or "" for measure in current.measures),
        look_again_on=current.look_again_on,
    )


@use_case
def _close_due(work: Work, *, id_: str) -> None:
    case = existing(process_case(work, id_))
    events = rules.due(case.state, facts=facts_for(work, case.state), now=work.now)
    after = close_if_settled(work, store(work, case, events))
    if after.seen == case.seen:
        # Silence is not consent: somebody has still to speak. They are reminded once, and we look again later.
        _remind(work, after.state)
        work.unit.cases.look_again(id_, at=work.now + _LOOK_AGAIN)


def _remind(work: Work, process: Process) -> None:
    if process.phase != "consent_round":
        return
    for member in set(process.deciders) - process.answers.keys():
        send(
            work,
            member=member,
            topic=f"reminder/{process.id}",
            subject=f"{work.academy.name}: your circle still waits for your voice",
            text="The time for the consent round is over, and your voice is missing. Silence is not consent.",
            path=f"/processes/{process.id}",
        )


@query
def _due(work: Work) -> list[str]:
    return work.unit.cases.due_processes(now=work.now)


def close_due(academy: Academy) -> int:
    """Do what is due by itself: phases whose time is over, settled decisions. Never answers, never issues.

    Returns how many processes were looked at.
    """
    return each_alone(_due(academy), lambda id_: _close_due(academy, id_=id_))
