"""Where an audit stands: what the leaves up to here have said, and the leaf that is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.tlog import Leaf
from verifier.log.shelf import Shelf

Fault = tuple[str, str]  # a code, and a sentence
Faults = Iterable[Fault]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A leaf in its log: the index, the bytes, and its hash as other leaves name it."""

    index: int
    data: bytes
    name: str
    leaf: Leaf


@dataclass(slots=True)
class Story:
    """What the leaves have said so far.

    `log_key` is the vkey with which the log says that it signs now. `changes` counts the logged
    changes of status, `changed_at` is the time of the last; `bits` is how many bits the lists show together, and
    `bits_before` how many were set when the log began.
    """

    shelf: Shelf = field(default_factory=Shelf)
    leaves: int = 0
    began: bool = False
    log_key: str = ""
    copies: int = 0
    closed: int = 0
    changes: int = 0
    changed_at: str = ""
    bits: int = 0
    bits_before: int = 0
    lists: int = 0
    release: str = ""
    last_at: str = ""
