"""The Academy's own keys, in a folder outside the database: who holds only the database can sign nothing.

journal.key   the secret that seals the journal
record.pem    signs the roots of decision records
issuer-*.pem  sign badges (Ed25519 for Data Integrity; RSA for VC-JWT where the Academy is a did:web)
issuer.json   which of them there are, since when, until when
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from keys import (
    KeyFileError,
    KeyRecord,
    LocalSigner,
    PrivateKey,
    PublicKey,
    Signer,
    did_key,
    did_key_method,
    did_web,
    fragment_for,
    generate_private_key,
    load_private_key,
    load_secret,
    local_signer,
    public_key_of,
    save_private_key,
    save_secret,
)
from keys.public import Kind

_LIST = "issuer.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The keys in use, and the history of those that signed badges. `did` is the Academy's identifier."""

    did: str
    journal_key: bytes = field(repr=False)
    record: Signer
    issuer: Signer
    jwt: Signer
    history: tuple[KeyRecord, ...]


def open_keyring(folder: Path, *, base_url: str, passphrase: str | None, now: datetime) -> Keyring:
    """Return the keys in a folder, made there at the first start. Raises KeyFileError."""
    if not (folder / _LIST).exists():
        _refuse_lost_list(folder)
        _create(folder, base_url=base_url, passphrase=passphrase, now=now)
    entries = _read_list(folder)
    did = _did(folder, entries, base_url=base_url, passphrase=passphrase)
    history = tuple(_record(entry, folder=folder, did=did, passphrase=passphrase) for entry in entries)
    record_key = load_private_key(folder / "record.pem", passphrase=passphrase, kind="Ed25519")
    issuer = _newest(entries, "Ed25519", folder=folder, did=did, passphrase=passphrase)
    has_rsa = any(entry["kind"] == "RSA" for entry in entries)
    return Keyring(
        did=did,
        journal_key=load_secret(folder / "journal.key"),
        record=local_signer(record_key, verification_method=did_key_method(public_key_of(record_key))),
        issuer=issuer,
        jwt=_newest(entries, "RSA", folder=folder, did=did, passphrase=passphrase) if has_rsa else issuer,
        history=history,
    )


def rotate_keys(folder: Path, *, base_url: str, passphrase: str | None, now: datetime) -> None:
    """Make new issuer keys and retire those in use; what they signed in time still checks.

    Raises KeyFileError where the Academy is a did:key, whose one key is its name.
    """
    entries = _read_list(folder)
    if not base_url.startswith("https://"):
        raise KeyFileError("an Academy without an https address is a did:key; its one key cannot be changed")
    retired = [entry | ({} if entry["retired"] else {"retired": now.isoformat()}) for entry in entries]
    fresh = [_new_key(folder, kind, passphrase=passphrase, now=now) for kind in _kinds(base_url)]
    _write_list(folder, [*retired, *fresh])


def _refuse_lost_list(folder: Path) -> None:
    """Never put new keys in the place of those whose list was lost: the badges out there are signed with them."""
    if any(folder.glob("issuer-*.pem")):
        raise KeyFileError(
            f"{folder / _LIST} is missing, though there are keys beside it. Put it back from a backup; only where"
            " no badge was ever signed, remove the issuer-*.pem files and start again"
        )


def _create(folder: Path, *, base_url: str, passphrase: str | None, now: datetime) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / "journal.key").exists():
        save_secret(folder / "journal.key", secrets.token_bytes(32))
    if not (folder / "record.pem").exists():
        save_private_key(folder / "record.pem", generate_private_key("Ed25519"), passphrase=passphrase)
    _write_list(folder, [_new_key(folder, kind, passphrase=passphrase, now=now) for kind in _kinds(base_url)])


def _kinds(base_url: str) -> Sequence[Kind]:
    return ("Ed25519", "RSA") if base_url.startswith("https://") else ("Ed25519",)


def _new_key(folder: Path, kind: Kind, *, passphrase: str | None, now: datetime) -> dict[str, Any]:
    key = generate_private_key(kind)
    name = f"issuer-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}.pem"
    save_private_key(folder / name, key, passphrase=passphrase)
    return {"file": name, "kind": kind, "added": now.isoformat(), "retired": None, "compromised": None}


def _did(folder: Path, entries: Sequence[dict[str, Any]], *, base_url: str, passphrase: str | None) -> str:
    if base_url.startswith("https://"):
        return did_web(base_url)
    return did_key(public_key_of(_load(entries[0], folder=folder, passphrase=passphrase)))


def _load(entry: dict[str, Any], *, folder: Path, passphrase: str | None) -> PrivateKey:
    return load_private_key(folder / entry["file"], passphrase=passphrase, kind=entry["kind"])


def _method(did: str, key: PublicKey) -> str:
    return f"{did}#{fragment_for(key)}"


def _newest(
    entries: Sequence[dict[str, Any]], kind: Kind, *, folder: Path, did: str, passphrase: str | None
) -> LocalSigner:
    entry = next((e for e in reversed(entries) if e["kind"] == kind and not e["retired"]), None)
    if entry is None:
        raise KeyFileError(f"{folder / _LIST} names no key of kind {kind} that is in use")
    key = _load(entry, folder=folder, passphrase=passphrase)
    return local_signer(key, verification_method=_method(did, public_key_of(key)))


def _record(entry: dict[str, Any], *, folder: Path, did: str, passphrase: str | None) -> KeyRecord:
    public_key = public_key_of(_load(entry, folder=folder, passphrase=passphrase))
    times = {
        name: datetime.fromisoformat(entry[name]) if entry[name] else None for name in ("retired", "compromised")
    }
    return KeyRecord(
        id=_method(did, public_key), public_key=public_key, added=datetime.fromisoformat(entry["added"]), **times
    )


def _read_list(folder: Path) -> list[dict[str, Any]]:
    try:
        entries = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        if not entries:
            raise KeyFileError(f"{folder / _LIST} names no keys")
        for entry in entries:
            _check_entry(entry)
    except OSError as error:
        raise KeyFileError(f"{folder / _LIST} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise KeyFileError(f"{folder / _LIST} is damaged") from error
    else:
        return list(entries)


def _check_entry(entry: Any) -> None:
    """Raise KeyError, TypeError or ValueError for an entry that this module did not write."""
    if Path(entry["file"]).name != entry["file"] or entry["kind"] not in get_args(Kind):
        raise ValueError(entry)
    for name in ("added", "retired", "compromised"):
        if name == "added" or entry[name] is not None:
            datetime.fromisoformat(entry[name])


def _write_list(folder: Path, entries: Sequence[dict[str, Any]]) -> None:
    temporary = folder / f".{_LIST}.{secrets.token_hex(4)}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(entries, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / _LIST)
