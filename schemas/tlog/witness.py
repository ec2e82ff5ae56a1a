"""What a log and a witness say to each other: add-checkpoint (c2sp.org/tlog-witness, "HTTP Interface").

The log asks for a cosignature with the size that it thinks the witness knows and a consistency proof from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from schemas.tlog.checkpoint import Checkpoint, SignedCheckpoint, parse_signed_checkpoint
from schemas.tlog.errors import (
    LIMIT,
    ConsistencyError,
    NoteError,
    NoteSignatureError,
    WitnessBodyError,
    WitnessRefusal,
)
from schemas.tlog.lines import check_hashes, check_size, read_decimal, read_hashes, read_text, write_base64
from schemas.tlog.notes import (
    MAX_NOTE_BYTES,
    Note,
    NoteSignature,
    VerifiedSignature,
    format_note,
    parse_signature_lines,
    verify_note,
)
from schemas.tlog.trees import EMPTY_ROOT, verify_consistency
from schemas.tlog.vkeys import COSIGNATURE_V1, VerifierKey

SIZE_CONTENT_TYPE = "text/x.tlog.size"
_MAX_HEAD_BYTES = 64 * 64  # the old size line and 63 lines of hashes
MAX_REQUEST_BYTES = _MAX_HEAD_BYTES + MAX_NOTE_BYTES
_MAX_SIZE_BODY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request for a cosignature: the old size, the consistency proof from it, and the checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: SignedCheckpoint

    def __post_init__(self) -> None:
        check_size(self.old_size, what="the old size", error=WitnessBodyError)
        check_hashes(self.proof, error=WitnessBodyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A cosignature that holds: the line to add to the checkpoint, its key, and its POSIX time."""

    signature: NoteSignature
    key: VerifierKey
    timestamp: int


def format_add_checkpoint(request: AddCheckpoint) -> bytes:
    """Return the request body."""
    lines = [f"old {request.old_size}", *map(write_base64, request.proof), ""]
    return "".join(f"{line}\n" for line in lines).encode("ascii") + format_note(request.checkpoint.note)


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Return the request in a body; raise WitnessBodyError, NoteError or CheckpointError (answered by 400)."""
    if len(data) > MAX_REQUEST_BYTES:
        raise WitnessBodyError(f"the request is longer than {MAX_REQUEST_BYTES:,} bytes", code=LIMIT)
    head, separator, note = data.partition(b"\n\n")
    if not separator:
        raise WitnessBodyError("the request has an empty line before its checkpoint; this one has none")
    lines = read_text(head, what="the request", max_bytes=_MAX_HEAD_BYTES, error=WitnessBodyError).split("\n")
    if not lines[0].startswith("old "):
        raise WitnessBodyError("the first line is 'old', a space, and the size of the checkpoint before")
    return AddCheckpoint(
        old_size=read_decimal(lines[0].removeprefix("old "), what="the old size", error=WitnessBodyError),
        proof=read_hashes(lines[1:], error=WitnessBodyError),
        checkpoint=parse_signed_checkpoint(note),
    )


def format_conflict(size: int) -> bytes:
    """Return the body of "409 Conflict": "the tree size of the latest cosigned checkpoint"."""
    return f"{size}\n".encode("ascii")


def parse_conflict(data: bytes) -> int:
    """Return the size that the witness names in "409 Conflict"; raise WitnessBodyError."""
    text = read_text(data, what="the answer", max_bytes=_MAX_SIZE_BODY, error=WitnessBodyError)
    if not text.endswith("\n"):
        raise WitnessBodyError("the witness's size does not end in a newline")
    return read_decimal(text[:-1], what="the witness's size", error=WitnessBodyError)


def parse_cosignatures(
    data: bytes, *, checkpoint: SignedCheckpoint, keys: Collection[VerifierKey]
) -> tuple[Cosignature, ...]:
    """Return the witness's cosignatures in the body of an answer "200".

    As the specification says: the lines are put under the checkpoint's text and verified with the witness's keys;
    those of unknown keys are ignored. Raises WitnessBodyError for what are no signature lines, NoteSignatureError
    when none is the witness's, or one does not hold.
    """
    text = read_text(data, what="the answer", max_bytes=MAX_NOTE_BYTES, error=WitnessBodyError)
    try:
        lines = parse_signature_lines(text)
    except NoteError as error:
        raise WitnessBodyError(f"the witness's answer: {error.message}", code=error.problem) from error
    cosigning = [key for key in keys if key.signature_type == COSIGNATURE_V1]
    verified = verify_note(Note(text=checkpoint.note.text, signatures=lines), cosigning)
    by_key = {(line.name, line.key_id): line for line in lines}
    return tuple(_cosignature(found, by_key) for found in verified)


def _cosignature(found: VerifiedSignature, lines: Mapping[tuple[str, bytes], NoteSignature]) -> Cosignature:
    assert found.timestamp is not None  # only keys of type 0x04 were asked for
    key = found.key
    return Cosignature(signature=lines[key.name, key.key_id], key=key, timestamp=found.timestamp)


def monitoring_path(origin: str) -> str:
    """Return where, below its monitoring prefix, a witness shows what it last cosigned for a log."""
    return f"{hashlib.sha256(origin.encode('utf-8')).hexdigest()}/checkpoint"


def check_add_checkpoint(
    request: AddCheckpoint, *, logs: Mapping[str, Collection[VerifierKey]], latest: Checkpoint | None
) -> None:
    """Return nothing when a witness should cosign, or raise WitnessRefusal with the status to answer.

    `logs` are the keys that the witness trusts, by origin; `latest` is what it cosigned last for this origin. The
    caller compares and stores in one step ("must be performed atomically"), and only then cosigns.
    """
    new = request.checkpoint.checkpoint
    if new.origin not in logs:
        raise WitnessRefusal("the log is unknown here", status=404)
    try:
        verify_note(request.checkpoint.note, logs[new.origin])
    except NoteSignatureError as error:
        raise WitnessRefusal(error.message, status=403) from error
    if request.old_size > new.size:
        raise WitnessRefusal("the old size is above the checkpoint's size", status=400)
    known = latest.size if latest else 0
    if request.old_size != known:
        raise WitnessRefusal(f"the checkpoint cosigned last has {known} leaves", status=409, size=known)
    try:
        verify_consistency(
            old_size=known,
            old_root=latest.root if latest else EMPTY_ROOT,
            new_size=new.size,
            new_root=new.root,
            proof=request.proof,
        )
    except ConsistencyError as error:
        raise WitnessRefusal(error.message, status=422) from error
