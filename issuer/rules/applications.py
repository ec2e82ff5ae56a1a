"""Applications: machine A of DOMAIN.md 4.3. Texts and files by id; the applicant has the first and last word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from issuer.errors import InvalidInputError, NotAllowedError, RefusedError
from issuer.rules.journal import Event
from issuer.rules.transitions import move

MAX_EVIDENCE = 20
MAX_WITNESSES = 12
EDITABLE = frozenset({"draft"})
WITNESSING = frozenset({"draft", "submitted", "in_evaluation"})
_OWN_STEPS = frozenset({"A1", "A4", "A10", "A11", "A12"})
RUNNING = frozenset({"draft", "submitted", "in_evaluation", "in_consent", "consented", "referred"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One piece of evidence: where its text and file are, and whether others appear in it."""

    id: str
    text: str
    file_digest: str | None = None
    about_others: bool = False
    data_permission: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody who was asked what they saw."""

    id: str
    member: str
    relation: str | None = None  # text id of how they know each other's work
    text: str | None = None
    state: str = "invited"  # invited, given, taken_back, declined, released


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One person's application for one badge version in one circle."""

    id: str
    applicant: str = ""
    badge: str = ""
    version: str = ""
    circle: str = ""
    state: str = "draft"
    claims: tuple[str | None, ...] = ()
    reflection: str | None = None
    evidence: tuple[Evidence, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    signed_name: str | None = None  # text id of the name that the applicant wants signed
    process: str | None = None
    leaf: str | None = None  # hash of the decision's leaf in the outbox
    returned: str | None = None  # text id of the secretary's reason
    accepted_at: datetime | None = None
    award: str | None = None
    credential: str | None = None  # id part of the badge's address, fixed when the round opens
    identity_salt: str | None = None
    plan: str | None = None
    look_again_on: date | None = None
    submitted_at: datetime | None = None
    statement_at: datetime | None = None  # when the newest witness statement came (G6)

    @property
    def witnessing(self) -> frozenset[str]:
        """Return the members who are asked, or were and have answered; not those who are no longer asked."""
        return frozenset(witness.member for witness in self.witnesses if witness.state != "released")

    @property
    def witnesses_given(self) -> int:
        """Return how many statements are in."""
        return sum(witness.state == "given" for witness in self.witnesses)


def evolve_application(application: Application, event: Event) -> Application:
    """Return the application after an event."""
    data = event.data
    match event.type:
        case "started":
            return replace(
                application,
                applicant=data["applicant"],
                badge=data["badge"],
                version=data["version"],
                circle=data["circle"],
                claims=(None,) * data["criteria"],
            )
        case "draft_saved":
            return replace(application, claims=tuple(data["claims"]), reflection=data["reflection"])
        case "evidence_added" | "evidence_removed" | "evidence_permitted":
            return replace(application, evidence=tuple(_evidence_after(application.evidence, event)))
        case "witness_invited":
            witness = Witness(id=data["id"], member=data["member"], relation=data["relation"])
            return replace(application, witnesses=(*application.witnesses, witness))
        case "witness_changed":
            changes = {name: data[name] for name in ("text", "state")}
            changed = tuple(replace(w, **changes) if w.id == data["id"] else w for w in application.witnesses)
            newest = event.at if data["text"] else application.statement_at
            return replace(application, witnesses=changed, statement_at=newest)
        case "name_chosen":
            return replace(application, signed_name=data["text"])
        case "badge_drafted":
            return replace(application, credential=data["credential"], identity_salt=data["salt"])
        case "moved":
            return _moved(application, event)
    raise AssertionError(f"an application has no event {event.type}")


def _evidence_after(evidence: Sequence[Evidence], event: Event) -> Iterable[Evidence]:
    data = event.data
    match event.type:
        case "evidence_added":
            return (*evidence, Evidence(**data))
        case "evidence_removed":
            return (item for item in evidence if item.id != data["id"])
    return (replace(item, data_permission=True) if item.id == data["id"] else item for item in evidence)


def _moved(application: Application, event: Event) -> Application:
    changes: dict[str, Any] = {"state": event["state"]}
    for name in ("process", "leaf", "returned", "award", "plan"):
        if name in event.data:
            changes[name] = event[name]
    if "look_again_on" in event.data:
        day = event["look_again_on"]
        changes["look_again_on"] = date.fromisoformat(day) if day else None
    if event["step"] == "A1":
        changes |= {"submitted_at": event.at, "returned": None}
    if event["step"] == "A10":
        changes["accepted_at"] = event.at
    return replace(application, **changes)


def step(application: Application, id_: str, *, by: str | None, now: datetime, **data: Any) -> Event:
    """Return the event of one transition; raise RefusedError when the table has none from this state.

    Steps that are the applicant's alone raise NotAllowedError for everybody else.
    """
    if id_ in _OWN_STEPS:
        owned(application, by)
    target = move(id_, application.state)
    return Event(type="moved", at=now, actor=by, data={"step": id_, "state": target, **data})


def owned(application: Application, by: str | None) -> None:
    """Refuse everybody but the applicant."""
    if by != application.applicant:
        raise NotAllowedError(
            "Only the applicant can do this.",
            rule="A",
            remedy="If something here should change, talk to the applicant.",
        )


def editable(application: Application, by: str) -> None:
    """Refuse changes by others, and after submission."""
    owned(application, by)
    if application.state not in EDITABLE:
        raise RefusedError(
            "The application was submitted and is not changed now.",
            rule="A4",
            remedy="While it is being evaluated you can take it back to add evidence.",
        )


def missing_parts(
    application: Application, *, criteria: Sequence[str], reflection_needed: bool, lacking: Sequence[str]
) -> list[str]:
    """Return what an application still lacks before it can be submitted (A1), one sentence each.

    `lacking` are the names of badges that have to be held first.
    """
    parts = [
        f"Say for criterion {number} how you meet it: {criterion}"
        for number, (criterion, claim) in enumerate(zip_longest(criteria, application.claims), start=1)
        if criterion is not None and claim is None
    ]
    if reflection_needed and application.reflection is None:
        parts.append("Write your self-reflection.")
    if not application.evidence:
        parts.append("Add at least one piece of evidence.")
    parts += [
        "Somebody else appears in a piece of evidence: say that you have their permission, or leave it out."
        for item in application.evidence
        if item.about_others and not item.data_permission
    ]
    parts += [f"Earn the badge {name} first: this one builds on it." for name in lacking]
    return parts


def permit_evidence(application: Application, *, by: str, id_: str, now: datetime) -> Event:
    """Say that those who appear in a piece of evidence gave their permission."""
    editable(application, by)
    if not any(e.id == id_ and e.about_others and not e.data_permission for e in application.evidence):
        raise RefusedError(
            "Nobody's permission is missing for this piece of evidence.",
            rule="A1",
            remedy="Look at the page again: it may be said already, or the piece may be taken out.",
        )
    return Event(type="evidence_permitted", at=now, actor=by, data={"id": id_})


def submit(application: Application, *, by: str, missing: Sequence[str], now: datetime) -> Event:
    """A1: the applicant submits a complete application."""
    event = step(application, "A1", by=by, now=now)
    if missing:
        raise InvalidInputError({f"missing-{number}": sentence for number, sentence in enumerate(missing)})
    return event


def invite_witness(
    application: Application, *, by: str, id_: str, member: str, now: datetime, relation: str | None = None
) -> Event:
    """Ask a member for a statement. Witnesses are not the applicant."""
    owned(application, by)
    if application.state not in WITNESSING:
        raise RefusedError(
            "Witnesses are asked before the round opens.",
            rule="G6",
            remedy="What a witness would say can still be brought in the round, by who decides.",
        )
    if member == application.applicant:
        raise RefusedError("You cannot be your own witness.", rule="G1", remedy="Ask somebody who saw you at it.")
    if any(witness.member == member for witness in application.witnesses):
        raise RefusedError(
            "This person has been asked already.", rule="G6", remedy="Wait for their words, or ask somebody else."
        )
    if len(application.witnesses) >= MAX_WITNESSES:
        raise RefusedError(
            f"At most {MAX_WITNESSES} people are asked.",
            rule="G6",
            remedy="Choose those who saw you at it most closely.",
        )
    data = {"id": id_, "member": member, "relation": relation}
    return Event(type="witness_invited", at=now, actor=by, data=data)


def change_statement(application: Application, *, by: str, text: str | None, now: datetime) -> Event:
    """A witness writes a statement, or takes it back, before the round opens."""
    witness = _asked(application, by)
    state = "given" if text else "taken_back"
    return Event(type="witness_changed", at=now, actor=by, data={"id": witness.id, "text": text, "state": state})


def decline_statement(application: Application, *, by: str, now: datetime) -> Event:
    """A witness would rather not say anything. Nobody asks why, and they can still change their mind."""
    witness = _asked(application, by)
    if witness.state == "given":
        raise RefusedError(
            "Your words are in already.", rule="G6", remedy="Take them back, if you would rather not."
        )
    data = {"id": witness.id, "text": None, "state": "declined"}
    return Event(type="witness_changed", at=now, actor=by, data=data)


def release_witness(application: Application, *, by: str, id_: str, now: datetime) -> Event:
    """The applicant no longer asks somebody whose words are not in: from here on they have no part in it."""
    owned(application, by)
    witness = next((w for w in application.witnesses if w.id == id_ and w.state != "released"), None)
    if witness is None or application.state not in WITNESSING:
        raise RefusedError(
            "This person is not asked here now.", rule="G6", remedy="Look at the page again: it may have changed."
        )
    if witness.state == "given":
        raise RefusedError(
            "This person has given their words; they stay, and only they can take them back.",
            rule="G6",
            remedy="If something in them is not right, talk to this person.",
        )
    data = {"id": id_, "text": None, "state": "released"}
    return Event(type="witness_changed", at=now, actor=by, data=data)


def _asked(application: Application, member: str) -> Witness:
    """Return somebody's part as a witness, while words are still taken."""
    witness = next((w for w in application.witnesses if w.member == member and w.state != "released"), None)
    if witness is None:
        raise NotAllowedError(
            "You were not asked for a statement here.",
            rule="G6",
            remedy="If you saw something that counts, tell the applicant: they can ask you.",
        )
    if application.state not in WITNESSING:
        raise RefusedError(
            "The round has opened; statements stay as they are now.",
            rule="G6",
            remedy="Tell it to somebody who decides; they can bring it in the round.",
        )
    return witness


def outcome_step(outcome: str) -> str:
    """Return which transition a closed process means for its application."""
    steps: Mapping[str, str] = {"consented": "A6", "not_yet": "A7", "referred": "A8", "withdrawn": "A12"}
    return steps[outcome]
