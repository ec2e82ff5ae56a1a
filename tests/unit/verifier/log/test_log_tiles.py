"""Tiles and entry bundles that are torn, oversized, foreign, reordered or gone: told with the step that failed."""

from __future__ import annotations

import pytest

from schemas.tlog import format_bundle, format_leaf, parse_bundle, parse_tile_path
from schemas.tlog.tiles import BundleID
from tests.unit.verifier.log.world import LogFiles, academy_leaves, audited, codes, log_files, more

LEAVES = [
    *academy_leaves(),
    *(more(number) for number in range(100, 100 + 256 * 2)),
]
FULL, PARTIAL, TOP = "tile/0/000", "tile/0/002.p/26", "tile/1/000.p/2"
BUNDLE, LAST_BUNDLE = "tile/entries/000", "tile/entries/002.p/26"


def _log() -> LogFiles:
    return log_files(LEAVES)


def _swapped(data: bytes) -> bytes:
    return data[32:64] + data[:32] + data[64:]


@pytest.mark.parametrize("path", [FULL, PARTIAL, TOP])
@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ("torn", "TILE_TORN", "bytes, got"),
        ("longer", "TILE_TORN", "bytes, got"),
        ("empty", "TILE_TORN", "bytes, got 0"),
        ("foreign", "TILE_DIFFERS", "does not hold the hashes of the leaves"),
        ("reordered", "TILE_DIFFERS", "holds the right hashes in another order"),
        ("one bit", "TILE_DIFFERS", "does not hold the hashes of the leaves"),
        ("gone", "TILE_UNREAD", "is not there"),
        ("huge", "TILE_UNREAD", "is larger than"),
    ],
)
def test_a_bad_tile_is_told(path: str, change: str, code: str, words: str) -> None:
    files = _log()
    data = files.files[path]
    changed = {
        "torn": data[:-7],
        "longer": data + b"x" * 32,
        "empty": b"",
        "foreign": bytes(len(data)),
        "reordered": _swapped(data),
        "one bit": data[:-1] + bytes([data[-1] ^ 1]),
        "huge": data.ljust(100_000, b"x"),
    }
    if change == "gone":
        del files.files[path]
    else:
        files.files[path] = changed[change]
    done = audited(files)
    assert codes(done) == [code]
    assert words in next(finding.message for finding in done.findings.kept if finding.code == code)
    assert (
        path.partition("/")[2].partition(".")[0] in done.findings.kept[-2].message + done.findings.kept[0].message
    )
    assert done.exit_status() == (2 if code == "TILE_UNREAD" else 1)


@pytest.mark.parametrize("path", [BUNDLE, LAST_BUNDLE])
@pytest.mark.parametrize("change", ["torn", "cut between entries", "one more", "empty", "huge", "gone"])
def test_a_bad_bundle_stops_the_audit_with_its_place(path: str, change: str) -> None:
    files = _log()
    bundle = parse_tile_path(path)
    assert isinstance(bundle, BundleID)
    data = files.files[path]
    entries = parse_bundle(data, bundle)
    changed = {
        "torn": data[:-1],
        "cut between entries": format_bundle(entries[:-1]),
        "one more": data + b"\x00\x01x",
        "empty": b"",
        "huge": data.ljust(5_000_000, b"x"),
    }
    if change == "gone":
        del files.files[path]
    else:
        files.files[path] = changed[change]
    done = audited(files)
    code = "ENTRIES_UNREAD" if change in {"huge", "gone"} else "ENTRIES_TORN"
    assert codes(done) == [code]
    assert f"The leaves from {bundle.index * 256} on" in done.findings.kept[0].message
    assert not done.new_head


@pytest.mark.parametrize("change", ["reordered", "foreign"])
def test_a_bundle_with_other_leaves_does_not_fit_its_tiles_and_the_root(change: str) -> None:
    files = _log()
    entries = parse_bundle(files.files[LAST_BUNDLE], BundleID(index=2, width=26))
    wrong = (
        [entries[1], entries[0], *entries[2:]]
        if change == "reordered"
        else [format_leaf(more(9999)), *entries[1:]]
    )
    files.files[LAST_BUNDLE] = format_bundle(wrong)
    done = audited(files)
    assert codes(done) == ["TILE_DIFFERS", "ROOT_DIFFERS"]
    assert "from leaf 512 on" in done.findings.kept[0].message
    assert done.exit_status() == 1


def test_a_full_tile_and_bundle_stand_for_the_partial_ones_that_are_gone() -> None:
    grown = log_files([*LEAVES, *(more(number) for number in range(1000, 1230))])
    assert "tile/0/002" in grown.files
    assert PARTIAL not in grown.files
    older = _log()
    served = LogFiles({**older.files, **grown.files, "checkpoint": older.checkpoint})
    for path in (PARTIAL, LAST_BUNDLE):
        del served.files[path]
    assert codes(audited(served)) == []


def test_every_leaf_and_tile_is_read_once() -> None:
    files = _log()
    audited(files)
    assert len(files.reads) == len(set(files.reads))
    assert {path for path in files.files if path.startswith("tile/")} == {
        path for path in files.reads if path.startswith("tile/")
    }
