"""Refusals of documents.

DocumentError
├── ParsingError             bytes that are not the one JSON text we accept
├── LimitError               more than we are willing to work on
├── MalformedValueError      a member that does not hold what it must
├── UnknownContextError      a JSON-LD context that is not pinned here
├── DataLossError            something JSON-LD would drop, and so leave unsigned
├── RereadError              one thing written in a way that other readers read as another
├── ProofError               a proof that cannot be made or checked
│   └── UnsupportedProofError
└── StatusListError          a status list that cannot be used

Codes are the names of VCDM 2.0 (section 7.1) and VC Data Integrity 1.0 (section 4.7) where they have one.
"""

from __future__ import annotations

from typing import ClassVar


class DocumentError(Exception):
    """A refusal: a code for programs, a sentence for people, and the place (a JSON pointer, a chunk, a line)."""

    code: ClassVar[str] = "MALFORMED_VALUE_ERROR"

    def __init__(self, message: str, *, pointer: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer
        self.problem = code or self.code


class ParsingError(DocumentError):
    """The bytes are not the one JSON text that we accept."""

    code = "PARSING_ERROR"


class LimitError(DocumentError):
    """Reading on would take more than we are willing to give."""

    code = "LIMIT_EXCEEDED"


class MalformedValueError(DocumentError):
    """A member does not hold what it must."""


class UnknownContextError(DocumentError):
    """Nobody here can say what the document's words mean: its context is not pinned."""

    code = "UNKNOWN_CONTEXT"


class DataLossError(DocumentError):
    """JSON-LD would drop a part of the document, and no signature would cover it."""

    code = "DATA_LOSS_DETECTION_ERROR"


class RereadError(DocumentError):
    """The document is written so that two readers could take two things from the same signed data."""

    code = "NOT_COMPACT_FORM"


class ProofError(DocumentError):
    """A proof cannot be made, or does not hold."""

    code = "PROOF_VERIFICATION_ERROR"


class UnsupportedProofError(ProofError):
    """A proof of a kind that we do not have; nothing is said about whether it is good."""

    code = "UNSUPPORTED"


class StatusListError(DocumentError):
    """A status list cannot be used."""

    code = "STATUS_VERIFICATION_ERROR"
