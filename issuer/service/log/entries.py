"""What the log is told: one function for each event of a decision. Digests and commitments only.

What opens a commitment (value and salt) is kept in `openings/<decision>`: for whoever answered, and the circle.
Endings and padding follow a day later, mixed with those of other decisions, so that no burst of leaves tells how
and when one decision ended (TRANSPARENCY.md, sections 3 and 6).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from issuer.errors import TamperedError
from issuer.service.academy import Academy, Work, query, use_case
from issuer.service.cases import process_case
from keys import encode_base64url, encode_multibase
from schemas import dump_json, format_date_time, multihash, parse_json
from schemas.tlog import DecisionEvent, Leaf, commit, format_leaf

_LOG = logging.getLogger(__name__)
SALT_BYTES = 32
_PADDED_TO = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens a commitment in the log: its value, and its salt of 32 bytes."""

    value: Mapping[str, str]
    salt: bytes


def leaf_hash(leaf: str) -> str:
    """Return the RFC 6962 hash of a leaf's text as a multihash."""
    return multihash(b"\x00" + leaf.encode("utf-8"))


def put_leaf(work: Work, leaf: Leaf) -> str:
    """Write a leaf into the outbox, in the transaction that it tells about, and return its hash."""
    text = format_leaf(leaf).decode("utf-8")
    hash_ = leaf_hash(text)
    work.unit.awards.add_leaf(event_id=leaf.id, leaf=text, hash_=hash_, at=work.now)
    return hash_


def put_once(work: Work, leaf: Leaf) -> None:
    """Write a leaf whose id says what it is about, unless it was written before."""
    if not work.unit.awards.has_leaf(leaf.id):
        put_leaf(work, leaf)


def id_for(*parts: str) -> str:
    """Return the event id of something that happens once: the same parts give the same id."""
    digest = hashlib.sha256("\n".join(("academy-badges/event/v1", *parts)).encode("utf-8")).digest()
    return encode_base64url(digest)


def moment(work: Work) -> str:
    """Return the time as leaves have it: UTC, whole seconds."""
    return format_date_time(work.now)


def openings_stream(process: str) -> str:
    """Return where the openings of a decision's commitments are kept."""
    return f"openings/{process}"


def keep_opening(work: Work, process: str, value: Mapping[str, Any], *, salt: bytes, author: str | None) -> None:
    """Keep what opens a commitment."""
    opening = {"value": dict(value), "salt": encode_base64url(salt)}
    work.unit.texts.put(dump_json(opening), stream=openings_stream(process), author=author)


def note_event(work: Work, process: str, *, event: str, by: str | None = None, **more: str) -> Opening:
    """Log that something happened in a decision; return what opens the leaf, which names a day and no time.

    `event` is "opened", "answer" or "ended"; an answer has `statement` and `proposal` besides.
    """
    value = {"decision": work.academy.url(f"/decisions/{process}"), "event": event, **more}
    salt = work.academy.random_bytes(SALT_BYTES)
    put_leaf(work, DecisionEvent(id=work.new_id(), at=_day(work.now), c=commit(value, salt=salt)))
    keep_opening(work, process, value, salt=salt, author=by)
    return Opening(value=value, salt=salt)


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


@query
def _ended_before_today(work: Work) -> list[str]:
    today = datetime.combine(work.now.astimezone(UTC).date(), time(), UTC)
    return work.unit.cases.to_pad(closed_before=today)


def pad_due(academy: Academy) -> int:
    """Log the endings of decisions that ended before today, and fill each up to a multiple of eight leaves."""
    due = _ended_before_today(academy)
    return _pad(academy, ids=due) if due else 0


@use_case
def _pad(work: Work, *, ids: list[str]) -> int:
    """Write them in one transaction and in a random order, so that they do not stand decision by decision.

    Returns of how many decisions. One that was changed in the database is left as it is, and stops no other.
    """
    leaves: list[DecisionEvent] = []
    padded = 0
    for id_ in ids:
        try:
            was_opened = process_case(work, id_).state.opened_at is not None
        except TamperedError as error:
            _LOG.error("the decision %s is left as it is: %s", id_, error)
            continue
        leaves += _last_events(work, id_) if was_opened else []
        work.unit.cases.note_padded(id_)
        padded += 1
    for leaf in sorted(leaves, key=lambda leaf: leaf.c):  # commitments are random, and so is their order
        put_leaf(work, leaf)
    return padded


def _last_events(work: Work, process: str) -> list[DecisionEvent]:
    openings = work.unit.texts.all_of(openings_stream(process))
    logged = sum("event" in parse_json(text)["value"] for text in openings)
    value = {"decision": work.academy.url(f"/decisions/{process}"), "event": "ended"}
    salt = work.academy.random_bytes(SALT_BYTES)
    keep_opening(work, process, value, salt=salt, author=None)
    commitments = [commit(value, salt=salt)]
    missing = -(logged + 1) % _PADDED_TO
    commitments += [encode_multibase(work.academy.random_bytes(32), base="u") for _ in range(missing)]
    return [DecisionEvent(id=work.new_id(), at=_day(work.now), c=c) for c in commitments]
