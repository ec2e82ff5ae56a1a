"""Adopting what was published: the way back after an older copy of the database was restored, or a file was lost.

The truth is the signed checkpoint with the entries that lead to its root; rows, files and head follow it. What the
leaves tell about other rows (decisions, badges) is not brought back: the restored database does not have it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from issuer.errors import AcademyError, LogRefusedError
from issuer.service.academy import Academy
from issuer.service.log.checks import own_key
from issuer.service.log.heads import as_published, publish
from issuer.service.log.sequencing import read_state
from issuer.service.log.tiling import edge_files, leaves_between
from issuer.store.log import AcademyLog, LogFiles, LogRows, begin_rows
from issuer.store.log.files import CHECKPOINT
from keys import KeysError
from schemas import multihash
from schemas.tlog import (
    EMPTY_EDGE,
    TILE_WIDTH,
    BundleID,
    Note,
    Policy,
    RightEdge,
    SignedCheckpoint,
    TileID,
    TlogError,
    VerifierKey,
    append_leaves,
    bundles_of_tree,
    entry_hash,
    format_bundle,
    format_note,
    format_vkey,
    parse_signed_checkpoint,
    tile_path,
)

_EVENT_ID = 64  # letters that the column holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What was done: the sizes before and now, leaves that came back, that were mended, and that wait again."""

    size_before: int
    size: int
    added: int
    mended: int
    waiting_again: int


