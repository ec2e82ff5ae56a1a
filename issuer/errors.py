"""All refusals of the issuer's side.

AcademyError
├── RefusedError             a rule of DOMAIN.md says no
│   ├── NotAllowedError      this person has no part in it
│   └── ConflictError        somebody was faster
├── InvalidInputError        what was typed cannot be taken as it is
├── NotFoundError            absent or private: nobody learns which
│   └── BeingSealedError     accepted, and not signed before the log has it: it will be here
├── BusyError                the database does not answer in time
├── LogRefusedError          the log writes nothing now: signing could begin a second history
└── TamperedError            a stored row does not carry our seal
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class AcademyError(Exception):
    """A refusal with the sentence for the person who asked."""

    status: ClassVar[int] = 400


class RefusedError(AcademyError):
    """A rule says no. `rule` is its name in DOMAIN.md, `remedy` what to do instead."""

    status = 409

    def __init__(self, message: str, *, rule: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.remedy = remedy


class NotAllowedError(RefusedError):
    """The person has no part in this that would let them do it."""

    status = 403


class ConflictError(RefusedError):
    """Somebody else changed it in the same moment: look again, then decide."""

    def __init__(self, message: str = "Somebody was faster: look at how it stands now.") -> None:
        super().__init__(message, rule="faster", remedy="Reload the page and look again.")


class InvalidInputError(AcademyError):
    """What was typed cannot be taken as it is. `faults` maps a field to its sentence."""

    status = 422

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


class NotFoundError(AcademyError):
    """There is nothing here for this person."""

    status = 404


class BeingSealedError(NotFoundError):
    """A badge was accepted and waits for its entry in the public log; then it is signed and stands here."""

    status = 503


class BusyError(AcademyError):
    """The database does not answer, or others hold it too long. Nothing was changed; it can be tried again."""

    status = 503


class LogRefusedError(AcademyError):
    """The log writes nothing now, and says why. Reading goes on; nothing that was signed is lost."""

    status = 503


class TamperedError(AcademyError):
    """A stored row was not written by this service. Nothing is built on it."""

    status = 500
