"""The circle's look at an application: taking it up, conflicts of interest, checklists, reading the feedback."""

from __future__ import annotations

from issuer.errors import InvalidInputError, NotAllowedError, NotFoundError
from issuer.rules import evaluation as rules
from issuer.rules import rounds, seats
from issuer.rules.applications import Application, step
from issuer.rules.circles import Circle
from issuer.rules.guards import demand
from issuer.rules.kinds import KINDS
from issuer.rules.process import Process
from issuer.service.academy import Work, use_case
from issuer.service.applications.access import may_return_incomplete, part_in
from issuer.service.awarding import badge_draft, fix_address
from issuer.service.badges import academy_policy, definition_for, needs_of
from issuer.service.cases import (
    Case,
    application_case,
    circle_case,
    existing,
    process_case,
    store,
    store_new_process,
)
from issuer.service.facts import facts_for
from issuer.service.forms import ChecklistText
from issuer.service.inputs import demand_text, parse_text
from issuer.service.models import CheckWord, Mode
from issuer.service.notices import invite_deciders, send
from issuer.service.statements.signing import (
    assurance_of,
    check_key,
    identity_digest,
    read_signed,
    signed_statement,
)

_WORDS = ("seen", "partly", "not_yet", "cannot_say")
_NEED_A_NOTE = frozenset({"partly", "not_yet"})


def _taken_by_circle(work: Work, application: Application, by: str) -> Circle:
    """Return the circle whose running facilitator or secretary somebody is; refuse others."""
    if part_in(work, application, by) is None:
        raise NotFoundError("There is nothing here.")
    circle = circle_case(work, application.circle).state
    if by == application.applicant or by not in circle.running_roles(today=work.now.date()):
        raise NotAllowedError(
            "The circle's facilitator or secretary does this.",
            rule="A3",
            remedy="Talk to whoever holds these roles now; the circle's page says who.",
        )
    return circle


@use_case
def return_incomplete(work: Work, *, by: str, id_: str, reason: str) -> None:
    """A2: send an application back for missing parts, never on merit."""
    case = existing(application_case(work, id_))
    circle = _taken_by_circle(work, case.state, by)
    if by not in may_return_incomplete(circle, case.state, today=work.now.date()):
        raise NotAllowedError(
            "The circle's secretary sends an application back, for missing parts only.",
            rule="A2",
            remedy="Tell the secretary what is missing; the circle's page says who it is.",
        )
    words = demand_text(reason, field="reason", sentence="Say which part is missing.")
    text = work.unit.texts.put(words, stream=f"application/{id_}", author=by)
    case = store(work, case, (step(case.state, "A2", by=by, now=work.now, returned=text),))
    send(
        work,
        member=case.state.applicant,
        topic=f"returned/{id_}/{case.seen}",
        subject=f"{work.academy.name}: a part of your application is missing",
        text="Your circle looked at your application and found that a part is missing.",
        path=f"/applications/{id_}",
    )


@use_case
def take_up(
    work: Work,
    *,
    by: str,
    id_: str,
    deciders: tuple[str, ...],
    facilitator: str,
    secretary: str,
    mode: Mode,
) -> None:
    """A3: the circle takes an application up; who decides and who holds the process is said here."""
    case = existing(application_case(work, id_))
    application = case.state
    circle = _taken_by_circle(work, application, by)
    process = process_case(work, work.new_id())
    taken = step(application, "A3", by=by, now=work.now, process=process.state.id)
    process = store_new_process(
        work,
        process,
        rounds.prepare(
            kind="award",
            circle=circle.id,
            subject=f"application/{id_}",
            proposer=facilitator,
            concerned=application.applicant,
            facilitator=facilitator,
            secretary=secretary,
            deciders=deciders,
            mode=mode,
            policy=academy_policy(work),
            needs=needs_of(work, definition_for(work, application)),
            now=work.now,
        ),
    )
    demand(process.state, facts_for(work, process.state), KINDS["award"].take_up)
    fix_address(work, store(work, case, (taken,)).state)
    _invite(work, process.state, id_)
    send(
        work,
        member=application.applicant,
        topic=f"taken-up/{process.state.id}",
        subject=f"{work.academy.name}: your circle looks at your application",
        text="Your circle has taken your application up, and your peers look at it now.",
        path=f"/applications/{id_}",
    )


def _invite(work: Work, process: Process, application: str) -> None:
    """Ask those who decide, with two ways to answer: taking part, and "not this time"."""
    invite_deciders(
        work,
        process,
        path=f"/applications/{application}",
        text="A member of your circle applied for a badge, and your voice is asked for. I take part:",
        other=("Not this time (nobody asks why):", f"/applications/{application}#seats"),
    )


def in_evaluation(work: Work, id_: str, by: str) -> tuple[Case[Application], Case[Process]]:
    """Return an application with its decision, to somebody who has a part in it."""
    case = existing(application_case(work, id_))
    if case.state.process is None or part_in(work, case.state, by) is None:
        raise NotFoundError("There is nothing here.")
    return case, process_case(work, case.state.process)


@use_case
def add_decider(work: Work, *, by: str, id_: str, member: str) -> None:
    """Invite another peer to decide."""
    _, process = in_evaluation(work, id_, by)
    facts = facts_for(work, process.state)
    events = seats.add_decider(process.state, by=by, member=member, facts=facts, now=work.now)
    process = store(work, process, events)
    _invite(work, process.state, id_)


