"""Loading the state of a case from its sealed stream, and storing what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from issuer.errors import NotFoundError
from issuer.rules.achievements import Badge, evolve_badge
from issuer.rules.applications import Application, evolve_application
from issuer.rules.awards import Award, evolve_award
from issuer.rules.circles import Circle, evolve_circle
from issuer.rules.journal import Event, replay
from issuer.rules.process import Process, evolve
from issuer.service.academy import Work

State = TypeVar("State", Badge, Application, Award, Circle, Process)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Generic[State]):
    """A case as it stands: its state, and how many events made it."""

    stream: str
    state: State
    seen: int
    evolve: Callable[[State, Event], State]

    def after(self, events: Iterable[Event]) -> Case[State]:
        """Return the case with further events."""
        events = tuple(events)
        return replace(self, state=replay(self.evolve, self.state, events), seen=self.seen + len(events))


def circle_case(work: Work, id_: str, *, as_of: datetime | None = None) -> Case[Circle]:
    """Return a circle; one without events is about to begin."""
    return _case(work, f"circle/{id_}", Circle(id=id_), evolve_circle, as_of=as_of)


def badge_case(work: Work, slug: str, *, as_of: datetime | None = None) -> Case[Badge]:
    """Return a badge with its versions; one without events is about to be adopted."""
    return _case(work, f"badge/{slug}", Badge(slug=slug), evolve_badge, as_of=as_of)


def application_case(work: Work, id_: str) -> Case[Application]:
    """Return an application."""
    return _case(work, f"application/{id_}", Application(id=id_), evolve_application)


def process_case(work: Work, id_: str) -> Case[Process]:
    """Return a consent process."""
    return _case(work, f"process/{id_}", Process(id=id_), evolve)


def award_case(work: Work, id_: str, *, as_of: datetime | None = None) -> Case[Award]:
    """Return an award."""
    return _case(work, f"award/{id_}", Award(id=id_), evolve_award, as_of=as_of)


def _case(
    work: Work,
    stream: str,
    start: State,
    evolve: Callable[[State, Event], State],
    *,
    as_of: datetime | None = None,
) -> Case[State]:
    """Return a case as it stands, or as it stood at a moment: such a one is for reading, not for going on from."""
    events = [event for event in work.unit.journal.read(stream) if as_of is None or event.at <= as_of]
    return Case(stream=stream, state=replay(evolve, start, events), seen=len(events), evolve=evolve)


def existing(case: Case[State]) -> Case[State]:
    """Return the case, or raise NotFoundError when nothing ever happened in it."""
    if not case.seen:
        raise NotFoundError("There is nothing here.")
    return case


def store(work: Work, case: Case[State], events: Iterable[Event]) -> Case[State]:
    """Append events to a case's stream, bring the tables for lists up to date, and return the new state."""
    events = tuple(events)
    if not events:
        return case
    work.unit.journal.append(case.stream, events, after=case.seen)
    case = case.after(events)
    if isinstance(case.state, Process):
        work.unit.cases.put_process(case.state)
    elif isinstance(case.state, Application):
        work.unit.cases.put_application(case.state, now=work.now)
    return case


def store_new_process(work: Work, case: Case[Process], events: Iterable[Event]) -> Case[Process]:
    """Begin a process, with a code by which people in a meeting find it."""
    case = store(work, case, events)
    code = work.meeting_code()
    while work.unit.cases.process_by_code(code) is not None:
        code = work.meeting_code()
    work.unit.cases.put_process(case.state, meeting_code=code)
    return case


def circle_of_kind(work: Work, kind: str) -> Circle | None:
    """Return the first circle of a kind, from its own stream."""
    row = work.unit.cases.circle_of_kind(kind)
    return circle_case(work, row.id).state if row is not None else None
