"""What the leaves of a log have said so far, kept on disk while one audit runs.

A monitor's state is the last head only (TRANSPARENCY.md, section 5). What a rule needs from leaves before that
head, such as the decision that a badge names, is read again with each audit: those bytes are proved by the head
itself, and no second file can be wrong, old, or changed by somebody. The price is one pass over the log. So that
the memory stays flat however long the log is, this goes to a temporary database of SQLite, which has no name and
vanishes with the process.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "event",  # ids of events
    "decision",  # leaf hashes of decision.closed, with the leaf's bytes
    "proposal",  # proposals that were closed
    "decider",  # keys that answered
    "statement",  # answers
    "copy",  # leaf hashes of credential.issued
    "first",  # decisions whose badge was issued
    "final",  # badges that were issued, with their decision
    "replaced",  # badges that a later copy replaces
    "replacing",  # copies that a change of status names
    "policy",  # policies that were in force
    "list",  # addresses of status lists, with the digest that is in force
    "listed",  # address and digest of every status list that ever was
    "log key",  # vkeys that the log signed with
    "key",  # issuer keys, with what became of them
    "file",  # scripts of the last release
]


@dataclass(frozen=True, slots=True)
class Shelved:
    """The leaf that said something first, and what it said beside."""

    index: int
    value: bytes


def _temporary() -> sqlite3.Connection:
    connection = sqlite3.connect("", isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(
        "CREATE TABLE shelf (kind TEXT, name TEXT, place INTEGER, value BLOB, PRIMARY KEY (kind, name)) "
        "WITHOUT ROWID"
    )
    connection.execute("BEGIN")  # for good: nothing here outlives the audit
    return connection


@dataclass(slots=True)
class Shelf:
    """Names by kind, each with the leaf that brought it. Close it when the audit is over."""

    _connection: sqlite3.Connection = field(default_factory=_temporary, repr=False)

    def find(self, kind: Kind, name: str) -> Shelved | None:
        """Return what is known of a name."""
        row = self._connection.execute(
            "SELECT place, value FROM shelf WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return Shelved(*row) if row else None

    def add(self, kind: Kind, name: str, index: int, value: bytes = b"") -> Shelved | None:
        """Keep a name that is new and return None, or return what was known of it before."""
        cursor = self._connection.execute(
            "INSERT INTO shelf VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (kind, name, index, value)
        )
        return None if cursor.rowcount else self.find(kind, name)

    def put(self, kind: Kind, name: str, index: int, value: bytes = b"") -> None:
        """Keep a name in the place of what was known of it before."""
        self._connection.execute("INSERT OR REPLACE INTO shelf VALUES (?, ?, ?, ?)", (kind, name, index, value))

    def clear(self, kind: Kind) -> None:
        """Forget all names of a kind."""
        self._connection.execute("DELETE FROM shelf WHERE kind = ?", (kind,))

    def all(self, kind: Kind) -> Iterator[tuple[str, Shelved]]:
        """Yield all names of a kind."""
        for name, index, value in self._connection.execute(
            "SELECT name, place, value FROM shelf WHERE kind = ? ORDER BY name", (kind,)
        ):
            yield name, Shelved(index, value)

    def close(self) -> None:
        """Give the disk back."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
