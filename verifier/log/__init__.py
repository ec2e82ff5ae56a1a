"""The public monitor: reads the Academy's log as a stranger does, and says what is wrong with it.

`audit` reads a whole log (TRANSPARENCY.md, section 5), `check` one proof. Nothing of the issuer is imported.
"""

from verifier.log.audit import Audit, audit
from verifier.log.check import ProofReport, check_proof
from verifier.log.findings import Finding, Findings
from verifier.log.source import FolderSource, LogSource, SourceError, WebSource

__all__ = [
    "Audit",
    "Finding",
    "Findings",
    "FolderSource",
    "LogSource",
    "ProofReport",
    "SourceError",
    "WebSource",
    "audit",
    "check_proof",
]
