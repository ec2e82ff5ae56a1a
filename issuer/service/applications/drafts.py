"""The applicant's own part before the circle looks: claims, evidence, witnesses, the name to be signed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from issuer.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError, TamperedError
from issuer.rules.achievements import Definition
from issuer.rules.applications import (
    MAX_EVIDENCE,
    RUNNING,
    Application,
    change_statement,
    decline_statement,
    editable,
    missing_parts,
    owned,
    permit_evidence,
    release_witness,
    step,
)
from issuer.rules.applications import invite_witness as invite_witness_rule
from issuer.rules.applications import submit as submit_rule
from issuer.rules.circles import Circle
from issuer.rules.evaluation import change_evidence
from issuer.rules.guards import demand
from issuer.rules.journal import Event
from issuer.rules.kinds import KINDS
from issuer.service.academy import Work, query, use_case
from issuer.service.applications.access import may_see_evidence, part_in
from issuer.service.badges import definition_for, definition_of
from issuer.service.cases import (
    Case,
    application_case,
    badge_case,
    circle_case,
    existing,
    process_case,
    store,
)
from issuer.service.facts import awaits, facts_for, holds, lacking_badges, same_person
from issuer.service.forms import EvidenceText
from issuer.service.inputs import MAX_LINE, demand_text, parse_address, parse_name, parse_text
from issuer.service.models import EvidenceDraft
from issuer.service.notices import send
from issuer.store.journal import file_digest

_MAX_FILE = 10_000_000
_MAX_LINK = 2_000
_FILE_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,150}")


def applicants_case(work: Work, id_: str, by: str) -> Case[Application]:
    """Return an application to its applicant; to nobody else it exists here."""
    case = existing(application_case(work, id_))
    if case.state.applicant != by and not part_in(work, case.state, by):
        raise NotFoundError("There is nothing here.")
    owned(case.state, by)
    return case


@use_case
def start(work: Work, *, by: str, badge: str, circle: str) -> str:
    """Begin a draft, or return the application that is running already for this badge."""
    running = work.unit.cases.open_application(by, badge, RUNNING)
    if running is not None:
        return running
    if holds(work, by, badge, today=work.now.date()) or awaits(work, by, badge):
        raise RefusedError(
            "You hold this badge already.", rule="A1", remedy="Choose another one; your badges stand on your page."
        )
    version = badge_case(work, badge).state.current
    row = work.unit.cases.circle(slug=circle)
    if version is None or row is None:
        raise NotFoundError("There is no such badge or circle.")
    home: Circle = circle_case(work, row.id).state
    if by not in home.members:
        raise NotAllowedError(
            "You apply in a circle that you are a member of.", rule="A1", remedy="Choose one of your circles."
        )
    case = application_case(work, work.new_id())
    data = {
        "applicant": by,
        "badge": badge,
        "version": version.version,
        "circle": row.id,
        "criteria": len(definition_of(work, version).criteria),
    }
    store(work, case, (Event(type="started", at=work.now, actor=by, data=data),))
    return case.state.id


@use_case
def save_draft(work: Work, *, by: str, id_: str, claims: tuple[str, ...], reflection: str) -> None:
    """Keep what was written so far; empty fields stay empty."""
    case = applicants_case(work, id_, by)
    editable(case.state, by)
    if len(claims) != len(case.state.claims):
        raise InvalidInputError({"claims": "There is one claim for each criterion."})
    stream = f"application/{id_}"

    def text(value: str, field: str) -> str | None:
        value = parse_text(value, field=field)
        return work.unit.texts.put(value, stream=stream, author=by) if value else None

    data = {
        "claims": [text(claim, f"claims-{number}") for number, claim in enumerate(claims)],
        "reflection": text(reflection, "reflection"),
    }
    store(work, case, (Event(type="draft_saved", at=work.now, actor=by, data=data),))


@use_case
def choose_name(work: Work, *, by: str, id_: str, name: str | None) -> None:
    """Say which name the badge carries, or that it carries none. Peers consent to it with the badge."""
    case = applicants_case(work, id_, by)
    editable(case.state, by)
    text = work.unit.texts.put(parse_name(name), stream=f"application/{id_}", author=by) if name else None
    store(work, case, (Event(type="name_chosen", at=work.now, actor=by, data={"text": text}),))


@use_case
def add_evidence(work: Work, *, by: str, id_: str, evidence: EvidenceDraft) -> None:
    """Add a piece of evidence: a link, a file, or words about what was shown live."""
    case = applicants_case(work, id_, by)
    editable(case.state, by)
    if len(case.state.evidence) >= MAX_EVIDENCE:
        raise RefusedError(
            f"An application holds at most {MAX_EVIDENCE} pieces of evidence.",
            rule="A1",
            remedy="Leave out the weakest one first.",
        )
    text = _evidence_text(evidence)
    stream, evidence_id = f"application/{id_}", work.new_id()
    digest = None
    if evidence.content is not None:
        work.unit.texts.put_file(evidence.content, id_=evidence_id, name=text.file_name or "file", stream=stream)
        digest = file_digest(evidence.content)
    data = {
        "id": evidence_id,
        "text": work.unit.texts.put(text.to_text(), stream=stream, author=by),
        "file_digest": digest,
        "about_others": evidence.about_others,
        "data_permission": evidence.data_permission,
    }
    store(work, case, (Event(type="evidence_added", at=work.now, actor=by, data=data),))


def _is_web_address(link: str) -> bool:
    if len(link) > _MAX_LINK or not link.isprintable() or " " in link:
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)


def _evidence_text(evidence: EvidenceDraft) -> EvidenceText:
    faults: dict[str, str] = {}
    link = (evidence.link or "").strip() or None
    if link is not None and not _is_web_address(link):
        faults["link"] = "Give a whole web address that begins with https://."
    if evidence.content is not None:
        if link is not None:
            faults["link"] = "Add the link and the file as two pieces of evidence."
        if not 0 < len(evidence.content) <= _MAX_FILE:
            faults["file"] = f"A file has at most {_MAX_FILE // 1_000_000} MB, and is not empty."
        if not _FILE_NAME.fullmatch(evidence.file_name or ""):
            faults["file"] = "Give the file a shorter, plain name."
    if evidence.content is None and link is None and not evidence.note.strip():
        faults["note"] = "Give a link, a file, or say in words what was shown, when and to whom."
    if faults:
        raise InvalidInputError(faults)
    return EvidenceText(
        kind=parse_text(evidence.kind, field="kind", limit=40),
        title=demand_text(
            evidence.title, field="title", sentence="Give the evidence a short title.", limit=MAX_LINE
        ),
        note=parse_text(evidence.note, field="note"),
        link=link,
        file_name=evidence.file_name if evidence.content is not None else None,
        size=len(evidence.content) if evidence.content is not None else None,
    )


@use_case
def remove_evidence(work: Work, *, by: str, id_: str, evidence: str) -> None:
    """Take a piece of evidence out, and its file with it."""
    case = applicants_case(work, id_, by)
    editable(case.state, by)
    if all(item.id != evidence for item in case.state.evidence):
        raise NotFoundError("This piece of evidence is not there any more.")
    work.unit.texts.remove_file(evidence, stream=f"application/{id_}")
    store(work, case, (Event(type="evidence_removed", at=work.now, actor=by, data={"id": evidence}),))


@use_case
def confirm_permission(work: Work, *, by: str, id_: str, evidence: str) -> None:
    """Say that those who appear in a piece of evidence gave their permission to use it here."""
    case = applicants_case(work, id_, by)
    if all(item.id != evidence for item in case.state.evidence):
        raise NotFoundError("This piece of evidence is not there any more.")
    store(work, case, (permit_evidence(case.state, by=by, id_=evidence, now=work.now),))


@query
def evidence_file(work: Work, *, reader: str, id_: str, evidence: str) -> tuple[str, bytes]:
    """Return a file to those who may see the evidence: name and content."""
    case = existing(application_case(work, id_))
    if not may_see_evidence(work, case.state, reader):
        raise NotFoundError("There is nothing here.")
    found = work.unit.texts.file(evidence, stream=f"application/{id_}")
    item = next((item for item in case.state.evidence if item.id == evidence), None)
    if found is None or item is None:
        raise NotFoundError("There is nothing here.")
    if file_digest(found[1]) != item.file_digest:
        raise TamperedError(f"the file of the evidence {evidence} was changed in the database")
    return found


@use_case
def invite_witness(work: Work, *, by: str, id_: str, email: str, relation: str) -> None:
    """Ask somebody with an account what they saw."""
    case = applicants_case(work, id_, by)
    person = work.unit.people.by_email(parse_address(email))
    if person is None:
        raise InvalidInputError(
            {"email": "Nobody with this address has an account here. Ask somebody from one of the circles."}
        )
    words = parse_text(relation, field="relation", limit=MAX_LINE)
    if same_person(work, person.id, by):
        raise RefusedError("You cannot be your own witness.", rule="G1", remedy="Ask somebody who saw you at it.")
    event = invite_witness_rule(
        case.state,
        by=by,
        id_=work.new_id(),
        member=person.id,
        now=work.now,
        relation=work.unit.texts.put(words, stream=f"application/{id_}", author=by) if words else None,
    )
    store(work, case, (event,))
    send(
        work,
        member=person.id,
        topic=f"witness/{id_}",
        subject=f"{work.academy.name}: somebody asks what you saw",
        text="Somebody asks you for a few words on what you saw of their work. You see first how they are used.",
        path=f"/applications/{id_}",
    )


@use_case
def stop_asking(work: Work, *, by: str, id_: str, witness: str) -> None:
    """No longer ask a witness whose words are not in; from then on they see nothing of it."""
    case = applicants_case(work, id_, by)
    store(work, case, (release_witness(case.state, by=by, id_=witness, now=work.now),))


@use_case
def give_statement(work: Work, *, by: str, id_: str, text: str) -> None:
    """Say as a witness what one saw; the applicant reads it before the round."""
    case = _witnessed_case(work, id_, by)
    words = demand_text(text, field="text", sentence="Say in a few words what you saw.")
    stored = work.unit.texts.put(words, stream=f"application/{id_}", author=by)
    store(work, case, (change_statement(case.state, by=by, text=stored, now=work.now),))


@use_case
def take_back_statement(work: Work, *, by: str, id_: str) -> None:
    """Take one's words back before the round opens."""
    case = _witnessed_case(work, id_, by)
    store(work, case, (change_statement(case.state, by=by, text=None, now=work.now),))


