"""Reads the form of a new circle: its words, its people by rows, its roles."""

from __future__ import annotations

from typing import Literal

from flask import request

from issuer.service.models import CircleDraft, MemberDraft, Mode
from issuer.web.forms import LINE, Reading
from issuer.web.i18n import _

MAX_PEOPLE = 12
FIRST_ROWS = 3
ROLES = ("facilitator", "secretary", "leader", "delegate")
KINDS = ("superpod", "pod", "helping")
_MAX_EMAIL = 254


def rows() -> int:
    """Return how many rows for people to show: one more when that button was pressed."""
    text = request.form.get("rows", "")
    shown = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else FIRST_ROWS  # noqa: PLR2004 - two digits
    if "more" in request.form:
        shown += 1
    return max(FIRST_ROWS, min(shown, MAX_PEOPLE))


def read_mode(reading: Reading) -> Mode:
    """Return how people decide: in a meeting, or each in their own time."""
    needed = _("Choose whether you decide in a meeting, or each in your own time.")
    return "meeting" if reading.choice("mode", ("meeting", "async"), needed=needed) == "meeting" else "async"


def read_circle(reading: Reading, *, first: bool) -> CircleDraft:
    """Return the circle as it was typed; `first` is the Academy Circle, which has no parent."""
    name = reading.line("name", needed=_("Give the circle a name."))
    aim = reading.text("aim", needed=_("Say what the circle does, and for whom."), most=1000)
    domain = reading.text("domain", needed=_("Say what the circle decides about by itself."), most=1000)
    kind, parent = "academy", None
    if not first:
        kind = reading.choice("kind", KINDS, needed=_("Choose what kind of circle it is."))
        parent = reading.line("parent", needed=_("Choose the circle that this one is part of."))
    members = _read_people(reading, first=first)
    return CircleDraft(
        name=name,
        kind=kind,
        aim=aim,
        domain=domain,
        parent=parent,
        members=members,
        leader=_with_role(members, "leader"),
        delegate=_with_role(members, "delegate"),
        policy=_read_policy(),
    )


def typed_circle(draft: CircleDraft, mode: Mode) -> dict[str, tuple[str, ...]]:
    """Return the fields of the form as if a circle had been typed into it."""
    fields: dict[str, tuple[str, ...]] = {
        "name": (draft.name,),
        "aim": (draft.aim,),
        "domain": (draft.domain,),
        "policy": (draft.policy,),
        "mode": (mode,),
    }
    for number, person in enumerate(draft.members):
        fields |= {f"person-{number}": (person.name,), f"email-{number}": (person.email,)}
        fields[f"roles-{number}"] = person.roles
    return fields


def _read_policy() -> Literal["default", "small_circle"]:
    return "small_circle" if request.form.get("policy") == "small_circle" else "default"


def _read_people(reading: Reading, *, first: bool) -> tuple[MemberDraft, ...]:
    people = []
    allowed = ROLES[:2] if first else ROLES
    for number in range(rows()):
        name = reading.line(f"person-{number}", most=LINE)
        email = reading.line(f"email-{number}", most=_MAX_EMAIL)
        roles = tuple(role for role in reading.choices(f"roles-{number}") if role in allowed)
        if not name and not email and not roles:
            continue
        if not name:
            reading.fault(f"person-{number}", _("Write this person's name, or empty the row."))
        if "@" not in email:
            reading.fault(f"email-{number}", _("Write this person's e-mail address, such as name@example.org."))
        people.append(MemberDraft(name=name, email=email, roles=roles))
    if len(people) < 2:  # noqa: PLR2004 - nobody decides alone
        reading.fault("members", _("A circle begins with at least two people: nobody decides alone."))
    for role, sentence in (
        ("facilitator", _("Say who is the facilitator: tick it with one person.")),
        ("secretary", _("Say who is the secretary: tick it with one person.")),
        ("leader", ""),
        ("delegate", ""),
    ):
        count = sum(role in person.roles for person in people)
        if count > 1:
            reading.fault(role, _("Tick this role with one person only: %(role)s.") % {"role": _(role)})
        elif not count and sentence:
            reading.fault(role, sentence)
    return tuple(people)


def _with_role(people: tuple[MemberDraft, ...], role: str) -> str | None:
    return next((person.email for person in people if role in person.roles), None)
