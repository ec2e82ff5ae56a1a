"""The rows of the log: leaves that wait, leaves that have a place, and how far the log has grown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from issuer.store.engine import READS
from issuer.store.tables import log_state, outbox
from schemas import multihash
from schemas.tlog import EMPTY_EDGE, RightEdge, parse_edge

_ROW = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How far the leaves have places, and how far tile files were written. `root` as the row says it."""

    origin: str
    vkey: str
    edge: RightEdge
    root: bytes
    tiled: RightEdge


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLeaf:
    """A leaf: when it came, its place in the log if it has one, its bytes, and the hash that was kept with it."""

    number: int
    seq: int | None
    leaf: bytes
    hash: str
    at: str

    @property
    def is_whole(self) -> bool:
        """Whether the bytes are still those that the hash was made from."""
        return multihash(b"\x00" + self.leaf) == self.hash


@contextmanager
def begin_rows(engine: Engine, *, reads: bool = False) -> Iterator[LogRows]:
    """Open a transaction on the log's rows; commit at the end, roll back when anything is raised.

    PostgreSQL: READ COMMITTED with the state's row locked, so that whoever comes second sees what the first did,
    and writers of other tables are never made to try again because of us.
    """
    options: dict[str, object] = {READS: reads}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "READ COMMITTED"
    with engine.execution_options(**options).begin() as connection:
        yield LogRows(connection)


