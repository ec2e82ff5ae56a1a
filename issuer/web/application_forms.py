"""What can be done with an application: each action reads its fields, calls its use case, says what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from flask import request

from issuer.errors import InvalidInputError, NotAllowedError, NotFoundError
from issuer.service import applications
from issuer.service.academy import Academy
from issuer.service.models import ApplicationPage, CheckWord, EvidenceDraft
from issuer.web.circle_forms import read_mode
from issuer.web.forms import Reading
from issuer.web.i18n import _
from issuer.web.uploads import KINDS, MAX_FILE, fits_its_name

CHECK_WORDS = ("seen", "partly", "not_yet", "cannot_say")
CONFLICTS = ("none", "household", "paid_work", "mentor", "dispute", "other")
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


def perform(academy: Academy, action: str, *, by: str, page: ApplicationPage) -> Done:
    """Do one step; raise NotFoundError when there is no such step."""
    step = ACTIONS.get(action)
    if step is None:
        raise NotFoundError("There is no such step.")
    return step(Case(academy=academy, by=by, page=page))


# The applicant's draft. All of it is one form, so that no button loses what was typed beside it.


def _keep(case: Case) -> None:
    """Keep the draft's words, whichever button of the form was pressed."""
    if "draft" not in request.form:
        return
    _applicants(case)
    page = case.page
    reading = Reading()
    claims = tuple(reading.text(f"claims-{number}") for number in range(len(page.claims)))
    reflection = reading.text("reflection")
    named = request.form.get("named") == "yes"
    name = reading.line("signed_name", most=120) if named else ""
    if named and not name:
        reading.fault("signed_name", _("Write the name, or choose that the badge carries none."))
    reading.check()
    if claims != tuple(claim.text for claim in page.claims) or reflection != page.reflection:
        applications.save_draft(case.academy, by=case.by, id_=case.id, claims=claims, reflection=reflection)
    if (name or None) != page.signed_name:
        try:
            applications.choose_name(case.academy, by=case.by, id_=case.id, name=name or None)
        except InvalidInputError as error:
            raise InvalidInputError({"signed_name": " ".join(error.faults.values())}) from error


def _applicants(case: Case) -> None:
    if not case.page.applicant.is_me:
        remedy = "Say to the applicant, or in the circle, what you miss."
        raise NotAllowedError("Only the applicant can do this.", rule="A", remedy=remedy)


def _save(case: Case) -> Done:
    _applicants(case)
    _keep(case)
    return Done(sentence=_("Your draft is saved. Only you can see it."))


def _submit(case: Case) -> Done:
    """Hand the draft in, and with it the evidence or the witness that was typed and not added yet."""
    _keep(case)
    file = request.files.get("file")
    if any(request.form.get(name, "").strip() for name in ("title", "link", "note")) or (file and file.filename):
        _take_evidence(case)
    if request.form.get("email", "").strip():
        _ask_witness(case)
    applications.submit(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("Your application is submitted. The circle takes it up, and you get a mail."))


def _add_evidence(case: Case) -> Done:
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
    elif not fits_its_name(content, name):
        reading.fault(
            "file",
            _("This file is not of a kind that we can take. We take: %(kinds)s.") % {"kinds": ", ".join(KINDS)},
        )
    return name, content


def _remove_evidence(case: Case) -> Done:
    _keep(case)
    evidence = request.form.get("evidence", "")
    applications.remove_evidence(case.academy, by=case.by, id_=case.id, evidence=evidence)
    return Done(sentence=_("The evidence is taken out and deleted."), place="evidence")


def _invite_witness(case: Case) -> Done:
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


# The applicant's other steps.


def _withdraw(case: Case) -> Done:
    applications.withdraw(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("Your application is withdrawn, and what you wrote is deleted."), path="/me")


def _reopen(case: Case) -> Done:
    applications.reopen(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("You can add to your application now. Submit it again when it is ready."))


def _read_feedback(case: Case) -> Done:
    applications.read_feedback(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("Thank you. The decision can be opened now."))


def _accept(case: Case) -> Done:
    reading = Reading()
    published = reading.choice("published", ("no", "yes"), needed=_("Choose who can see your badge."))
    reading.check()
    path = applications.accept(case.academy, by=case.by, id_=case.id, published=published == "yes")
    return Done(sentence=_("The badge is yours. Here it is."), path=path)


def _decline(case: Case) -> Done:
    applications.decline(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("You left the badge. Nothing was issued, and nobody outside the circle sees it."))


# The circle's steps.


def _return_incomplete(case: Case) -> Done:
    reading = Reading()
    reason = reading.text("reason", needed=_("Say which part is missing."), most=1000)
    reading.check()
    applications.return_incomplete(case.academy, by=case.by, id_=case.id, reason=reason)
    return Done(
        sentence=_("The application went back, and the applicant gets a mail that names the missing part.")
    )


