"""What a badge proves of its peers' decision, checked offline (TRANSPARENCY.md).

The badge carries the log's proof of its own leaf; the leaf names the deciders' keys and the digests of their
answers; the badge embeds the answers of those who agreed. What the DID document must say about the log stands in
`service`.
"""

from verifier.decision.check import Decided, check_decision
from verifier.decision.service import LOG_SERVICE, LogKey, LogService, LogServiceError, log_services, read_service

__all__ = [
    "LOG_SERVICE",
    "Decided",
    "LogKey",
    "LogService",
    "LogServiceError",
    "check_decision",
    "log_services",
    "read_service",
]
