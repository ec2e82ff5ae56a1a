"""From the outbox to a published checkpoint: the one way in which the log grows."""

from __future__ import annotations

import errno
from dataclasses import replace
from datetime import timedelta

from issuer.errors import AcademyError, LogRefusedError
from issuer.service.academy import Academy
from issuer.service.log.checks import check_rows, check_signer, checked_state, own_key
from issuer.service.log.heads import PublishedHead, as_published, joined, publish, published, sign_head
from issuer.service.log.sequencing import read_state, sequence_all
from issuer.service.log.tiling import drop_partials, mend_edge, write_tiles
from issuer.service.log.witnesses import ask_witnesses, keep_words
from issuer.store.log import AcademyLog, LogState, begin_rows
from issuer.store.log.files import POLICY, VKEY
from schemas.tlog import Policy, SignedCheckpoint, VerifierKey, format_policy, format_vkey

ASK_AGAIN = timedelta(seconds=10)


def flush(academy: Academy) -> PublishedHead:
    """Give every waiting leaf its place and publish a checkpoint over all of them, confirmed by the witnesses.

    Safe from any process at any time; after a crash it goes on where the last one was stopped. Raises
    LogRefusedError when nothing may be signed, or nothing can be written.
    """
    watch = academy.log.watch
    try:
        head = _flush(academy)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        reason = "the disk is full" if full else f"its files cannot be written: {error.strerror or error}"
        watch.trouble = f"the log writes nothing now: {reason}. Badges wait until this is mended; nothing is lost."
        raise LogRefusedError(watch.trouble) from error
    except AcademyError as error:
        watch.trouble = str(error)
        raise
    watch.trouble = None
    return head


def flush_due(academy: Academy) -> int:
    """Flush if the log has begun and a leaf waits, or a head is not out yet, or witnesses are to be asked again.

    Returns by how many leaves the published log grew. Raises like `flush`.
    """
    state = read_state(academy)
    if state is None:
        return 0
    out = published(academy.log)
    done = out is not None and out.checkpoint.size == state.edge.size and not _ask_again(academy, state, out)
    with begin_rows(academy.engine, reads=True) as rows:
        if done and not rows.anything_waits():
            return 0
    before = out.checkpoint.size if out else 0
    return flush(academy).size - before


def _ask_again(academy: Academy, state: LogState, out: SignedCheckpoint) -> bool:
    """Say whether the published head lacks its quorum, and nobody was asked for a while."""
    log, vkey = academy.log, own_key(academy.log, state)
    policy = log.policy(vkey)
    if as_published(out, vkey=vkey, policy=policy).witnessed:
        return False
    asked = [word.at for word in log.heads.words().values()]
    return not asked or abs(academy.clock() - max(asked)) >= ASK_AGAIN


def _flush(academy: Academy) -> PublishedHead:
    log = academy.log
    # 1. Nothing gets a place before it is clear that this database continues what was signed.
    state = checked_state(academy)
    vkey = own_key(log, state)
    check_signer(log, vkey)
    if log.watch.audited is not None:
        raise LogRefusedError(log.watch.audited)
    policy = log.policy(vkey)
    if not log.watch.started:
        check_rows(academy, state)
        with log.heads.locked():
            mend_edge(academy, checked_state(academy).tiled)
        log.watch.started = True
    # 2. Places, by one sequencer at a time (the lock is the database's).
    sequence_all(academy)
    with log.heads.locked():
        # 3. Files, then the signed head, which is stored before anybody sees it.
        head = _advance(academy)
        _publish_keys(log, vkey, policy)
        out = published(log)
        known = joined(head, out) if out is not None and out.checkpoint == head.checkpoint else head
        having = as_published(known, vkey=vkey, policy=policy).cosignatures
        complete = policy.quorum is not None and policy.is_met(having)
        if complete or not any(witness.url for witness in policy.witnesses):
            return as_published(_publish(log, known, vkey, policy), vkey=vkey, policy=policy)
    # 4. The witnesses, without the lock: who is slow holds nobody else.
    heard = ask_witnesses(academy, head, policy=policy, having=having)
    with log.heads.locked():
        # 5. What everybody reads from here on.
        keep_words(log, heard)
        lines = tuple(line for one in heard for line in one.signatures)
        cosigned = joined(known, replace(known, note=replace(known.note, signatures=lines))) if lines else known
        result = as_published(_publish(log, cosigned, vkey, policy), vkey=vkey, policy=policy)
    checked_state(academy)  # raises when a witness knows other things than we do
    return result


def _publish(log: AcademyLog, signed: SignedCheckpoint, vkey: VerifierKey, policy: Policy) -> SignedCheckpoint:
    """Serve a checkpoint unless a larger one is out; return what is served. The lock is held."""
    if policy.quorum is not None and as_published(signed, vkey=vkey, policy=policy).witnessed:
        before = log.heads.witnessed()
        if before is None or before.checkpoint.size <= signed.checkpoint.size:
            log.heads.put_witnessed(signed)
    return publish(log, signed)


def _advance(academy: Academy) -> SignedCheckpoint:
    """Write all files and sign the head over them, unless it is signed already; return the newest head."""
    log, state, head = academy.log, checked_state(academy), academy.log.heads.head()
    log.files.clear_workshop()
    log.heads.clear_workshop()
    edge = write_tiles(academy, state)
    if head is None or head.checkpoint.size < edge.size:
        # Whoever is stopped in here signs nothing yet, so that the next one tidies up again.
        drop_partials(academy, old=head.checkpoint.size if head else 0, new=edge.size)
        head = sign_head(log, size=edge.size, root=state.root, after=head)
        log.heads.end_beginning()
    return head


def _publish_keys(log: AcademyLog, vkey: VerifierKey, policy: Policy) -> None:
    log.files.write_for_ever([(VKEY, f"{format_vkey(vkey)}\n".encode("ascii"))])
    log.files.replace(POLICY, format_policy(policy))
