"""What people say in a decision beside their consent to a badge: signed JSON, one kind never taken for another.

A statement is RFC 8785 JSON, signed with Ed25519 over "sociocracy-academy/<type>/v1", a line feed, and its bytes
(TRANSPARENCY.md, section 1, step 2). It travels with its key and signature, in an envelope; texts stay outside,
as salted digests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from keys import (
    KeysError,
    Signer,
    decode_multibase,
    did_key,
    encode_multibase,
    parse_did_key,
    verify_signature,
)
from schemas.dates import format_date_time, parse_date_time
from schemas.decision.consent import multihash
from schemas.errors import DocumentError, MalformedValueError
from schemas.jcs import canonicalize_json
from schemas.tlog.errors import LeafError
from schemas.tlog.leaf_values import read_commitment, read_digest

STATEMENT_TYPES = ("consent", "not-yet", "objection", "concern", "about-me", "accept", "confirm")
_ENVELOPE = frozenset({"statement", "key", "signature"})
_NEEDED = frozenset({"type", "decision", "version", "round", "digest", "at"})
_DECISION = re.compile(r"https?://[^/\s]{1,255}/decisions/[a-z2-7]{26}")
_MAX_NUMBER = 10_000


class StatementError(DocumentError):
    """A signed statement is not in its one form, or not signed by the key that it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody said: about which version in which round, over which digest, and when (UTC, whole seconds)."""

    type: str
    decision: str
    version: int
    round: int
    digest: str
    at: str
    text: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the statement as it is signed."""
        value: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        if self.text is None:
            del value["text"]
        return value

    def message(self) -> bytes:
        """Return the bytes that are signed."""
        return f"sociocracy-academy/{self.type}/v1\n".encode("ascii") + canonicalize_json(self.to_json())


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatement:
    """A statement whose signature holds; `key` is a did:key."""

    statement: Statement
    key: str
    digest: str


def sign_statement(statement: Statement, *, signer: Signer) -> dict[str, Any]:
    """Return the envelope of a statement signed with an Ed25519 key."""
    return {
        "statement": statement.to_json(),
        "key": did_key(signer.public_key),
        "signature": encode_multibase(signer.sign(statement.message())),
    }


def read_signed_statement(envelope: object) -> SignedStatement:
    """Return what an envelope says when its signature holds; raise StatementError."""
    if not isinstance(envelope, Mapping) or envelope.keys() != _ENVELOPE:
        _refuse("A signed statement has the members statement, key and signature, and no others")
    key = envelope["key"]
    try:
        statement = _read(envelope["statement"])
        public_key = parse_did_key(key) if isinstance(key, str) else None
        if public_key is None or public_key.kind != "Ed25519":
            _refuse("the key of a statement is the did:key of an Ed25519 key")
        signature = envelope["signature"]
        if not isinstance(signature, str) or not signature.startswith("z"):
            _refuse("the signature of a statement is multibase text that begins with z")
        verify_signature(public_key=public_key, message=statement.message(), signature=decode_multibase(signature))
    except KeysError as error:
        raise StatementError(f"the statement is not signed by the key that it names: {error}") from error
    return SignedStatement(statement=statement, key=key, digest=statement_digest(envelope))


def statement_digest(document: Mapping[str, Any]) -> str:
    """Return the digest by which leaves and receipts name an envelope, or an answer with its proof."""
    return multihash(canonicalize_json(document))


def _read(value: object) -> Statement:
    if not isinstance(value, Mapping) or value.keys() - {"text"} != _NEEDED:
        _refuse("A statement has the members type, decision, version, round, digest, at, and perhaps text")
    kind, decision = value["type"], value["decision"]
    if kind not in STATEMENT_TYPES:
        _refuse(f"there is no statement of type {kind!r:.40}")
    if not isinstance(decision, str) or not _DECISION.fullmatch(decision):
        _refuse("a statement names its decision by its address")
    for name in ("version", "round"):
        if type(value[name]) is not int or not 0 <= value[name] <= _MAX_NUMBER:
            _refuse(f"the {name} of a statement is a whole number")
    try:
        digest = read_digest(value["digest"], "/digest")
        text = read_commitment(value["text"], "/text") if "text" in value else None
        at = parse_date_time(value["at"])
    except (LeafError, MalformedValueError) as error:
        raise StatementError(error.message, pointer=error.pointer) from error
    if format_date_time(at) != value["at"]:
        _refuse(f"the time of a statement is written {format_date_time(at)}")
    return Statement(
        type=str(kind),
        decision=decision,
        version=value["version"],
        round=value["round"],
        digest=digest,
        at=value["at"],
        text=text,
    )


def _refuse(sentence: str) -> NoReturn:
    raise StatementError(sentence)
