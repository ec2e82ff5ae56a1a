"""What every use case stands on: the Academy's parts, and one transaction with its time.

One use case, one function, one transaction. A use case is written as a function of `Work` and called with the
`Academy`; the decorators open the transaction, and run it again where two met in the same moment.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from time import monotonic
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from issuer.errors import AcademyError, BusyError, ConflictError, NotFoundError
from issuer.rules.credentials import Issuer
from issuer.store.keyring import Keyring
from issuer.store.log import AcademyLog
from issuer.store.unit import Unit, begin_unit, is_passing, pause

P = ParamSpec("P")
R = TypeVar("R")
_LOG = logging.getLogger(__name__)
_TRIES = 6
_PATIENCE_S = 20.0  # whoever waited that long for a lock is told so, instead of waiting five times more
_ID_BYTES = 16
_READABLE = "23456789abcdefghijkmnpqrstuvwxyz"  # 32 of them, so that each is as likely; no 0 1 l o
_CODE_LETTERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Academy:
    """One installation: where its rows and keys are, how it is called, and where time and chance come from."""

    engine: Engine = field(repr=False)
    keyring: Keyring
    log: AcademyLog
    base_url: str
    name: str
    clock: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    email: str | None = None
    dev: bool = False

    @property
    def issuer(self) -> Issuer:
        """The Academy as its badges name it."""
        return Issuer(did=self.keyring.did, name=self.name, url=self.base_url, email=self.email)

    def url(self, path: str) -> str:
        """Return the public address of a path."""
        return f"{self.base_url}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One transaction of the Academy, at one moment."""

    academy: Academy
    unit: Unit
    now: datetime

    def new_id(self) -> str:
        """Return a random address of 128 bits, in letters and digits."""
        return base64.b32encode(self.academy.random_bytes(_ID_BYTES)).decode("ascii").rstrip("=").lower()

    def meeting_code(self) -> str:
        """Return a code of six letters and digits that people can read to each other."""
        return "".join(_READABLE[byte % len(_READABLE)] for byte in self.academy.random_bytes(_CODE_LETTERS))


def use_case(function: Callable[Concatenate[Work, P], R]) -> Callable[Concatenate[Academy, P], R]:
    """Make a function of one transaction callable with the Academy; all of it is stored, or nothing."""
    return _in_transaction(function, reads=False)


def query(function: Callable[Concatenate[Work, P], R]) -> Callable[Concatenate[Academy, P], R]:
    """Make a function that only reads callable with the Academy."""
    return _in_transaction(function, reads=True)


def each_alone(ids: Iterable[str], act: Callable[[str], object]) -> int:
    """Do the same for each id, each in a transaction of its own; one that is refused is logged and stops no other.

    Returns how many were done.
    """
    done = 0
    for id_ in ids:
        try:
            act(id_)
        except AcademyError as error:
            _LOG.error("%s is left as it is: %s", id_, error)
        else:
            done += 1
    return done


def _in_transaction(
    function: Callable[Concatenate[Work, P], R], *, reads: bool
) -> Callable[Concatenate[Academy, P], R]:
    @wraps(function)
    def run(academy: Academy, /, *args: P.args, **kwargs: P.kwargs) -> R:
        began = monotonic()
        for attempt in range(_TRIES):
            try:
                with begin_unit(
                    academy.engine,
                    journal_key=academy.keyring.journal_key,
                    random_bytes=academy.random_bytes,
                    reads=reads,
                ) as unit:
                    return function(Work(academy=academy, unit=unit, now=academy.clock()), *args, **kwargs)
            except (OperationalError, IntegrityError, ConflictError) as error:
                # Two that write the same row meet as a violated constraint: the second try sees the first's row.
                last = attempt == _TRIES - 1 or monotonic() - began > _PATIENCE_S
                if isinstance(error, OperationalError) and (last or not is_passing(error)):
                    raise BusyError("The database does not answer just now. Nothing was changed.") from error
                if last:
                    raise
                pause(attempt)
            except DataError as error:  # PostgreSQL takes no NUL, not even in what is looked for
                raise NotFoundError("There is nothing here.") from error
        raise AssertionError("the last try returns or raises")

    return run
