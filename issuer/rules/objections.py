"""Objections: machine O of DOMAIN.md 4.3. Only who objected says that an objection is met."""

from __future__ import annotations

from datetime import datetime

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.guards import Facts
from issuer.rules.journal import Event
from issuer.rules.parts import in_phase, is_decider
from issuer.rules.process import Objection, Process
from issuer.rules.transitions import move

Events = tuple[Event, ...]
# What the objecting person does by hand. O3 is a consent to a later version, O4 comes with a referral.
BY_HAND = frozenset({"O1", "O2c", "O2t"})


def _objection_of(process: Process, objection: str) -> Objection:
    found = next((one for one in process.objections if one.id == objection), None)
    if found is None:
        raise RefusedError(
            "There is no such objection in this process.",
            rule="O1",
            remedy="Look at the page again: it shows the objections there are.",
        )
    return found


def word_objection(process: Process, *, by: str, objection: str, wording: str, now: datetime) -> Events:
    """Write down how the circle understands an objection; the objecting person confirms it."""
    in_phase(process, "integrating", step="O1")
    if by not in {*process.deciders, process.facilitator, process.secretary}:
        raise NotAllowedError(
            "Those who decide here, the facilitator and the secretary word objections.",
            rule="O1",
            remedy="Tell one of them how you understand it.",
        )
    if _objection_of(process, objection).state != "raised":
        raise RefusedError(
            "This objection is worded already.",
            rule="O1",
            remedy="If the words do not fit, the person who objected says so in the circle.",
        )
    return (Event(type="objection_changed", at=now, actor=by, data={"objection": objection, "wording": wording}),)


def change_objection(process: Process, *, by: str, objection: str, step: str, now: datetime) -> Events:
    """O1, O2: only the objecting person says that it is understood, only a concern, or taken back."""
    if step not in BY_HAND:
        raise RefusedError(
            "An objection is confirmed, made a concern, or taken back.",
            rule="O2",
            remedy="It is met when the person who objected consents to a later version.",
        )
    found = _objection_of(process, objection)
    if by != found.by:
        raise NotAllowedError(
            "Only the person who objected can do this.",
            rule=step[:2],
            remedy="Ask the person whether the wording fits, and what would meet the objection.",
        )
    if process.closed:
        raise RefusedError(
            "The decision is closed.",
            rule=step[:2],
            remedy="A doubt that is new can be brought to the circle as a new question.",
        )
    if step == "O1" and found.wording is None:
        raise RefusedError(
            "The circle has not worded this objection yet.",
            rule="O1",
            remedy="Somebody who decides writes down how the circle understands it; then confirm it.",
        )
    state = move(step, found.state)
    return (Event(type="objection_changed", at=now, actor=by, data={"objection": objection, "state": state}),)


def object_late(
    process: Process,
    *,
    by: str,
    objection: str,
    reason: str,
    about: str,
    facts: Facts,
    now: datetime,
) -> Events:
    """C9: a decider brings something new while the decision settles."""
    move("C9", process.phase)
    is_decider(process, by, facts)
    if not reason:
        raise RefusedError(
            "An objection needs a reason; one sentence is enough.",
            rule="C9",
            remedy="Say in one sentence what would get in the way of the aim.",
        )
    current = process.version
    assert current is not None
    data = {"objection": objection, "reason": reason, "about": about, "version": current.number}
    return (Event(type="late_objection", at=now, actor=by, data=data),)
