"""Events: what happened, in ids, choices, digests and times; never a text, never a name.

The state of every case is the fold of its events. Each stored event carries a seal over itself and the seal
before it, made with a key that is not in the database (docs/adr/0003).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeVar

from schemas import canonicalize_json

State = TypeVar("State")
SEAL_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `data` holds JSON values."""

    type: str
    at: datetime
    actor: str | None = None
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, name: str) -> Any:
        return self.data[name]


def seal_event(event: Event, *, stream: str, number: int, previous: bytes, key: bytes) -> bytes:
    """Return the seal of an event: HMAC-SHA256 over the seal before it and the event's canonical JSON."""
    text = canonicalize_json(
        {
            "stream": stream,
            "number": number,
            "type": event.type,
            "at": event.at.astimezone(UTC).isoformat(),  # to the microsecond, as it is stored
            "actor": event.actor,
            "data": dict(event.data),
        }
    )
    return hmac.digest(key, previous + text, hashlib.sha256)


def replay(evolve: Callable[[State, Event], State], state: State, events: Iterable[Event]) -> State:
    """Return the state after all events."""
    for event in events:
        state = evolve(state, event)
    return state
