"""Receipts: the log's signed promise to whoever answered, that the answer will be logged within a minute.

{"receipt": {"statement": digest, "event": {..}, "salt": base64url, "at": time, "log": origin},
 "signature": multibase}
The signature is the log key's, over "sociocracy-academy/receipt/v1", a line feed, and the JCS bytes of `receipt`;
`event` and `salt` open the commitment of the leaf. A receipt without a leaf shows that an answer was withheld.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from keys import KeysError, decode_multibase, verify_signature
from schemas import DocumentError, canonicalize_json, parse_date_time
from schemas.tlog import DecisionEvent, VerifierKey, commit
from schemas.tlog.leaf_values import read_digest
from verifier.log.changes import PROMISED
from verifier.log.findings import Findings
from verifier.log.given import read_list, read_salt
from verifier.log.heads import Head
from verifier.log.story import Place

PREFIX = b"sociocracy-academy/receipt/v1\n"
_MEMBERS = frozenset({"statement", "event", "salt", "at", "log"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One receipt, its number in the file, and the commitment that its leaf must hold. Nothing is verified."""

    number: int
    log: str
    at: datetime
    commitment: str
    message: bytes
    signature: bytes

    def is_signed(self, keys: Sequence[VerifierKey]) -> bool:
        """Say whether the log that it names signed it."""
        for key in keys:
            if key.name != self.log:
                continue
            try:
                verify_signature(public_key=key.public_key, message=self.message, signature=self.signature)
            except KeysError:
                continue
            return True
        return False


@dataclass(slots=True)
class Receipts:
    """Receipts of one file, and which of their leaves were met."""

    receipts: tuple[Receipt, ...] = ()
    _met: set[str] = field(default_factory=set)
    _wanted: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._wanted = frozenset(receipt.commitment for receipt in self.receipts)

    def look(self, place: Place) -> None:
        """Compare a leaf with the receipts."""
        if isinstance(place.leaf, DecisionEvent) and place.leaf.c in self._wanted:
            self._met.add(place.leaf.c)

    def finish(self, head: Head, *, keys: Sequence[VerifierKey], last_at: str, findings: Findings) -> None:
        """Say which receipts have no leaf although the log went on for longer than it promised."""
        times = [datetime.fromtimestamp(time, UTC) for time in head.times.values()]
        until = max([*times, *([parse_date_time(last_at)] if last_at else [])], default=None)
        for receipt in self.receipts:
            if not receipt.is_signed(keys):
                sentence = f"Receipt {receipt.number} of the file is not signed by this log, and shows nothing."
                findings.add("RECEIPT_NOT_SIGNED", sentence, level="unread")
            elif receipt.commitment in self._met:
                continue
            elif until is not None and receipt.at + PROMISED <= until:
                sentence = (
                    f"Receipt {receipt.number} of the file promises a leaf within {PROMISED.seconds} seconds, and "
                    "the log went on without it: an answer is withheld."
                )
                findings.add("RECEIPT_WITHOUT_LEAF", sentence)
            else:
                sentence = f"The leaf of receipt {receipt.number} of the file is not due yet in this checkpoint."
                findings.add("RECEIPT_NOT_DUE", sentence, level="note")


def read_receipts(data: bytes) -> tuple[Receipt, ...]:
    """Return the receipts that a file holds; raise DocumentError."""
    return tuple(_read(item, number) for number, item in enumerate(read_list(data, what="receipts"), 1))


def _read(item: Mapping[str, Any], number: int) -> Receipt:
    receipt, signature = item.get("receipt"), item.get("signature")
    if not isinstance(receipt, Mapping) or receipt.keys() != _MEMBERS or item.keys() != {"receipt", "signature"}:
        raise DocumentError(f"receipt {number} has not the members that receipts have")
    if not isinstance(receipt["log"], str) or not isinstance(signature, str):
        raise DocumentError(f"receipt {number} names no log, or is not signed")
    read_digest(receipt["statement"], f"/{number - 1}/receipt/statement")
    salt = read_salt(receipt["salt"], pointer=f"/{number - 1}/receipt/salt")
    try:
        signed = decode_multibase(signature)
    except KeysError as error:
        raise DocumentError(f"the signature of receipt {number} is not multibase text") from error
    return Receipt(
        number=number,
        log=receipt["log"],
        at=parse_date_time(receipt["at"]),
        commitment=commit(receipt["event"], salt=salt),
        message=PREFIX + canonicalize_json(receipt),
        signature=signed,
    )
