"""Documents: strict reading, pinned contexts, canonical forms, proofs, containers.

Importing this package is cheap: JSON-LD and JSON Schema machinery is loaded when it is first needed.
"""

from schemas.data_integrity import CRYPTOSUITES, add_proof, cryptosuite_of, proof_bytes, proofs_of, verify_proof
from schemas.dates import format_date_time, parse_date_time
from schemas.errors import (
    DataLossError,
    DocumentError,
    LimitError,
    MalformedValueError,
    ParsingError,
    ProofError,
    RereadError,
    StatusListError,
    UnknownContextError,
    UnsupportedProofError,
)
from schemas.jcs import canonicalize_json
from schemas.jsonld import to_quads
from schemas.pinned import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    OB_CONTEXT,
    OB_CONTEXTS,
    OB_EXTENSIONS,
    PINNED,
    ContextSet,
    pinned_contexts,
    variants_for,
)
from schemas.rdfc import Quad, canonicalize, issued_identifiers, literal
from schemas.strict_json import dump_json, parse_json

__all__ = [
    "CREDENTIALS_V1",
    "CREDENTIALS_V2",
    "CRYPTOSUITES",
    "OB_CONTEXT",
    "OB_CONTEXTS",
    "OB_EXTENSIONS",
    "PINNED",
    "ContextSet",
    "DataLossError",
    "DocumentError",
    "LimitError",
    "MalformedValueError",
    "ParsingError",
    "ProofError",
    "Quad",
    "RereadError",
    "StatusListError",
    "UnknownContextError",
    "UnsupportedProofError",
    "add_proof",
    "canonicalize",
    "canonicalize_json",
    "cryptosuite_of",
    "dump_json",
    "format_date_time",
    "issued_identifiers",
    "literal",
    "parse_date_time",
    "parse_json",
    "pinned_contexts",
    "proof_bytes",
    "proofs_of",
    "to_quads",
    "variants_for",
    "verify_proof",
]
