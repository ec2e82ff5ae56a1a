"""Sending the mails that wait. A mail is claimed, sent, and noted: after a crash in between it may come twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from issuer.service.academy import Academy, Work, use_case

_AT_ONCE = 20
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=12)
_DOUBLINGS = 10  # more would only make a number that no time can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person."""

    id: int
    recipient: str
    subject: str
    body: str


class UndeliveredError(Exception):
    """A mail could not be handed over now; it is tried again later."""


Transport = Callable[[Mail], None]


@use_case
def _claim(work: Work) -> list[Mail]:
    """Take mails that are due; they come up again later unless they are noted as sent."""
    claimed = []
    for row in work.unit.mails.due(now=work.now, limit=_AT_ONCE):
        wait = min(_FIRST_WAIT * 2 ** min(row.attempts, _DOUBLINGS), _LONGEST_WAIT)
        work.unit.mails.postpone(row.id, until=work.now + wait)
        claimed.append(Mail(id=row.id, recipient=row.recipient, subject=row.subject, body=row.body))
    return claimed


@use_case
def _sent(work: Work, *, mail: int) -> None:
    work.unit.mails.sent(mail, at=work.now, keep_body=work.academy.dev)


def send_due(academy: Academy, transport: Transport) -> int:
    """Send what waits and return how many went out. Raises nothing for mails that cannot be delivered now."""
    sent = 0
    for mail in _claim(academy):
        try:
            transport(mail)
        except UndeliveredError:
            continue
        _sent(academy, mail=mail.id)
        sent += 1
    return sent