@dataclass(frozen=True, slots=True)
class LogRows:
    """Queries about the log's rows."""

    connection: Connection

    # The state

    def state(self, *, lock: bool = False) -> LogState | None:
        """Return how far the log has grown, None before it began; `lock` holds all other sequencers back.

        Raises TileError when the row's hashes cannot be those of its size.
        """
        query = select(log_state).where(log_state.c.id == _ROW)
        row = self.connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            return None
        return LogState(
            origin=row.origin,
            vkey=row.vkey,
            edge=parse_edge(row.size, bytes(row.edge)),
            root=bytes(row.root),
            tiled=parse_edge(row.tiled_size, bytes(row.tiled_edge)),
        )

    def begin(self, *, origin: str, vkey: str) -> None:
        """Write the state of an empty log; raises IntegrityError where one began already."""
        empty = {"size": 0, "root": EMPTY_EDGE.root(), "edge": b"", "tiled_size": 0, "tiled_edge": b""}
        self.connection.execute(insert(log_state).values(id=_ROW, origin=origin, vkey=vkey, **empty))

    def grow(self, *, old_size: int, edge: RightEdge, root: bytes) -> bool:
        """Write the new right edge if the log still has its old size; say whether it had."""
        values = {"size": edge.size, "root": root, "edge": edge.to_bytes()}
        query = update(log_state).where(log_state.c.id == _ROW, log_state.c.size == old_size)
        return self.connection.execute(query.values(**values)).rowcount == 1

    def set_tiled(self, *, old_size: int, edge: RightEdge) -> bool:
        """Write down up to which size all tile files are on disk, if nobody else did; say whether it was done."""
        query = update(log_state).where(log_state.c.id == _ROW, log_state.c.tiled_size == old_size)
        values = {"tiled_size": edge.size, "tiled_edge": edge.to_bytes()}
        return self.connection.execute(query.values(**values)).rowcount == 1

    # Leaves

    def waiting(self, *, limit: int) -> list[OutboxLeaf]:
        """Return leaves without a place, in the order in which they came.

        Never "those after the last one seen": a transaction that began earlier may commit later.
        """
        query = select(outbox).where(outbox.c.seq.is_(None)).order_by(outbox.c.number).limit(limit)
        return [_leaf(row) for row in self.connection.execute(query)]

    def waits(self) -> tuple[int, str | None]:
        """Return how many leaves wait, and since when the oldest does."""
        query = select(func.count(), func.min(outbox.c.at)).where(outbox.c.seq.is_(None))
        count, since = self.connection.execute(query).one()
        return int(count), since

    def anything_waits(self) -> bool:
        """Say whether a leaf waits."""
        return (
            self.connection.execute(select(outbox.c.number).where(outbox.c.seq.is_(None)).limit(1)).first()
            is not None
        )

    def place(self, numbers: Sequence[int], *, first: int) -> None:
        """Give leaves their places, one after the other."""
        query = update(outbox).where(outbox.c.number == bindparam("of")).values(seq=bindparam("place"))
        self.connection.execute(query, [{"of": number, "place": first + i} for i, number in enumerate(numbers)])

    def placed(self, first: int, end: int) -> list[OutboxLeaf]:
        """Return the leaves with the places from `first` to before `end`."""
        query = select(outbox).where(outbox.c.seq >= first, outbox.c.seq < end).order_by(outbox.c.seq)
        return [_leaf(row) for row in self.connection.execute(query)]

    def count_placed(self) -> tuple[int, int]:
        """Return how many leaves have a place, and one more than the last place."""
        count, last = self.connection.execute(
            select(func.count(), func.max(outbox.c.seq)).where(outbox.c.seq.is_not(None))
        ).one()
        return int(count), 0 if last is None else int(last) + 1

    def by_hash(self, hash_: str) -> OutboxLeaf | None:
        """Return the leaf with this hash."""
        row = self.connection.execute(select(outbox).where(outbox.c.hash == hash_)).first()
        return _leaf(row) if row else None

    def by_event(self, event_id: str) -> OutboxLeaf | None:
        """Return the leaf of this event."""
        row = self.connection.execute(select(outbox).where(outbox.c.event_id == event_id)).first()
        return _leaf(row) if row else None

    def add(self, *, event_id: str, leaf: str, hash_: str, at: str, seq: int | None = None) -> None:
        """Put a leaf into the outbox; where it tells about other rows, that is done in their transaction."""
        self.connection.execute(insert(outbox).values(event_id=event_id, leaf=leaf, hash=hash_, at=at, seq=seq))

    # Adopting what was published

    def is_begun(self) -> bool:
        """Say whether there is a state, whatever it says."""
        return self.connection.execute(select(log_state.c.id).with_for_update()).first() is not None

    def size(self) -> int:
        """Return the size that the state says, whatever else it says."""
        return int(self.connection.execute(select(log_state.c.size)).scalar_one())

    def set_state(self, *, edge: RightEdge, root: bytes) -> None:
        """Write the state of a log that was published, whatever was written before."""
        values = {"size": edge.size, "root": root, "edge": edge.to_bytes()}
        tiled = {"tiled_size": edge.size, "tiled_edge": edge.to_bytes()}
        self.connection.execute(update(log_state).where(log_state.c.id == _ROW).values(**values, **tiled))

    def unplace(self, numbers: Sequence[int]) -> None:
        """Let leaves wait again that have a place which is another leaf's."""
        if numbers:
            query = update(outbox).where(outbox.c.number == bindparam("of")).values(seq=None)
            self.connection.execute(query, [{"of": number} for number in numbers])

    def unplace_from(self, first: int) -> int:
        """Let all leaves wait again whose place is `first` or later; return how many."""
        return self.connection.execute(update(outbox).where(outbox.c.seq >= first).values(seq=None)).rowcount

    def restore(self, number: int, *, leaf: str, hash_: str, seq: int) -> None:
        """Write a leaf as it was published over a row that was changed, or has lost its place."""
        query = update(outbox).where(outbox.c.number == number).values(leaf=leaf, hash=hash_, seq=seq)
        self.connection.execute(query)


def _leaf(row: object) -> OutboxLeaf:
    return OutboxLeaf(
        number=row.number,  # type: ignore[attr-defined]  # a row of the outbox
        seq=row.seq,  # type: ignore[attr-defined]
        leaf=row.leaf.encode("utf-8"),  # type: ignore[attr-defined]
        hash=row.hash,  # type: ignore[attr-defined]
        at=row.at,  # type: ignore[attr-defined]
    )
