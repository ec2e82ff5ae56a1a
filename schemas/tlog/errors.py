"""Refusals of the transparency log's formats.

TlogError
├── NoteError               bytes that are not one signed note (signed-note, "Format")
├── VerifierKeyError        a text that is not the vkey of a key that we have
├── NoteSignatureError      no signature of a known key, or one that does not hold
├── CheckpointError         a note whose text is not a checkpoint (tlog-checkpoint, "Note text")
├── OriginError             a checkpoint of a log that is not accepted here
├── TileError               a tile, entry bundle or path that is not as tlog-tiles says
├── InclusionError          a leaf is not shown to be in the tree
├── ConsistencyError        a tree is not shown to continue another
├── TlogProofError          bytes that are not one tlog-proof
├── PolicyError             a policy file that cannot be used
├── QuorumError             everything holds, but too few witnesses confirmed it
├── WitnessBodyError        a request to a witness, or its answer, that cannot be read
├── WitnessRefusal          what a witness answers instead of a cosignature (tlog-witness)
└── LeafError               bytes that are not one leaf
    └── UnknownLeafTypeError
"""

from __future__ import annotations

from schemas.errors import DocumentError

LIMIT = "LIMIT_EXCEEDED"


class TlogError(DocumentError):
    """A refusal of something that a log wrote, or that was said about it."""

    code = "TLOG_ERROR"


class NoteError(TlogError):
    """The bytes are not one signed note."""

    code = "NOTE_MALFORMED"


class VerifierKeyError(TlogError):
    """The text is not a verifier key that we can use."""

    code = "VERIFIER_KEY_ERROR"


class NoteSignatureError(TlogError):
    """A note is not signed by whom it must be, or a known key's signature does not hold."""

    code = "NOTE_SIGNATURE_ERROR"


class CheckpointError(TlogError):
    """The note's text is not a checkpoint."""

    code = "CHECKPOINT_MALFORMED"


class OriginError(TlogError):
    """The checkpoint is of a log that is not accepted here."""

    code = "ORIGIN_NOT_ACCEPTED"


class TileError(TlogError):
    """A tile, an entry bundle or a path is not as it must be."""

    code = "TILE_MALFORMED"


class InclusionError(TlogError):
    """The proof does not lead from the leaf to the root."""

    code = "INCLUSION_PROOF_ERROR"


class ConsistencyError(TlogError):
    """The proof does not show that the new tree continues the old one."""

    code = "CONSISTENCY_PROOF_ERROR"


class TlogProofError(TlogError):
    """The bytes are not one tlog-proof."""

    code = "TLOG_PROOF_MALFORMED"


class PolicyError(TlogError):
    """The policy file cannot be used."""

    code = "POLICY_MALFORMED"


class QuorumError(TlogError):
    """Everything else holds, but fewer witnesses confirmed the checkpoint than the policy asks for."""

    code = "QUORUM_NOT_MET"


class WitnessBodyError(TlogError):
    """A request to a witness, or its answer, cannot be read."""

    code = "WITNESS_BODY_MALFORMED"


class WitnessRefusal(TlogError):  # noqa: N818  it is an answer of the protocol, not a fault of a program
    """What a witness answers instead of a cosignature: an HTTP status and, with 409, the size it knows."""

    code = "WITNESS_REFUSAL"

    def __init__(self, message: str, *, status: int, size: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.size = size


class LeafError(TlogError):
    """The bytes are not one leaf."""

    code = "LEAF_MALFORMED"


class UnknownLeafTypeError(LeafError):
    """The leaf is of a type that we do not know: somebody wrote into the log what nobody can check."""

    code = "LEAF_TYPE_UNKNOWN"
