"""Paths of tiles and bundles, and entry bundles: one spelling, exact widths."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.tlog import (
    BundleID,
    TileError,
    TileID,
    bundles_of_tree,
    format_bundle,
    parse_bundle,
    parse_tile_path,
    tile_in_tree,
    tile_path,
    width_in_tree,
)

INDEXES = st.integers(0, (2**63 - 1) // 256)
WIDTHS = st.integers(1, 256)
TILES = st.builds(TileID, level=st.integers(0, 63), index=INDEXES, width=WIDTHS)
BUNDLES = st.builds(BundleID, index=INDEXES, width=WIDTHS)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileID(level=0, index=1_234_067), "tile/0/x001/x234/067"),
        (TileID(level=0, index=0), "tile/0/000"),
        (TileID(level=63, index=999, width=1), "tile/63/999.p/1"),
        (TileID(level=1, index=1000, width=255), "tile/1/x001/000.p/255"),
        (BundleID(index=273, width=112), "tile/entries/273.p/112"),
        (BundleID(index=1_000_000), "tile/entries/x001/x000/000"),
    ],
)
def test_paths_are_those_of_the_specification(tile: TileID | BundleID, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


@settings(deadline=None)
@given(TILES | BUNDLES)
def test_every_path_is_read_as_it_was_written(tile: TileID | BundleID) -> None:
    assert parse_tile_path(tile_path(tile)) == tile


@settings(deadline=None)
@given(st.text() | st.from_regex(r"tile/[0-9]{1,3}/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?", fullmatch=True))
def test_any_text_is_a_path_in_its_one_spelling_or_refused(text: str) -> None:
    with suppress(TileError):
        assert tile_path(parse_tile_path(text)) == text


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1234067",
        "tile/0/001/234/067",
        "tile/0/x001",
        "tile/0/x001/x234",
        "tile/0/x000/001",
        "tile/0/x000/x001/234",
        "tile/0/000.p/0",
        "tile/0/000.p/00",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.P/1",
        "tile/0/000/p/1",
        "tile/0/\u0661\u0661\u0661",
        "tile/entries",
        "tile/entries/",
        "tile/Entries/000",
        "tile/../keys/000",
        "tile/0/../../../keys",
        "tile/0/%2e%2e/000",
        "tile/0/x000/../../000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
        "checkpoint",
    ],
)
def test_every_other_path_is_refused(path: str) -> None:
    with pytest.raises(TileError):
        parse_tile_path(path)


def test_a_tile_beyond_the_tree_is_not_in_it() -> None:
    assert [width_in_tree(70_000, level=level, index=index) for level, index in ((0, 273), (1, 1), (2, 0))] == [
        112,
        17,
        1,
    ]
    assert width_in_tree(70_000, level=0, index=274) == width_in_tree(70_000, level=63, index=0) == 0
    assert tile_in_tree(TileID(level=0, index=272), 70_000)
    assert tile_in_tree(BundleID(index=273, width=112), 70_000)
    assert tile_in_tree(TileID(level=0, index=273, width=50), 70_000)  # it once was that wide
    assert not tile_in_tree(TileID(level=0, index=273, width=113), 70_000)
    assert not tile_in_tree(BundleID(index=273), 70_000)
    assert not tile_in_tree(TileID(level=3, index=0, width=1), 70_000)
    assert not tile_in_tree(TileID(level=0, index=0, width=1), 0)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 70_000])
def test_bundles_hold_all_entries_once(size: int) -> None:
    bundles = list(bundles_of_tree(size))
    assert [bundle.index for bundle in bundles] == list(range(len(bundles)))
    assert sum(bundle.width for bundle in bundles) == size


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_every_bundle_is_read_as_it_was_written(entries: list[bytes]) -> None:
    bundle = BundleID(index=3, width=len(entries))
    assert parse_bundle(format_bundle(entries), bundle) == tuple(entries)


@settings(deadline=None)
@given(st.binary(max_size=2000), WIDTHS)
def test_any_bytes_are_a_bundle_that_is_written_again_or_refused(data: bytes, width: int) -> None:
    try:
        entries = parse_bundle(data, BundleID(index=0, width=width))
    except TileError:
        return
    assert format_bundle(entries) == data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "holds 2 entries, got 0"),
        (b"\0\1a", "holds 2 entries, got 1"),
        (b"\0\1a\0\1b\0\1c", "more than 2"),
        (b"\0\1a\0\2b", "ends inside its entry 1"),
        (b"\0\1a\0", "holds 2 entries|ends inside"),
        (b"\xff\xffa", "ends inside its entry 0"),
        (b"\0\1a\0\5bbbbb", "entry 1 .* longer than 4 bytes"),
    ],
)
def test_a_bundle_that_is_not_whole_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(TileError, match=words):
        parse_bundle(data, BundleID(index=0, width=2), max_entry_bytes=4)


def test_a_half_length_at_the_end_is_no_entry() -> None:
    with pytest.raises(TileError):
        parse_bundle(b"\0\1a\0", BundleID(index=0, width=2))


@pytest.mark.parametrize("entries", [[], [b""] * 257, [bytes(65_536)]])
def test_a_bundle_that_cannot_be_is_not_written(entries: list[bytes]) -> None:
    with pytest.raises(TileError):
        format_bundle(entries)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**60, 1), (0, 0, 0), (0, 0, 257)]
)
def test_a_tile_that_cannot_be_is_not_named(level: int, index: int, width: int) -> None:
    with pytest.raises(TileError):
        TileID(level=level, index=index, width=width)
