"""Who is signed in, what waits for them, and the way to begin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from issuer.service.models.circles import CircleCard
from issuer.service.models.common import CaseRow, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The person who is signed in."""

    id: str
    name: str
    email: str
    time_zone: str = "UTC"
    is_academy_member: bool = False
    waiting: int = 0
    passkey: str | None = None  # the one that this session began with

    @property
    def assurance(self) -> Literal["passkey", "link"]:
        """How the person signed in."""
        return "passkey" if self.passkey is not None else "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that has begun: its token for the cookie, and where the person wanted to go."""

    session: str = field(repr=False)
    next_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPage:
    """The way from an empty database to the first badge."""

    step: Literal["circle", "consent", "badges", "first_application"]
    path: str | None  # the page of the running step
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MePage:
    """What waits for me, and what is mine."""

    me: Me
    tasks: tuple[Task, ...]
    applications: tuple[CaseRow, ...]
    badges: tuple[CaseRow, ...]
    circles: tuple[CircleCard, ...]
    statements: tuple[CaseRow, ...]
    setup: SetupPage | None = None  # the Academy's next step to its first badge, for members of its circle


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """A mail in the local outbox page (development only)."""

    id: int
    to: str
    subject: str
    body: str
    at: datetime
    sent: bool
