"""How a member's sign-in came to count: by people who know the person, and what happens when it is exchanged.

A first enrolment is by a mailed link, so two members of the circle say that they spoke to the person. Where
another passkey takes the place of the last one, the person is "re-enrolled": the circle is told, and what they
say does not count for 48 hours (TRANSPARENCY.md, section 2). State from the member's own stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from issuer.errors import NotAllowedError, NotFoundError, RefusedError
from issuer.rules.journal import Event

WAIT = timedelta(hours=48)
MAX_PASSKEYS = 10
SPOKEN_BY = 2
_RULE = "enrolment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A member's passkeys in use with the time each was added, and who said that they spoke to the person."""

    passkeys: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    had_passkey: bool = False
    spoken: frozenset[str] = frozenset()
    re_enrolled_at: datetime | None = None
    re_enrolments: int = 0

    def waits_until(self, *, now: datetime) -> datetime | None:
        """Return until when a re-enrolled person cannot answer, None when they can."""
        until = self.re_enrolled_at + WAIT if self.re_enrolled_at else now
        return until if until > now else None

    def confirmed(self, *, others: int) -> bool:
        """Say whether enough people spoke to the person; `others` is how many share a circle with them."""
        return len(self.spoken) >= needed(others)


def needed(others: int) -> int:
    """Return how many say that they spoke to a person: two, and in a circle of two the one other."""
    return min(SPOKEN_BY, others)


def evolve_enrolment(enrolment: Enrolment, event: Event) -> Enrolment:
    """Return the enrolment after an event."""
    if event.type == "spoken_to":
        return replace(enrolment, spoken=enrolment.spoken | {event.actor or ""})
    passkeys = dict(enrolment.passkeys)
    if event.type == "passkey_added":
        passkeys[event["passkey"]] = event.at
        enrolment = replace(enrolment, had_passkey=True)
    elif event.type == "passkey_removed":
        passkeys.pop(event["passkey"], None)
    else:
        raise AssertionError(f"a member has no event {event.type}")
    enrolment = replace(enrolment, passkeys=MappingProxyType(passkeys))
    if not event["re_enrolled"]:
        return enrolment
    return replace(enrolment, re_enrolled_at=event.at, re_enrolments=enrolment.re_enrolments + 1)


def add_passkey(
    enrolment: Enrolment, *, member: str, passkey: str, session: str | None, now: datetime
) -> tuple[Event, ...]:
    """Add a passkey. `session` is the passkey that the person signed in with just now, None after a link.

    One that a passkey in use stands behind is a further one; else it is a new enrolment after one existed.
    """
    if len(enrolment.passkeys) >= MAX_PASSKEYS:
        raise RefusedError(
            f"You have {MAX_PASSKEYS} passkeys already.",
            rule="passkeys",
            remedy="Remove one that you do not use any more, then add this one.",
        )
    re_enrolled = enrolment.had_passkey and session not in enrolment.passkeys
    data = {"passkey": passkey, "by": "passkey" if session in enrolment.passkeys else "link"}
    return (_event("passkey_added", member, now, data | {"re_enrolled": re_enrolled}),)


def remove_passkey(enrolment: Enrolment, *, member: str, passkey: str, now: datetime) -> tuple[Event, ...]:
    """Remove a passkey. Where the last one of more than 48 hours goes, what is left takes its place."""
    if passkey not in enrolment.passkeys:
        raise NotFoundError("There is no such passkey.")
    settled = {id_ for id_, at in enrolment.passkeys.items() if now - at >= WAIT}
    data = {"passkey": passkey, "re_enrolled": settled == {passkey}}
    return (_event("passkey_removed", member, now, data),)


def say_spoken(
    enrolment: Enrolment,
    *,
    about: str,
    by: str,
    sayer: Enrolment,
    circle: str,
    members: frozenset[str],
    now: datetime,
) -> tuple[Event, ...]:
    """Say that one spoke to a member of one's circle. `sayer` is the enrolment of who says it."""
    if by == about or not {by, about} <= members:
        raise NotAllowedError(
            "Who spoke to a person is said by another member of their circle.",
            rule=_RULE,
            remedy="Ask two members of the circle to say it.",
        )
    if sayer.waits_until(now=now):
        raise RefusedError(
            "Your own sign-in was exchanged less than 48 hours ago, so this does not count yet.",
            rule=_RULE,
            remedy="Say it again when the 48 hours are over, or ask another member of the circle.",
        )
    if by in enrolment.spoken:
        return ()
    return (_event("spoken_to", by, now, {"circle": circle}),)


def waiting(enrolment: Enrolment, *, now: datetime) -> RefusedError | None:
    """Return why somebody who enrolled anew cannot answer yet, None when they can."""
    until = enrolment.waits_until(now=now)
    if until is None:
        return None
    return RefusedError(
        f"You enrolled anew, so you can answer from {in_words(until)}.",
        rule=_RULE,
        remedy="Your circle was told. Until then, tell them yourself that it was you.",
    )


def refusal(enrolment: Enrolment, *, others: int, now: datetime) -> RefusedError | None:
    """Return why what this person says does not count yet, None when it does."""
    if (waits := waiting(enrolment, now=now)) is not None:
        return waits
    if not enrolment.confirmed(others=others):
        return RefusedError(
            f"{_spoken_words(enrolment, others=others, whom='you')} That comes before your first answer.",
            rule=_RULE,
            remedy="Call or meet members of your circle; each says on the circle's page that they spoke to you.",
        )
    return None


def words(enrolment: Enrolment, *, others: int, now: datetime) -> str:
    """Return in a sentence or two how a member is enrolled, for their circle."""
    until = enrolment.waits_until(now=now)
    if until is not None:
        return f"Re-enrolled: can answer from {in_words(until)}. Ask whether it was them."
    if not enrolment.confirmed(others=others):
        return _spoken_words(enrolment, others=others, whom="this person")
    again = f" Re-enrolled on {enrolment.re_enrolled_at:%-d %B %Y}." if enrolment.re_enrolled_at else ""
    return ("Has a passkey." if enrolment.passkeys else "Signs in by a mailed link.") + again


def in_words(at: datetime) -> str:
    """Return a moment as people write it."""
    return f"{at:%-d %B %Y, %H:%M} UTC"


def _spoken_words(enrolment: Enrolment, *, others: int, whom: str) -> str:
    if not enrolment.spoken:
        asked = "two members" if needed(others) == SPOKEN_BY else "one member"
        return f"No member has said yet that they spoke to {whom}; {asked} of the circle should."
    return f"One member said that they spoke to {whom}; one more should."


def _event(type_: str, actor: str, at: datetime, data: dict[str, object]) -> Event:
    return Event(type=type_, at=at, actor=actor, data=MappingProxyType(data))
