"""Key files: for their owner only, whole or not at all, and no key material in any message."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from keys import (
    KeyFileError,
    generate_private_key,
    load_private_key,
    load_secret,
    public_key_of,
    save_private_key,
    save_secret,
)
from keys.public import Kind
from keys.signer import PrivateKey

PASSPHRASE = "läuft auf allen Vieren"


@pytest.fixture
def key() -> PrivateKey:
    return generate_private_key("Ed25519")


def _pem(private: ed448.Ed448PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _private_file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "RSA"])
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_saved_key_is_loaded_again(tmp_path: Path, kind: Kind, passphrase: str | None) -> None:
    private = generate_private_key(kind)
    path = tmp_path / "issuer.pem"
    save_private_key(path, private, passphrase=passphrase)
    again = load_private_key(path, passphrase=passphrase, kind=kind)
    assert public_key_of(again) == public_key_of(private)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_key_file_is_for_its_owner_only(tmp_path: Path, key: PrivateKey, mask: int) -> None:
    before = os.umask(mask)
    try:
        save_private_key(tmp_path / "issuer.pem", key)
        save_secret(tmp_path / "journal.key", bytes(32))
    finally:
        os.umask(before)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_a_passphrase_encrypts_the_file(tmp_path: Path, key: PrivateKey) -> None:
    save_private_key(tmp_path / "open.pem", key)
    save_private_key(tmp_path / "closed.pem", key, passphrase=PASSPHRASE)
    assert b"BEGIN PRIVATE KEY" in (tmp_path / "open.pem").read_bytes()
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / "closed.pem").read_bytes()


def test_a_key_is_never_written_over_another_and_nothing_is_left_behind(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "issuer.pem"
    save_private_key(path, key)
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="is there already; a key is never overwritten") as caught:
        save_private_key(path, generate_private_key("Ed25519"))
    assert caught.value.code == "KEY_FILE_ERROR"
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, key: PrivateKey) -> None:
    with pytest.raises(KeyFileError, match=r"nowhere/issuer.pem cannot be written: No such file or directory"):
        save_private_key(tmp_path / "nowhere" / "issuer.pem", key)


def test_a_missing_or_empty_or_enormous_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    with pytest.raises(KeyFileError, match="is missing"):
        load_private_key(path)
    _private_file(path, b"")
    with pytest.raises(KeyFileError, match="is empty"):
        load_private_key(path)
    _private_file(path, b"-" * 65_537)
    with pytest.raises(KeyFileError, match="is too long to be a key"):
        load_private_key(path)


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read: Is a directory"):
        load_private_key(tmp_path)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o606, 0o610])
def test_a_file_that_others_can_get_at_is_refused_with_what_to_do(
    tmp_path: Path, key: PrivateKey, mode: int
) -> None:
    path = tmp_path / "issuer.pem"
    save_private_key(path, key)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=f"run: chmod 600 {path}"):
        load_private_key(path)


def test_each_trouble_with_a_passphrase_has_its_own_sentence(tmp_path: Path, key: PrivateKey) -> None:
    save_private_key(tmp_path / "open.pem", key)
    save_private_key(tmp_path / "closed.pem", key, passphrase=PASSPHRASE)
    with pytest.raises(KeyFileError, match=r"closed.pem is encrypted and needs its passphrase"):
        load_private_key(tmp_path / "closed.pem")
    with pytest.raises(KeyFileError, match=r"closed.pem is damaged, or its passphrase is wrong"):
        load_private_key(tmp_path / "closed.pem", passphrase="guess")
    with pytest.raises(KeyFileError, match=r"open.pem is not encrypted; drop the passphrase"):
        load_private_key(tmp_path / "open.pem", passphrase=PASSPHRASE)


def test_a_damaged_file_is_refused_without_its_contents(tmp_path: Path, key: PrivateKey) -> None:
    path = tmp_path / "issuer.pem"
    save_private_key(path, key)
    lines = path.read_text().splitlines()
    _private_file(path, "\n".join([lines[0], lines[1][5:], lines[2]]).encode())
    with pytest.raises(KeyFileError, match=r"issuer.pem is damaged, or holds no private key") as caught:
        load_private_key(path)
    assert lines[1][5:] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_public_key_is_no_private_key(tmp_path: Path, key: PrivateKey) -> None:
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(KeyFileError, match="holds no private key"):
        load_private_key(_private_file(tmp_path / "public.pem", pem))


def test_a_key_of_a_kind_that_we_do_not_have_is_refused(tmp_path: Path) -> None:
    path = _private_file(tmp_path / "ed448.pem", _pem(ed448.Ed448PrivateKey.generate()))
    with pytest.raises(KeyFileError, match="holds a kind of key that we do not have"):
        load_private_key(path)
    path = _private_file(tmp_path / "k1.pem", _pem(ec.generate_private_key(ec.SECP256K1())))
    with pytest.raises(KeyFileError, match=r"k1.pem cannot be used: keys on the curve secp256k1"):
        load_private_key(path)
    path = _private_file(
        tmp_path / "rsa.pem", _pem(rsa.generate_private_key(public_exponent=65_537, key_size=1024))
    )
    with pytest.raises(KeyFileError, match=r"rsa.pem cannot be used: an RSA key has 2048 to 8192 bits"):
        load_private_key(path)


def test_a_key_of_another_kind_than_asked_for_is_refused(tmp_path: Path, key: PrivateKey) -> None:
    save_private_key(tmp_path / "issuer.pem", key)
    with pytest.raises(KeyFileError, match="holds a key of kind Ed25519; expected one of kind P-256"):
        load_private_key(tmp_path / "issuer.pem", kind="P-256")


def test_a_saved_secret_is_loaded_again(tmp_path: Path) -> None:
    secret = bytes(range(32))
    save_secret(tmp_path / "journal.key", secret)
    assert load_secret(tmp_path / "journal.key") == secret
    assert (tmp_path / "journal.key").read_text() == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"


def test_a_secret_has_32_bytes(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="a secret has 32 bytes"):
        save_secret(tmp_path / "journal.key", bytes(31))
    path = _private_file(tmp_path / "short.key", b"AAAA\n")
    with pytest.raises(KeyFileError, match="does not hold 32 bytes"):
        load_secret(path)


@pytest.mark.parametrize("data", [b"c2VjcmV0!", b"c2Vj=", "сек".encode()])
def test_a_damaged_secret_is_refused_without_its_contents(tmp_path: Path, data: bytes) -> None:
    path = _private_file(tmp_path / "journal.key", data)
    with pytest.raises(KeyFileError, match=r"journal.key is damaged") as caught:
        load_secret(path)
    assert caught.value.__cause__ is None
    assert "c2Vj" not in str(caught.value)


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    save_secret(tmp_path / "journal.key", bytes(32))
    (tmp_path / "journal.key").chmod(0o644)
    with pytest.raises(KeyFileError, match="others may read the key file"):
        load_secret(tmp_path / "journal.key")
