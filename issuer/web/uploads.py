"""Files that people send as evidence: looked at by content, never by what the browser says they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from types import MappingProxyType

MAX_FILE = 10_000_000
_DOCX = "word/document.xml"
_ODT = b"application/vnd.oasis.opendocument.text"


def fits_its_name(content: bytes, file_name: str) -> bool:
    """Say whether a file is of a kind that we take, and is what its name's ending says."""
    _name, dot, ending = file_name.rpartition(".")
    looks = KINDS.get(ending.lower()) if dot else None
    return looks is not None and looks(content)


def _text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text


def _starts(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(beginnings)


def _webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _mp3(content: bytes) -> bool:
    return content[:3] == b"ID3" or (content[:1] == b"\xff" and content[1:2] >= b"\xe0")


def _mp4(content: bytes) -> bool:
    return content[4:8] == b"ftyp"


def _docx(content: bytes) -> bool:
    return _DOCX in _members(content)


def _odt(content: bytes) -> bool:
    # OpenDocument 1.3 part 2, 3.3: the first entry is stored plain and says what the file is.
    return content[:4] == b"PK\x03\x04" and content[30:38] == b"mimetype" and content[38:].startswith(_ODT)


def _members(content: bytes) -> frozenset[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return frozenset()


KINDS: Mapping[str, Callable[[bytes], bool]] = MappingProxyType(
    {
        "pdf": _starts(b"%PDF-"),
        "png": _starts(b"\x89PNG\r\n\x1a\n"),
        "jpg": _starts(b"\xff\xd8\xff"),
        "jpeg": _starts(b"\xff\xd8\xff"),
        "webp": _webp,
        "txt": _text,
        "md": _text,
        "csv": _text,
        "odt": _odt,
        "docx": _docx,
        "mp3": _mp3,
        "mp4": _mp4,
    }
)
