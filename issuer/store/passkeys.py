"""Passkeys, and the statement keys that they stand behind. Each row carries our seal, as accounts do."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import Row

from issuer.errors import TamperedError
from issuer.store.tables import passkey_bindings, passkeys, spent_challenges
from schemas import canonicalize_json

_SEAL = b"academy-badges/passkeys/v1\n"


class PasskeyRow(NamedTuple):
    """One passkey: whose, its public key (COSE), and how often the device says it was used."""

    id: str
    member: str
    credential: str  # base64url
    public_key: bytes
    name: str
    sign_count: int
    added_at: str
    used_at: str | None = None


class BindingRow(NamedTuple):
    """A statement key that a member's passkey stands behind, with the assertion that says so."""

    decision: str
    key: str
    member: str
    passkey: str
    at: str
    assertion: str


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Queries about passkeys in one transaction. Who only holds the database can add, change or exchange none."""

    connection: Connection
    key: bytes

    def _seal(self, row: PasskeyRow | BindingRow) -> bytes:
        parts = [part.hex() if isinstance(part, bytes) else part for part in row]
        text = canonicalize_json([type(row).__name__, *parts])
        return hmac.digest(self.key, _SEAL + text, hashlib.sha256)

    def _passkey(self, row: Row[Any]) -> PasskeyRow:
        found = PasskeyRow(
            id=row.id,
            member=row.member_id,
            credential=row.credential_id,
            public_key=bytes(row.public_key),
            name=row.name,
            sign_count=row.sign_count,
            added_at=row.added_at,
            used_at=row.used_at,
        )
        if not hmac.compare_digest(row.seal, self._seal(found)):
            raise TamperedError(f"the passkey {row.id} was changed in the database")
        return found

    def add(self, row: PasskeyRow) -> None:
        """Store a passkey."""
        self.connection.execute(
            insert(passkeys).values(
                id=row.id,
                member_id=row.member,
                credential_id=row.credential,
                public_key=row.public_key,
                name=row.name,
                sign_count=row.sign_count,
                added_at=row.added_at,
                used_at=row.used_at,
                seal=self._seal(row),
            )
        )

    def by_credential(self, credential: str) -> PasskeyRow | None:
        """Return the passkey with an authenticator's id for it; raise TamperedError for a forged row."""
        row = self.connection.execute(select(passkeys).where(passkeys.c.credential_id == credential)).first()
        return self._passkey(row) if row else None

    def of_member(self, member: str) -> list[PasskeyRow]:
        """Return somebody's passkeys, the oldest first; raise TamperedError for a forged row."""
        query = select(passkeys).where(passkeys.c.member_id == member).order_by(passkeys.c.added_at, passkeys.c.id)
        return [self._passkey(row) for row in self.connection.execute(query)]

    def used(self, row: PasskeyRow, *, sign_count: int, now: datetime) -> bool:
        """Note a use; False when the passkey was used in the same moment elsewhere."""
        after = row._replace(sign_count=sign_count, used_at=now.isoformat())
        query = update(passkeys).where(passkeys.c.id == row.id, passkeys.c.sign_count == row.sign_count)
        values = {"sign_count": sign_count, "used_at": after.used_at, "seal": self._seal(after)}
        return self.connection.execute(query.values(**values)).rowcount == 1

    def remove(self, id_: str) -> None:
        """Forget a passkey. What it stood behind stays provable: each binding carries its public key."""
        self.connection.execute(delete(passkeys).where(passkeys.c.id == id_))

    # Statement keys.

    def bind(self, row: BindingRow) -> None:
        """Store that a passkey stands behind a statement key."""
        self.connection.execute(
            insert(passkey_bindings).values(
                decision=row.decision,
                key=row.key,
                member_id=row.member,
                passkey_id=row.passkey,
                at=row.at,
                assertion=row.assertion,
                seal=self._seal(row),
            )
        )

    def binding(self, *, decision: str, key: str, member: str) -> BindingRow | None:
        """Return what stands behind a statement key; raise TamperedError for a forged row."""
        table = passkey_bindings.c
        query = select(passkey_bindings).where(
            table.decision == decision, table.key == key, table.member_id == member
        )
        row = self.connection.execute(query).first()
        if row is None:
            return None
        found = BindingRow(
            decision=row.decision,
            key=row.key,
            member=row.member_id,
            passkey=row.passkey_id,
            at=row.at,
            assertion=row.assertion,
        )
        if not hmac.compare_digest(row.seal, self._seal(found)):
            raise TamperedError(f"what stands behind a key in {row.decision} was changed in the database")
        return found

    def count_bindings(self, *, decision: str, member: str) -> int:
        """Return how many statement keys somebody has in a decision."""
        table = passkey_bindings.c
        query = select(func.count()).where(table.decision == decision, table.member_id == member)
        return self.connection.execute(query).scalar_one()

    # Challenges are ours by their own code, so only those that were answered are kept, until they are too old.

    def spend(self, challenge: bytes, *, expires_at: datetime, now: datetime) -> bool:
        """Use a challenge up; False when it was used before."""
        self.connection.execute(delete(spent_challenges).where(spent_challenges.c.expires_at < now.isoformat()))
        hash_ = hashlib.sha256(challenge).hexdigest()
        if self.connection.execute(select(spent_challenges).where(spent_challenges.c.hash == hash_)).first():
            return False
        self.connection.execute(insert(spent_challenges).values(hash=hash_, expires_at=expires_at.isoformat()))
        return True
