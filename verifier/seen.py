"""What one process remembers about status lists: the newest date of each (CONFORMANCE J3).

A list that its issuer has replaced is still well signed, so whoever serves an old one could hide a revocation.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

MAX_LISTS = 10_000


@dataclass(frozen=True, slots=True)
class SeenLists:
    """The newest `validFrom` seen of each list, by issuer and address. May be shared between threads."""

    _newest: OrderedDict[tuple[str, str], datetime] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def newer_than(self, issuer: str, url: str, stated: datetime | None) -> datetime | None:
        """Return the date of a newer list that was seen before this one, or None; then remember this one.

        A list without a date counts as older than every list with one.
        """
        with self._lock:
            newest = self._newest.get((issuer, url))
            if newest is not None and (stated is None or stated < newest):
                return newest
            if stated is not None:
                self._newest[issuer, url] = stated
                self._newest.move_to_end((issuer, url))
                while len(self._newest) > MAX_LISTS:
                    self._newest.popitem(last=False)
            return None
