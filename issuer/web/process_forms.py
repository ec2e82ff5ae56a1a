"""What the forms of a consent page say, read into the use cases' words. One table: an action and its call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from flask import request

from issuer.errors import NotFoundError
from issuer.service import processes
from issuer.service.academy import Academy
from issuer.service.models import Amendment, AnswerDraft
from issuer.web.forms import LINE, Reading
from issuer.web.i18n import N_, _
from issuer.web.signed_forms import answer_in, read_key, read_signature

MAX_MEASURES = 6
MAX_MEASURE = 500
MAX_TERM_MONTHS = 600
MAX_VERSION = 9999
STEPS = ("understood", "concern", "take_back")
MET = "met-"
_Call = Callable[[Academy, str, str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that can be done on the page: the call, what is said when it is done, and where to look then.

    The call returns a sentence of its own where another is to be said.
    """

    call: _Call
    done: str
    place: str = "now"


def perform(academy: Academy, action: str, *, by: str, id_: str) -> Action:
    """Do what the form of this request asks for, and return what to say.

    Raises the refusals of the use case, InvalidInputError for a field, NotFoundError for a step that is not here.
    """
    found = ACTIONS.get(action)
    if found is None:
        raise NotFoundError("There is no such step.")
    said = found.call(academy, by, id_)
    return replace(found, done=said) if said else found


def _measures(form: Reading) -> tuple[str, ...]:
    lines = tuple(line.strip() for line in form.text("measures").splitlines() if line.strip())
    if len(lines) > MAX_MEASURES or any(len(line) > MAX_MEASURE for line in lines):
        form.fault("measures", _("At most six measures fit, one on each line, each up to 500 characters."))
    return lines


def _reason(form: Reading) -> str:
    return form.text("reason", needed=_("Say in one sentence what would get in the way of the aim."))


# The calls, in the order of a decision.


