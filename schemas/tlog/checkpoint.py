"""Checkpoints: what a log says its tree is, as a signed note (c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.merkle import HASH_BYTES
from schemas.tlog.errors import CheckpointError, NoteSignatureError, OriginError
from schemas.tlog.lines import check_characters, check_size, read_decimal, read_hash, write_base64
from schemas.tlog.notes import Note, parse_note, verify_note
from schemas.tlog.vkeys import COSIGNATURE_V1, ED25519, VerifierKey

_FIXED_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree head: the log's origin, the number of leaves, the root, and extension lines that nobody checks.

    Raises CheckpointError when it cannot be written.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_size(self.size, what="the tree size", error=CheckpointError)
        if len(self.root) != HASH_BYTES:
            raise CheckpointError(f"the root hash has {HASH_BYTES} bytes, got {len(self.root)}")
        if not self.origin or not all(self.extensions) or "\n" in self.origin + "".join(self.extensions):
            raise CheckpointError("the origin and each extension line are one line, and not empty")
        check_characters(self.origin + "".join(self.extensions), what="the checkpoint", error=CheckpointError)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint with the note that it came in. Nothing is verified here."""

    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCheckpoint:
    """A checkpoint that its log signed, and the POSIX time at which each known witness confirmed it."""

    checkpoint: Checkpoint
    log: VerifierKey
    cosignatures: Mapping[VerifierKey, int]


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text is ("Note text"); raise CheckpointError."""
    lines = text.split("\n")
    if lines.pop() or len(lines) < _FIXED_LINES:
        raise CheckpointError("a checkpoint is at least three lines: origin, tree size, root hash")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin=origin,
        size=read_decimal(size, what="the tree size", error=CheckpointError),
        root=read_hash(root, what="the root hash", error=CheckpointError),
        extensions=tuple(extensions),
    )


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the text that a log signs and witnesses cosign."""
    lines = (checkpoint.origin, str(checkpoint.size), write_base64(checkpoint.root), *checkpoint.extensions)
    return "".join(f"{line}\n" for line in lines)


def parse_signed_checkpoint(data: bytes) -> SignedCheckpoint:
    """Return the checkpoint in a signed note; raise NoteError or CheckpointError."""
    note = parse_note(data)
    return SignedCheckpoint(checkpoint=parse_checkpoint(note.text), note=note)


def verify_checkpoint(
    signed: SignedCheckpoint, *, logs: Collection[VerifierKey], witnesses: Collection[VerifierKey] = ()
) -> VerifiedCheckpoint:
    """Return what is known of a checkpoint: whose it is, and who confirmed it when.

    A log's key bears the log's origin as its name. A witness whose key is also one of the logs' is not counted: it
    would confirm itself. Raises OriginError when the checkpoint is of no log in `logs`, NoteSignatureError when
    that log did not sign it, or when a signature of a known key does not hold.
    """
    origin = signed.checkpoint.origin
    accepted = [key for key in logs if key.name == origin and key.signature_type == ED25519]
    if not accepted:
        raise OriginError(f"the checkpoint is of the log {origin!r:.80}, which is not accepted here")
    own = {key.public_key.raw for key in logs}
    others = [key for key in witnesses if key.signature_type == COSIGNATURE_V1 and key.public_key.raw not in own]
    verified = verify_note(signed.note, [*accepted, *others])
    log = next((signature.key for signature in verified if signature.key in accepted), None)
    if log is None:
        raise NoteSignatureError(f"the log {origin!r:.80} did not sign its checkpoint with a key known here")
    times = {signature.key: signature.timestamp for signature in verified if signature.timestamp is not None}
    return VerifiedCheckpoint(checkpoint=signed.checkpoint, log=log, cosignatures=MappingProxyType(times))
