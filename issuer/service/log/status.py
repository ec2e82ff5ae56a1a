"""How the log stands, for operators and for the page that explains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from issuer.errors import AcademyError
from issuer.service.academy import Academy
from issuer.service.log.checks import log_health, log_refusal
from issuer.service.log.heads import as_published, published
from issuer.service.log.sequencing import read_state
from issuer.store.log import AcademyLog, begin_rows
from issuer.store.log.files import CHECKPOINT
from schemas.tlog import Policy, SignedCheckpoint, TlogError, format_vkey, parse_vkey

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessStatus:
    """One witness of the policy: what it said last, and when it confirmed the published checkpoint, if it did."""

    name: str
    vkey: str
    url: str | None
    answer: str | None
    sentence: str | None
    answered_at: datetime | None
    size: int
    cosigned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """How the log stands. Sizes are numbers of leaves; None where there is nothing yet."""

    origin: str
    url: str
    begun: bool
    vkey: str | None
    size: int
    waiting: int
    waiting_since: str | None
    signed_size: int | None
    published_size: int | None
    published_at: datetime | None
    checkpoint: str | None
    witnessed: bool
    quorum: str | None
    threshold: int
    witnesses: tuple[WitnessStatus, ...]
    refusal: str | None
    health: str | None


def log_status(academy: Academy) -> LogStatus:
    """Return how the log stands; never raises for a log that refuses."""
    log, state = academy.log, _try(lambda: read_state(academy))
    vkey = parse_vkey(state.vkey) if state else None
    policy = log.policy(vkey) if vkey else Policy()
    out = published(log)
    seen = None
    if out is not None and vkey is not None:
        try:
            seen = as_published(out, vkey=vkey, policy=policy)
        except TlogError:
            out = None
    with begin_rows(academy.engine, reads=True) as rows:
        waiting, since = rows.waits()
    head = _try(log.heads.head)
    return LogStatus(
        origin=log.origin,
        url=log.url,
        begun=state is not None,
        vkey=format_vkey(vkey) if vkey else None,
        size=state.edge.size if state else 0,
        waiting=waiting,
        waiting_since=since,
        signed_size=head.checkpoint.size if head else None,
        published_size=out.checkpoint.size if out else None,
        published_at=_published_at(log, out),
        checkpoint=seen.note.decode("utf-8") if seen else None,
        witnessed=bool(seen and seen.witnessed and policy.quorum is not None),
        quorum=policy.quorum,
        threshold=next((group.threshold for group in policy.groups if group.name == policy.quorum), 1),
        witnesses=_witnesses(log, policy, seen.cosignatures if seen else {}),
        refusal=log_refusal(academy),
        health=log_health(academy) if state is not None else None,
    )


def _witnesses(log: AcademyLog, policy: Policy, times: Mapping[str, int]) -> tuple[WitnessStatus, ...]:
    words = log.heads.words()
    listed = []
    for witness in policy.witnesses:
        word = words.get(witness.name)
        time = times.get(witness.name)
        listed.append(
            WitnessStatus(
                name=witness.name,
                vkey=format_vkey(witness.key),
                url=witness.url,
                answer=word.answer if word else None,
                sentence=word.sentence if word else None,
                answered_at=word.at if word else None,
                size=word.size if word else 0,
                cosigned_at=_moment(time) if time else None,
            )
        )
    return tuple(listed)


def _published_at(log: AcademyLog, out: SignedCheckpoint | None) -> datetime | None:
    if out is None:
        return None
    return _moment(int((log.files.folder / CHECKPOINT).stat().st_mtime))


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # a witness may say any number
        return None


def _try(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except AcademyError:
        return None
