"""One transaction with everything that a use case reads and writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from issuer.store.awards import Awards
from issuer.store.cases import Cases
from issuer.store.engine import READS
from issuer.store.journal import Journal, Texts
from issuer.store.passkeys import Passkeys
from issuer.store.people import Mails, People


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The stores of one transaction."""

    connection: Connection
    journal: Journal
    texts: Texts
    people: People
    passkeys: Passkeys
    mails: Mails
    cases: Cases
    awards: Awards


@contextmanager
def begin_unit(
    engine: Engine, *, journal_key: bytes, random_bytes: Callable[[int], bytes], reads: bool = False
) -> Iterator[Unit]:
    """Open a transaction; commit at the end, roll back when anything is raised. `reads`: it writes nothing."""
    with (engine.execution_options(**{READS: True}) if reads else engine).begin() as connection:
        yield Unit(
            connection=connection,
            journal=Journal(connection, journal_key),
            texts=Texts(connection, random_bytes),
            people=People(connection, journal_key),
            passkeys=Passkeys(connection, journal_key),
            mails=Mails(connection),
            cases=Cases(connection),
            awards=Awards(connection),
        )


def is_passing(error: OperationalError) -> bool:
    """Say whether a database error is one of contention, so that the same transaction may be tried again."""
    code = getattr(error.orig, "sqlstate", None)
    return code in {"40001", "40P01"} or "database is locked" in str(error.orig)


def pause(attempt: int) -> None:
    """Wait a little longer before each further try."""
    time.sleep(0.02 * 2**attempt)
