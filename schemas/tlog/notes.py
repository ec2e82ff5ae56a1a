"""Signed notes: a text, and lines of signatures under it (c2sp.org/signed-note, "Format" and "Signatures").

The text means nothing before `verify_note` returned.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from keys import BadSignatureError, Signer, verify_signature
from schemas.tlog.errors import LIMIT, NoteError, NoteSignatureError, VerifierKeyError
from schemas.tlog.lines import MAX_SIZE, check_characters, read_base64, read_text, write_base64
from schemas.tlog.vkeys import COSIGNATURE_V1, ED25519, KEY_ID_BYTES, VerifierKey, check_key_name

# "MUST accept at least up to 16 signatures": of post-quantum ones, 16 take some 110 kB of base64.
MAX_NOTE_BYTES = 128 * 1024
MAX_SIGNATURES = 64
_SIGNATURE_PREFIX = "\N{EM DASH} "
_TIMESTAMP_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line: who says to have signed, and the signature's bytes. Nothing is verified here."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        try:
            check_key_name(self.name)
        except VerifierKeyError as error:
            raise NoteError(error.message) from error
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise NoteError("a signature is a key ID of 4 bytes and at least one byte more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text that ends in a newline, and one or more signatures. Raises NoteError when it cannot be written."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        check_characters(self.text, what="the note's text", error=NoteError)
        if not self.text.endswith("\n"):
            raise NoteError("a note's text ends in a newline")
        if not 0 < len(self.signatures) <= MAX_SIGNATURES:
            raise NoteError(f"a note has 1 to {MAX_SIGNATURES} signatures, got {len(self.signatures)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSignature:
    """A signature that holds: its key and, for a cosignature, the POSIX time that it covers."""

    key: VerifierKey
    timestamp: int | None


def parse_note(data: bytes) -> Note:
    """Return the note that these bytes are; raise NoteError with what is wrong, and in which line."""
    content = read_text(data, what="the note", max_bytes=MAX_NOTE_BYTES, error=NoteError)
    # "the text is separated from the signatures by the last empty line in the note"
    text, separator, lines = content.rpartition("\n\n")
    if not separator:
        raise NoteError("a note has an empty line between its text and its signatures; this one has none")
    return Note(text=text + "\n", signatures=parse_signature_lines(lines))


def parse_signature_lines(lines: str) -> tuple[NoteSignature, ...]:
    """Return the signatures of one or more signature lines; raise NoteError."""
    if not lines.endswith("\n"):
        raise NoteError("the last signature line does not end in a newline: something may be cut off")
    found = lines[:-1].split("\n")
    if len(found) > MAX_SIGNATURES:
        raise NoteError(f"a note has at most {MAX_SIGNATURES} signatures, got {len(found)}", code=LIMIT)
    return tuple(_parse_signature(line, number=number) for number, line in enumerate(found, 1))


def _parse_signature(line: str, *, number: int) -> NoteSignature:
    # em dash (U+2014), space (U+0020), key name, space, base64-encoded signature
    parts = line.removeprefix(_SIGNATURE_PREFIX).split(" ")
    if not line.startswith(_SIGNATURE_PREFIX) or len(parts) != 2:  # noqa: PLR2004  name and signature
        raise NoteError(f"signature line {number} is not an em dash, a key name and a signature: {line!r:.80}")
    data = read_base64(parts[1], what=f"the signature in line {number}", error=NoteError)
    return NoteSignature(name=parts[0], key_id=data[:KEY_ID_BYTES], signature=data[KEY_ID_BYTES:])


def format_note(note: Note) -> bytes:
    """Return the bytes of a note."""
    return f"{note.text}\n{format_signature_lines(note.signatures)}".encode()


def format_signature_lines(signatures: Collection[NoteSignature]) -> str:
    """Return the lines of some signatures."""
    return "".join(
        f"{_SIGNATURE_PREFIX}{signature.name} {write_base64(signature.key_id + signature.signature)}\n"
        for signature in signatures
    )


def sign_note(text: str, *, key: VerifierKey, signer: Signer) -> NoteSignature:
    """Return the Ed25519 signature over a note's text ("Ed25519 signatures")."""
    _check_signer(key, signer, signature_type=ED25519)
    return NoteSignature(name=key.name, key_id=key.key_id, signature=signer.sign(text.encode("utf-8")))


def cosign_note(text: str, *, key: VerifierKey, signer: Signer, timestamp: int) -> NoteSignature:
    """Return a cosignature/v1 over a checkpoint's text at a POSIX time (c2sp.org/tlog-cosignature, "Format")."""
    _check_signer(key, signer, signature_type=COSIGNATURE_V1)
    if not 0 < timestamp <= MAX_SIZE:
        raise NoteSignatureError(f"a cosignature's time is a POSIX time from 1 on, got {timestamp}")
    signature = timestamp.to_bytes(_TIMESTAMP_BYTES, "big") + signer.sign(_cosigned(text, timestamp))
    return NoteSignature(name=key.name, key_id=key.key_id, signature=signature)


def _check_signer(key: VerifierKey, signer: Signer, *, signature_type: int) -> None:
    if key.signature_type != signature_type:
        raise VerifierKeyError(f"the key {key.name!r} signs with type {key.signature_type:#04x} only")
    if signer.public_key != key.public_key:
        raise VerifierKeyError(f"the private key at hand is not that of {key.name!r}: look at the key file")


def _cosigned(text: str, timestamp: int) -> bytes:
    # "Ed25519 signed message": two header lines, then the whole note body.
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def verify_note(note: Note, keys: Collection[VerifierKey]) -> tuple[VerifiedSignature, ...]:
    """Return the signatures of known keys, in their order; raise NoteSignatureError.

    Signatures of unknown keys are ignored, "even if they share a name or ID (but not both) with a known key". A
    known key's signature that does not hold, or a second one of the same key, spoils the whole note.
    """
    known = _by_name_and_id(keys)
    verified: list[VerifiedSignature] = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if any(key == other.key for other in verified):
            raise NoteSignatureError(f"{key.name!r} signed this note twice; one signature of a key is enough")
        verified.append(VerifiedSignature(key=key, timestamp=_verify(note.text, signature, key)))
    if not verified:
        raise NoteSignatureError("nobody whose key is known here signed this note")
    return tuple(verified)


def _by_name_and_id(keys: Collection[VerifierKey]) -> Mapping[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise VerifierKeyError(f"two keys share the name {key.name!r} and the key ID {key.key_id.hex()}")
    return known


def _verify(text: str, signature: NoteSignature, key: VerifierKey) -> int | None:
    """Return a cosignature's time, None for a plain signature; raise NoteSignatureError."""
    timestamp, message, data = None, text.encode("utf-8"), signature.signature
    if key.signature_type == COSIGNATURE_V1:
        timestamp, data = int.from_bytes(data[:_TIMESTAMP_BYTES], "big"), data[_TIMESTAMP_BYTES:]
        # It "MUST NOT exceed 2^63 - 1", and zero says that the witness makes no statement about the time.
        if not 0 < timestamp <= MAX_SIZE:
            raise NoteSignatureError(f"the cosignature of {key.name!r} has no time that can be")
        message = _cosigned(text, timestamp)
    try:
        verify_signature(public_key=key.public_key, message=message, signature=data)
    except BadSignatureError as error:
        raise NoteSignatureError(f"the signature of {key.name!r} does not fit this note and its key") from error
    return timestamp
