"""One step of a process: load it, ask the rules, store what happened, and close it when it has settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from issuer.errors import NotFoundError
from issuer.rules.guards import Facts
from issuer.rules.journal import Event
from issuer.rules.process import Process
from issuer.service.academy import Work
from issuer.service.cases import Case, circle_case, existing, process_case, store
from issuer.service.closing import close_if_settled
from issuer.service.facts import facts_for


def has_part(process: Process, member: str) -> bool:
    """Say whether somebody takes part: decides, holds the process, proposed it, or is the person it is about."""
    return member in process.peers or member in {
        process.facilitator,
        process.secretary,
        process.proposer,
        process.concerned,
    }


def visible_process(work: Work, id_: str, reader: str) -> Case[Process]:
    """Return a process to those who take part and to the circle of the case; to others it does not exist."""
    case = existing(process_case(work, id_))
    process = case.state
    if process.kind == "award" and process.outcome == "withdrawn":
        raise NotFoundError("There is nothing here.")  # the applicant stepped back: nobody sees it any more
    if has_part(process, reader) or reader in circle_case(work, process.circle).state.members:
        return case
    raise NotFoundError("There is nothing here.")


def take_step(work: Work, id_: str, by: str, act: Callable[[Process, Facts], Iterable[Event]]) -> Case[Process]:
    """Let the rules say what follows from what somebody does, store it, and close what has settled by it."""
    case = visible_process(work, id_, by)
    events = tuple(act(case.state, facts_for(work, case.state)))
    return close_if_settled(work, store(work, case, events))


def put_text(work: Work, id_: str, by: str, value: str) -> str | None:
    """Store what somebody said in a process; nothing for an empty text."""
    return work.unit.texts.put(value, stream=f"process/{id_}", author=by) if value else None
