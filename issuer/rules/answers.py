"""Keys and answers: each decider gives a key before the round, and what they sign with it counts as their answer.

What somebody said without their key, or what was written down for them, is noted and waits to be confirmed: it
never counts (TRANSPARENCY.md, sections 1 and 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.errors import NotAllowedError, RefusedError
from issuer.rules.flow import then
from issuer.rules.guards import Facts
from issuer.rules.journal import Event
from issuer.rules.parts import in_phase, is_decider
from issuer.rules.process import Process, Version
from schemas import Response

Events = tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says in a round; texts by id. `statement` and `signed` tell what was signed, if it was."""

    version: int
    response: Response
    concern: str | None = None
    reason: str | None = None
    objection: str = ""
    about: str = ""
    show_name: bool = False
    statement: str | None = None
    signed: str | None = None

    def data(self) -> dict[str, Any]:
        """Return the event data."""
        data: dict[str, Any] = {
            "version": self.version,
            "response": self.response,
            "show_name": self.show_name,
            "statement": self.statement,
            "signed": self.signed,
        }
        if self.response == "objection":
            data |= {"objection": self.objection, "reason": self.reason, "about": self.about}
        elif self.concern:
            data["concern"] = self.concern
        return data


def give_key(process: Process, *, by: str, key: str, assurance: str, now: datetime) -> Events:
    """Give the key that stands for oneself in this decision, before it is opened or in a pause.

    Later the list of keys is part of what everybody answers, so another key makes everybody answer again (C12).
    """
    is_decider(process, by)
    if process.peers[by].key == key:
        return ()
    if process.phase not in {"preparing", "paused"}:
        raise another_key()
    if any(peer.key == key for peer in process.peers.values()):
        raise RefusedError(
            "This key stands for somebody else here.", rule="G6", remedy="Let your own browser make a new one."
        )
    return (Event(type="key_given", at=now, actor=by, data={"key": key, "assurance": assurance}),)


def on_the_table(process: Process, *, member: str, version: int) -> Version:
    """Return the version that somebody answers in the round that is open; refuse another, and a second answer."""
    in_phase(process, "consent_round", step="C5")
    current = process.version
    assert current is not None
    if version != current.number:
        raise RefusedError(
            f"The proposal was changed: version {current.number} is on the table now,"
            f" and you answered version {version}.",
            rule="G7",
            remedy="Read the new version and answer again.",
        )
    if member in process.answers:
        raise RefusedError(
            "You have answered in this round already.", rule="G7", remedy="Each person answers once."
        )
    return current


def another_key() -> RefusedError:
    """Return the refusal of a key that does not stand for the person in this decision."""
    return RefusedError(
        "Another key stands for you in this decision, and the round goes by that list.",
        rule="signature",
        remedy="Answer on the device where you took part first; or ask the facilitator to pause the decision:"
        " then you can give a new key, and everybody answers again.",
    )


def respond(process: Process, *, by: str, said: Said, facts: Facts, now: datetime) -> Events:
    """Consent or object to the version that is on the table, once in a round; what is not signed is only noted."""
    is_decider(process, by, facts)
    _check(process, by, said)
    if said.statement is None:
        return (Event(type="said", at=now, actor=by, data={**said.data(), "member": by}),)
    return then(process, (Event(type="responded", at=now, actor=by, data=said.data()),), facts=facts, now=now)


def note_answer(process: Process, *, by: str, member: str, said: Said, facts: Facts, now: datetime) -> Events:
    """Write down, as the secretary or facilitator, what a decider said aloud; it waits for their own word."""
    if by not in {process.secretary, process.facilitator}:
        raise NotAllowedError(
            "The secretary or the facilitator writes down what others say.",
            rule="C5",
            remedy="Ask one of them; the page says who they are.",
        )
    is_decider(process, member, facts)
    _check(process, member, said)
    return (Event(type="said", at=now, actor=by, data={**said.data(), "member": member, "statement": None}),)


def _check(process: Process, member: str, said: Said) -> None:
    on_the_table(process, member=member, version=said.version)
    if said.response not in ("consent", "objection"):
        raise RefusedError(
            "There are two answers: consent and objection.",
            rule="G7",
            remedy="Choose one of them; a concern can go with a consent.",
        )
    if said.response == "objection" and not said.reason:
        raise RefusedError(
            "An objection needs a reason; one sentence is enough.",
            rule="G8",
            remedy="Say in one sentence what would get in the way of the aim.",
        )
