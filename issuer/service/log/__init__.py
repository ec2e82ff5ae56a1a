"""The log: leaves get places, tiles and a signed checkpoint; witnesses confirm it; proofs are made from it.

Docs: docs/adr/0010-the-log.md; TRANSPARENCY.md, section 4; C2SP tlog-tiles, tlog-checkpoint, tlog-witness.
"""

from issuer.service.log.beginning import begin_log
from issuer.service.log.checks import log_health, log_refusal
from issuer.service.log.flushing import flush, flush_due
from issuer.service.log.heads import PublishedHead
from issuer.service.log.proofs import proof_of
from issuer.service.log.sequencing import read_state

__all__ = [
    "PublishedHead",
    "begin_log",
    "flush",
    "flush_due",
    "log_health",
    "log_refusal",
    "proof_of",
    "read_state",
]
