"""Keys and answers: giving one's key, answering with it, and what was only said and waits to be confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from issuer.errors import NotAllowedError
from issuer.rules import rounds as rules
from issuer.rules.answers import another_key, on_the_table
from issuer.rules.guards import Facts
from issuer.rules.journal import Event
from issuer.rules.parts import is_decider
from issuer.rules.process import Process
from issuer.rules.rounds import Said
from issuer.service.academy import Work, use_case
from issuer.service.awarding import application_of, badge_url
from issuer.service.inputs import MAX_LINE, demand_text, parse_text
from issuer.service.log.entries import note_event
from issuer.service.models import AnswerDraft
from issuer.service.passkeys import demand_settled
from issuer.service.processes.steps import put_text, take_step, visible_process
from issuer.service.statements.receipts import keep_receipt
from issuer.service.statements.signing import (
    Spoken,
    assurance_of,
    check_key,
    decision_url,
    read_signed,
    signed_consent,
    signed_statement,
)


@use_case
def give_key(work: Work, *, by: str, id_: str, key: str) -> None:
    """Take part: the key that one's browser made for this decision stands for oneself from here on."""

    def give(process: Process, _facts: Facts) -> tuple[Event, ...]:
        is_decider(process, by)  # before anything is said about what was typed
        checked = check_key(key)
        return rules.give_key(
            process, by=by, key=checked, assurance=assurance_of(work, by, id_, checked), now=work.now
        )

    take_step(work, id_, by, give)


@use_case
def respond(work: Work, *, by: str, id_: str, answer: AnswerDraft) -> None:
    """Consent or object, once in a round, to the version that one has read.

    What is not signed with one's own key is noted as said, and counts when it is confirmed.
    """
    process = visible_process(work, id_, by).state
    is_decider(process, by)
    if answer.signed:
        demand_settled(work, by)
    said = _said(work, process, by=by, member=by, answer=answer)
    take_step(
        work, id_, by, lambda process, facts: rules.respond(process, by=by, said=said, facts=facts, now=work.now)
    )
    if said.statement is not None:
        proposal = f"{decision_url(work, id_)}/proposals/{said.version}"
        opening = note_event(work, id_, event="answer", by=by, statement=said.statement, proposal=proposal)
        keep_receipt(work, id_, by=by, statement=said.statement, opening=opening)


@use_case
def note_answer(work: Work, *, by: str, id_: str, member: str, answer: AnswerDraft) -> None:
    """Write down as the secretary what somebody said aloud; it waits until they confirm it with their key."""
    process = visible_process(work, id_, by).state
    if answer.signed:
        raise NotAllowedError(
            "What somebody else said is only noted here.",
            rule="C5",
            remedy="Who said it confirms it with a key of their own.",
        )
    said = _said(work, process, by=by, member=member, answer=answer)
    take_step(
        work,
        id_,
        by,
        lambda process, facts: rules.note_answer(
            process, by=by, member=member, said=said, facts=facts, now=work.now
        ),
    )


def _said(work: Work, process: Process, *, by: str, member: str, answer: AnswerDraft) -> Said:
    if answer.response == "objection":
        demand_text(answer.reason, field="reason", sentence="An objection needs a reason; one sentence is enough.")
    concern = parse_text(answer.concern, field="concern") if answer.response == "consent" else ""
    reason = parse_text(answer.reason, field="reason") if answer.response == "objection" else ""
    about = parse_text(answer.about, field="about", limit=4 * MAX_LINE)
    spoken = None
    if answer.signed:
        spoken = _spoken(work, process, by=member, answer=answer, concern=concern, reason=reason)
    return Said(
        version=answer.version,
        response=answer.response,
        concern=put_text(work, process.id, by, concern),
        reason=put_text(work, process.id, by, reason),
        objection=work.new_id(),
        about=put_text(work, process.id, by, about) or "",
        show_name=answer.show_name,
        statement=spoken.statement if spoken else None,
        signed=spoken.signed if spoken else None,
    )


def _spoken(work: Work, process: Process, *, by: str, answer: AnswerDraft, concern: str, reason: str) -> Spoken:
    """Keep what was signed, when it says what the form says and was signed with the key that stands for them."""
    version = on_the_table(process, member=by, version=answer.version)  # before a signature about another is read
    value = read_signed(answer.signed)

    def statement(kind: str, value: Mapping[str, Any], words: str) -> Spoken:
        return signed_statement(
            work,
            process,
            by=by,
            value=value,
            kind=kind,
            words=words,
            digest=version.digest,
            version=version.number,
            round_=process.round,
        )

    if answer.response == "objection":
        spoken = statement("objection", value, reason)
    elif version.outcome == "award":
        spoken = signed_consent(
            work,
            process,
            by=by,
            value=value,
            badge=badge_url(work, application_of(work, process)),
            has_concern=bool(concern),
            name=_name(work, by) if answer.show_name else None,
        )
    else:
        spoken = statement("not-yet" if version.outcome == "not_yet" else "consent", value, "")
    keys = {spoken.key}
    if concern:  # its words are signed apart, for the circle alone
        told = statement("concern", {"statement": value.get("concern"), "salt": value.get("salt")}, concern)
        keys.add(told.key)
    if keys != {process.peers[by].key}:
        raise another_key()
    return spoken


def _name(work: Work, member: str) -> str:
    person = work.unit.people.by_id(member)
    assert person is not None
    return str(person.name)
