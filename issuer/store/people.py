"""Members, their sign-in links and sessions, and mails."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.engine import Row

from issuer.errors import TamperedError
from issuer.store.tables import links, mails, members, sessions

MailRow = Row[tuple[int, str, str, str, str, str, str, int, str | None]]


_SEAL = "academy-badges/people/v1"


class MemberRow(NamedTuple):
    """One account."""

    id: str
    name: str
    email: str
    time_zone: str


class SessionRow(NamedTuple):
    """Whose session it is, and the passkey that it began with; None after a mailed link."""

    member: str
    passkey: str | None


@dataclass(frozen=True, slots=True)
class People:
    """Queries about people in one transaction.

    Whose address, link and session it is carries our seal: who only holds the database becomes nobody else.
    """

    connection: Connection
    key: bytes

    def _seal(self, *parts: str) -> bytes:
        return hmac.digest(self.key, "\n".join((_SEAL, *parts)).encode("utf-8"), hashlib.sha256)

    def _sealed(self, row: Row[Any], *parts: str) -> bool:
        return hmac.compare_digest(row.seal, self._seal(*parts))

    def _member(self, row: Row[Any]) -> MemberRow:
        if not self._sealed(row, "member", row.id, row.email):
            raise TamperedError(f"the account {row.id} was changed in the database")
        return MemberRow(row.id, row.name, row.email, row.time_zone)

    def add(self, *, id_: str, name: str, email: str, now: datetime) -> None:
        """Add an account."""
        values = {"name": name, "email": email, "seal": self._seal("member", id_, email)}
        self.connection.execute(insert(members).values(id=id_, **values, created_at=now.isoformat()))

    def by_email(self, email: str) -> MemberRow | None:
        """Return the account with a normalised address."""
        return self._one(members.c.email == email)

    def by_id(self, id_: str) -> MemberRow | None:
        """Return one account."""
        return self._one(members.c.id == id_)

    def _one(self, condition: object) -> MemberRow | None:
        row = self.connection.execute(select(members).where(condition)).first()  # type: ignore[arg-type]  # a column condition
        return self._member(row) if row else None

    def named(self, ids: Iterable[str]) -> dict[str, MemberRow]:
        """Return several accounts by id."""
        rows = self.connection.execute(select(members).where(members.c.id.in_(set(ids))))
        return {row.id: self._member(row) for row in rows}

    def change(self, id_: str, **values: str) -> None:
        """Change name or time zone."""
        self.connection.execute(update(members).where(members.c.id == id_).values(**values))

    def count(self) -> int:
        """Return how many accounts there are."""
        return self.connection.execute(select(func.count()).select_from(members)).scalar_one()

    def page(self, *, limit: int) -> list[MemberRow]:
        """Return the first accounts by name."""
        query = select(members).order_by(members.c.name).limit(limit)
        return [self._member(row) for row in self.connection.execute(query)]

    # Links and sessions: only hashes of tokens are stored.

    def add_link(self, *, token_hash: str, member: str, next_path: str, expires_at: datetime) -> None:
        """Store a one-time link."""
        values: dict[str, Any] = {
            "member_id": member,
            "next_path": next_path,
            "expires_at": expires_at.isoformat(),
        }
        values["seal"] = self._seal("link", token_hash, member, next_path)
        self.connection.execute(insert(links).values(token_hash=token_hash, **values))

    def link(self, token_hash: str, *, now: datetime) -> tuple[str, str] | None:
        """Return member and path of a link that is unused and in time."""
        row = self.connection.execute(select(links).where(links.c.token_hash == token_hash)).first()
        if row is None or row.used_at is not None or row.expires_at < now.isoformat():
            return None
        if not self._sealed(row, "link", token_hash, row.member_id, row.next_path):
            return None
        return row.member_id, row.next_path

    def path_of_link(self, token_hash: str, *, member: str) -> str | None:
        """Return where a person's own link leads, also when it was used or is old."""
        query = select(links.c.next_path).where(links.c.token_hash == token_hash, links.c.member_id == member)
        return self.connection.execute(query).scalar()

    def use_link(self, token_hash: str, *, now: datetime) -> bool:
        """Use a link up; False when somebody else was faster."""
        query = update(links).where(links.c.token_hash == token_hash, links.c.used_at.is_(None))
        return self.connection.execute(query.values(used_at=now.isoformat())).rowcount == 1

    def add_session(
        self, *, token_hash: str, member: str, now: datetime, expires_at: datetime, passkey: str | None = None
    ) -> None:
        """Begin a session on one device: by a passkey, or by a mailed link."""
        values: dict[str, Any] = {
            "member_id": member,
            "created_at": now.isoformat(),
            "expires_at": expires_at.isoformat(),
            "passkey_id": passkey,
        }
        values["seal"] = self._seal("session", token_hash, member, *_how(passkey))
        self.connection.execute(insert(sessions).values(token_hash=token_hash, **values))

    def session(self, token_hash: str, *, now: datetime) -> SessionRow | None:
        """Return whose session it is and how it began, while it lasts."""
        query = select(sessions).where(sessions.c.token_hash == token_hash)
        row = self.connection.execute(query).first()
        if row is None or not self._sealed(row, "session", token_hash, row.member_id, *_how(row.passkey_id)):
            return None
        return SessionRow(row.member_id, row.passkey_id) if row.expires_at > now.isoformat() else None

    def end_session(self, token_hash: str) -> None:
        """End a session."""
        self.connection.execute(sessions.delete().where(sessions.c.token_hash == token_hash))

    def end_sessions_of(self, *, passkey: str) -> None:
        """End every session that began with a passkey."""
        self.connection.execute(sessions.delete().where(sessions.c.passkey_id == passkey))


