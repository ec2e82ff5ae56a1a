"""What changes beside decisions and has to stand in the log: the issuer's keys, and the scripts that browsers get.

Written once each: a leaf's event id tells what it is about, so asking again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from issuer.service.academy import Work, use_case
from issuer.service.log.entries import id_for, moment, put_once
from keys import to_multikey
from schemas import format_date_time, multihash
from schemas.tlog import (
    AppReleased,
    IssuerKeyAdded,
    IssuerKeyCompromised,
    IssuerKeyRetired,
    LogGenesis,
    ReleasedFile,
    parse_leaf,
)


@use_case
def log_changed_keys(work: Work) -> None:
    """Log each issuer key that came, was retired or was lost since the log began. RSA keys have no name there."""
    began = work.unit.awards.first_leaf()
    if began is None:
        return
    genesis = parse_leaf(began.encode("utf-8"))
    assert isinstance(genesis, LogGenesis)
    for record in work.academy.keyring.history:
        if record.public_key.kind == "RSA":
            continue
        key, at = to_multikey(record.public_key), moment(work)
        if key not in genesis.keys.issuer:
            put_once(work, IssuerKeyAdded(id=id_for("added", key), at=at, key=key))
        if record.compromised is not None:
            since = format_date_time(record.compromised)
            put_once(work, IssuerKeyCompromised(id=id_for("compromised", key), at=at, key=key, since=since))
        elif record.retired is not None:
            put_once(work, IssuerKeyRetired(id=id_for("retired", key), at=at, key=key))


@use_case
def log_release(work: Work, *, version: str, files: Mapping[str, bytes]) -> None:
    """Log which scripts the Academy serves from here on; `files` are named as their addresses are."""
    released = tuple(ReleasedFile(name=name, digest=multihash(content)) for name, content in sorted(files.items()))
    if work.unit.awards.first_leaf() is None or not released:
        return
    id_ = id_for("released", version, *(f"{file.name} {file.digest}" for file in released))
    put_once(work, AppReleased(id=id_, at=moment(work), version=version, files=released))
