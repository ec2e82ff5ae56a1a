"""A decision as outsiders read it: what was consented to, who answered, and the proof that it stands in the log.

Pure, as all of `schemas`. Source: TRANSPARENCY.md, sections 1 to 3.
"""

from schemas.decision.answers import (
    MAX_ANSWER_BYTES,
    Answer,
    AnswerError,
    NamedPeer,
    member_commitment,
    new_answer,
    read_answer,
    sign_answer,
    verify_answer,
)
from schemas.decision.closing import same_decision, why_not_consented
from schemas.decision.consent import (
    badge_for_consent,
    consent_digest,
    consent_input,
    final_digest,
    multihash,
    normal_form,
)
from schemas.decision.evidence import (
    TLOG_PROOF,
    LogProofError,
    log_proof_item,
    read_log_proof,
    with_log_proof,
    without_log_proof,
)
from schemas.decision.statements import (
    STATEMENT_TYPES,
    SignedStatement,
    Statement,
    StatementError,
    read_signed_statement,
    sign_statement,
    statement_digest,
)

__all__ = [
    "MAX_ANSWER_BYTES",
    "STATEMENT_TYPES",
    "TLOG_PROOF",
    "Answer",
    "AnswerError",
    "LogProofError",
    "NamedPeer",
    "SignedStatement",
    "Statement",
    "StatementError",
    "badge_for_consent",
    "consent_digest",
    "consent_input",
    "final_digest",
    "log_proof_item",
    "member_commitment",
    "multihash",
    "new_answer",
    "normal_form",
    "read_answer",
    "read_log_proof",
    "read_signed_statement",
    "same_decision",
    "sign_answer",
    "sign_statement",
    "statement_digest",
    "verify_answer",
    "why_not_consented",
    "with_log_proof",
    "without_log_proof",
]
