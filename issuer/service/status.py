"""What strangers fetch to check a badge: the status lists and the Academy's keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from issuer.errors import NotFoundError
from issuer.rules.journal import Event
from issuer.service.academy import Work, query, use_case
from keys import build_did_document, build_jwks
from schemas import add_proof, build_status_list_credential, dump_json, set_bit
from schemas.status_list import MIN_ENTRIES

CRYPTOSUITE = "eddsa-rdfc-2022"
REPUBLISHED_AFTER = timedelta(hours=6)
_LASTS = timedelta(hours=24)
_TTL = timedelta(hours=1)


@use_case
def status_list(work: Work, *, number: int) -> str:
    """Return a status list as signed JSON, made anew every six hours and whenever a bit was set.

    The bits come from the list's sealed stream, never from the rows about awards.
    """
    row = work.unit.awards.status_list(number)
    if row is None:
        raise NotFoundError("There is no such status list.")
    if row.credential and row.signed_at and datetime.fromisoformat(row.signed_at) > work.now - REPUBLISHED_AFTER:
        return str(row.credential)
    bits = bytearray(MIN_ENTRIES // 8)
    for event in work.unit.journal.read(f"status/{number}"):
        set_bit(bits, event["index"])
    academy = work.academy
    document = build_status_list_credential(
        url=academy.url(f"/status/{number}"),
        issuer=academy.keyring.did,
        bits=bytes(bits),
        valid_from=work.now,
        valid_until=work.now + _LASTS,
        ttl_ms=int(_TTL.total_seconds()) * 1000,
    )
    signed = add_proof(document, signer=academy.keyring.issuer, cryptosuite=CRYPTOSUITE, created=work.now)
    text = dump_json(signed)
    work.unit.awards.store_status_list(number, credential=text, signed_at=work.now)
    return text


def set_status(work: Work, *, number: int, index: int) -> None:
    """Set the bit of one badge for good; the list is signed anew when it is asked for next."""
    work.unit.journal.append(f"status/{number}", (Event(type="revoked", at=work.now, data={"index": index}),))
    work.unit.awards.store_status_list(number, credential=None, signed_at=None)


@query
def did_document(work: Work) -> Mapping[str, Any]:
    """Return the Academy's DID document with every key it ever had."""
    keyring = work.academy.keyring
    return build_did_document(keyring.did, keys=keyring.history)


@query
def jwks(work: Work) -> Mapping[str, Any]:
    """Return the Academy's JSON Web Key Set."""
    keyring = work.academy.keyring
    return build_jwks(keyring.did, keys=keyring.history)
