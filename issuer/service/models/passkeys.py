"""A member's passkeys, and how the members of a circle are enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from issuer.errors import RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyView:
    """One passkey as its owner sees it."""

    id: str
    name: str
    added_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeysPage:
    """A member's passkeys. `host` is the name that they are for, None where browsers make none."""

    host: str | None
    passkeys: tuple[PasskeyView, ...]
    most: int
    sentence: str
    refusal: RefusedError | None = None  # why what they say does not count now


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentView:
    """How a member of a circle is enrolled, for the others in it."""

    id: str
    name: str
    is_me: bool
    sentence: str
    counts: bool
    may_say_spoken: bool
