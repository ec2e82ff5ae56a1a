"""Identity hashes of Open Badges 3.0 (IdentityObject, section B.1.13): who a badge is for, without saying it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any


def hash_identity(identifier: str, *, salt: str) -> str:
    """Return the salted SHA-256 text of an identifier, the salt after it."""
    return "sha256$" + hashlib.sha256((identifier + salt).encode("utf-8")).hexdigest()


def matches_identity(identity: Mapping[str, Any], identifier: str) -> bool:
    """Say whether an IdentityObject is about an identifier, as given or, for e-mail addresses, in lower case.

    Open Badges does not say whether addresses are lower-cased before hashing. MD5 is read for old badges only.
    """
    expected = identity.get("identityHash")
    if not isinstance(expected, str):
        return False
    candidates = {identifier, identifier.lower()} if "@" in identifier else {identifier}
    if identity.get("hashed") is not True:
        return any(hmac.compare_digest(expected.encode(), candidate.encode()) for candidate in candidates)
    salt = identity.get("salt", "")
    name, _, _ = expected.partition("$")
    if name not in {"sha256", "md5"} or not isinstance(salt, str):
        return False
    return any(
        hmac.compare_digest(
            expected.encode(),
            f"{name}${hashlib.new(name, (c + salt).encode('utf-8'), usedforsecurity=False).hexdigest()}".encode(),
        )
        for c in candidates
    )
