"""The leaves of the Academy's log: a dataclass for each type, and nothing that is not in it (TRANSPARENCY.md, 3).

A leaf is RFC 8785 JSON of at most 16 KiB. It holds digests, commitments, keys, counts and times; no name, no free
text, no address of a case.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from keys import encode_multibase
from schemas.errors import DocumentError
from schemas.jcs import canonicalize_json
from schemas.strict_json import parse_json
from schemas.tlog.errors import LIMIT, LeafError, UnknownLeafTypeError
from schemas.tlog.leaf_members import an_object, holds, may_hold, read_members, write_members
from schemas.tlog.leaf_values import (
    count_from,
    one_of,
    read_commitment,
    read_day,
    read_digest,
    read_event_id,
    read_file_name,
    read_issuer_key,
    read_log_key,
    read_moment,
    read_statement_key,
    read_version,
    sorted_list,
)

MAX_LEAF_BYTES = 16 * 1024
SALT_BYTES = 32
VERSION = 1
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What all leaves have: a random event id, and when it happened."""

    type: ClassVar[str]
    id: str = holds("id", read_event_id)
    at: str = holds("at", read_moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeys:
    """The keys with which a log begins: its own, and the issuer's."""

    log: str = holds("log", read_log_key)
    issuer: tuple[str, ...] = holds("issuer", sorted_list(read_issuer_key, minimum=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGenesis(Leaf):
    """The first leaf of a log."""

    type = "log.genesis"
    policy: str = holds("policy", read_digest)
    keys: LogKeys = holds("keys", LogKeys)  # noqa: RUF009  it makes a field, not a value


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeyChanged(Leaf):
    """The log signs with another key from here on; `former` is the vkey before."""

    type = "log.key_changed"
    key: str = holds("key", read_log_key)
    former: str = holds("former", read_log_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChanged(Leaf):
    """Another award policy holds; `decision` is the leaf hash of the decision that adopted it."""

    type = "policy.changed"
    policy: str = holds("policy", read_digest)
    decision: str = holds("decision", read_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementPublished(Leaf):
    """A badge is on offer: the digest of its exact JSON, and the leaf hash of the decision that adopted it."""

    type = "achievement.published"
    achievement: str = holds("achievement", read_digest)
    decision: str = holds("decision", read_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedFile:
    """A script that browsers get."""

    name: str = holds("name", read_file_name)
    digest: str = holds("digest", read_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppReleased(Leaf):
    """Which scripts the Academy serves from here on; outsiders compare."""

    type = "app.released"
    version: str = holds("version", read_version)
    files: tuple[ReleasedFile, ...] = holds("files", sorted_list(an_object(ReleasedFile), key=lambda f: f.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEnrolled(Leaf):
    """Somebody became a member, as a salted commitment."""

    type = "member.enrolled"
    c: str = holds("c", read_commitment)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Leaf):
    """Somebody is no member any more, as a salted commitment."""

    type = "member.left"
    c: str = holds("c", read_commitment)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeyAdded(Leaf):
    """The issuer signs with this key, too."""

    type = "issuer.key_added"
    key: str = holds("key", read_issuer_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeyRetired(Leaf):
    """The issuer signs no more with this key; what it signed stays good."""

    type = "issuer.key_retired"
    key: str = holds("key", read_issuer_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeyCompromised(Leaf):
    """Somebody else may have had this key since `since`."""

    type = "issuer.key_compromised"
    key: str = holds("key", read_issuer_key)
    since: str = holds("since", read_moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvent(Leaf):
    """Something happened in a decision; which and what, only the circle can open. The time is cut to the day."""

    type = "decision.event"
    at: str = holds("at", read_day)
    c: str = holds("c", read_commitment)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedResponse:
    """One decider's answer: the key, a commitment to who holds it, and the digest of the signed statement."""

    by: str = holds("by", read_statement_key)
    member: str = holds("member", read_commitment)
    statement: str = holds("statement", read_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRules:
    """How many deciders, and how many holders of the badge among them, the decision needed."""

    min_peers: int = holds("minPeers", count_from(1))
    min_holders: int = holds("minHolders", count_from(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """How many members of the circle did not decide, and why."""

    reason: str = holds("reason", one_of("released", "left", "set_aside"))
    n: int = holds("n", count_from(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceCounts:
    """How many deciders enrolled their key with a passkey, and how many by a link."""

    passkey: int | None = may_hold("passkey", count_from(0))
    link: int | None = may_hold("link", count_from(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionClosed(Leaf):
    """A circle consented. The outcome is no member: whoever reads recomputes it from answers and rules."""

    type = "decision.closed"
    proposal: str = holds("proposal", read_digest)
    terms: str = holds("terms", read_digest)
    deciders: tuple[str, ...] = holds("deciders", sorted_list(read_statement_key, minimum=1))
    responses: tuple[LoggedResponse, ...] = holds(
        "responses", sorted_list(an_object(LoggedResponse), key=lambda response: response.by, minimum=1)
    )
    rules: LoggedRules = holds("rules", LoggedRules)  # noqa: RUF009  it makes a field, not a value
    left_out: tuple[LeftOut, ...] = holds("leftOut", sorted_list(an_object(LeftOut), key=lambda left: left.reason))
    assurance: AssuranceCounts = holds("assurance", AssuranceCounts)  # noqa: RUF009  it makes a field, not a value
    policy: str = holds("policy", read_digest)
    record: str = holds("record", read_digest)
    closed_at: str = holds("closedAt", read_moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialIssued(DecisionClosed):
    """A badge is about to be signed: its decision, and the digest `final` of exactly what is signed."""

    type = "credential.issued"
    decision: str = holds("decision", read_digest)
    final: str = holds("final", read_digest)
    reason: str = holds("reason", one_of("first", "wallet", "key", "correction"))
    replaces: str | None = may_hold("replaces", read_digest)

    def __post_init__(self) -> None:
        if (self.reason == "first") != (self.replaces is None):
            raise LeafError("`replaces` names the copy before; only the first copy has none", pointer="/replaces")


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialStatusChanged(Leaf):
    """A bit of a status list changes, for one of three reasons; for which badge, only the parties can open."""

    type = "credential.status_changed"
    c: str = holds("c", read_commitment)
    decision: str | None = may_hold("decision", read_digest)
    request: str | None = may_hold("request", read_digest)
    replaced_by: str | None = may_hold("replacedBy", read_digest)

    def __post_init__(self) -> None:
        if sum(reason is not None for reason in (self.decision, self.request, self.replaced_by)) != 1:
            raise LeafError("a status changes by a decision, by the holder's request, or by a replacing copy")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusListPublished(Leaf):
    """A status list as it is served from here on: digests of its address and its bytes, and its set bits."""

    type = "statuslist.published"
    address: str = holds("list", read_digest)
    digest: str = holds("digest", read_digest)
    bits_set: int = holds("set", count_from(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction(Leaf):
    """Values and salts of a sealed record were erased; `root` seals which and why."""

    type = "redaction"
    root: str = holds("root", read_digest)


LEAF_TYPES: Mapping[str, type[Leaf]] = MappingProxyType(
    {
        kind.type: kind
        for kind in (
            LogGenesis,
            LogKeyChanged,
            PolicyChanged,
            AchievementPublished,
            AppReleased,
            MemberEnrolled,
            MemberLeft,
            IssuerKeyAdded,
            IssuerKeyRetired,
            IssuerKeyCompromised,
            DecisionEvent,
            DecisionClosed,
            CredentialIssued,
            CredentialStatusChanged,
            StatusListPublished,
            Redaction,
        )
    }
)


def parse_leaf(data: bytes) -> Leaf:
    """Return the leaf that these bytes are; raise LeafError, UnknownLeafTypeError for a type that is not ours."""
    if len(data) > MAX_LEAF_BYTES:
        raise LeafError(f"a leaf has at most {MAX_LEAF_BYTES:,} bytes, got {len(data):,}", code=LIMIT)
    try:
        value = parse_json(data, max_bytes=MAX_LEAF_BYTES, max_depth=_MAX_DEPTH)
        canonical = canonicalize_json(value)
    except DocumentError as error:
        raise LeafError(f"the leaf cannot be read: {error.message}", code=error.problem) from error
    if canonical != data:
        raise LeafError("the leaf is not written as RFC 8785 says, so others may read it as something else")
    if not isinstance(value, dict):
        raise LeafError("a leaf is a JSON object")
    version, kind = value.pop("v", None), value.pop("type", None)
    if type(version) is not int or version != VERSION:
        raise LeafError(f"this is a leaf of version {version!r:.20}; we know version {VERSION}", pointer="/v")
    if not isinstance(kind, str) or kind not in LEAF_TYPES:
        raise UnknownLeafTypeError(f"no leaf of ours is of type {kind!r:.80}", pointer="/type")
    return read_members(LEAF_TYPES[kind], value, "")


def format_leaf(leaf: Leaf) -> bytes:
    """Return the bytes to log; raise LeafError when they would not be read as this leaf."""
    try:
        data = canonicalize_json({"v": VERSION, "type": leaf.type, **write_members(leaf)})
    except DocumentError as error:
        raise LeafError(f"the leaf cannot be written: {error.message}") from error
    if parse_leaf(data) != leaf:
        raise LeafError("the leaf would be read as another one")
    return data


def commit(value: Any, *, salt: bytes) -> str:
    """Return HMAC-SHA-256(salt, JCS(value)) in multibase u; raise LeafError unless the salt has exactly 32 bytes.

    `member` commits to {"name", "by", "decision"}, each with a salt of its own that is never used again.
    """
    if len(salt) != SALT_BYTES:
        raise LeafError(f"the salt of a commitment has {SALT_BYTES} bytes, got {len(salt)}")
    return encode_multibase(hmac.digest(salt, canonicalize_json(value), hashlib.sha256), base="u")


def digest_text(sha256: bytes) -> str:
    """Return a SHA-256 hash as it stands in a leaf: a multihash in multibase u. For leaf hashes and roots."""
    return encode_multibase(b"\x12\x20" + sha256, base="u")
