"""What people send, read once at the edge; what they typed is kept when it cannot be taken as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from flask import request

from issuer.errors import InvalidInputError, RefusedError
from issuer.web.i18n import _

LINE = 200  # names, titles: one line
TEXT = 8_000  # everything that has paragraphs
_EMPTY: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands in a form: what was typed, the faults next to their fields, a rule's refusal on top.

    `action` is the form that was sent, so that a page with several forms shows faults only where they belong.
    """

    action: str = ""
    typed: Mapping[str, Sequence[str]] = field(default_factory=lambda: _EMPTY)
    faults: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refusal: RefusedError | None = None

    def of(self, action: str) -> Form:
        """Return this form if it is the one that was sent, else an empty one."""
        return self if self.action == action else Form(action=action)

    @property
    def was_sent(self) -> bool:
        """Say whether there is something typed to show again."""
        return bool(self.typed)

    def value(self, name: str, otherwise: str = "") -> str:
        """Return what was typed, or what stands there already."""
        if name in self.typed:
            return next(iter(self.typed[name]), "")
        return otherwise

    def ticked(self, name: str, value: str, *, otherwise: bool = False) -> bool:
        """Say whether a choice is on."""
        return value in self.typed.get(name, ()) if self.was_sent else otherwise

    def fault(self, name: str) -> str | None:
        """Return what is wrong with a field."""
        return self.faults.get(name)


def sent(
    action: str, error: InvalidInputError | RefusedError | None = None, *, leave_out: frozenset[str] = frozenset()
) -> Form:
    """Return the form of this request, with what is wrong about it; `leave_out` are fields that were taken."""
    return Form(
        action=action,
        typed={name: tuple(values) for name, values in request.form.lists() if name not in leave_out},
        faults=error.faults if isinstance(error, InvalidInputError) else MappingProxyType({}),
        refusal=error if isinstance(error, RefusedError) else None,
    )


class Reading:
    """Reads the fields of this request and collects every fault before anything is done.

    Usage: take the values, then `check()`, which raises InvalidInputError when there are faults.
    """

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}

    def line(self, name: str, *, needed: str | None = None, most: int = LINE) -> str:
        """Return one line of text. `needed` is the sentence when it is empty."""
        text = " ".join(request.form.get(name, "").split())
        return self._checked(name, text, needed=needed, most=most)

    def text(self, name: str, *, needed: str | None = None, most: int = TEXT) -> str:
        """Return a text with paragraphs."""
        text = request.form.get(name, "").replace("\r\n", "\n").strip()
        return self._checked(name, text, needed=needed, most=most)

    def choice(self, name: str, allowed: Sequence[str], *, needed: str) -> str:
        """Return one of the allowed values."""
        value = request.form.get(name, "")
        if value not in allowed:
            self.faults.setdefault(name, needed)
            return ""
        return value

    def choices(self, name: str) -> tuple[str, ...]:
        """Return all the values that were ticked, each once."""
        return tuple(dict.fromkeys(value[:LINE] for value in request.form.getlist(name) if value))

    def ticked(self, name: str) -> bool:
        """Say whether a box was ticked."""
        return request.form.get(name) == "yes"

    def day(self, name: str, *, needed: str | None = None) -> date | None:
        """Return a day, None when the field is empty."""
        text = request.form.get(name, "").strip()
        if not text:
            if needed:
                self.faults.setdefault(name, needed)
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.faults.setdefault(name, _("Write the day as year-month-day, for instance 2027-05-03."))
            return None

    def number(self, name: str, *, least: int, most: int) -> int | None:
        """Return a whole number, None when the field is empty."""
        text = request.form.get(name, "").strip()
        if not text:
            return None
        if (
            not text.isascii()
            or not text.isdigit()
            or len(text) > len(str(most))
            or not least <= int(text) <= most
        ):
            self.faults.setdefault(
                name, _("Write a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
            )
            return None
        return int(text)

    def fault(self, name: str, sentence: str) -> None:
        """Note what is wrong with a field."""
        self.faults.setdefault(name, sentence)

    def check(self) -> None:
        """Raise InvalidInputError if a field could not be taken."""
        if self.faults:
            raise InvalidInputError(self.faults)

    def _checked(self, name: str, text: str, *, needed: str | None, most: int) -> str:
        text = text.replace("\x00", "")
        if needed and not text:
            self.faults.setdefault(name, needed)
        if len(text) > most:
            self.faults.setdefault(
                name,
                _("This is %(length)s characters long; there is room for %(most)s. Please shorten it.")
                % {"length": len(text), "most": most},
            )
        return text


def local_path(text: str) -> str:
    """Return a path on this site to go on to, "/me" for anything else."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and "\\" not in text
    if not plain or any(ord(letter) < 0x20 for letter in text) or len(text) > 500:  # noqa: PLR2004 - an address
        return "/me"
    return text
