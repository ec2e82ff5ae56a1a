"""The issuing endpoints of the VC-API, for the public test suites alone: a program of its own.

They sign whatever conforms to the data model, so they must never meet the Academy's keys. Therefore this package
knows of no key file, no folder, no database and no service of the Academy: its did:key keys are made in memory
when it starts and are gone when it ends, and it listens on the loopback address only. What the Academy itself
signs goes through a sealed decision by consent, and through nothing in here.
"""

from issuer.conformance.command import run_conformance
from issuer.conformance.issuing import SUITE_CONTEXTS
from issuer.conformance.keys import ThrowAwayKeys
from issuer.conformance.status import new_status_list
from issuer.conformance.web import MAX_BYTES, create_blueprint

__all__ = [
    "MAX_BYTES",
    "SUITE_CONTEXTS",
    "ThrowAwayKeys",
    "create_blueprint",
    "new_status_list",
    "run_conformance",
]
