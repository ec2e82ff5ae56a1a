"""What can be done with an application: each action reads its fields, calls its use case, says what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

from flask import request

from issuer.errors import NotFoundError
from issuer.service import applications
from issuer.service.academy import Academy
from issuer.service.models import ApplicationPage, CheckWord
from issuer.web.circle_forms import read_mode
from issuer.web.draft_forms import (
    Case,
    Done,
    add_evidence,
    invite_witness,
    permit_evidence,
    remove_evidence,
    save,
    stop_asking,
    submit,
)
from issuer.web.forms import Reading
from issuer.web.i18n import _
from issuer.web.signed_forms import read_signature

CHECK_WORDS = ("seen", "partly", "not_yet", "cannot_say")
CONFLICTS = ("none", "household", "paid_work", "mentor", "dispute", "other")


def perform(academy: Academy, action: str, *, by: str, page: ApplicationPage) -> Done:
    """Do one step; raise NotFoundError when there is no such step."""
    step = ACTIONS.get(action)
    if step is None:
        raise NotFoundError("There is no such step.")
    return step(Case(academy=academy, by=by, page=page))


# The applicant's other steps.


def _withdraw(case: Case) -> Done:
    applications.withdraw(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("Your application is withdrawn, and what you wrote is deleted."), path="/me")


def _reopen(case: Case) -> Done:
    applications.reopen(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("You can add to your application now. Submit it again when it is ready."))


def _read_feedback(case: Case) -> Done:
    reading = Reading()
    signed = read_signature(reading)
    reading.check()
    applications.read_feedback(case.academy, by=case.by, id_=case.id, signed=signed)
    if signed:
        return Done(sentence=_("Thank you. The decision can be opened now."))
    return Done(
        sentence=_("Noted: you have read it. Your signature is missing still: that this badge is about you."),
        place="feedback",
    )


def _accept(case: Case) -> Done:
    reading = Reading()
    published = reading.choice("published", ("no", "yes"), needed=_("Choose who can see your badge."))
    signed = read_signature(
        reading,
        needed=_(
            "It was not signed, and nobody can accept a badge for you. Open this page in a browser that runs"
            " scripts, or sign on a command line."
        ),
    )
    reading.check()
    path = applications.accept(case.academy, by=case.by, id_=case.id, published=published == "yes", signed=signed)
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
    key = reading.line("key")
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
        key=key,
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


def _decline_to_witness(case: Case) -> Done:
    applications.decline_to_witness(case.academy, by=case.by, id_=case.id)
    return Done(sentence=_("You would rather not. Nobody asks why; until the round opens you can still write."))


ACTIONS: Mapping[str, Callable[[Case], Done]] = MappingProxyType(
    {
        "save": save,
        "submit": submit,
        "add_evidence": add_evidence,
        "remove_evidence": remove_evidence,
        "permit_evidence": permit_evidence,
        "invite_witness": invite_witness,
        "stop_asking": stop_asking,
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
        "decline_to_witness": _decline_to_witness,
    }
)
EDITING = frozenset({"save", "submit", "add_evidence", "remove_evidence", "permit_evidence"})


def taken(before: ApplicationPage, after: ApplicationPage) -> frozenset[str]:
    """Return the fields whose words are stored by now, so that a form that comes back does not hold them again."""
    evidence = {"kind", "title", "note", "link", "about_others", "data_permission"}
    fields = evidence if len(after.evidence) > len(before.evidence) else set()
    return frozenset(fields | ({"email", "relation"} if len(after.witnesses) > len(before.witnesses) else set()))


def form_name(action: str) -> str:
    """Return which form on the page an action belongs to; the whole draft is one form."""
    return "edit" if action in EDITING or "draft" in request.form else action
