"""The worker: what is due by itself, signatures that wait, mails; in one pass, or until it is stopped."""

from __future__ import annotations

import logging
import threading

from issuer.service.academy import Academy
from issuer.service.erasing import erase_due
from issuer.service.issuing import complete_pending
from issuer.service.mailing import Transport, send_due
from issuer.service.processes import close_due

EVERY_S = 2.0
_LOG = logging.getLogger(__name__)


def work_once(academy: Academy, transport: Transport) -> int:
    """Do everything that is due now; return how many pieces of work were done."""
    done = close_due(academy) + complete_pending(academy) + send_due(academy, transport)
    return done + erase_due(academy)


def work_until(academy: Academy, transport: Transport, *, stop: threading.Event) -> None:
    """Work until told to stop. What goes wrong is logged, and comes up again at the next pass."""
    while not stop.wait(EVERY_S):
        try:
            work_once(academy, transport)
        except Exception:  # noqa: BLE001 - a worker that stopped would leave everybody's work undone, unseen
            _LOG.exception("a pass of the worker ended early; the work comes up again")