def adopt_log(
    academy: Academy,
    *,
    folder: Path | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Adopted:
    """Take a published log as the truth, from a folder or from our own public files.

    Raises LogRefusedError when it is not ours, not whole, or older than what was signed or witnessed.
    """
    log = academy.log
    source = LogFiles(folder) if folder is not None else log.files
    with log.heads.locked():
        # 0. Where the rows hold all that was signed, damaged files of ours are made anew from them.
        if folder is None:
            _mend_own_files(academy)
        # 1. It is ours, and the newest that anybody is known to have seen.
        vkey = _vkey(academy)
        signed = _checkpoint(log, source, vkey)
        # 2. Its entries lead to the root that was signed; the files are written from them.
        edge = _write_files(log, source, signed, progress=progress)
        # 3. The rows follow.
        adopted = _write_rows(academy, source, signed, edge, vkey=vkey)
        # 4. The head, and what is served.
        _write_heads(log, signed)
    log.watch.rows_checked = log.watch.started = False
    log.watch.audited, log.watch.audited_size, log.watch.trouble = None, 0, None
    return adopted


def _mend_own_files(academy: Academy) -> None:
    """Write every public file again from the rows, if these lead to the newest signed head; else leave them."""
    log, state = academy.log, read_state(academy)
    try:
        head = log.heads.head()
        if head is None or state is None or state.edge.size != head.checkpoint.size:
            return
        if _from_rows(academy, state.edge.size).root() != head.checkpoint.root:
            return
    except AcademyError:  # a row was lost or changed: then the published files are the truth
        return
    _from_rows(academy, state.edge.size, write=True)
    published_now = log.files.read(CHECKPOINT)
    if published_now is None or not _is_checkpoint(published_now, _vkey(academy)):
        log.files.replace(CHECKPOINT, format_note(head.note))


def _from_rows(academy: Academy, size: int, *, write: bool = False) -> RightEdge:
    """Return the edge that the rows lead to; with `write`, replace each file of the tree that differs."""
    edge = EMPTY_EDGE
    while edge.size < size:
        leaves = leaves_between(academy, edge.size, min(edge.size + TILE_WIDTH, size))
        bundle = BundleID(index=edge.size // TILE_WIDTH, width=len(leaves))
        grown = append_leaves(edge, [entry_hash(leaf) for leaf in leaves])
        if write:
            files: list[tuple[TileID | BundleID, bytes]] = [(bundle, format_bundle(leaves))]
            _put(academy.log, files + [(tile, data) for tile, data in grown.tiles if tile.width == TILE_WIDTH])
        edge = grown.edge
    if write:
        _put(academy.log, list(edge_files(edge)))
    return edge


def _is_checkpoint(data: bytes, vkey: VerifierKey) -> bool:
    try:
        as_published(parse_signed_checkpoint(data), vkey=vkey, policy=Policy())
    except TlogError:
        return False
    return True


def _vkey(academy: Academy) -> VerifierKey:
    log, state = academy.log, read_state(academy)
    if state is not None:
        return own_key(log, state)
    try:
        return log.key.verifier_key()
    except KeysError as error:
        raise LogRefusedError(
            f"without the log's key nobody can tell whose the published log is: {error}."
        ) from error


def _checkpoint(log: AcademyLog, source: LogFiles, vkey: VerifierKey) -> SignedCheckpoint:
    data = source.read(CHECKPOINT)
    if data is None:
        raise LogRefusedError(f"there is no published log in {source.folder}: the file `checkpoint` is missing.")
    try:
        signed = parse_signed_checkpoint(data)
        as_published(signed, vkey=vkey, policy=Policy())
    except TlogError as error:
        raise LogRefusedError(f"the checkpoint in {source.folder} is not of this log: {error.message}.") from error
    size = signed.checkpoint.size
    for what, known in _known(log):
        if known.checkpoint.size > size:
            raise LogRefusedError(
                f"the log in {source.folder} has {size} leaves, but {what} has {known.checkpoint.size}: adopting"
                " it would begin a second history. Find a newer copy of the published log."
            )
        if known.checkpoint.size and _root_at(source, known.checkpoint.size) != known.checkpoint.root:
            if _root_at(source, size) != signed.checkpoint.root:
                raise LogRefusedError(
                    f"the entries in {source.folder} do not lead to the root that was signed: one of them was"
                    " changed or is missing. Find another copy of the published log."
                )
            raise LogRefusedError(
                f"the log in {source.folder} does not continue {what}, of {known.checkpoint.size} leaves: they are"
                " two histories, and both are signed. Keep both copies; nothing here can mend it."
            )
    for name, word in log.heads.words().items():
        if word.size > size:
            raise LogRefusedError(
                f"the log in {source.folder} has {size} leaves, but the witness {name} says that it confirmed"
                f" {word.size}. Find a newer copy of the published log."
            )
    return signed


def _known(log: AcademyLog) -> Iterator[tuple[str, SignedCheckpoint]]:
    """Yield what was signed before, as far as it can be read: what is damaged is made anew."""
    for what, read in (
        ("the newest signed head", log.heads.head),
        ("what witnesses confirmed", log.heads.witnessed),
    ):
        try:
            known = read()
        except AcademyError:
            continue
        if known is not None:
            yield what, known


def _root_at(source: LogFiles, size: int) -> bytes | None:
    edge = EMPTY_EDGE
    try:
        for _, hashes in _entries(source, size):
            edge = append_leaves(edge, hashes).edge
    except TlogError:
        return None
    return edge.root()


def _entries(source: LogFiles, size: int) -> Iterator[tuple[tuple[bytes, ...], list[bytes]]]:
    for bundle in bundles_of_tree(size):
        entries = source.bundle(bundle)
        yield entries, [entry_hash(entry) for entry in entries]


def _write_files(
    log: AcademyLog, source: LogFiles, signed: SignedCheckpoint, *, progress: Callable[[int, int], None]
) -> RightEdge:
    """Check all entries against the signed root, then write every file of the tree that is not as it must be."""
    size = signed.checkpoint.size
    try:
        edge = EMPTY_EDGE
        for _, hashes in _entries(source, size):
            edge = append_leaves(edge, hashes).edge
            progress(edge.size, size)
        if edge.root() != signed.checkpoint.root:
            raise LogRefusedError(
                f"the entries in {source.folder} do not lead to the root that was signed: one of them was changed."
                " Find another copy of the published log."
            )
        edge = EMPTY_EDGE
        log.files.clear_workshop()
        for entries, hashes in _entries(source, size):
            bundle = BundleID(index=edge.size // TILE_WIDTH, width=len(entries))
            grown = append_leaves(edge, hashes)
            files: list[tuple[TileID | BundleID, bytes]] = [(bundle, format_bundle(entries))]
            files += [(tile, data) for tile, data in grown.tiles if tile.width == TILE_WIDTH]
            _put(log, files)
            edge = grown.edge
        _put(log, list(edge_files(edge)))
    except TlogError as error:
        raise LogRefusedError(
            f"the log in {source.folder} is not whole: {error.message}. Find another copy of it."
        ) from error
    return edge


def _put(log: AcademyLog, files: list[tuple[TileID | BundleID, bytes]]) -> None:
    for of, data in files:  # proved by a signed root, so that what differs is what is damaged
        log.files.replace(tile_path(of), data)


def _write_rows(
    academy: Academy, source: LogFiles, signed: SignedCheckpoint, edge: RightEdge, *, vkey: VerifierKey
) -> Adopted:
    size, place, added, mended, waiting = signed.checkpoint.size, 0, 0, 0, 0
    before = 0
    with begin_rows(academy.engine) as rows:
        if rows.is_begun():
            before = rows.size()
        else:
            rows.begin(origin=academy.log.origin, vkey=format_vkey(vkey))
        waiting += rows.unplace_from(size)
        for entries, _ in _entries(source, size):
            now = {leaf.seq: leaf for leaf in rows.placed(place, place + len(entries))}
            wrong = [
                leaf.number
                for seq, leaf in now.items()
                if seq is not None and not (leaf.is_whole and leaf.leaf == entries[seq - place])
            ]
            rows.unplace(wrong)
            for offset, entry in enumerate(entries):
                leaf = now.get(place + offset)
                if leaf is None or leaf.number in wrong:
                    new = _write_row(rows, entry, place + offset, now=academy.clock().isoformat())
                    added, mended = added + new, mended + (not new)
            place += len(entries)
        rows.set_state(edge=edge, root=signed.checkpoint.root)
    return Adopted(size_before=before, size=size, added=added, mended=mended, waiting_again=waiting)


def _write_row(rows: LogRows, entry: bytes, seq: int, *, now: str) -> bool:
    """Write one published leaf; return whether the database did not have it at all."""
    text, hash_ = entry.decode("utf-8"), multihash(b"\x00" + entry)
    event_id = _event_id(entry) or f"adopted-{seq}"
    known = rows.by_hash(hash_) or rows.by_event(event_id)
    if known is not None:
        rows.restore(known.number, leaf=text, hash_=hash_, seq=seq)
        return False
    rows.add(event_id=event_id, leaf=text, hash_=hash_, at=now, seq=seq)
    return True


def _event_id(entry: bytes) -> str | None:
    try:
        id_ = json.loads(entry)["id"]
    except (ValueError, KeyError, TypeError):
        return None
    return id_ if isinstance(id_, str) and 0 < len(id_) <= _EVENT_ID else None


def _write_heads(log: AcademyLog, signed: SignedCheckpoint) -> None:
    own = tuple(line for line in signed.note.signatures if line.name == log.origin)
    head = replace(signed, note=Note(text=signed.note.text, signatures=own))
    log.heads.put_head(head)
    log.heads.end_beginning()
    words = {
        name: replace(word, answer="behind") if word.answer == "contradicts" else word
        for name, word in log.heads.words().items()
    }
    if words:
        log.heads.put_words(words)
    publish(log, signed)
