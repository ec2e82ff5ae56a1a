"""Heads: the checkpoint that is signed, stored before anybody sees it, and published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.errors import LogRefusedError
from issuer.store.log import AcademyLog
from issuer.store.log.files import CHECKPOINT
from schemas.tlog import (
    Checkpoint,
    ConsistencyError,
    Note,
    Policy,
    SignedCheckpoint,
    TileError,
    TlogError,
    VerifierKey,
    build_consistency_proof,
    format_checkpoint,
    format_note,
    parse_signed_checkpoint,
    sign_note,
    verify_checkpoint,
    verify_consistency,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedHead:
    """The checkpoint that everybody can read: its bytes, and who confirmed it when (POSIX times by name).

    `witnessed` says whether those are the quorum of the log's policy; where it asks for none, it is true.
    """

    size: int
    root: bytes
    note: bytes
    witnessed: bool
    cosignatures: Mapping[str, int]


def published(log: AcademyLog) -> SignedCheckpoint | None:
    """Return the checkpoint that is served, None where there is none, or one that nobody can read."""
    data = log.files.read(CHECKPOINT)
    try:
        return parse_signed_checkpoint(data) if data is not None else None
    except TlogError:
        return None


def as_published(signed: SignedCheckpoint, *, vkey: VerifierKey, policy: Policy) -> PublishedHead:
    """Return what is known of a checkpoint of ours; raise TlogError when it is not ours."""
    names = {witness.key: witness.name for witness in policy.witnesses}
    verified = verify_checkpoint(signed, logs=[vkey], witnesses=names.keys())
    times = {names[key]: time for key, time in verified.cosignatures.items()}
    return PublishedHead(
        size=verified.checkpoint.size,
        root=verified.checkpoint.root,
        note=format_note(signed.note),
        witnessed=policy.is_met(times),
        cosignatures=times,
    )


def sign_head(log: AcademyLog, *, size: int, root: bytes, after: SignedCheckpoint | None) -> SignedCheckpoint:
    """Sign and store the head of a tree whose files are all on disk. Call it with the head store's lock held.

    What was signed before is looked at once more: nothing is signed that does not continue it, as the files say.
    """
    if after is not None:
        old = after.checkpoint
        try:
            verify_consistency(
                old_size=old.size,
                old_root=old.root,
                new_size=size,
                new_root=root,
                proof=build_consistency_proof(old.size, size, read=log.files.tile),
            )
        except (ConsistencyError, TileError) as error:
            raise LogRefusedError(
                f"the {size} leaves of this database do not continue the {old.size} that were signed:"
                f" {error.message}. `academy log adopt` compares them with what was published."
            ) from error
    checkpoint = Checkpoint(origin=log.origin, size=size, root=root)
    text = format_checkpoint(checkpoint)
    signature = sign_note(text, key=log.key.verifier_key(), signer=log.key.signer())
    head = SignedCheckpoint(checkpoint=checkpoint, note=Note(text=text, signatures=(signature,)))
    log.heads.swap(old=after, new=head)
    return head


def publish(log: AcademyLog, head: SignedCheckpoint) -> SignedCheckpoint:
    """Serve a stored head, with the cosignatures that it has already; return what is served.

    Call it with the head store's lock held. A larger checkpoint that is out stays.
    """
    out = published(log)
    if out is not None and out.checkpoint.size > head.checkpoint.size:
        return out
    if out is not None and out.checkpoint == head.checkpoint:
        head = joined(head, out)
    log.files.replace(CHECKPOINT, format_note(head.note))
    return head


def joined(first: SignedCheckpoint, second: SignedCheckpoint) -> SignedCheckpoint:
    """Return one checkpoint with the signatures of two notes over it; of a key that signed both, the second's."""
    lines = {(line.name, line.key_id): line for line in (*first.note.signatures, *second.note.signatures)}
    note = Note(text=first.note.text, signatures=tuple(lines.values()))
    return SignedCheckpoint(checkpoint=first.checkpoint, note=note)
