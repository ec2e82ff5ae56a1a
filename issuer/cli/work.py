"""The worker: what is due by itself, signatures that wait, mails; in one pass, or until it is stopped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from issuer.errors import AcademyError
from issuer.service.academy import Academy
from issuer.service.erasing import erase_due
from issuer.service.issuing import complete_pending
from issuer.service.log import flush_due
from issuer.service.log.auditing import audit_some
from issuer.service.log.changes import log_changed_keys
from issuer.service.log.entries import pad_due
from issuer.service.mailing import Transport, send_due
from issuer.service.processes import close_due

EVERY_S = 2.0
LOG_EVERY_S = 1.0  # a leaf waits for its checkpoint no longer than this, and what it takes to write and witness it
_LOG = logging.getLogger(__name__)


def work_once(academy: Academy, transport: Transport) -> int:
    """Do everything that is due now; return how many pieces of work were done."""
    done = close_due(academy) + pad_due(academy) + log_once(academy)
    return done + complete_pending(academy) + send_due(academy, transport) + erase_due(academy)


def log_once(academy: Academy) -> int:
    """Bring what waits into the log; return how many leaves. One that refuses is told, and stops nothing else."""
    try:
        return flush_due(academy)
    except AcademyError as error:
        _LOG.error("the log: %s", error)
        return 0


def work_until(academy: Academy, transport: Transport, *, stop: threading.Event) -> None:
    """Work until told to stop. What goes wrong is logged, and comes up again at the next pass.

    The log has a thread of its own: a mail server that is slow does not hold it up.
    """
    log_changed_keys(academy)
    threading.Thread(target=log_until, args=(academy,), kwargs={"stop": stop}, daemon=True, name="log").start()
    while not stop.wait(EVERY_S):
        try:
            work_once(academy, transport)
        except Exception:  # noqa: BLE001 - a worker that stopped would leave everybody's work undone, unseen
            _LOG.exception("a pass of the worker ended early; the work comes up again")


def log_until(academy: Academy, *, stop: threading.Event) -> None:
    """Write the log until told to stop, and look at old leaves beside it; one trouble is logged once."""
    told: set[str] = set()
    while not stop.wait(LOG_EVERY_S):
        troubles = {
            trouble for task in (flush_due, audit_some) if (trouble := _trouble(academy, task)) is not None
        }
        for trouble in troubles - told:
            _LOG.error("the log: %s", trouble)
        told = troubles


def _trouble(academy: Academy, task: Callable[[Academy], int]) -> str | None:
    try:
        task(academy)
    except AcademyError as error:
        return str(error)
    except Exception:  # noqa: BLE001 - as above: a thread that stopped would leave all leaves waiting, unseen
        _LOG.exception("a pass of the log ended early; it comes up again")
    return None
