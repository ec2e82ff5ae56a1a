"""May this log sign? Before anything gets a place, what is here is held against all that was ever signed.

A head that was signed twice with different roots is a second history, and nothing mends it. So whatever does not
fit stops the writing, with both sizes; reading goes on.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from issuer.errors import AcademyError, LogRefusedError
from issuer.service.academy import Academy
from issuer.service.log.heads import as_published, published
from issuer.service.log.sequencing import read_state
from issuer.service.log.tiling import newest_leaves
from issuer.store.log import AcademyLog, LogState, begin_rows
from keys import KeysError
from schemas.tlog import Policy, SignedCheckpoint, TlogError, VerifierKey, format_vkey, parse_vkey, tree_root

NOT_BEGUN = "no log has begun here: `academy log init` begins one."
_ADOPT = "`academy log adopt` brings the missing leaves back from what was published."
MIN_FREE_BYTES = 32 * 1024 * 1024
_PATIENCE = timedelta(seconds=60)  # leaves are promised to be in the log by then


def log_refusal(academy: Academy) -> str | None:
    """Return why the log signs nothing now, None when it may. Nothing is written."""
    try:
        check_rows(academy, checked_state(academy))
    except AcademyError as error:
        return str(error)
    return academy.log.watch.audited


def log_health(academy: Academy) -> str | None:
    """Return what an operator has to look at, None when all is well or no log was ever begun here."""
    log = academy.log
    try:
        if read_state(academy) is None and log.heads.head() is None and published(log) is None:
            return None
    except LogRefusedError as error:
        return str(error)
    if (refusal := log_refusal(academy) or log.watch.trouble) is not None:
        return refusal
    for folder in (log.files.folder, log.heads.folder):
        if folder.exists() and (free := shutil.disk_usage(folder).free) < MIN_FREE_BYTES:
            return f"the disk of {folder} has {free // 1024} kB left: badges wait until there is room."
    with begin_rows(academy.engine, reads=True) as rows:
        count, since = rows.waits()
    if since is not None and academy.clock() - datetime.fromisoformat(since) > _PATIENCE:
        return f"{count} leaves wait for the log since {since}: is a worker running?"
    return None


def checked_state(academy: Academy) -> LogState:
    """Return how far the log has grown; raise LogRefusedError when signing on from there could be a fork."""
    log, state = academy.log, read_state(academy)
    head = log.heads.head()
    if state is None:
        _refuse_lost_rows(log, head)
        raise LogRefusedError(NOT_BEGUN)
    vkey = own_key(log, state)
    # 1. The row itself: its root is that of its right edge.
    if state.edge.root() != state.root or state.tiled.size > state.edge.size:
        raise LogRefusedError(
            f"the row about the log's state was changed: its {state.edge.size} leaves have another root."
        )
    # 2. The newest head that was signed.
    if head is None and not log.heads.is_beginning():
        raise LogRefusedError(
            f"the database has a log of {state.edge.size} leaves, but the newest signed head is not in the folder"
            f" {log.heads.folder}. Put it back; if it is lost, `academy log adopt` takes the published head."
        )
    if head is not None:
        _check_known(log, state, head, vkey, what=f"the newest head that was signed, in {log.heads.folder}")
    # 3. The checkpoint that everybody reads.
    out = published(log)
    if out is not None:
        _check_known(log, state, out, vkey, what="the published checkpoint")
        if head is None or out.checkpoint.size > head.checkpoint.size:
            raise LogRefusedError(
                f"{out.checkpoint.size} leaves were published, but the newest head in {log.heads.folder} has"
                f" {head.checkpoint.size if head else 0}: that folder is not the one that was here. {_ADOPT}"
            )
    # 4. What witnesses know.
    _check_witnesses(log, state, log.policy(vkey))
    return state


def own_key(log: AcademyLog, state: LogState) -> VerifierKey:
    """Return the key that the log began with; raise LogRefusedError when another is at hand, or another origin."""
    vkey = parse_vkey(state.vkey)
    if (state.origin, vkey.name) != (log.origin, log.origin):
        raise LogRefusedError(f"the database has the log {state.origin}; this academy's is {log.origin}.")
    return vkey


def check_signer(log: AcademyLog, vkey: VerifierKey) -> None:
    """Raise LogRefusedError unless the key file here is the key that the log began with."""
    try:
        found = log.key.verifier_key()
    except KeysError as error:
        raise LogRefusedError(f"the log's key cannot be used: {error}.") from error
    if found != vkey:
        raise LogRefusedError(
            f"the key in {log.key.folder} is {format_vkey(found)}, but this log is signed with"
            f" {format_vkey(vkey)}. Bring its key file back."
        )


def check_rows(academy: Academy, state: LogState) -> None:
    """Once for each process: every leaf has its row, and the newest rows are those that were logged."""
    if academy.log.watch.rows_checked:
        return
    with begin_rows(academy.engine, reads=True) as rows:
        count, end = rows.count_placed()
    if (count, end) != (state.edge.size, state.edge.size) and end <= state.edge.size:
        raise LogRefusedError(
            f"the log has {state.edge.size} leaves, but the database holds {count} of them: rows were lost."
            f" {_ADOPT}"
        )
    newest_leaves(academy, state.tiled)
    academy.log.watch.rows_checked = True


def _refuse_lost_rows(log: AcademyLog, head: SignedCheckpoint | None) -> None:
    known = head or published(log)
    if known is not None:
        raise LogRefusedError(
            f"this database has no log, 0 leaves, but {known.checkpoint.size} were signed and published before."
            f" Restore the database, then: {_ADOPT}"
        )


def _check_known(
    log: AcademyLog, state: LogState, signed: SignedCheckpoint, vkey: VerifierKey, *, what: str
) -> None:
    """Raise LogRefusedError unless the log continues this checkpoint, and it is ours."""
    known = signed.checkpoint
    try:
        as_published(signed, vkey=vkey, policy=Policy())
    except TlogError as error:
        raise LogRefusedError(f"{what} is not of this log: {error.message}.") from error
    if known.size > state.edge.size:
        raise LogRefusedError(
            f"the database has {state.edge.size} leaves, but {what} has {known.size}. An older copy of the"
            f" database was restored; signing now would begin a second history. {_ADOPT}"
        )
    if _root_at(log, state, known.size) != known.root:
        raise LogRefusedError(
            f"{what} has {known.size} leaves with another root than this database's {state.edge.size} leaves have"
            f" there. {_ADOPT}"
        )


def _root_at(log: AcademyLog, state: LogState, size: int) -> bytes | None:
    for edge in (state.edge, state.tiled):
        if edge.size == size:
            return edge.root()
    try:
        return tree_root(size, read=log.files.tile)
    except TlogError:
        return None


def _check_witnesses(log: AcademyLog, state: LogState, policy: Policy) -> None:
    words = log.heads.words()
    for witness in policy.witnesses:
        word = words.get(witness.name)
        if word is None:
            continue
        if word.size > state.edge.size:
            raise LogRefusedError(
                f"the database has {state.edge.size} leaves, but the witness {witness.name} says that it confirmed"
                f" {word.size}. {_ADOPT} If the witness is mistaken, take it out of the policy file."
            )
        if word.answer == "contradicts":
            raise LogRefusedError(
                f"the witness {witness.name} confirmed another history than this one: {word.sentence}. What was"
                f" said is kept in {log.heads.folder / 'evidence'}. If it is mistaken, take it out of the policy"
                " file."
            )
