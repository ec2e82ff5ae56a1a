"""Giving leaves their places: by one at a time, in the order in which they came, some at once."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from issuer.errors import BusyError, LogRefusedError
from issuer.service.academy import Academy
from issuer.store.log import LogState, begin_rows
from schemas.tlog import TileError, append_leaves, entry_hash

BATCH = 256


def read_state(academy: Academy) -> LogState | None:
    """Return how far the log has grown, None before it began."""
    try:
        with begin_rows(academy.engine, reads=True) as rows:
            return rows.state()
    except OperationalError as error:
        raise BusyError("The database does not answer just now. Nothing was changed.") from error
    except TileError as error:
        raise LogRefusedError(f"the row about the log's state was changed: {error.message}.") from error


def sequence_all(academy: Academy) -> int:
    """Give a place to every leaf that waits; return how many got one."""
    total = 0
    while placed := sequence_batch(academy):
        total += placed
    return total


def sequence_batch(academy: Academy, *, limit: int = BATCH) -> int:
    """Give places to the leaves that wait longest, in one transaction; return how many.

    The state's row is locked meanwhile, and changes only if the log still has the size that was read. Raises
    LogRefusedError when a leaf is not what was put into the outbox.
    """
    try:
        with begin_rows(academy.engine) as rows:
            state = rows.state(lock=True)
            leaves = rows.waiting(limit=limit)
            if state is None or not leaves:
                return 0
            for leaf in leaves:
                if not leaf.is_whole:
                    raise LogRefusedError(
                        f"the leaf number {leaf.number} of the outbox was changed while it waited."
                    )
            grown = append_leaves(state.edge, [entry_hash(leaf.leaf) for leaf in leaves])
            rows.place([leaf.number for leaf in leaves], first=state.edge.size)
            if not rows.grow(old_size=state.edge.size, edge=grown.edge, root=grown.root):
                raise LogRefusedError("somebody else gave places to leaves in the same moment; try again.")
            return len(leaves)
    except OperationalError as error:
        raise BusyError("The database does not answer just now. Nothing was changed.") from error
