"""What a passkey signs to stand behind a statement key."""

from __future__ import annotations

import hashlib

from schemas import canonicalize_json

_DOMAIN = b"sociocracy-academy/key/v1\n"


def key_challenge(*, decision: str, key: str, member: str) -> bytes:
    """Return the WebAuthn challenge over a key: SHA-256 of the domain and the JCS text of what it is for.

    `decision` is the decision's URL, `key` the did:key, `member` the member's id. Whoever holds the stored
    assertion recomputes this and compares it with the challenge in its clientDataJSON.
    """
    text = canonicalize_json({"decision": decision, "key": key, "member": member})
    return hashlib.sha256(_DOMAIN + text).digest()
