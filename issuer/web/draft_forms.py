"""The applicant's draft: all of it is one form, so that no button loses what was typed beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

from flask import request

from issuer.errors import InvalidInputError, NotAllowedError, RefusedError
from issuer.service import applications
from issuer.service.academy import Academy
from issuer.service.models import ApplicationPage, EvidenceDraft
from issuer.web.forms import Reading
from issuer.web.i18n import _
from issuer.web.uploads import KINDS, MAX_FILE, fits_its_name

EVIDENCE_KINDS = (
    "minutes",
    "shown_live",
    "document",
    "recording_link",
    "decision_record",
    "backlog",
    "plan_outline",
)
_MAX_LINK = 2_000
_MAX_FILE_NAME = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An application with the one who acts on it, as it stood when the form came in."""

    academy: Academy
    by: str
    page: ApplicationPage

    @property
    def id(self) -> str:
        """The application's id."""
        return self.page.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What to tell afterwards, and where to go on; `place` is a part of the application's page."""

    sentence: str
    place: str = ""
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a draft says besides its evidence and witnesses; `name` as it will be signed, empty for none."""

    claims: tuple[str, ...]
    reflection: str
    name: str

    @property
    def fingerprint(self) -> str:
        """Return a short digest: a form carries that of the words it was filled with."""
        text = json.dumps([self.claims, self.reflection, self.name], ensure_ascii=False)
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def stored_words(page: ApplicationPage) -> Words:
    """Return what a draft says now, as its form shows it: a fresh one suggests one's own name."""
    fresh = not page.evidence and not any(claim.text for claim in page.claims)
    name = page.signed_name or (page.applicant.name if fresh else "")
    return Words(claims=tuple(claim.text for claim in page.claims), reflection=page.reflection, name=name)


class DraftChangedError(RefusedError):
    """The draft was changed in another window since this form was filled: the person says which words stay."""

    def __init__(self) -> None:
        super().__init__(
            _("This draft was changed in another window after this page was opened here."),
            rule="A1",
            remedy=_("Choose which words stay."),
        )


def _keep(case: Case) -> None:
    """Keep the draft's words, whichever button of the form was pressed.

    Words that another window stored meanwhile are not written over: where both changed them, the person chooses.
    """
    if "draft" not in request.form:
        return
    _applicants(case)
    page = case.page
    reading = Reading()
    named = request.form.get("named") == "yes"
    typed = Words(
        claims=tuple(reading.text(f"claims-{number}") for number in range(len(page.claims))),
        reflection=reading.text("reflection"),
        name=reading.line("signed_name", most=120) if named else "",
    )
    stored, seen = stored_words(page), request.form.get("seen")
    if seen and seen != stored.fingerprint:
        if typed.fingerprint == seen:
            return  # nothing was typed here: what the other window stored stays
        if typed != stored:
            raise DraftChangedError
    if named and not typed.name:
        reading.fault("signed_name", _("Write the name, or choose that the badge carries none."))
    reading.check()
    if (typed.claims, typed.reflection) != (stored.claims, stored.reflection):
        applications.save_draft(
            case.academy, by=case.by, id_=case.id, claims=typed.claims, reflection=typed.reflection
        )
    if (typed.name or None) != page.signed_name:
        try:
            applications.choose_name(case.academy, by=case.by, id_=case.id, name=typed.name or None)
        except InvalidInputError as error:
            raise InvalidInputError({"signed_name": " ".join(error.faults.values())}) from error


def _applicants(case: Case) -> None:
    if not case.page.applicant.is_me:
        remedy = "Say to the applicant, or in the circle, what you miss."
        raise NotAllowedError("Only the applicant can do this.", rule="A", remedy=remedy)


def save(case: Case) -> Done:
    """Keep the draft's words."""
    _applicants(case)
    _keep(case)
    return Done(sentence=_("Your draft is saved. Only you can see what you wrote."))


def submit(case: Case) -> Done:
    """Hand the draft in, and with it the evidence or the witness that was typed and not added yet."""
    _keep(case)
    file = request.files.get("file")
    if any(request.form.get(name, "").strip() for name in ("title", "link", "note")) or (file and file.filename):
        _take_evidence(case)
    if request.form.get("email", "").strip():
        _ask_witness(case)
    applications.submit(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("Your application is submitted. The circle takes it up, and you get a mail."))


def add_evidence(case: Case) -> Done:
    """Add the piece of evidence that was typed."""
    _keep(case)
    _take_evidence(case)
    return Done(sentence=_("The evidence is added, and your draft is saved."), place="evidence")


def _take_evidence(case: Case) -> None:
    reading = Reading()
    kind = reading.choice("kind", EVIDENCE_KINDS, needed=_("Choose what kind of evidence it is."))
    title = reading.line("title", needed=_("Give this piece of evidence a title."))
    note = reading.text("note")
    link = reading.line("link", most=_MAX_LINK)
    file_name, content = _file(reading)
    reading.check()
    evidence = EvidenceDraft(
        kind=kind,
        title=title,
        note=note,
        link=link or None,
        file_name=file_name,
        content=content,
        about_others=reading.ticked("about_others"),
        data_permission=reading.ticked("data_permission"),
    )
    applications.add_evidence(case.academy, by=case.by, id_=case.id, evidence=evidence)


def _file(reading: Reading) -> tuple[str | None, bytes | None]:
    file = request.files.get("file")
    if file is None or not file.filename:
        return None, None
    name = file.filename.replace("\\", "/").rpartition("/")[2][-_MAX_FILE_NAME:]
    content = file.stream.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        reading.fault(
            "file", _("A file may have up to 10 MB. Make it smaller, or put it somewhere and give the link.")
        )
    elif not content:
        reading.fault("file", _("This file is empty. Look whether it was saved, and choose it again."))
    elif not fits_its_name(content, name):
        reading.fault(
            "file",
            _("This file is not of a kind that we can take. We take: %(kinds)s.") % {"kinds": ", ".join(KINDS)},
        )
    return name, content


def remove_evidence(case: Case) -> Done:
    """Take a piece of evidence out."""
    _keep(case)
    evidence = request.form.get("evidence", "")
    applications.remove_evidence(case.academy, by=case.by, id_=case.id, evidence=evidence)
    return Done(sentence=_("The evidence is taken out and deleted."), place="evidence")


def permit_evidence(case: Case) -> Done:
    """Say that those who appear in a piece of evidence gave their permission."""
    _keep(case)
    evidence = request.form.get("evidence", "")
    applications.confirm_permission(case.academy, by=case.by, id_=case.id, evidence=evidence)
    return Done(sentence=_("It is noted that you have their permission."), place="evidence")


def stop_asking(case: Case) -> Done:
    """No longer ask a witness whose words are not in."""
    _keep(case)
    witness = request.form.get("witness", "")
    applications.stop_asking(case.academy, by=case.by, id_=case.id, witness=witness)
    return Done(sentence=_("This person is no longer asked, and sees nothing of it any more."), place="witnesses")


def invite_witness(case: Case) -> Done:
    """Ask somebody what they saw; they get a mail at once, also while the application is a draft."""
    _keep(case)
    _ask_witness(case)
    return Done(sentence=_("They get a mail that says how their words will be used."), place="witnesses")


def _ask_witness(case: Case) -> None:
    reading = Reading()
    email = reading.line(
        "email", needed=_("Write the e-mail address of the person who saw you at work."), most=254
    )
    relation = reading.line("relation")
    reading.check()
    applications.invite_witness(case.academy, by=case.by, id_=case.id, email=email, relation=relation)
