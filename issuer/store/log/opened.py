"""The log as an academy carries it: its name, its places, its key and what a process found out about it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from issuer.store.log.files import LogFiles
from issuer.store.log.heads import HeadStore
from keys import (
    LocalSigner,
    did_key_method,
    generate_private_key,
    load_private_key,
    local_signer,
    public_key_of,
    save_private_key,
)
from schemas.tlog import Policy, PolicyLog, VerifierKey

_FILE = "log.pem"
# Sends bytes to an address before a moment of the monotonic clock; returns status and body, or raises OSError. The
# network is guarded where the app hands this in.
Post = Callable[[str, bytes, float], tuple[int, bytes]]


def no_network(_url: str, _body: bytes, _deadline: float) -> NoReturn:
    """Ask nobody: for a process that was given no way to the network."""
    raise ConnectionError("was not asked: this process was given no way to the network")


@dataclass(slots=True)
class LogKey:
    """The key that signs checkpoints and receipts, in a folder of its own; read when it is first needed.

    A process that only serves pages needs no such file. Once read, the key stays as it was until the process ends.
    """

    folder: Path
    origin: str
    passphrase: str | None = field(default=None, repr=False)
    _signer: LocalSigner | None = field(default=None, repr=False)

    def signer(self) -> LocalSigner:
        """Return the signer; raise KeyFileError when the key is not here or cannot be used."""
        if self._signer is None:
            key = load_private_key(self.folder / _FILE, passphrase=self.passphrase, kind="Ed25519")
            self._signer = local_signer(key, verification_method=did_key_method(public_key_of(key)))
        return self._signer

    def verifier_key(self) -> VerifierKey:
        """Return the public half under the log's origin; raise KeyFileError."""
        return VerifierKey(name=self.origin, public_key=self.signer().public_key)

    def exists(self) -> bool:
        """Say whether there is a key file."""
        return (self.folder / _FILE).exists()

    def make(self) -> None:
        """Make the key, unless there is one."""
        if not self.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            save_private_key(self.folder / _FILE, generate_private_key("Ed25519"), passphrase=self.passphrase)


@dataclass(slots=True)
class LogWatch:
    """What this process found out about its log, so that health can tell: shared between its threads."""

    rows_checked: bool = False  # every leaf has its row, and the newest rows are whole
    started: bool = False  # the newest files were looked at, too, and made whole
    trouble: str | None = None  # why the last flush ended early; None when it did not
    audited: str | None = None  # what the look at all rows found; None when nothing is wrong, or it is not over
    audited_size: int = 0  # how many leaves were looked at
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcademyLog:
    """One log: its origin, its address, its places, its key, and the policy that names its witnesses."""

    origin: str
    url: str
    files: LogFiles
    heads: HeadStore
    key: LogKey
    written_policy: Policy | None = None  # from LOG_POLICY
    post: Post = field(default=no_network, repr=False, compare=False)  # how witnesses are asked
    watch: LogWatch = field(default_factory=LogWatch, repr=False, compare=False)

    def policy(self, vkey: VerifierKey) -> Policy:
        """Return the policy that is published: the log itself, its witnesses, its quorum."""
        own = PolicyLog(key=vkey, url=self.url)
        written = self.written_policy or Policy()
        others = tuple(log for log in written.logs if log.key.public_key != vkey.public_key)
        return Policy(
            logs=(own, *others), witnesses=written.witnesses, groups=written.groups, quorum=written.quorum
        )


def open_log(
    *,
    base_url: str,
    files: Path,
    keys: Path,
    heads: Path,
    passphrase: str | None,
    policy: Policy | None,
    post: Post = no_network,
) -> AcademyLog:
    """Return the log of an academy. Nothing is read or made: a log begins only by a command."""
    origin = f"{base_url.partition('://')[2]}/log"
    return AcademyLog(
        origin=origin,
        url=f"{base_url}/log",
        files=LogFiles(files),
        heads=HeadStore(heads),
        key=LogKey(folder=keys, origin=origin, passphrase=passphrase),
        written_policy=policy,
        post=post,
    )
