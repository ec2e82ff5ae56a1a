"""The head store: the newest tree head that was ever signed, in a small folder that no backup restores.

A database that comes back from yesterday does not know what was signed since; this folder does. One lock file
makes compare-and-swap one step for all processes of this machine.

head        the newest signed checkpoint, without cosignatures
witnessed   the newest checkpoint that met the quorum, with its cosignatures
witnesses   what each witness said last (JSON)
beginning   the first leaf of a log that is about to begin; gone once its head is signed
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from issuer.errors import LogRefusedError
from issuer.store.log.files import make_folders, sync_folders, write_whole
from schemas.tlog import SignedCheckpoint, TlogError, format_note, parse_signed_checkpoint

_HEAD, _WITNESSED, _WITNESSES, _LOCK, _EVIDENCE = "head", "witnessed", "witnesses", "lock", "evidence"
_BEGINNING = "beginning"
_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessWord:
    """What a witness said last: when, in a word, and the newest size that it is known to have confirmed.

    `answer`: cosigned | behind | ahead | contradicts | unreachable | refused | unreadable.
    """

    at: datetime
    answer: str
    sentence: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class HeadStore:
    """The folder of the newest signed head."""

    folder: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold off every other process, and every other thread, that writes what is signed and published."""
        for made in [*make_folders(self.folder)]:
            sync_folders([made])
        descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)  # which gives the lock back

    def head(self) -> SignedCheckpoint | None:
        """Return the newest signed head; raise LogRefusedError when the file cannot be read as one."""
        return self._note(_HEAD)

    def swap(self, *, old: SignedCheckpoint | None, new: SignedCheckpoint) -> None:
        """Put a new head in the place of the one that was looked at. Call it with the lock held.

        Raises LogRefusedError when another head is there, or the new one is not larger.
        """
        found = self.head()
        if found != old:
            raise LogRefusedError("another head was stored meanwhile; look at how the log stands and try again.")
        if found is not None and new.checkpoint.size <= found.checkpoint.size:
            raise LogRefusedError(
                f"a head of {new.checkpoint.size} leaves cannot follow one of {found.checkpoint.size}."
            )
        self._write(_HEAD, format_note(new.note))

    def put_head(self, head: SignedCheckpoint) -> None:
        """Store a head whatever was there: for adopting a published log by command only."""
        self._write(_HEAD, format_note(head.note))

    def begin(self, genesis: bytes) -> bytes:
        """Keep the first leaf of a log that is about to begin, unless one is kept; return the one that is."""
        path = self.folder / _BEGINNING
        if not path.exists():
            self._write(_BEGINNING, genesis)
        return path.read_bytes()

    def is_beginning(self) -> bool:
        """Say whether a log is about to begin and has no signed head yet."""
        return (self.folder / _BEGINNING).exists()

    def end_beginning(self) -> None:
        """A head is signed: from here on, a missing head is a lost one."""
        if self.is_beginning():
            (self.folder / _BEGINNING).unlink()
            sync_folders([self.folder])

    def witnessed(self) -> SignedCheckpoint | None:
        """Return the newest checkpoint that met the quorum, with its cosignatures."""
        return self._note(_WITNESSED)

    def put_witnessed(self, checkpoint: SignedCheckpoint) -> None:
        """Store a checkpoint that met the quorum."""
        self._write(_WITNESSED, format_note(checkpoint.note))

    def words(self) -> Mapping[str, WitnessWord]:
        """Return what each witness said last, by its name in the policy. What cannot be read is as if unsaid."""
        try:
            data: dict[str, dict[str, Any]] = json.loads((self.folder / _WITNESSES).read_text(encoding="utf-8"))
            return {
                name: WitnessWord(**{**word, "at": datetime.fromisoformat(word["at"])})
                for name, word in data.items()
            }
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def put_words(self, words: Mapping[str, WitnessWord]) -> None:
        """Store what witnesses said last. Call it with the lock held."""
        data = {name: asdict(word) | {"at": word.at.isoformat()} for name, word in words.items()}
        self._write(_WITNESSES, json.dumps(data, indent=2, sort_keys=True).encode("ascii"))

    def keep_evidence(self, name: str, data: bytes) -> None:
        """Keep what shows that somebody contradicted somebody; a file that is there already stays."""
        for made in make_folders(self.folder / _EVIDENCE):
            sync_folders([made])
        if not (self.folder / _EVIDENCE / name).exists():
            self._write(f"{_EVIDENCE}/{name}", data)

    def clear_workshop(self) -> None:
        """Throw away what was being written when somebody was stopped. Call it with the lock held."""
        for path in self.folder.glob(".*.*"):
            path.unlink(missing_ok=True)

    def _note(self, name: str) -> SignedCheckpoint | None:
        path = self.folder / name
        try:
            return parse_signed_checkpoint(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except TlogError as error:
            raise LogRefusedError(
                f"{path} is damaged: {error.message}. `academy log adopt` makes it anew from what was published."
            ) from error

    def _write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        if path.exists() and path.read_bytes() == data:
            return
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        write_whole(path, data, temporary=temporary, mode=_MODE)
        sync_folders([path.parent])
