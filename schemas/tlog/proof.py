"""Transparency log proofs: that a leaf stands in a log, checked offline (c2sp.org/tlog-proof)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.merkle import entry_hash
from schemas.tlog.checkpoint import SignedCheckpoint, parse_signed_checkpoint, verify_checkpoint
from schemas.tlog.errors import LIMIT, QuorumError, TlogProofError
from schemas.tlog.lines import (
    check_hashes,
    check_size,
    read_base64,
    read_decimal,
    read_hashes,
    write_base64,
)
from schemas.tlog.notes import format_note
from schemas.tlog.policy import Policy
from schemas.tlog.trees import verify_inclusion
from schemas.tlog.vkeys import VerifierKey

HEADER = "c2sp.org/tlog-proof@v1"
MAX_TLOG_PROOF_BYTES = 24 * 1024  # what a badge may carry (TRANSPARENCY.md, section 1)
_NO_WITNESSES = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """The index of a leaf, its inclusion proof, the checkpoint, and extra data that nothing vouches for."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    extra: bytes | None = None

    def __post_init__(self) -> None:
        check_size(self.index, what="the index", error=TlogProofError)
        check_hashes(self.proof, error=TlogProofError)
        if self.extra is not None and not self.extra:
            raise TlogProofError("a proof without extra data has no extra line")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedLeaf:
    """What a proof shows: this leaf stands at this place of this log, confirmed by these witnesses.

    `cosignatures` are POSIX times by the witnesses' names in the policy. `witness_time` is the first time by which
    the quorum had confirmed it; None where the policy asks for none: then nobody but the log says that everyone
    sees the same log.
    """

    leaf_hash: bytes
    index: int
    origin: str
    size: int
    root: bytes
    log: VerifierKey
    cosignatures: Mapping[str, int]
    witness_time: int | None


class NotWitnessedError(QuorumError):
    """A proof that holds in every other way; `logged` is what it shows."""

    def __init__(self, message: str, *, logged: LoggedLeaf) -> None:
        super().__init__(message)
        self.logged = logged


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Return the proof in some bytes ("Format"); raise TlogProofError, NoteError or CheckpointError."""
    if len(data) > MAX_TLOG_PROOF_BYTES:
        raise TlogProofError(f"a tlog-proof has at most {MAX_TLOG_PROOF_BYTES:,} bytes", code=LIMIT)
    head, separator, note = data.partition(b"\n\n")
    if not separator:
        raise TlogProofError("a tlog-proof has an empty line before its checkpoint; this one has none")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise TlogProofError("the lines before the checkpoint are not ASCII") from error
    if lines.pop(0) != HEADER:
        raise TlogProofError(f"the first line of a tlog-proof is {HEADER}")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = read_base64(lines.pop(0).removeprefix("extra "), what="the extra data", error=TlogProofError)
    if not lines or not lines[0].startswith("index "):
        raise TlogProofError("the index line is missing: 'index', a space, and the entry's place in the log")
    index = read_decimal(lines.pop(0).removeprefix("index "), what="the index", error=TlogProofError)
    return TlogProof(
        index=index,
        proof=read_hashes(lines, error=TlogProofError),
        checkpoint=parse_signed_checkpoint(note),
        extra=extra,
    )


def format_tlog_proof(proof: TlogProof) -> bytes:
    """Return the bytes of a proof; raise TlogProofError when they would be more than a badge may carry."""
    lines = [HEADER]
    if proof.extra is not None:
        lines.append(f"extra {write_base64(proof.extra)}")
    lines += [f"index {proof.index}", *map(write_base64, proof.proof)]
    data = "".join(f"{line}\n" for line in lines).encode("ascii") + b"\n" + format_note(proof.checkpoint.note)
    if len(data) > MAX_TLOG_PROOF_BYTES:
        raise TlogProofError(f"a tlog-proof has at most {MAX_TLOG_PROOF_BYTES:,} bytes", code=LIMIT)
    return data


def verify_tlog_proof(
    proof: TlogProof, *, leaf: bytes, logs: Collection[VerifierKey], policy: Policy = _NO_WITNESSES
) -> LoggedLeaf:
    """Return what a proof shows of a leaf's bytes; raise the error of the first step that fails.

    `logs` are the keys that are accepted for the issuer in question, not all that anybody trusts; `policy` gives
    witnesses and quorum (its own logs are not looked at). OriginError, NoteSignatureError, InclusionError; and as
    the last one, when all else holds, NotWitnessedError with what was found.
    """
    # 1. Compute the leaf hash. The extra data is no part of this: the caller says which leaf it expects.
    leaf_hash = entry_hash(leaf)
    # 2. and 3. The checkpoint is of an acceptable log and signed by it; all cosignatures of known witnesses hold.
    names = {witness.key: witness.name for witness in policy.witnesses}
    verified = verify_checkpoint(proof.checkpoint, logs=logs, witnesses=names.keys())
    head = verified.checkpoint
    # 4. The inclusion proof binds the leaf hash to the root of the signed checkpoint.
    verify_inclusion(leaf_hash, index=proof.index, size=head.size, proof=proof.proof, root=head.root)
    times = {names[key]: time for key, time in verified.cosignatures.items()}
    logged = LoggedLeaf(
        leaf_hash=leaf_hash,
        index=proof.index,
        origin=head.origin,
        size=head.size,
        root=head.root,
        log=verified.log,
        cosignatures=MappingProxyType(times),
        witness_time=policy.witness_time(times),
    )
    if not policy.is_met(times.keys()):
        raise NotWitnessedError(
            f"the leaf is logged, but {len(times)} known witnesses confirmed the log, which is no quorum",
            logged=logged,
        )
    return logged
