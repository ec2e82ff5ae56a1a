"""What strangers fetch to check a badge: the status lists and the Academy's keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from issuer.errors import NotFoundError, TamperedError
from issuer.rules.journal import Event
from issuer.service.academy import Academy, Work, query, use_case
from issuer.service.log.entries import SALT_BYTES, keep_opening, moment, put_leaf
from keys import build_did_document, build_jwks
from schemas import (
    DocumentError,
    add_proof,
    build_status_list_credential,
    dump_json,
    format_date_time,
    multihash,
    parse_json,
    set_bit,
)
from schemas.status_list import MIN_ENTRIES, encode_bitstring
from schemas.tlog import CredentialStatusChanged, LogGenesis, StatusListPublished, commit, parse_leaf

CRYPTOSUITE = "eddsa-rdfc-2022"
REPUBLISHED_AFTER = timedelta(hours=6)
_LASTS = timedelta(hours=24)
_TTL = timedelta(hours=1)


def status_list(academy: Academy, *, number: int) -> str:
    """Return a status list as signed JSON, made anew every six hours and whenever a bit was set.

    The bits come from the list's sealed stream, never from the rows about awards; what was signed before is given
    again only while it says the same. Only a list that has to be signed anew takes a transaction that writes.
    """
    return _signed_before(academy, number=number) or _signed_now(academy, number=number)


@query
def _signed_before(work: Work, *, number: int) -> str | None:
    return _read(work, number)[0]


@use_case
def _signed_now(work: Work, *, number: int) -> str:
    text, bits = _read(work, number)
    if text is not None:
        return text  # somebody was faster
    academy = work.academy
    document = build_status_list_credential(
        url=academy.url(f"/status/{number}"),
        issuer=academy.keyring.did,
        bits=bits,
        valid_from=work.now,
        valid_until=work.now + _LASTS,
        ttl_ms=int(_TTL.total_seconds()) * 1000,
    )
    signed = add_proof(document, signer=academy.keyring.issuer, cryptosuite=CRYPTOSUITE, created=work.now)
    text = dump_json(signed)
    published = StatusListPublished(
        id=work.new_id(),
        at=moment(work),
        address=multihash(document["id"].encode("utf-8")),
        digest=multihash(text.encode("utf-8")),
        bits_set=int.from_bytes(bits, "big").bit_count(),
    )
    put_leaf(work, published)
    work.unit.awards.store_status_list(number, credential=text, signed_at=work.now)
    return text


def _read(work: Work, number: int) -> tuple[str | None, bytes]:
    """Return the list as it was signed, None where it has to be signed anew, and its bits."""
    row = work.unit.awards.status_list(number)
    if row is None:
        raise NotFoundError("There is no such status list.")
    events = work.unit.journal.read(_stream(number))
    if not events:
        raise TamperedError(f"the entries of status list {number} are missing in the journal")
    bits = bytearray(MIN_ENTRIES // 8)
    for event in events:
        if event.type == "revoked":
            set_bit(bits, event["index"])
    signed_at = datetime.fromisoformat(row.signed_at) if row.signed_at else None
    fresh = signed_at is not None and timedelta() <= work.now - signed_at < REPUBLISHED_AFTER
    says = row.credential and signed_at and fresh and _says(row.credential, bits=bytes(bits), at=signed_at)
    return (str(row.credential) if says else None), bytes(bits)


def _stream(number: int) -> str:
    return f"status/{number}"


def _says(credential: str, *, bits: bytes, at: datetime) -> bool:
    """Say whether a list that was signed before is of that moment and has these bits."""
    try:
        document = parse_json(credential)
        said = (document["validFrom"], document["credentialSubject"]["encodedList"])
    except (DocumentError, KeyError, TypeError):
        return False
    return said == (format_date_time(at), encode_bitstring(bits))


@use_case
def sign_lists_anew(work: Work) -> None:
    """Forget every signed list, as older ones may be here: each is signed and logged anew when it is asked for."""
    work.unit.awards.forget_status_lists()


def take_place(work: Work) -> tuple[int, int]:
    """Return a status list and a random free place in it; a new list begins with an entry of its own."""
    number, index = work.unit.awards.take_index(random_bytes=work.academy.random_bytes)
    if not work.unit.journal.read(_stream(number)):
        work.unit.journal.append(_stream(number), (Event(type="begun", at=work.now),), after=0)
    return number, index


def set_status(work: Work, *, number: int, index: int, credential: str, by_wish: str) -> None:
    """Set the bit of one badge for good, and log it; the list is signed anew when it is asked for next.

    `by_wish` is the id of the text that says why: the holder's own wish.
    """
    value, salt = {"credential": credential}, work.academy.random_bytes(SALT_BYTES)
    request, c = multihash(by_wish.encode("utf-8")), commit(value, salt=salt)
    put_leaf(work, CredentialStatusChanged(id=work.new_id(), at=moment(work), c=c, request=request))
    keep_opening(work, f"status/{number}", value, salt=salt, author=None)
    work.unit.journal.append(_stream(number), (Event(type="revoked", at=work.now, data={"index": index}),))
    work.unit.awards.store_status_list(number, credential=None, signed_at=None)


@query
def did_document(work: Work) -> Mapping[str, Any]:
    """Return the Academy's DID document with every key it ever had."""
    keyring = work.academy.keyring
    document = build_did_document(keyring.did, keys=keyring.history)
    service = log_service(work)
    return document | ({"service": [service]} if service else {})


def log_service(work: Work) -> dict[str, Any] | None:
    """Return what binds the log to the issuer: a proof of another log fails, one that is missing is told."""
    log, began = work.academy.log, work.unit.awards.first_leaf()
    if began is None:
        return None
    genesis = parse_leaf(began.encode("utf-8"))
    assert isinstance(genesis, LogGenesis)
    return {
        "id": f"{work.academy.keyring.did}#log",
        "type": "TransparencyLog",
        "serviceEndpoint": log.url,
        "origin": log.origin,
        "since": genesis.at,
        "vkeys": [{"vkey": genesis.keys.log, "since": genesis.at}],
    }


@query
def jwks(work: Work) -> Mapping[str, Any]:
    """Return the Academy's JSON Web Key Set."""
    keyring = work.academy.keyring
    return build_jwks(keyring.did, keys=keyring.history)
