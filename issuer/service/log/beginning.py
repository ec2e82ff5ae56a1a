"""Beginning a log: by an explicit command, once. Its first leaf says with which policy and which keys."""

from __future__ import annotations

import base64

from sqlalchemy.exc import IntegrityError

from issuer.errors import LogRefusedError
from issuer.rules.policy import award_policy_digest
from issuer.service.academy import Academy
from issuer.service.log.flushing import flush
from issuer.service.log.heads import PublishedHead, published
from issuer.service.log.sequencing import read_state
from issuer.store.log import begin_rows
from keys import to_multikey
from schemas import format_date_time, multihash
from schemas.tlog import (
    EMPTY_EDGE,
    LogGenesis,
    LogKeys,
    append_leaves,
    entry_hash,
    format_leaf,
    format_vkey,
    parse_leaf,
)


def begin_log(academy: Academy) -> PublishedHead:
    """Begin the log of this academy: `log.genesis` gets place 0, what waits comes after it.

    Stopped in the middle, it goes on where it was. Raises LogRefusedError where a log began already, or traces of
    one are here that this database knows nothing of.
    """
    log = academy.log
    with log.heads.locked():
        state = read_state(academy)
        if state is not None and not log.heads.is_beginning():
            raise LogRefusedError(f"the log {state.origin} has begun already; it has {state.edge.size} leaves.")
        if known := log.heads.head() or published(log):
            raise LogRefusedError(
                f"a log of {known.checkpoint.size} leaves was signed and published here before, and this database"
                f" has {state.edge.size if state else 0}. A log begins once: `academy log adopt` continues it."
            )
        if state is None:
            log.key.make()
            _begin(academy, log.heads.begin(_genesis(academy)))
    return flush(academy)


def _genesis(academy: Academy) -> bytes:
    used = [record.public_key for record in academy.keyring.history if record.retired is None]
    keys = sorted(
        to_multikey(key) for key in used if key.kind != "RSA"
    )  # which has no Multikey text to name it by
    return format_leaf(
        LogGenesis(
            id=base64.b32encode(academy.random_bytes(16)).decode("ascii").rstrip("=").lower(),
            at=format_date_time(academy.clock()),
            policy=award_policy_digest(),
            keys=LogKeys(log=format_vkey(academy.log.key.verifier_key()), issuer=tuple(keys)),
        )
    )


def _begin(academy: Academy, genesis: bytes) -> None:
    log, leaf = academy.log, parse_leaf(genesis)
    grown = append_leaves(EMPTY_EDGE, [entry_hash(genesis)])
    try:
        with begin_rows(academy.engine) as rows:
            rows.begin(origin=log.origin, vkey=format_vkey(log.key.verifier_key()))
            rows.add(
                event_id=leaf.id,
                leaf=genesis.decode("ascii"),
                hash_=multihash(b"\x00" + genesis),
                at=leaf.at,
                seq=0,
            )
            rows.grow(old_size=0, edge=grown.edge, root=grown.root)
    except IntegrityError as error:
        raise LogRefusedError("the log has begun already, in the same moment.") from error
