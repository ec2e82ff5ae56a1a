"""What waits for somebody, and what is theirs."""

from __future__ import annotations

from datetime import timedelta

from issuer.errors import NotFoundError
from issuer.rules.process import Peer, Process
from issuer.rules.rounds import plan_waits
from issuer.service.academy import Work, query
from issuer.service.badges import academy_policy
from issuer.service.cases import application_case, circle_case, process_case
from issuer.service.circles import STATE_WORDS, card_of
from issuer.service.models import CaseRow, Me, MePage, Task
from issuer.service.setup import next_step

_MINE_ENDED = frozenset({"withdrawn"})


@query
def my_page(work: Work, *, me: str) -> MePage:
    """Return what waits for somebody, and their applications, badges, circles and statements."""
    person = work.unit.people.by_id(me)
    if person is None:
        raise NotFoundError("There is no such account.")
    circles = work.unit.cases.circles_of(me)
    tasks = tuple(_tasks(work, me))
    academy_member = any(circle.kind == "academy" for circle in circles)
    return MePage(
        me=Me(
            id=me,
            name=person.name,
            email=person.email,
            time_zone=person.time_zone,
            is_academy_member=academy_member,
            waiting=len(tasks),
        ),
        tasks=tasks,
        applications=_applications(work, me),
        badges=_badges(work, me),
        circles=tuple(card_of(work, row.id) for row in circles),
        statements=_statements(work, me),
        setup=next_step(work, me) if academy_member else None,
    )


def _applications(work: Work, me: str) -> tuple[CaseRow, ...]:
    rows = [row for row in work.unit.cases.applications_of(me) if row.state not in _MINE_ENDED]
    badges = work.unit.cases.badges_named(row.badge for row in rows)
    return tuple(
        CaseRow(path=f"/applications/{row.id}", title=badges[row.badge].name, sentence=STATE_WORDS[row.state])
        for row in rows
    )


def _badges(work: Work, me: str) -> tuple[CaseRow, ...]:
    rows = [row for row in work.unit.awards.awards_of(me) if row.state in {"issued", "revoked"}]
    badges = work.unit.cases.badges_named(row.badge for row in rows)
    return tuple(
        CaseRow(
            path=f"/credentials/{row.credential_id}",
            title=badges[row.badge].name,
            sentence="Given back." if row.state == "revoked" else "Yours to show and to take along.",
        )
        for row in rows
    )


def _statements(work: Work, me: str) -> tuple[CaseRow, ...]:
    """Return what somebody was asked to witness: whose badge, and what came of it."""
    words = {
        "invited": "You were asked what you saw.",
        "given": "You said what you saw.",
        "taken_back": "You took your words back.",
        "declined": "You would rather not.",
    }
    found = []
    for row in work.unit.cases.statements_of(me):
        application = application_case(work, row.application_id).state
        if row.state in words and application.state not in _MINE_ENDED:
            found.append((application, words[row.state]))
    badges = work.unit.cases.badges_named(application.badge for application, _words in found)
    people = work.unit.people.named({application.applicant for application, _words in found})
    return tuple(
        CaseRow(
            path=f"/applications/{application.id}",
            title=f"{people[application.applicant].name}: {badges[application.badge].name}",
            sentence=sentence,
        )
        for application, sentence in found
    )


def _tasks(work: Work, me: str) -> list[Task]:
    """Return what waits for somebody: decisions first, then their own applications, then their circles'."""
    tasks = []
    for id_ in work.unit.cases.processes_of(me):
        task = _process_task(process_case(work, id_).state, me)
        if task is not None:
            tasks.append(task)
    for row in work.unit.cases.applications_of(me):
        if row.state == "consented":
            sentence = "Your circle consented to your badge: accept it, or leave it."
            tasks.append(Task(sentence=sentence, path=f"/applications/{row.id}"))
    tasks += [
        Task(sentence="Somebody asks what you saw.", path=f"/applications/{row.application_id}")
        for row in work.unit.cases.statements_of(me)
        if row.state == "invited"
        and application_case(work, row.application_id).state.state in {"draft", "submitted", "in_evaluation"}
    ]
    return tasks + _circle_tasks(work, me)


def _circle_tasks(work: Work, me: str) -> list[Task]:
    """Return the applications that wait for whoever holds the process roles of a circle."""
    tasks = []
    days = timedelta(days=academy_policy(work).take_up_days)
    for circle in work.unit.cases.circles_of(me):
        if me not in circle_case(work, circle.id).state.running_roles(today=work.now.date()):
            continue
        for row in work.unit.cases.applications_in(circle.id, ("submitted",)):
            application = application_case(work, row.id).state
            if application.applicant != me:
                until = (application.submitted_at or work.now) + days
                sentence = f"An application waits for {circle.name} to take it up."
                tasks.append(Task(sentence=sentence, path=f"/applications/{row.id}", until=until))
    return tasks


def _process_task(process: Process, me: str) -> Task | None:
    sentence = _what_waits(process, me)
    if sentence is None:
        return None
    path = f"/processes/{process.id}"
    if process.kind == "award" and process.phase == "preparing":
        path = f"/applications/{process.subject.removeprefix('application/')}"
    return Task(sentence=sentence, path=path, until=process.deadline)


def _what_waits(process: Process, me: str) -> str | None:
    """Return what somebody has to do in a process now, None when it waits for others."""
    if process.phase == "preparing" and process.kind == "award":
        return _before_the_round(process, me)
    peer = process.peers.get(me)
    decides = peer is not None and peer.decides
    mine = _of_who_decides(process, peer) if peer is not None and decides else None
    return mine or _of_anybody(process, me, decides=decides)


def _of_who_decides(process: Process, peer: Peer) -> str | None:
    match process.phase:
        case "preparing" if peer.key is None:
            return "A decision is being prepared: take part in it."
        case "reacting" if not peer.reacted:
            return "How do you react to the proposal?"
        case "consent_round" if peer.member in process.said:
            return "What you said is noted; it counts when you confirm it with your key."
        case "consent_round" if peer.member not in process.answers:
            return "Do you consent?"
    return None


def _of_anybody(process: Process, me: str, *, decides: bool) -> str | None:
    match process.phase:
        case "preparing" if me == process.facilitator:
            return "A proposal can be opened."
        case "clarifying" if any(q.answer is None for q in process.questions) and me in {
            process.concerned,
            process.proposer,
        }:
            return "A question waits for your answer."
        case "clarifying" if decides and not process.peers[me].asked:
            return "Do you have a question about the proposal?"
        case "integrating" if decides or me == process.facilitator:
            return "An objection is to be integrated."
        case "settling" if me == process.concerned and plan_waits(process):
            return "Do you agree to the plan?"
        case "settling" if (
            process.mode == "meeting" and (decides or me == process.concerned) and me not in process.nothing_more
        ):
            return "Closing round: is there anything more?"
    return None


def _before_the_round(process: Process, me: str) -> str | None:
    peer = process.peers.get(me)
    heard = all(process.peers[member].checklist for member in process.deciders)
    if peer is not None and peer.conflict is None:
        return "An application waits for your look: first, do you have a conflict of interest?"
    if peer is not None and peer.decides and (not peer.opened or peer.checklist is None):
        return "An application waits for what you saw."
    if peer is not None and peer.decides and peer.key is None:
        return "A key of your own is missing for this decision: open the page, and take part."
    if me == process.concerned and heard and (not process.feedback_read or process.about_me is None):
        return "Your peers' feedback waits for you."
    if me == process.facilitator and heard and process.feedback_read and process.about_me is not None:
        return "A decision can be opened."
    return None
