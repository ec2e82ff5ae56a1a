"""Documents: strict reading, pinned contexts, canonical forms, proofs, containers."""

from schemas.errors import LimitError
from schemas.rdfc import Quad, canonicalize, issued_identifiers, literal

__all__ = ["LimitError", "Quad", "canonicalize", "issued_identifiers", "literal"]