def _open(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    text, review_on, measures = form.text("text"), form.day("review_on"), _measures(form)
    form.check()
    processes.open_process(academy, by=by, id_=id_, text=text, review_on=review_on, measures=measures)


def _ask(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    text = form.text("text", needed=_("Write your question."))
    form.check()
    processes.ask(academy, by=by, id_=id_, text=text)


def _answer_question(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    text = form.text("text", needed=_("Write an answer to the question."))
    question = form.line("question")
    form.check()
    processes.answer_question(academy, by=by, id_=id_, question=question, text=text)


def _react(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    text = None if form.ticked("passes") else form.text("text", needed=_("Write your reaction, or pass."))
    form.check()
    processes.react(academy, by=by, id_=id_, text=text)


def _give_key(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    key = read_key(form)
    form.check()
    processes.give_key(academy, by=by, id_=id_, key=key)


def _version(form: Reading) -> int:
    version = form.number("version", least=1, most=MAX_VERSION)
    if version is None:
        form.fault("version", _("The page is out of date: load it again, read the proposal and answer."))
    return version or 0


def _respond(academy: Academy, by: str, id_: str) -> str | None:
    form = Reading()
    answers = ("consent", "objection", "signed")
    response: Any = form.choice("response", answers, needed=_("Choose one of the two answers."))
    version = _version(form)
    if response == "signed":
        signed = read_signature(form, needed=_("Paste here what was signed."))
        form.check()
        processes.respond(academy, by=by, id_=id_, answer=answer_in(signed, version=version))
        return None
    reason = _reason(form) if response == "objection" else ""
    concern = form.text("concern") if response == "consent" else ""
    about = form.line("about", most=10 * LINE) if response == "objection" else ""
    signed = read_signature(form)
    form.check()
    answer = AnswerDraft(
        version=version,
        response=response,
        concern=concern,
        reason=reason,
        about=about,
        show_name=form.ticked("show_name"),
        signed=signed,
    )
    processes.respond(academy, by=by, id_=id_, answer=answer)
    return None if signed else _("What you said is noted. It counts when you confirm it with your key.")


def _note_answer(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    member = form.line("member", needed=_("Choose who said it."))
    response: Any = form.choice("response", ("consent", "objection"), needed=_("Choose what they said."))
    version = _version(form)
    asked = _("Write down in their words what would get in the way.") if response == "objection" else None
    words = form.text("words", needed=asked)
    form.check()
    answer = AnswerDraft(
        version=version,
        response=response,
        concern=words if response == "consent" else "",
        reason=words if response == "objection" else "",
    )
    processes.note_answer(academy, by=by, id_=id_, member=member, answer=answer)


def _word_objection(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    wording = form.text("wording", needed=_("Write down how the circle understands the objection."))
    objection = form.line("objection")
    form.check()
    processes.word_objection(academy, by=by, id_=id_, objection=objection, wording=wording)


def _change_objection(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    step: Any = form.choice("step", STEPS, needed=_("Choose one of the buttons beside the objection."))
    objection = form.line("objection")
    form.check()
    processes.change_objection(academy, by=by, id_=id_, objection=objection, step=step)


def _amend(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    outcomes = ("award", "not_yet", "adopt", "constitute")
    outcome = form.choice("outcome", outcomes, needed=_("Choose what the new version proposes."))
    not_yet = outcome == "not_yet"
    met = {name.removeprefix(MET): form.text(name) for name in request.form if name.startswith(MET)}
    amendment = Amendment(
        outcome=outcome,
        text=form.text("text"),
        review_on=form.day("review_on"),
        term_months=None if not_yet else form.number("term_months", least=1, most=MAX_TERM_MONTHS),
        measures=_measures(form),
        plan=form.text("plan", needed=_("Write the plan, or “no plan agreed”.")) if not_yet else None,
        look_again_on=form.day("look_again_on") if not_yet else None,
        how_met={objection: text for objection, text in met.items() if text},
    )
    form.check()
    processes.amend(academy, by=by, id_=id_, amendment=amendment)


def _answer_plan(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    agreed = form.choice("agreed", ("yes", "no"), needed=_("Say whether this is the plan that you agree on."))
    form.check()
    processes.answer_plan(academy, by=by, id_=id_, agreed=agreed == "yes")


def _object_late(academy: Academy, by: str, id_: str) -> None:
    form = Reading()
    reason, about = _reason(form), form.line("about", most=10 * LINE)
    form.check()
    processes.object_late(academy, by=by, id_=id_, reason=reason, about=about)


def _plain(name: str) -> _Call:
    """Return the call of a use case that asks for nothing but who and which decision."""

    def call(academy: Academy, by: str, id_: str) -> None:
        getattr(processes, name)(academy, by=by, id_=id_)

    return call


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "open": Action(call=_open, done=N_("The decision is open. Questions come first.")),
        "ask": Action(call=_ask, done=N_("Your question is asked."), place="questions"),
        "answer_question": Action(call=_answer_question, done=N_("Your answer is noted."), place="questions"),
        "pass_questions": Action(call=_plain("pass_questions"), done=N_("Noted: you have no question.")),
        "react": Action(call=_react, done=N_("Noted: your reaction, or that you pass.")),
        "advance": Action(call=_plain("advance"), done=N_("The circle goes on.")),
        "give_key": Action(call=_give_key, done=N_("You take part."), place="round"),
        "respond": Action(call=_respond, done=N_("Your answer is noted.")),
        "note_answer": Action(
            call=_note_answer, done=N_("It is written down. It counts when the person confirms it."), place="note"
        ),
        "extend": Action(call=_plain("extend"), done=N_("There is more time now.")),
        "word_objection": Action(call=_word_objection, done=N_("The wording is noted."), place="objections"),
        "change_objection": Action(call=_change_objection, done=N_("That is noted."), place="objections"),
        "amend": Action(call=_amend, done=N_("The new version is on the table. Everybody answers again.")),
        "rewrite": Action(call=_plain("rewrite"), done=N_("You can rewrite the proposal now.")),
        "nothing_more": Action(call=_plain("nothing_more"), done=N_("Noted: you have nothing more to bring.")),
        "answer_plan": Action(call=_answer_plan, done=N_("Your word on the plan is noted.")),
        "object_late": Action(call=_object_late, done=N_("Your objection is noted. The circle works on it.")),
        "refer": Action(call=_plain("refer"), done=N_("The question goes on to the broader circle.")),
        "withdraw": Action(
            call=_plain("withdraw_process"), done=N_("You have stepped back. This decision is over.")
        ),
        "pause": Action(call=_plain("pause"), done=N_("Paused. No time runs.")),
        "resume": Action(call=_plain("resume"), done=N_("The circle goes on where it was.")),
    }
)
