"""The round: answers, objections and what is made of them, settling."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from issuer.errors import InvalidInputError, RefusedError
from issuer.rules import rounds as rules
from issuer.rules.applications import step
from issuer.rules.kinds import KINDS
from issuer.rules.process import Process, Version
from issuer.rules.rounds import Draft
from issuer.service.academy import Work, use_case
from issuer.service.applications.acceptance import step_back
from issuer.service.awarding import application_of, badge_draft, usual_text
from issuer.service.badges import definition_for
from issuer.service.cases import application_case, store
from issuer.service.inputs import MAX_LINE, demand_text, parse_text
from issuer.service.models import Amendment
from issuer.service.processes.steps import put_text, take_step, visible_process
from issuer.service.proposals import Proposal, draft_version, read_proposal

_STEPS = {"understood": "O1", "concern": "O2c", "take_back": "O2t"}
ByHand = Literal["understood", "concern", "take_back"]


@use_case
def word_objection(work: Work, *, by: str, id_: str, objection: str, wording: str) -> None:
    """Write down how the circle understands an objection."""
    words = demand_text(wording, field="wording", sentence="Say in your words how the circle understands it.")
    stored = put_text(work, id_, by, words) or ""
    take_step(
        work,
        id_,
        by,
        lambda process, _: rules.word_objection(process, by=by, objection=objection, wording=stored, now=work.now),
    )


@use_case
def change_objection(work: Work, *, by: str, id_: str, objection: str, step: ByHand) -> None:
    """Say about one's own objection that it is well understood, only a concern, or taken back."""
    if step not in _STEPS:
        raise InvalidInputError({"step": "Choose one of the answers on the page."})
    take_step(
        work,
        id_,
        by,
        lambda process, _: rules.change_objection(
            process, by=by, objection=objection, step=_STEPS[step], now=work.now
        ),
    )


@use_case
def amend(work: Work, *, by: str, id_: str, amendment: Amendment) -> None:
    """Put a new version before the circle; everybody answers again."""
    case = visible_process(work, id_, by)
    process = case.state
    if process.version is None:
        raise RefusedError("There is no version to change yet.", rule="C7", remedy="Open the decision first.")
    met = {
        objection: put_text(work, id_, by, parse_text(text, field=f"met-{objection}")) or ""
        for objection, text in amendment.how_met.items()
        if text.strip() and any(one.id == objection for one in process.objections)
    }
    draft = amended_draft(work, process, amendment, by=by)
    take_step(
        work,
        id_,
        by,
        lambda process, facts: rules.amend(process, by=by, draft=draft, met=met, facts=facts, now=work.now),
    )


def amended_draft(work: Work, process: Process, amendment: Amendment, *, by: str) -> Draft:
    """Return the version that an amendment makes of the current one; refuse when nothing differs."""
    current = process.version
    assert current is not None
    if amendment.outcome not in KINDS[process.kind].outcomes:
        raise InvalidInputError({"outcome": "This kind of decision cannot have that outcome."})
    before = read_proposal(work, current.text)
    is_award = amendment.outcome == "award"
    review_on = amendment.review_on or current.review_on
    measures = tuple(parse_text(measure, field="measures") for measure in amendment.measures if measure.strip())
    after = replace(
        before,
        text=_amended_text(work, process, amendment, before.text),
        plan=parse_text(amendment.plan or "", field="plan") or None if amendment.outcome == "not_yet" else None,
    )
    look_again = amendment.look_again_on if amendment.outcome == "not_yet" else None
    unchanged = _content(work, current, before) == (
        amendment.outcome,
        after.text,
        after.plan,
        review_on,
        amendment.term_months,
        measures,
        look_again,
    )
    if unchanged and any(objection.open for objection in process.objections):
        raise RefusedError(
            "Nothing was changed.",
            rule="C7",
            remedy="Change the text, add a measure, shorten the term, or move the review date.",
        )
    if is_award:
        application = application_of(work, process)
        after = replace(
            after, credential=badge_draft(work, process, application, term_months=amendment.term_months)
        )
    return draft_version(
        work,
        process,
        after,
        by=by,
        outcome=amendment.outcome,
        review_on=review_on,
        term_months=amendment.term_months if is_award else None,
        measures=measures,
        look_again_on=look_again,
    )


def _amended_text(work: Work, process: Process, amendment: Amendment, before: str) -> str:
    """Return the new version's text. One that was written for the other outcome does not stand under this one."""
    text = parse_text(amendment.text, field="text") or before
    assert process.version is not None
    if process.kind != "award" or text != before or amendment.outcome == process.version.outcome:
        return text
    return usual_text(amendment.outcome, definition_for(work, application_of(work, process)).name)


def _content(
    work: Work, version: Version, proposal: Proposal
) -> tuple[str, str, str | None, date | None, int | None, tuple[str, ...], date | None]:
    measures = tuple(work.unit.texts.get(measure) or "" for measure in version.measures)
    return (
        version.outcome,
        proposal.text,
        proposal.plan,
        version.review_on,
        version.term_months,
        measures,
        version.look_again_on,
    )


@use_case
def answer_plan(work: Work, *, by: str, id_: str, agreed: bool) -> None:
    """Say as the applicant whether one agrees to the plan of a "not yet"."""
    take_step(work, id_, by, lambda process, _: rules.answer_plan(process, by=by, agreed=agreed, now=work.now))


@use_case
def nothing_more(work: Work, *, by: str, id_: str) -> None:
    """Say in the closing round that one has nothing more to bring. The last one closes the decision."""
    take_step(work, id_, by, lambda process, _: rules.nothing_more(process, by=by, now=work.now))


@use_case
def object_late(work: Work, *, by: str, id_: str, reason: str, about: str) -> None:
    """Bring something new while the decision settles."""
    words = demand_text(reason, field="reason", sentence="An objection needs a reason; one sentence is enough.")
    stored = put_text(work, id_, by, words)
    place = put_text(work, id_, by, parse_text(about, field="about", limit=4 * MAX_LINE))
    take_step(
        work,
        id_,
        by,
        lambda process, facts: rules.object_late(
            process,
            by=by,
            objection=work.new_id(),
            reason=stored or "",
            about=place or "",
            facts=facts,
            now=work.now,
        ),
    )


@use_case
def refer(work: Work, *, by: str, id_: str) -> None:
    """Ask that the broader circle takes the question on."""
    case = take_step(work, id_, by, lambda process, _: rules.refer(process, by=by, now=work.now))
    if case.state.kind == "award":
        application = application_case(work, application_of(work, case.state).id)
        store(work, application, (step(application.state, "A8", by=by, now=work.now),))


@use_case
def withdraw_process(work: Work, *, by: str, id_: str) -> None:
    """Step back: the applicant with the whole application, the proposer with the proposal."""
    process = visible_process(work, id_, by).state
    if process.kind == "award":
        step_back(work, by=by, id_=application_of(work, process).id)
        return
    take_step(work, id_, by, lambda process, _: rules.withdraw(process, by=by, now=work.now))
