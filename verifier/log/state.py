"""The files that an audit leaves behind: the last head, evidence, status lists for a later comparison."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from schemas.tlog import MAX_NOTE_BYTES, digest_text
from verifier.log.source import MAX_BUNDLE_BYTES

MAX_LISTS = 256


def read_file(path: Path, *, max_bytes: int) -> bytes:
    """Return a file's bytes; raise OSError, also for one that is too large."""
    with path.open("rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(0, f"it is larger than {max_bytes:,} bytes")
    return data


def read_state(path: Path) -> bytes | None:
    """Return the note of the last head, None where there is none yet; raise OSError."""
    return read_file(path, max_bytes=MAX_NOTE_BYTES) if path.exists() else None


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raise OSError."""
    handle, name = tempfile.mkstemp(prefix=".academy-log-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def evidence_file(state: Path | None, data: bytes) -> Path:
    """Return where evidence goes: beside the state, else here; its name is its content's, so none is lost."""
    name = f"split-view-{hashlib.sha256(data).hexdigest()[:16]}.txt"
    return (state.parent if state else Path()) / name


def read_lists(folder: Path | None) -> tuple[bytes, ...]:
    """Return the status lists that earlier audits kept in a folder; raise OSError."""
    if folder is None or not folder.is_dir():
        return ()
    files = sorted(folder.glob("*.json"))[:MAX_LISTS]
    return tuple(read_file(file, max_bytes=MAX_BUNDLE_BYTES) for file in files)


def keep_lists(folder: Path, lists: list[bytes]) -> None:
    """Keep status lists, each named by its digest; those of which the log knows later ones stay; raise OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in lists:
        write_file(folder / f"{digest_text(hashlib.sha256(data).digest())}.json", data)