@use_case
def decline_to_witness(work: Work, *, by: str, id_: str) -> None:
    """Say as a witness that one would rather not; nobody asks why."""
    case = _witnessed_case(work, id_, by)
    store(work, case, (decline_statement(case.state, by=by, now=work.now),))


def _witnessed_case(work: Work, id_: str, by: str) -> Case[Application]:
    """Return an application to those who know of it; to others it does not exist."""
    case = existing(application_case(work, id_))
    if part_in(work, case.state, by) is None:
        raise NotFoundError("There is nothing here.")
    return case


@use_case
def submit(work: Work, *, by: str, id_: str) -> None:
    """A1: hand a complete application to the circle; what is missing is named one by one."""
    case = applicants_case(work, id_, by)
    definition = definition_for(work, case.state)
    missing = missing_for(work, case.state, definition)
    case = store(work, case, (submit_rule(case.state, by=by, missing=missing, now=work.now),))
    if case.state.process is not None:
        _look_again(work, case, by=by)
        return
    circle = circle_case(work, case.state.circle).state
    for member in circle.running_roles(today=work.now.date()) - {by}:
        send(
            work,
            member=member,
            topic=f"submitted/{id_}/{case.seen}",
            subject=f"{work.academy.name}: an application waits for your circle",
            text="Somebody handed in an application. Your circle takes it up.",
            path=f"/applications/{id_}",
        )


