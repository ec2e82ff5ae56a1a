"""Proofs that a leaf stands in the log, made from the files that everybody can read."""

from __future__ import annotations

from sqlalchemy.exc import DataError, OperationalError

from issuer.errors import BusyError, LogRefusedError
from issuer.service.academy import Academy
from issuer.service.log.checks import own_key
from issuer.service.log.heads import as_published, published
from issuer.store.log import LogState, begin_rows
from schemas.tlog import (
    SignedCheckpoint,
    TileError,
    TlogError,
    TlogProof,
    build_inclusion_proof,
    entry_hash,
    format_tlog_proof,
    verify_inclusion,
)


def proof_of(academy: Academy, leaf_hash: str) -> bytes | None:
    """Return the tlog-proof of the leaf with this hash (a multihash), its bytes in the `extra` line.

    The checkpoint in it is the last one that met the quorum of the log's policy. None while the leaf is unknown,
    waits, or is in no such checkpoint. Raises LogRefusedError when the files do not prove what the rows say.
    """
    try:
        with begin_rows(academy.engine, reads=True) as rows:
            state, row = rows.state(), rows.by_hash(leaf_hash)
    except OperationalError as error:
        raise BusyError("The database does not answer just now.") from error
    except DataError:  # PostgreSQL takes no NUL, not even in what is looked for
        return None
    except TileError as error:
        raise LogRefusedError(f"the row about the log's state was changed: {error.message}.") from error
    if state is None or row is None or row.seq is None:
        return None
    signed = good_checkpoint(academy, state)
    if signed is None or row.seq >= signed.checkpoint.size:
        return None
    head = signed.checkpoint
    try:
        path = build_inclusion_proof(row.seq, head.size, read=academy.log.files.tile)
        verify_inclusion(entry_hash(row.leaf), index=row.seq, size=head.size, proof=path, root=head.root)
        return format_tlog_proof(TlogProof(index=row.seq, proof=path, checkpoint=signed, extra=row.leaf))
    except TlogError as error:
        raise LogRefusedError(f"the leaf at place {row.seq} cannot be proved: {error.message}.") from error


def good_checkpoint(academy: Academy, state: LogState) -> SignedCheckpoint | None:
    """Return the newest checkpoint that met the quorum of the log's policy."""
    log = academy.log
    vkey = own_key(log, state)
    policy = log.policy(vkey)
    for signed in (published(log), log.heads.witnessed()):
        try:
            if signed is not None and as_published(signed, vkey=vkey, policy=policy).witnessed:
                return signed
        except TlogError:
            continue
    return None