def _how(passkey: str | None) -> tuple[str, ...]:
    return ("passkey", passkey) if passkey is not None else ()


@dataclass(frozen=True, slots=True)
class Mails:
    """Mails that wait, as rows: sending them is another step."""

    connection: Connection

    def add(self, *, recipient: str, subject: str, body: str, topic: str, at: datetime) -> None:
        """Put a mail into the queue."""
        values = {"recipient": recipient, "subject": subject, "body": body, "topic": topic}
        self.connection.execute(insert(mails).values(**values, at=at.isoformat(), due_at=at.isoformat()))

    def drop(self, *, topic: str, recipient: str) -> None:
        """Take mails out of the queue again."""
        self.connection.execute(mails.delete().where(mails.c.topic == topic, mails.c.recipient == recipient))

    def count(self, topics: Iterable[str], *, recipient: str) -> int:
        """Return how many mails a person got about some topics."""
        query = select(func.count()).where(mails.c.topic.in_(set(topics)), mails.c.recipient == recipient)
        return self.connection.execute(query).scalar_one()

    def count_since(self, *, topic: str, recipient: str, since: datetime) -> int:
        """Return how many mails a person got about a topic since then."""
        query = select(func.count()).where(
            mails.c.topic == topic, mails.c.recipient == recipient, mails.c.at >= since.isoformat()
        )
        return self.connection.execute(query).scalar_one()

    def due(self, *, now: datetime, limit: int) -> list[MailRow]:
        """Return mails to send now, and take them for this transaction."""
        query = select(mails).where(mails.c.sent_at.is_(None), mails.c.due_at <= now.isoformat())
        query = query.order_by(mails.c.id).limit(limit).with_for_update(skip_locked=True)
        return list(self.connection.execute(query))

    def sent(self, id_: int, *, at: datetime, keep_body: bool) -> None:
        """Note that a mail went out. Its text holds a link that signs in, so it is not kept."""
        values = {"sent_at": at.isoformat()} | ({} if keep_body else {"body": ""})
        self.connection.execute(update(mails).where(mails.c.id == id_).values(**values))

    def postpone(self, id_: int, *, until: datetime) -> None:
        """Try again later."""
        values = {"due_at": until.isoformat(), "attempts": mails.c.attempts + 1}
        self.connection.execute(update(mails).where(mails.c.id == id_).values(**values))

    def newest(self, *, limit: int) -> list[MailRow]:
        """Return the newest mails, for the local outbox page."""
        return list(self.connection.execute(select(mails).order_by(mails.c.id.desc()).limit(limit)))
