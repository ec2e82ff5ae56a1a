"""Verifier keys, "vkeys" for short (c2sp.org/signed-note, "Verifier keys").

<key name>+hex(32-bit key ID)+base64(signature type || public key)
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final, Literal

from keys import KeysError, PublicKey
from schemas.tlog.errors import VerifierKeyError
from schemas.tlog.lines import check_characters, read_base64, write_base64

# "Signature types": Ed25519 over the note's text, and timestamped Ed25519 checkpoint cosignatures.
ED25519: Final = 0x01
COSIGNATURE_V1: Final = 0x04
SignatureType = Literal[0x01, 0x04]
KEY_ID_BYTES = 4
MAX_KEY_NAME = 255  # bytes; tlog-cosignature's newer message has room for no more
_MAX_VKEY = 1024
_KEY_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A key that signs notes, under a name. Raises VerifierKeyError when it is none that can."""

    name: str
    public_key: PublicKey
    signature_type: SignatureType = ED25519

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if self.signature_type not in (ED25519, COSIGNATURE_V1):
            raise VerifierKeyError(f"signature type {self.signature_type:#04x} is none that we have")
        if self.public_key.kind != "Ed25519":
            raise VerifierKeyError(f"notes are signed with Ed25519 keys here, this one is {self.public_key.kind}")

    @property
    def key_id(self) -> bytes:
        """SHA-256(key name || 0x0A || signature type || public key)[:4] ("Signatures")."""
        text = self.name.encode("utf-8") + b"\n" + bytes([self.signature_type]) + self.public_key.raw
        return hashlib.sha256(text).digest()[:KEY_ID_BYTES]


def check_key_name(name: str) -> None:
    """Raise VerifierKeyError for what cannot name a key.

    "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus (U+002B) characters."
    """
    check_characters(name, what="the key name", error=VerifierKeyError)
    if "+" in name or any(letter.isspace() for letter in name):
        raise VerifierKeyError(f"a key name has no spaces and no plus; got {name!r:.80}")
    if not 0 < len(name.encode("utf-8")) <= MAX_KEY_NAME:
        raise VerifierKeyError(f"a key name has 1 to {MAX_KEY_NAME} bytes; got {name!r:.80}")


def parse_vkey(text: str) -> VerifierKey:
    """Return the key of a vkey text; raise VerifierKeyError. Its key ID must be the recommended one.

    Ed25519 (0x01) and cosignature/v1 (0x04) are the types that we have; others are UNSUPPORTED.
    """
    if len(text) > _MAX_VKEY:
        raise VerifierKeyError(f"a vkey of ours has at most {_MAX_VKEY} letters, this one has {len(text)}")
    parts = text.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004  name, key ID, key
        raise VerifierKeyError(f"a vkey is <name>+<key ID>+<key>, got {text!r:.80}")
    name, key_id, encoded = parts
    check_key_name(name)
    if not _KEY_ID.fullmatch(key_id):
        raise VerifierKeyError(f"the key ID of {name!r:.80} is 8 lower-case hex digits, got {key_id!r:.40}")
    data = read_base64(encoded, what=f"the key of {name!r:.80}", error=VerifierKeyError)
    if not data:
        raise VerifierKeyError(f"the vkey of {name!r:.80} holds no key")
    if data[0] == ED25519:
        key = _key(name, ED25519, data[1:])
    elif data[0] == COSIGNATURE_V1:
        key = _key(name, COSIGNATURE_V1, data[1:])
    else:
        raise VerifierKeyError(
            f"the key of {name!r:.80} signs with type {data[0]:#04x}; we have 0x01 and 0x04 (Ed25519)",
            code="UNSUPPORTED",
        )
    if key.key_id.hex() != key_id:
        raise VerifierKeyError(f"the key ID of {name!r:.80} must be {key.key_id.hex()}, got {key_id}")
    return key


def format_vkey(key: VerifierKey) -> str:
    """Return the vkey text of a key."""
    return f"{key.name}+{key.key_id.hex()}+{write_base64(bytes([key.signature_type]) + key.public_key.raw)}"


def _key(name: str, signature_type: SignatureType, raw: bytes) -> VerifierKey:
    try:
        public_key = PublicKey(kind="Ed25519", raw=raw)
    except KeysError as error:
        raise VerifierKeyError(f"the key of {name!r:.80} cannot be used: {error}") from error
    return VerifierKey(name=name, public_key=public_key, signature_type=signature_type)
