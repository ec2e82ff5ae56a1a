"""Sealed records, awards, signed credentials, status lists and the outbox of leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from issuer.errors import ConflictError
from issuer.store.cases import AnyRow, put
from issuer.store.tables import awards, credentials, outbox, records, status_lists
from schemas.status_list import MIN_ENTRIES


@dataclass(frozen=True, slots=True)
class Awards:
    """Queries about what was decided and issued."""

    connection: Connection

    # Records

    def add_record(
        self, *, id_: str, root: str, signature: str, record_key: str, leaves: str, at: datetime
    ) -> None:
        """Store a sealed record."""
        values = {"root": root, "signature": signature, "record_key": record_key, "leaves": leaves}
        self.connection.execute(insert(records).values(id=id_, **values, sealed_at=at.isoformat()))

    def record(self, id_: str) -> AnyRow | None:
        """Return a sealed record."""
        return self.connection.execute(select(records).where(records.c.id == id_)).first()

    # Outbox

    def add_leaf(self, *, event_id: str, leaf: str, hash_: str, at: datetime) -> None:
        """Put a leaf into the outbox, in the transaction that it tells about."""
        self.connection.execute(insert(outbox).values(event_id=event_id, leaf=leaf, hash=hash_, at=at.isoformat()))

    def leaf(self, hash_: str) -> str | None:
        """Return a leaf by its hash."""
        return self.connection.execute(select(outbox.c.leaf).where(outbox.c.hash == hash_)).scalar()

    def place_of(self, hash_: str) -> int | None:
        """Return a leaf's place in the log, None while it waits."""
        return self.connection.execute(select(outbox.c.seq).where(outbox.c.hash == hash_)).scalar()

    def first_leaf(self) -> str | None:
        """Return the leaf with which the log begins, None before that."""
        return self.connection.execute(select(outbox.c.leaf).where(outbox.c.seq == 0)).scalar()

    def has_leaf(self, event_id: str) -> bool:
        """Say whether a leaf with this event id was written."""
        query = select(outbox.c.event_id).where(outbox.c.event_id == event_id)
        return self.connection.execute(query).first() is not None

    # Awards

    def put_award(self, id_: str, **values: Any) -> None:
        """Write an award's row."""
        put(self.connection, awards, {"id": id_}, values)

    def award(self, id_: str) -> AnyRow | None:
        """Return an award's row."""
        return self.connection.execute(select(awards).where(awards.c.id == id_)).first()

    def award_of_credential(self, credential: str) -> AnyRow | None:
        """Return the award whose badge has this id."""
        return self.connection.execute(select(awards).where(awards.c.credential_id == credential)).first()

    def awards_of(self, member: str, *, badge: str | None = None) -> list[AnyRow]:
        """Return somebody's awards, newest first."""
        query = select(awards).where(awards.c.holder_id == member)
        query = query.where(awards.c.badge == badge) if badge is not None else query
        return list(self.connection.execute(query.order_by(awards.c.at.desc()).limit(200)))

    def holders_of(self, badge: str, *, limit: int) -> list[AnyRow]:
        """Return awards of a badge that were issued."""
        query = select(awards).where(awards.c.badge == badge, awards.c.state == "issued").limit(limit)
        return list(self.connection.execute(query))

    def newest_of(self, badge: str, *, limit: int) -> list[AnyRow]:
        """Return the newest awards of a badge that were issued."""
        query = select(awards).where(awards.c.badge == badge, awards.c.state == "issued")
        return list(self.connection.execute(query.order_by(awards.c.at.desc()).limit(limit)))

    def pending(self, *, limit: int) -> list[str]:
        """Return awards that were planned and not signed yet."""
        return list(
            self.connection.execute(select(awards.c.id).where(awards.c.state == "pending").limit(limit)).scalars()
        )

    def any_issued(self) -> bool:
        """Say whether a badge was ever issued."""
        return self.connection.execute(select(credentials.c.id).limit(1)).first() is not None

    def add_credential(self, *, id_: str, award: str, json: str, jwt: str) -> None:
        """Store a signed badge, once for each award."""
        self.connection.execute(insert(credentials).values(id=id_, award_id=award, json=json, jwt=jwt))

    def credential(self, id_: str) -> AnyRow | None:
        """Return a signed badge."""
        return self.connection.execute(select(credentials).where(credentials.c.id == id_)).first()

    # Status lists

    def take_index(self, *, random_bytes: Callable[[int], bytes]) -> tuple[int, int]:
        """Return a list and a random place in it that nobody has; half-filled lists are followed by new ones.

        Half-full lists keep the search short; the places that stay free hide how many badges there are.
        """
        query = select(status_lists).order_by(status_lists.c.number.desc()).limit(1).with_for_update()
        row = self.connection.execute(query).first()
        number, used = (row.number, row.used) if row else (0, MIN_ENTRIES)
        if used >= MIN_ENTRIES // 2:
            number, used = number + 1, 0
            self.connection.execute(insert(status_lists).values(number=number, used=0))
        for _ in range(200):
            index = int.from_bytes(random_bytes(8), "big") % MIN_ENTRIES
            taken = select(func.count()).where(awards.c.status_list == number, awards.c.status_index == index)
            if not self.connection.execute(taken).scalar_one():
                values = {"used": used + 1}
                self.connection.execute(
                    update(status_lists).where(status_lists.c.number == number).values(**values)
                )
                return number, index
        raise ConflictError

    def status_list(self, number: int) -> AnyRow | None:
        """Return a status list's row."""
        return self.connection.execute(select(status_lists).where(status_lists.c.number == number)).first()

    def revoked_indexes(self, number: int) -> list[int]:
        """Return the places of a list whose bit is set."""
        query = select(awards.c.status_index).where(awards.c.status_list == number, awards.c.state == "revoked")
        return list(self.connection.execute(query).scalars())

    def forget_status_lists(self) -> None:
        """Forget all signed status lists."""
        self.connection.execute(update(status_lists).values(credential=None, signed_at=None))

    def store_status_list(self, number: int, *, credential: str | None, signed_at: datetime | None) -> None:
        """Keep a signed status list, or forget it so that it is made anew."""
        values = {"credential": credential, "signed_at": signed_at.isoformat() if signed_at else None}
        self.connection.execute(update(status_lists).where(status_lists.c.number == number).values(**values))
