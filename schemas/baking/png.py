"""PNG: the badge stands in one uncompressed iTXt chunk (PNG, section 11.3.4.5; Open Badges 3.0, section 5.3.1)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from schemas.baking.values import (
    LONGEST_OWN_WORD,
    MAX_IMAGE_BYTES,
    MAX_OWN_WORDS,
    MAX_TEXT_BYTES,
    Baked,
    BakingError,
)

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
OLD_KEYWORD = b"openbadges"
_TEXT_CHUNKS = frozenset({b"iTXt", b"tEXt", b"zTXt"})
_MAX_CHUNKS = 20_000
# Keywords of the PNG specification (11.3.3.2) under which an image says what it is and whose.
_OWN_WORDS = {b"Title": "title", b"Author": "author"}


def _chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and data of each chunk; raise BakingError where the file is not a whole PNG."""
    if len(image) > MAX_IMAGE_BYTES:
        raise BakingError(f"the image is larger than {MAX_IMAGE_BYTES:,} bytes", code="LIMIT_EXCEEDED")
    if not image.startswith(PNG_SIGNATURE):
        raise BakingError("this is not a PNG image")
    position = len(PNG_SIGNATURE)
    for number in range(_MAX_CHUNKS):
        length = int.from_bytes(image[position : position + 4], "big")
        end = position + 12 + length
        if end > len(image) or len(image) < position + 12:
            raise BakingError(f"the PNG ends inside chunk {number + 1}")
        kind, data = image[position + 4 : position + 8], image[position + 8 : end - 4]
        if zlib.crc32(kind + data) != int.from_bytes(image[end - 4 : end], "big"):
            raise BakingError(f"chunk {number + 1} of the PNG is damaged: its checksum is wrong")
        if (number == 0) != (kind == b"IHDR"):
            raise BakingError("a PNG has one IHDR chunk, and it comes first")
        yield kind, data
        position = end
        if kind == b"IEND":
            return
    raise BakingError(f"the PNG has more than {_MAX_CHUNKS:,} chunks", code="LIMIT_EXCEEDED")


def extract_png(image: bytes) -> Baked:
    """Return the badge in a PNG. The first chunk counts; further ones and odd forms are told."""
    found: list[tuple[bytes, bytes, bytes]] = []
    words: list[tuple[bytes, bytes, bytes]] = []
    for kind, data in _chunks(image):
        keyword, _, rest = data.partition(b"\0")
        if kind not in _TEXT_CHUNKS:
            continue
        if keyword in {KEYWORD, OLD_KEYWORD}:
            found.append((keyword, kind, rest))
        elif keyword in _OWN_WORDS and len(words) < MAX_OWN_WORDS:
            words.append((keyword, kind, rest))
    current = [entry for entry in found if entry[0] == KEYWORD]
    if not found:
        raise BakingError(
            "the image carries no badge: it has no chunk called openbadgecredential", code="NO_BADGE"
        )
    keyword, kind, rest = (current or found)[0]
    warnings = []
    chosen = (current or found)[0]
    alike = [entry for entry in found if entry[0] == chosen[0]]
    if len(current) > 1:
        warnings.append(f"the image carries {len(current)} badges; the first one was read")
    if kind != b"iTXt":
        warnings.append("the badge stands in a text chunk of an old kind")
    text, compressed = _text(kind, rest)
    if compressed:
        warnings.append("the badge in the image is compressed, which the specification does not allow")
    return Baked(
        text=text,
        warnings=tuple(warnings),
        version=3 if keyword == KEYWORD else 2,
        several=any(entry[1:] != chosen[1:] for entry in alike),
        own_words=tuple((_OWN_WORDS[keyword], word) for keyword, *found in words for word in _own_word(*found)),
    )


def _own_word(kind: bytes, rest: bytes) -> Iterator[str]:
    """Yield what an image says of itself; what cannot be read says nothing."""
    if kind == b"tEXt":
        text = rest[: 4 * LONGEST_OWN_WORD].decode("latin-1")
    else:
        try:
            text = _text(kind, rest)[0]
        except BakingError:
            return
    yield text[:LONGEST_OWN_WORD]


def _text(kind: bytes, rest: bytes) -> tuple[str, bool]:
    """Return the text of a text chunk after its keyword, and whether it was compressed.

    At most MAX_TEXT_BYTES are unpacked. Raises BakingError.
    """
    compressed = False
    if kind == b"zTXt":
        compressed, raw = True, rest[1:]
    elif kind == b"tEXt":
        raw = rest
    else:
        parts = rest[2:].split(b"\0", 2)
        if len(rest) < 2 or len(parts) != 3 or rest[0] not in (0, 1):  # noqa: PLR2004 - language, keyword, text
            raise BakingError("the iTXt chunk with the badge is not whole")
        compressed, raw = rest[0] == 1, parts[2]
    if compressed:
        unpack = zlib.decompressobj()
        try:
            raw = unpack.decompress(raw, MAX_TEXT_BYTES + 1)
        except zlib.error as error:
            raise BakingError("the compressed chunk with the badge is damaged") from error
    if len(raw) > MAX_TEXT_BYTES:
        raise BakingError(f"the badge in the image is longer than {MAX_TEXT_BYTES:,} bytes", code="LIMIT_EXCEEDED")
    try:
        return raw.decode("utf-8"), compressed
    except UnicodeDecodeError as error:
        raise BakingError(f"the badge in the image is not UTF-8: byte {error.start} cannot be read") from error


def bake_png(image: bytes, text: str) -> bytes:
    """Return a PNG with one uncompressed iTXt chunk that carries `text`, right after the header."""
    chunk = KEYWORD + b"\0\0\0\0\0" + text.encode("utf-8")
    parts = [PNG_SIGNATURE]
    for kind, data in _chunks(image):
        if kind in _TEXT_CHUNKS and data.partition(b"\0")[0] in {KEYWORD, OLD_KEYWORD}:
            continue
        parts.append(_chunk(kind, data))
        if kind == b"IHDR":
            parts.append(_chunk(b"iTXt", chunk))
    return b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
