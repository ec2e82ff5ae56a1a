"""Which log an issuer's badges are proved by: what its DID document says, and what the reader's policy pins.

The DID document's `service` holds one entry of exactly these members:

    {"id": "<did>#log", "type": "TransparencyLog", "serviceEndpoint": "https://academy.example/log",
     "origin": "academy.example/log", "since": "2026-03-01T00:00:00Z",
     "vkeys": [{"vkey": "academy.example/log+<key ID>+<key>", "since": "2026-03-01T00:00:00Z",
                "until": "2027-03-01T00:00:00Z"}]}

`origin` is the first line of the log's checkpoints and the name of each vkey; `vkeys` are all keys that the log
ever had, each with its time, `until` only where it was retired. `since` is the start: from then on, every badge of
the issuer carries its proof (TRANSPARENCY.md, section 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from schemas import DocumentError, MalformedValueError, parse_date_time
from schemas.tlog import ED25519, Policy, VerifierKey, VerifierKeyError, parse_vkey

LOG_SERVICE = "TransparencyLog"
MAX_KEYS = 64
_MEMBERS = frozenset({"id", "type", "serviceEndpoint", "origin", "vkeys", "since"})
_KEY_MEMBERS = frozenset({"vkey", "since"})


class LogServiceError(DocumentError):
    """What a DID document says about its issuer's log cannot be used."""

    code = "LOG_SERVICE_MALFORMED"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKey:
    """A key that a log signed with, and until when; None where it still does, or where nobody says."""

    key: VerifierKey
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogService:
    """An issuer's promise to log every decision: where, under which name and keys, and since when."""

    endpoint: str
    origin: str
    keys: tuple[LogKey, ...]
    since: datetime


def log_services(services: Sequence[Any]) -> tuple[Mapping[str, Any], ...]:
    """Return those of a DID document's services that are logs."""
    return tuple(entry for entry in services if isinstance(entry, Mapping) and LOG_SERVICE in _types(entry))


def read_service(services: Sequence[Mapping[str, Any]]) -> LogService:
    """Return the one log that these entries name; raise LogServiceError."""
    if len(services) != 1:
        _refuse(f"the issuer names {len(services)} logs, and nobody can say which of them is meant")
    entry = services[0]
    if entry.keys() != _MEMBERS or _types(entry) != [LOG_SERVICE]:
        _refuse(f"the issuer's log has the members {', '.join(sorted(_MEMBERS))}, and no others")
    origin, endpoint, vkeys = entry["origin"], entry["serviceEndpoint"], entry["vkeys"]
    if not isinstance(origin, str) or not isinstance(endpoint, str):
        _refuse("the issuer's log has an origin and an address, each a text")
    if not isinstance(vkeys, list) or not 0 < len(vkeys) <= MAX_KEYS:
        _refuse(f"the issuer's log has 1 to {MAX_KEYS} keys")
    return LogService(
        endpoint=endpoint,
        origin=origin,
        keys=tuple(_read_key(value, origin=origin) for value in vkeys),
        since=_moment(entry["since"]),
    )


def accepted_keys(service: LogService | None, policy: Policy, *, origins: Sequence[str]) -> tuple[LogKey, ...]:
    """Return the keys of the logs that may prove badges of an issuer.

    An issuer that names its log is held to it; where the reader's policy has keys of that very log, only those
    count. For an issuer that names none, the policy's logs count, of `origins` where that is not empty.
    """
    pinned = [log.key for log in policy.logs if service is not None or not origins or log.key.name in origins]
    if service is None:
        return tuple(LogKey(key=key) for key in pinned)
    known = [key for key in pinned if key.name == service.origin]
    return tuple(key for key in service.keys if not known or key.key in known)


def _read_key(value: object, *, origin: str) -> LogKey:
    if not isinstance(value, Mapping) or value.keys() - {"until"} != _KEY_MEMBERS:
        _refuse("a key of the issuer's log has the members vkey and since, and until where it was retired")
    try:
        key = parse_vkey(value["vkey"]) if isinstance(value["vkey"], str) else None
    except VerifierKeyError as error:
        raise LogServiceError(f"a key of the issuer's log cannot be used: {error.message}") from error
    if key is None or key.signature_type != ED25519 or key.name != origin:
        _refuse(f"a key of the issuer's log is not one of {origin!r:.80}")
    _moment(value["since"])
    return LogKey(key=key, until=_moment(value["until"]) if "until" in value else None)


def _moment(value: object) -> datetime:
    try:
        return parse_date_time(value)
    except MalformedValueError as error:
        raise LogServiceError(f"a date of the issuer's log cannot be read: {error.message}") from error


def _types(entry: Mapping[str, Any]) -> list[Any]:
    types = entry.get("type")
    return types if isinstance(types, list) else [types]


def _refuse(sentence: str) -> NoReturn:
    raise LogServiceError(sentence)
