"""Challenges that are ours by their own code, so that asking for one stores nothing: five minutes, and once."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Literal

from issuer.errors import RefusedError
from issuer.service.academy import Academy, Work
from schemas import canonicalize_json

LASTS = timedelta(minutes=5)
_DOMAIN = b"academy-badges/challenges/v1\n"
_NONCE_BYTES, _TIME_BYTES, _CODE_BYTES = 16, 8, 32
Purpose = Literal["add", "sign-in", "bind"]


def new_challenge(work: Work, purpose: Purpose, *about: str) -> bytes:
    """Return a challenge for one purpose, and for whom and what it is."""
    expires = int((work.now + LASTS).timestamp())
    head = work.academy.random_bytes(_NONCE_BYTES) + expires.to_bytes(_TIME_BYTES, "big")
    return head + _code(work.academy, head, purpose, about)


def spend(work: Work, challenge: bytes, purpose: Purpose, *about: str) -> None:
    """Use a challenge up. Raises RefusedError when it is not ours, is for something else, too old, or was used."""
    head, code = challenge[:-_CODE_BYTES], challenge[-_CODE_BYTES:]
    ours = len(challenge) == _NONCE_BYTES + _TIME_BYTES + _CODE_BYTES
    if not ours or not hmac.compare_digest(code, _code(work.academy, head, purpose, about)):
        raise _refused("This answer of your device belongs to another question.")
    expires_at = datetime.fromtimestamp(int.from_bytes(head[_NONCE_BYTES:], "big"), tz=UTC)
    if expires_at < work.now:
        raise _refused("Your device took more than five minutes to answer.")
    if not work.unit.passkeys.spend(challenge, expires_at=expires_at, now=work.now):
        raise _refused("This answer of your device was used already.")


def _code(academy: Academy, head: bytes, purpose: Purpose, about: tuple[str, ...]) -> bytes:
    text = canonicalize_json([purpose, *about])
    return hmac.digest(academy.keyring.journal_key, _DOMAIN + head + text, hashlib.sha256)


def _refused(message: str) -> RefusedError:
    return RefusedError(message, rule="passkey", remedy="Begin again from the page itself.")
