"""Private keys and secrets in files: mode 0600, whole or not at all, encrypted when a passphrase is set."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from keys.errors import InvalidKeyError, KeyFileError
from keys.multibase import decode_base64url, encode_base64url
from keys.public import Kind
from keys.signer import PrivateKey, public_key_of

MODE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MAX_BYTES = 64 * 1024
SECRET_BYTES = 32


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, complete or not at all; never over another file.

    Raises KeyFileError when the file exists or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, path)  # unlike a rename, this fails where a key already is
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise KeyFileError(f"{path} is there already; a key is never overwritten") from error
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_private(path: Path) -> bytes:
    """Return a file's bytes if only its owner may read it; raise KeyFileError with what to do otherwise."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise KeyFileError(f"the key file {path} is missing") from error
    except OSError as error:
        raise KeyFileError(f"the key file {path} cannot be read: {error.strerror}") from error
    if mode & _OTHERS:
        raise KeyFileError(f"others may read the key file {path}; run: chmod 600 {path}")
    if not data:
        raise KeyFileError(f"the key file {path} is empty")
    if len(data) > _MAX_BYTES:
        raise KeyFileError(f"the key file {path} is too long to be a key")
    return data


def save_private_key(path: Path, key: PrivateKey, *, passphrase: str | None = None) -> None:
    """Write a private key as PKCS#8 PEM, encrypted when there is a passphrase."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode("utf-8"))
    write_private(
        path, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    )


def load_private_key(path: Path, *, passphrase: str | None = None, kind: Kind | None = None) -> PrivateKey:
    """Return the private key in a PKCS#8 PEM file, which must be of that kind when one is given.

    Raises KeyFileError, never with key material in it.
    """
    data = read_private(path)
    try:
        key = serialization.load_pem_private_key(data, passphrase.encode("utf-8") if passphrase else None)
    except TypeError:
        need = "is not encrypted; drop the passphrase" if passphrase else "is encrypted and needs its passphrase"
        raise KeyFileError(f"the key file {path} {need}") from None
    except (ValueError, UnsupportedAlgorithm):
        reason = "is damaged, or its passphrase is wrong" if passphrase else "is damaged, or holds no private key"
        raise KeyFileError(f"the key file {path} {reason}") from None
    if not isinstance(key, PrivateKey):
        raise KeyFileError(f"the key file {path} holds a kind of key that we do not have")
    try:
        found = public_key_of(key).kind
    except InvalidKeyError as error:
        raise KeyFileError(f"the key in the file {path} cannot be used: {error}") from error
    if kind is not None and found != kind:
        raise KeyFileError(f"the key file {path} holds a key of kind {found}; expected one of kind {kind}")
    return key


def save_secret(path: Path, secret: bytes) -> None:
    """Write a 32-byte secret as one line of base64url."""
    if len(secret) != SECRET_BYTES:
        raise KeyFileError(f"a secret has {SECRET_BYTES} bytes")
    write_private(path, encode_base64url(secret).encode("ascii") + b"\n")


def load_secret(path: Path) -> bytes:
    """Return a 32-byte secret from its file."""
    try:
        secret = decode_base64url(read_private(path).decode("ascii").strip())
    except (UnicodeDecodeError, InvalidKeyError):
        raise KeyFileError(f"the key file {path} is damaged") from None
    if len(secret) != SECRET_BYTES:
        raise KeyFileError(f"the key file {path} does not hold {SECRET_BYTES} bytes")
    return secret