def _look_again(work: Work, case: Case[Application], *, by: str) -> None:
    """A3 once more: those who had taken it up look at the evidence again."""
    process = process_case(work, case.state.process or "")
    process = store(work, process, change_evidence(process.state, by=by, now=work.now))
    demand(process.state, facts_for(work, process.state), KINDS["award"].take_up)
    store(work, case, (step(case.state, "A3", by=by, now=work.now, process=process.state.id),))
    for member in process.state.deciders:
        send(
            work,
            member=member,
            topic=f"evidence/{process.state.id}",
            subject=f"{work.academy.name}: there is more to look at",
            text="The applicant has added evidence. Please look at it again.",
            path=f"/applications/{case.state.id}",
        )


def missing_for(work: Work, application: Application, definition: Definition) -> list[str]:
    """Return what an application still lacks before it can be handed in, one sentence each."""
    lacking = lacking_badges(work, application, definition.requires)
    names = work.unit.cases.badges_named(lacking)
    return missing_parts(
        application,
        criteria=definition.criteria,
        reflection_needed=definition.reflection_needed,
        lacking=[names[slug].name if slug in names else slug for slug in lacking],
    )


@use_case
def reopen(work: Work, *, by: str, id_: str) -> None:
    """A4: take the application back to add evidence; the same people look at it again afterwards."""
    case = applicants_case(work, id_, by)
    event = step(case.state, "A4", by=by, now=work.now)
    process = process_case(work, case.state.process or "").state
    if process.phase != "preparing":
        raise RefusedError(
            "The decision has begun; evidence is not changed now.",
            rule="A4",
            remedy="Say in the round what you would like to show, or step back and apply anew.",
        )
    store(work, case, (event,))
