"""The journal and the texts that its events name."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from issuer.errors import ConflictError, TamperedError
from issuer.rules.journal import SEAL_BYTES, Event, seal_event
from issuer.store.tables import files, journal, texts
from keys import encode_base64url
from schemas import DocumentError, canonicalize_json

_FIRST = bytes(SEAL_BYTES)
_NEWEST = b"academy-badges/newest/v1\n"
SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Journal:
    """Streams of sealed events in one transaction.

    The newest row of a stream carries its seal with a mark, which is taken off when another one follows: where
    the newest rows were deleted, the one that is the last now does not have it.
    """

    connection: Connection
    key: bytes

    def read(self, stream: str) -> list[Event]:
        """Return a stream's events; raise TamperedError where a row does not carry our seal, or one is missing."""
        return [event for event, _ in self._rows(stream)]

    def _rows(self, stream: str) -> list[tuple[Event, bytes]]:
        previous = _FIRST
        rows = []
        query = select(journal).where(journal.c.stream == stream).order_by(journal.c.number)
        found = self.connection.execute(query).all()
        for number, row in enumerate(found, start=1):
            try:
                event = Event(
                    type=row.type,
                    at=datetime.fromisoformat(row.at).astimezone(UTC),
                    actor=row.actor,
                    data=MappingProxyType(json.loads(row.data)),
                )
                seal = seal_event(event, stream=stream, number=number, previous=previous, key=self.key)
                same_text = row.data == _text(event)  # 1 and 1.0 have one seal, but are not one value
            except (ValueError, TypeError, DocumentError) as error:
                raise TamperedError(f"entry {number} of {stream} in the journal cannot be read") from error
            expected = self._newest(seal) if number == len(found) else seal
            if row.number != number or not same_text or not hmac.compare_digest(expected, row.seal):
                raise TamperedError(f"entry {number} of {stream} in the journal was not written by this service")
            rows.append((event, seal))
            previous = seal
        return rows

    def _newest(self, seal: bytes) -> bytes:
        return hmac.digest(self.key, _NEWEST + seal, hashlib.sha256)

    def append(self, stream: str, events: Iterable[Event], *, after: int | None = None) -> None:
        """Append events; `after` is how many the writer has seen. Raises ConflictError when there are more."""
        rows = self._rows(stream)
        if after is not None and len(rows) != after:
            raise ConflictError
        events = tuple(events)
        previous, number = (rows[-1][1] if rows else _FIRST), len(rows)
        if rows and events:
            newest = (journal.c.stream == stream, journal.c.number == number)
            self.connection.execute(update(journal).where(*newest).values(seal=previous))
        last = number + len(events)
        for event in events:
            number += 1
            previous = seal_event(event, stream=stream, number=number, previous=previous, key=self.key)
            try:
                self.connection.execute(
                    insert(journal).values(
                        stream=stream,
                        number=number,
                        type=event.type,
                        at=event.at.isoformat(),
                        actor=event.actor,
                        data=_text(event),
                        seal=self._newest(previous) if number == last else previous,
                    )
                )
            except IntegrityError as error:
                raise ConflictError from error


def _text(event: Event) -> str:
    return canonicalize_json(dict(event.data)).decode("utf-8")


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that people wrote: rows of their own, so that they can be erased."""

    connection: Connection
    random_bytes: Callable[[int], bytes]

    def put(self, value: str, *, stream: str, author: str | None) -> str:
        """Store a text for a case and return its id, which is its salted digest: it cannot be exchanged later."""
        salt = self.random_bytes(SALT_BYTES)
        id_ = _digest(value, salt)
        self.connection.execute(
            insert(texts).values(id=id_, stream=stream, author=author, value=value, salt=salt, digest=id_)
        )
        return id_

    def get(self, id_: str | None) -> str | None:
        """Return a text, None when it was erased; raise TamperedError when it is not the one that was stored."""
        return self.many([id_])[id_] if id_ is not None else None

    def many(self, ids: Iterable[str | None]) -> dict[str | None, str | None]:
        """Return several texts at once, None for those that were erased or that have no id."""
        wanted = {id_ for id_ in ids if id_ is not None}
        found: dict[str | None, str | None] = dict.fromkeys([*wanted, None])
        for row in self.connection.execute(select(texts).where(texts.c.id.in_(wanted))) if wanted else ():
            if row.value is None:
                continue
            if _digest(row.value, row.salt) != row.id:
                raise TamperedError(f"the text {row.id} was changed in the database")
            found[row.id] = row.value
        return found

    def all_of(self, stream: str) -> list[str]:
        """Return every text of a stream that is still there."""
        ids = self.connection.execute(select(texts.c.id).where(texts.c.stream == stream).order_by(texts.c.id))
        return [text for text in self.many(ids.scalars()).values() if text is not None]

    def erase(self, stream: str, *, keep: Iterable[str | None] = ()) -> None:
        """Delete the values and salts of a case's texts, and its files; the ids stay and open to nothing."""
        kept = {id_ for id_ in keep if id_ is not None}
        query = update(texts).where(texts.c.stream == stream, texts.c.id.not_in(kept))
        self.connection.execute(query.values(value=None, salt=None))
        self.connection.execute(delete(files).where(files.c.stream == stream))

    def put_file(self, content: bytes, *, id_: str, name: str, stream: str) -> None:
        """Store a file of a case."""
        self.connection.execute(
            insert(files).values(id=id_, stream=stream, name=name, size=len(content), content=content)
        )

    def file_names(self, stream: str) -> dict[str, tuple[str, int]]:
        """Return name and size of each file of a case."""
        query = select(files.c.id, files.c.name, files.c.size).where(files.c.stream == stream)
        return {row.id: (row.name, row.size) for row in self.connection.execute(query)}

    def file(self, id_: str, *, stream: str) -> tuple[str, bytes] | None:
        """Return name and content of one file of a case."""
        query = select(files.c.name, files.c.content).where(files.c.id == id_, files.c.stream == stream)
        row = self.connection.execute(query).first()
        return (row.name, row.content) if row else None

    def remove_file(self, id_: str, *, stream: str) -> None:
        """Delete one file of a case."""
        self.connection.execute(delete(files).where(files.c.id == id_, files.c.stream == stream))


def file_digest(content: bytes) -> str:
    """Return the digest of a file, by which an event names it."""
    return encode_base64url(hashlib.sha256(content).digest())


def _digest(value: str, salt: bytes) -> str:
    return encode_base64url(hashlib.sha256(salt + value.encode("utf-8")).digest()[:24])
