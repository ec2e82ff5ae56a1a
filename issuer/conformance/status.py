"""The status list of one run: 131,072 entries, all good, at an address of this program, signed when it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from issuer.conformance.keys import ThrowAwayKeys
from schemas import add_proof, build_status_list_credential

PATH = "/status/1"
_ENTRIES = 131_072
_TTL_MS = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """A signed list, and the next free place in it."""

    url: str
    document: dict[str, Any] = field(repr=False)
    places: Iterator[int] = field(repr=False)
    path: str = PATH

    def next_entry(self) -> dict[str, Any]:
        """Return a status entry with a place of its own; after the last place, the first ones come again."""
        index = next(self.places) % _ENTRIES
        return {
            "id": f"{self.url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": self.url,
        }


def new_status_list(keys: ThrowAwayKeys, *, base_url: str, now: datetime) -> StatusList:
    """Return a list in which nothing is revoked, signed with the Ed25519 key."""
    url = base_url + PATH
    unsigned = build_status_list_credential(
        url=url,
        issuer=keys.did("Ed25519"),
        bits=bytes(_ENTRIES // 8),
        valid_from=now,
        valid_until=now + timedelta(days=365),
        ttl_ms=_TTL_MS,
    )
    signer = keys.signers["Ed25519"]
    document = add_proof(unsigned, signer=signer, cryptosuite="eddsa-rdfc-2022", created=now)
    return StatusList(url=url, document=document, places=count())