def _take_up(case: Case) -> Done:
    reading = Reading()
    deciders = reading.choices("deciders")
    if not deciders and not case.page.deciders:
        reading.fault("deciders", _("Choose who decides."))
    facilitator = reading.line("facilitator", needed=_("Choose who facilitates."))
    secretary = reading.line("secretary", needed=_("Choose who keeps the record."))
    mode = read_mode(reading)
    reading.check()
    applications.take_up(
        case.academy,
        by=case.by,
        id_=case.id,
        deciders=deciders,
        facilitator=facilitator,
        secretary=secretary,
        mode=mode,
    )
    return Done(sentence=_("The circle has taken it up. Everybody who decides gets a mail."))


def _declare_conflict(case: Case) -> Done:
    reading = Reading()
    kind = reading.choice("kind", CONFLICTS, needed=_("Choose one; “none of these” is the first."))
    reading.check()
    applications.declare_conflict(case.academy, by=case.by, id_=case.id, kind=kind)
    return Done(sentence=_("Thank you. What you said stays in the circle."))


def _accept_conflict(case: Case) -> Done:
    member = request.form.get("member", "")
    applications.accept_conflict(case.academy, by=case.by, id_=case.id, member=member)
    return Done(sentence=_("You said that this person can stay."))


def _add_decider(case: Case) -> Done:
    member = request.form.get("member", "")
    applications.add_decider(case.academy, by=case.by, id_=case.id, member=member)
    return Done(sentence=_("Another peer decides with you. They get a mail, and look at the evidence first."))


def _step_aside(case: Case) -> Done:
    applications.step_aside(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("You take no part this time. Nobody needs a reason."), path="/me")


def _hand_over(case: Case) -> Done:
    reading = Reading()
    role = reading.choice("role", ("facilitator", "secretary"), needed=_("Choose the seat."))
    member = reading.line("member", needed=_("Choose a person."))
    reading.check()
    applications.hand_over(case.academy, by=case.by, id_=case.id, role=role, member=member)
    return Done(sentence=_("The seat is handed on."))


def _see_evidence(case: Case) -> Done:
    applications.see_evidence(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("Take your time. The checklist follows after the evidence."), place="what-they-say")


def _evaluate(case: Case) -> Done:
    reading = Reading()
    items = []
    for number in range(len(case.page.claims)):
        word = reading.choice(
            f"items-{number}", CHECK_WORDS, needed=_("Choose one of the four; “cannot say” is one of them.")
        )
        note = reading.text(f"notes-{number}", most=2000)
        if word in {"partly", "not_yet"} and not note:
            reading.fault(f"notes-{number}", _("Say in a few words what you saw, and what you miss."))
        items.append((cast("CheckWord", word), note))
    appreciation = reading.text("appreciation", needed=_("Begin with something that you appreciate."), most=2000)
    suggestion = reading.text("suggestion", most=2000)
    reaction = reading.text("reaction", most=2000)
    reading.check()
    applications.evaluate(
        case.academy,
        by=case.by,
        id_=case.id,
        items=tuple(items),
        appreciation=appreciation,
        suggestion=suggestion,
        passes=reading.ticked("passes"),
        reaction=reaction or None,
    )
    return Done(sentence=_("Thank you. The applicant reads your words before the round opens."))


def _give_statement(case: Case) -> Done:
    reading = Reading()
    text = reading.text("text", needed=_("Say in a few words what you saw."))
    reading.check()
    applications.give_statement(case.academy, by=case.by, id_=case.id, text=text)
    return Done(sentence=_("Thank you. You can change or take back your words until the round opens."))


def _take_back_statement(case: Case) -> Done:
    applications.take_back_statement(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("Your words are taken back and are not used."))


ACTIONS: Mapping[str, Callable[[Case], Done]] = MappingProxyType(
    {
        "save": _save,
        "submit": _submit,
        "add_evidence": _add_evidence,
        "remove_evidence": _remove_evidence,
        "invite_witness": _invite_witness,
        "withdraw": _withdraw,
        "reopen": _reopen,
        "read_feedback": _read_feedback,
        "accept": _accept,
        "decline": _decline,
        "return_incomplete": _return_incomplete,
        "take_up": _take_up,
        "declare_conflict": _declare_conflict,
        "accept_conflict": _accept_conflict,
        "add_decider": _add_decider,
        "step_aside": _step_aside,
        "hand_over": _hand_over,
        "see_evidence": _see_evidence,
        "evaluate": _evaluate,
        "give_statement": _give_statement,
        "take_back_statement": _take_back_statement,
    }
)
EDITING = frozenset({"save", "submit", "add_evidence", "remove_evidence"})


def taken(before: ApplicationPage, after: ApplicationPage) -> frozenset[str]:
    """Return the fields whose words are stored by now, so that a form that comes back does not hold them again."""
    evidence = {"kind", "title", "note", "link", "about_others", "data_permission"}
    fields = evidence if len(after.evidence) > len(before.evidence) else set()
    return frozenset(fields | ({"email", "relation"} if len(after.witnesses) > len(before.witnesses) else set()))


def form_name(action: str) -> str:
    """Return which form on the page an action belongs to; the whole draft is one form."""
    return "edit" if action in EDITING or "draft" in request.form else action
