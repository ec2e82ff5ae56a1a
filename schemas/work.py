"""What one check may cost in all, counted in steps and not by a clock; and what was worked out in it already.

A badge decides how often its parts are canonicalised: each of its proofs, each endorsement in it and each status
list that it names has documents of its own. So one `Work` goes with a check: it remembers canonical forms, which
several proofs share, and ends with a LimitError when the sum of all is too much.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from schemas.errors import DocumentError, LimitError

MAX_NODES = 8_000  # members and items of all documents together
MAX_STEPS = 20_000  # of canonicalisation, as for one document alone
MAX_SIGNATURES = 3_000  # single statements under selective disclosure
CALL = 40  # what reading contexts costs for each document, as so many members
Made = TypeVar("Made")


@dataclass(slots=True)
class Work:
    """The budget of one check, and its results so far."""

    nodes_left: int = MAX_NODES
    steps_left: int = MAX_STEPS
    signatures_left: int = MAX_SIGNATURES
    _made: dict[tuple[str, bytes], Any] = field(default_factory=dict, repr=False)

    def take_nodes(self, count: int) -> None:
        """Pay for reading a document of that many members and items; raise LimitError when nothing is left."""
        self.nodes_left -= count + CALL
        if self.nodes_left < 0:
            raise LimitError("the badge, with all that belongs to it, is too much to check")

    def take_signatures(self, count: int) -> None:
        """Pay for so many signatures over single statements."""
        self.signatures_left -= count
        if self.signatures_left < 0:
            raise LimitError("the badge has too many signatures over single statements to check")

    def once(self, kind: str, value: Any, make: Callable[[], Made]) -> Made:
        """Return what `make` makes of a JSON value, made once; a refusal is remembered as well."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        key = kind, hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if key not in self._made:
            try:
                self._made[key] = make()
            except DocumentError as error:
                self._made[key] = error
        found = self._made[key]
        if isinstance(found, DocumentError):
            raise found
        made: Made = found
        return made