@use_case
def step_aside(work: Work, *, by: str, id_: str) -> None:
    """Say "not this time" to an invitation, without a reason, before the decision is opened."""
    _, process = in_evaluation(work, id_, by)
    facts = facts_for(work, process.state)
    store(work, process, seats.step_aside(process.state, by=by, facts=facts, now=work.now))


@use_case
def hand_over(work: Work, *, by: str, id_: str, role: str, member: str) -> None:
    """Give the facilitator's or the secretary's seat in this decision to another who holds such a role."""
    _, process = in_evaluation(work, id_, by)
    facts = facts_for(work, process.state)
    events = seats.hand_over(process.state, by=by, role=role, member=member, facts=facts, now=work.now)
    store(work, process, events)


@use_case
def declare_conflict(work: Work, *, by: str, id_: str, kind: str) -> None:
    """Answer the question about conflicts of interest."""
    _, process = in_evaluation(work, id_, by)
    store(work, process, rules.declare_conflict(process.state, by=by, kind=kind, now=work.now))


@use_case
def accept_conflict(work: Work, *, by: str, id_: str, member: str) -> None:
    """Say that somebody who named another conflict can stay."""
    _, process = in_evaluation(work, id_, by)
    store(work, process, rules.accept_conflict(process.state, by=by, member=member, now=work.now))


@use_case
def see_evidence(work: Work, *, by: str, id_: str) -> None:
    """Open the evidence, which is noted for those who decide."""
    _, process = in_evaluation(work, id_, by)
    store(work, process, rules.open_evidence(process.state, by=by, now=work.now))


@use_case
def evaluate(
    work: Work,
    *,
    by: str,
    id_: str,
    items: tuple[tuple[CheckWord, str], ...],
    appreciation: str,
    suggestion: str,
    passes: bool,
    reaction: str | None,
    key: str = "",
) -> None:
    """Say what one saw, criterion by criterion, in words; with it comes the key that stands for a decider here."""
    case, process = in_evaluation(work, id_, by)
    if key and by in process.state.deciders and process.state.peers[by].key is None:
        checked = check_key(key)
        assurance = assurance_of(work, by, process.state.id, checked)
        given = rounds.give_key(process.state, by=by, key=checked, assurance=assurance, now=work.now)
        process = store(work, process, given)
    checklist = _checklist(items, appreciation=appreciation, suggestion=suggestion, number=len(case.state.claims))
    said = parse_text(reaction or "", field="reaction")
    stream = f"process/{process.state.id}"
    events = rules.fill_checklist(
        process.state,
        by=by,
        text=work.unit.texts.put(checklist.to_text(), stream=stream, author=by),
        passes=passes,
        reaction=work.unit.texts.put(said, stream=stream, author=by) if said else None,
        now=work.now,
    )
    process = store(work, process, events)
    if all(process.state.peers[member].checklist for member in process.state.deciders):
        send(
            work,
            member=case.state.applicant,
            topic=f"feedback/{process.state.id}",
            subject=f"{work.academy.name}: your peers have given you feedback",
            text="Your peers have looked at your application. Please read it all; then the round can begin.",
            path=f"/applications/{id_}",
        )


def _checklist(
    items: tuple[tuple[CheckWord, str], ...], *, appreciation: str, suggestion: str, number: int
) -> ChecklistText:
    faults: dict[str, str] = {}
    if len(items) != number:
        faults["items"] = "Say something for each criterion; “cannot say” is one of the answers."
    for place, (word, note) in enumerate(items):
        if word not in _WORDS:
            faults[f"items-{place}"] = "Choose one of the four answers; “cannot say” is one of them."
        elif word in _NEED_A_NOTE and not note.strip():
            faults[f"notes-{place}"] = "Say in a few words what you saw, and what you miss."
    if not appreciation.strip():
        faults["appreciation"] = "Begin with something that you appreciate."
    if faults:
        raise InvalidInputError(faults)
    return ChecklistText(
        items=tuple((word, parse_text(note, field=f"notes-{place}")) for place, (word, note) in enumerate(items)),
        appreciation=parse_text(appreciation, field="appreciation"),
        suggestion=parse_text(suggestion, field="suggestion"),
    )


@use_case
def read_feedback(work: Work, *, by: str, id_: str, signed: str = "") -> None:
    """Say as the applicant that one has read all feedback, and sign that the badge is about oneself.

    Reading alone opens nothing: before the round the applicant's own key has said so (G6).
    """
    case, process = in_evaluation(work, id_, by)
    about = None
    if signed and by == case.state.applicant:
        draft = badge_draft(work, process.state, case.state, term_months=None)
        about = signed_statement(
            work,
            process.state,
            by=by,
            value=read_signed(signed),
            kind="about-me",
            digest=identity_digest(draft),
            version=len(process.state.versions) + 1,
            round_=process.state.round + 1,
        )
    events = rules.read_feedback(
        process.state,
        by=by,
        now=work.now,
        key=about.key if about else None,
        signed=about.signed if about else None,
    )
    process = store(work, process, events)
    send(
        work,
        member=process.state.facilitator,
        topic=f"ready/{process.state.id}",
        subject=f"{work.academy.name}: a decision can be opened",
        text="The applicant has read the feedback. If nothing is missing, you can open the decision.",
        path=f"/applications/{id_}",
    )
