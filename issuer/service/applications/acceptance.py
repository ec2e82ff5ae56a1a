"""The applicant's last word: accept the badge, leave it, or step back at any time."""

from __future__ import annotations

import logging

from issuer.errors import LogRefusedError, RefusedError
from issuer.rules.applications import step
from issuer.rules.rounds import withdraw as withdraw_process
from issuer.service.academy import Academy, Work, use_case
from issuer.service.applications.drafts import applicants_case
from issuer.service.cases import process_case, store
from issuer.service.issuing import complete_award, plan_award
from issuer.service.log import log_refusal, read_state
from issuer.service.notices import tell_outcome

_LOG = logging.getLogger(__name__)


def accept(academy: Academy, *, by: str, id_: str, published: bool, signed: str) -> str:
    """Accept the badge, signed with one's own key: it is planned, logged, and then signed (docs/adr/0006).

    Where the log cannot prove the entry yet, the badge follows by itself (`complete_pending`). Returns the path of
    the badge's page. Raises RefusedError, with nothing changed, when G9 does not hold.
    """
    if read_state(academy) is not None and (why := log_refusal(academy)) is not None:
        _LOG.error("no badge is accepted: %s", why)
        raise RefusedError(
            "The Academy's public log takes in nothing just now, so no badge can be issued. Nothing was changed.",
            rule="G9",
            remedy="Try again later; whoever looks after the service has been told.",
        )
    award, credential = _accept(academy, by=by, id_=id_, published=published, signed=signed)
    try:
        complete_award(academy, award=award)
    except LogRefusedError as error:  # the acceptance stands; the operator is told, and the badge follows
        _LOG.error("the award %s waits for its entry in the log: %s", award, error)
    return f"/credentials/{credential}"


@use_case
def _accept(work: Work, *, by: str, id_: str, published: bool, signed: str) -> tuple[str, str]:
    case = applicants_case(work, id_, by)
    award = plan_award(work, case, published=published, signed=signed)
    assert case.state.credential is not None
    return award, case.state.credential


@use_case
def decline(work: Work, *, by: str, id_: str) -> None:
    """A11: leave the badge. The sealed record stays."""
    case = applicants_case(work, id_, by)
    store(work, case, (step(case.state, "A11", by=by, now=work.now),))


@use_case
def withdraw(work: Work, *, by: str, id_: str) -> None:
    """A12: step back, at any time before the decision, without a reason."""
    step_back(work, by=by, id_=id_)


def step_back(work: Work, *, by: str, id_: str) -> None:
    """End an application and its process; delete texts, talk and evidence."""
    case = applicants_case(work, id_, by)
    event = step(case.state, "A12", by=by, now=work.now)
    if case.state.process is not None:
        process = process_case(work, case.state.process)
        if not process.state.closed:
            process = store(work, process, withdraw_process(process.state, by=by, now=work.now))
            tell_outcome(work, process.state)
        work.unit.texts.erase(process.stream)
    work.unit.texts.erase(case.stream)
    store(work, case, (event,))
