"""Finding a leaf by what an operator knows of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from issuer.service.academy import Academy
from issuer.service.credentials import signed_credential
from issuer.store.log import begin_rows
from schemas import multihash
from schemas.tlog import TlogError, parse_tlog_proof

_PREFIX = "data:text/plain;charset=utf-8;base64,"
_GENRE = "c2sp.org/tlog-proof@v1"


def leaf_of_event(academy: Academy, *, event_id: str) -> str | None:
    """Return the hash of an event's leaf."""
    with begin_rows(academy.engine, reads=True) as rows:
        found = rows.by_event(event_id)
    return found.hash if found else None


def leaf_of_credential(academy: Academy, *, url: str) -> str | None:
    """Return the hash of the leaf whose proof the badge at one of our addresses carries.

    Raises NotFoundError where there is no such badge.
    """
    prefix = f"{academy.base_url}/credentials/"
    if not url.startswith(prefix):
        return None
    signed = signed_credential(academy, id_=url.removeprefix(prefix).partition(".")[0])
    return leaf_carried(signed.credential)


def leaf_carried(credential: Mapping[str, Any]) -> str | None:
    """Return the hash of the leaf in a badge's log-proof item; None where it carries none."""
    for item in credential.get("evidence", ()):
        if isinstance(item, dict) and item.get("genre") == _GENRE and str(item.get("id", "")).startswith(_PREFIX):
            try:
                proof = parse_tlog_proof(base64.b64decode(item["id"].removeprefix(_PREFIX), validate=True))
            except (TlogError, binascii.Error):
                return None
            return multihash(b"\x00" + proof.extra) if proof.extra is not None else None
    return None
