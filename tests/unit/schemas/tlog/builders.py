"""A small log that is valid as it comes, with keys from fixed seeds; a test changes one thing."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys import LocalSigner, PublicKey, local_signer
from schemas.tlog import (
    COSIGNATURE_V1,
    ED25519,
    EMPTY_EDGE,
    Checkpoint,
    Group,
    Note,
    Policy,
    PolicyLog,
    PolicyWitness,
    SignedCheckpoint,
    TileID,
    TlogProof,
    VerifierKey,
    append_leaves,
    build_inclusion_proof,
    cosign_note,
    entry_hash,
    format_checkpoint,
    sign_note,
)

VECTORS = Path(__file__).parents[3] / "vectors" / "c2sp"
ORIGIN = "academy.example/log"
NOW = 1_772_442_000
P256 = PublicKey(
    kind="P-256", raw=bytes.fromhex("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
)


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def from_base64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def signer(seed: int) -> LocalSigner:
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return local_signer(key, verification_method="did:example:log#key")


def log_key(seed: int = 1, *, name: str = ORIGIN) -> VerifierKey:
    return VerifierKey(name=name, public_key=signer(seed).public_key, signature_type=ED25519)


def witness_key(seed: int) -> VerifierKey:
    return VerifierKey(
        name=f"witness{seed}.example", public_key=signer(seed).public_key, signature_type=COSIGNATURE_V1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallLog:
    """Entries with their tiles and root."""

    entries: tuple[bytes, ...]
    tiles: dict[TileID, bytes]
    root: bytes

    def read(self, tile: TileID) -> bytes:
        return self.tiles[tile]

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(origin=ORIGIN, size=len(self.entries), root=self.root)


def a_log(size: int) -> SmallLog:
    entries = tuple(b"entry %d" % number for number in range(size))
    made = append_leaves(EMPTY_EDGE, [entry_hash(entry) for entry in entries])
    return SmallLog(entries=entries, tiles=dict(made.tiles), root=made.root)


def signed(
    checkpoint: Checkpoint, *, log: int = 1, witnesses: Sequence[int] = (), at: int = NOW
) -> SignedCheckpoint:
    """A checkpoint signed by the log of one seed and cosigned by witnesses, one second after the other."""
    text = format_checkpoint(checkpoint)
    lines = [sign_note(text, key=log_key(log, name=checkpoint.origin), signer=signer(log))]
    lines += [
        cosign_note(text, key=witness_key(seed), signer=signer(seed), timestamp=at + delay)
        for delay, seed in enumerate(witnesses)
    ]
    return SignedCheckpoint(checkpoint=checkpoint, note=Note(text=text, signatures=tuple(lines)))


def a_proof(
    size: int = 1000, index: int = 700, *, witnesses: Sequence[int] = (2, 3), extra: bool = True
) -> TlogProof:
    log = a_log(size)
    return TlogProof(
        index=index,
        proof=build_inclusion_proof(index, size, read=log.read),
        checkpoint=signed(log.checkpoint, witnesses=witnesses),
        extra=log.entries[index] if extra else None,
    )


def a_policy(threshold: int = 2) -> Policy:
    """Two of the witnesses 2, 3 and 4."""
    names = ("superpod", "ally", "host")
    return Policy(
        logs=(PolicyLog(key=log_key(), url="https://academy.example/log"),),
        witnesses=tuple(PolicyWitness(name=name, key=witness_key(seed)) for seed, name in enumerate(names, 2)),
        groups=(Group(name="independent", threshold=threshold, members=names),),
        quorum="independent",
    )
