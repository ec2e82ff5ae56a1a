"""Trees, proofs, tiles and the right edge: one root, however it is computed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.merkle import (
    consistency_path,
    inclusion_path,
    merkle_root,
    node_hash,
    roots_from_consistency_path,
)
from schemas.tlog import (
    EMPTY_EDGE,
    EMPTY_ROOT,
    TILE_WIDTH,
    ConsistencyError,
    InclusionError,
    RightEdge,
    TileError,
    TileID,
    append_leaves,
    build_consistency_proof,
    build_inclusion_proof,
    consistency_ranges,
    consistency_tiles,
    edge_from_tiles,
    edge_tiles,
    entry_hash,
    inclusion_ranges,
    inclusion_tiles,
    parse_edge,
    tile_in_tree,
    tiles_of_tree,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.schemas.tlog.builders import a_log, from_base64, vectors

# The eight inputs of the Certificate Transparency test data, and the roots of the trees of their first n.
INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# Where we refuse what they accept: "roots" of 12 letters, which no tree has.
STRICTER = frozenset({"consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"})
LEAVES = [entry_hash(bytes.fromhex(text)) for text in INPUTS]
BIG = a_log(70_000)
SIZES = st.one_of(st.integers(1, 600), st.integers(65_000, 70_000), st.sampled_from([255, 256, 257, 512, 65_536]))
HASHES = [entry_hash(entry) for entry in BIG.entries]


def _read_at(size: int) -> Any:
    """A reader of the tiles of an earlier size: cut from what the big log wrote."""

    def read(tile: TileID) -> bytes:
        wider = max(
            (found for found in BIG.tiles if (found.level, found.index) == (tile.level, tile.index)),
            key=lambda found: found.width,
        )
        assert tile_in_tree(tile, size)
        return BIG.tiles[wider][: tile.width * 32]

    return read


def _recursive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962, section 2.1 defines it, word by word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(_recursive_root(leaves[:k]), _recursive_root(leaves[k:]))


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots_of_certificate_transparency(size: int) -> None:
    made = append_leaves(EMPTY_EDGE, LEAVES[:size])
    assert merkle_root(LEAVES[:size]).hex() == made.root.hex() == ROOTS[size]
    assert tree_root(size, read=dict(made.tiles).__getitem__).hex() == ROOTS[size]


@settings(deadline=None)
@given(st.integers(0, 600))
def test_the_root_is_that_of_the_recursive_definition(size: int) -> None:
    assert merkle_root(HASHES[:size]) == _recursive_root(HASHES[:size])


@pytest.mark.parametrize(("name", "case"), list(vectors("transparency-dev-merkle.json").items()))
def test_every_proof_of_transparency_dev_is_as_expected(name: str, case: dict[str, Any]) -> None:
    proof = [from_base64(hash_) for hash_ in case["proof"] or []]
    try:
        if name.startswith("inclusion/"):
            verify_inclusion(
                from_base64(case["leafHash"]),
                index=case["leafIdx"],
                size=case["treeSize"],
                proof=proof,
                root=from_base64(case["root"]),
            )
        else:
            verify_consistency(
                old_size=case["size1"],
                old_root=from_base64(case["root1"]),
                new_size=case["size2"],
                new_root=from_base64(case["root2"]),
                proof=proof,
            )
    except (InclusionError, ConsistencyError):
        held = False
    else:
        held = True
    assert held == (not case["wantErr"] and name not in STRICTER), case["desc"]


@settings(deadline=None)
@given(SIZES, st.data())
def test_every_leaf_of_every_tree_has_a_proof_from_tiles(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root = tree_root(size, read=_read_at(size))
    proof = build_inclusion_proof(index, size, read=_read_at(size))
    verify_inclusion(HASHES[index], index=index, size=size, proof=proof, root=root)
    if size <= 600:
        assert list(proof) == inclusion_path(HASHES[:size], index)
        assert root == merkle_root(HASHES[:size])


@settings(deadline=None)
@given(SIZES, SIZES)
def test_any_two_sizes_of_a_log_are_consistent_from_tiles(one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = build_consistency_proof(old, new, read=_read_at(new))
    old_root, new_root = (tree_root(size, read=_read_at(size)) for size in (old, new))
    verify_consistency(old_size=old, old_root=old_root, new_size=new, new_root=new_root, proof=proof)
    if new <= 600:
        assert list(proof) == consistency_path(HASHES[:new], old)


@settings(deadline=None)
@given(st.integers(1, 300), st.data())
def test_any_changed_bit_of_an_inclusion_proof_fails(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = [HASHES[index], merkle_root(HASHES[:size]), *inclusion_path(HASHES[:size], index)]
    place, bit = data.draw(st.integers(0, len(hashes) - 1)), data.draw(st.integers(0, 255))
    hashes[place] = _flip(hashes[place], bit)
    leaf, root, *proof = hashes
    with pytest.raises(InclusionError, match="another root"):
        verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)


@settings(deadline=None)
@given(st.integers(2, 300), st.data())
def test_any_changed_bit_of_a_consistency_proof_fails(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    hashes = [merkle_root(HASHES[:old]), merkle_root(HASHES[:size]), *consistency_path(HASHES[:size], old)]
    place, bit = data.draw(st.integers(0, len(hashes) - 1)), data.draw(st.integers(0, 255))
    hashes[place] = _flip(hashes[place], bit)
    old_root, new_root, *proof = hashes
    with pytest.raises(ConsistencyError, match="does not continue"):
        verify_consistency(old_size=old, old_root=old_root, new_size=size, new_root=new_root, proof=proof)


@settings(deadline=None)
@given(st.integers(1, 300), st.data())
def test_a_proof_of_another_place_or_size_fails(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size).filter(lambda place: place != index))
    proof, root = inclusion_path(HASHES[:size], index), merkle_root(HASHES[:size])
    with pytest.raises(InclusionError):
        verify_inclusion(HASHES[index], index=other, size=size, proof=proof, root=root)
    with pytest.raises(InclusionError):
        verify_inclusion(HASHES[index], index=index, size=size, proof=[*proof, root], root=root)


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@settings(deadline=None)
@given(st.lists(st.integers(0, 700), max_size=8))
def test_appending_in_any_batches_writes_the_tiles_of_the_whole(batches: list[int]) -> None:
    edge, written = EMPTY_EDGE, dict[TileID, bytes]()
    for batch in batches:
        made = append_leaves(edge, HASHES[edge.size : edge.size + batch])
        for tile, data in made.tiles:
            assert written.setdefault(tile, data) == data, "a tile was written twice with different bytes"
        edge = made.edge
        assert made.root == edge.root()
    size = sum(batches)
    assert edge.size == size
    assert edge.root() == merkle_root(HASHES[:size]) == tree_root(size, read=written.__getitem__)
    assert set(tiles_of_tree(size)) <= written.keys()
    assert edge_from_tiles(size, read=written.__getitem__) == edge == parse_edge(size, edge.to_bytes())


def test_a_tree_of_70_000_has_the_tiles_that_the_specification_counts() -> None:
    tiles = list(tiles_of_tree(70_000))
    full = [tile for tile in tiles if tile.width == TILE_WIDTH]
    assert sum(tile.level == 0 for tile in full) == 273
    assert [tile.level for tile in full if tile.level] == [1]
    assert [(t.level, t.width) for t in tiles if t.width < TILE_WIDTH] == [(0, 112), (1, 17), (2, 1)]
    assert set(tiles) == BIG.tiles.keys()
    assert edge_tiles(70_000) == tuple(tile for tile in tiles if tile.width < TILE_WIDTH)


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above_it() -> None:
    assert list(tiles_of_tree(256)) == [TileID(level=0, index=0), TileID(level=1, index=0, width=1)]


@settings(deadline=None)
@given(SIZES, st.data())
def test_a_proof_reads_the_tiles_that_were_announced(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    read: list[TileID] = []

    def reader(tile: TileID) -> bytes:
        read.append(tile)
        return bytes(_read_at(size)(tile))

    build_inclusion_proof(index, size, read=reader)
    assert sorted(map(repr, read)) == sorted(map(repr, inclusion_tiles(index, size)))
    read.clear()
    build_consistency_proof(old, size, read=reader)
    assert sorted(map(repr, read)) == sorted(map(repr, consistency_tiles(old, size)))


def test_a_huge_tree_needs_few_tiles_and_no_time() -> None:
    assert len(inclusion_tiles(10**17, 2**63 - 1)) <= 16
    assert len(inclusion_ranges(10**17, 2**63 - 1)) <= 63
    assert len(consistency_tiles(10**17, 2**63 - 1)) <= 16


def test_a_torn_or_foreign_tile_is_refused_or_leads_elsewhere() -> None:
    with pytest.raises(TileError, match=r"tile/0/002\.p/188 has 6016 bytes, got 6015"):
        build_inclusion_proof(699, 700, read=lambda tile: a_log(700).tiles[tile][:-1])
    foreign = build_inclusion_proof(699, 700, read=lambda tile: bytes(tile.width * 32))
    with pytest.raises(InclusionError, match="another root"):
        verify_inclusion(HASHES[699], index=699, size=700, proof=foreign, root=a_log(700).root)


def test_nothing_is_to_be_shown_from_the_empty_tree_nor_between_equal_trees() -> None:
    root = merkle_root(HASHES[:5])
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=5, new_root=root, proof=())
    verify_consistency(old_size=5, old_root=root, new_size=5, new_root=root, proof=())
    for old_size, old_root in ((0, EMPTY_ROOT), (5, root)):
        with pytest.raises(ConsistencyError, match="is empty"):
            verify_consistency(old_size=old_size, old_root=old_root, new_size=5, new_root=root, proof=(root,))
    with pytest.raises(ConsistencyError, match="two histories"):
        verify_consistency(old_size=5, old_root=root, new_size=5, new_root=HASHES[0], proof=())
    with pytest.raises(ConsistencyError, match="the hash of nothing"):
        verify_consistency(old_size=0, old_root=root, new_size=5, new_root=root, proof=())


@pytest.mark.parametrize(
    ("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, 2**63)], ids=["negative", "outside", "empty", "huge"]
)
def test_no_proof_is_built_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(InclusionError, match="no leaf number"):
        inclusion_ranges(index, size)


def test_no_proof_is_built_or_followed_backwards() -> None:
    with pytest.raises(ConsistencyError, match="does not continue"):
        consistency_ranges(4, 3)
    with pytest.raises(ValueError, match="larger"):
        consistency_path(LEAVES, 9)
    with pytest.raises(ValueError, match="not smaller"):
        roots_from_consistency_path(LEAVES[0], old_size=3, new_size=3, path=[])


def test_hashes_of_another_length_and_endless_proofs_are_refused() -> None:
    root = merkle_root(LEAVES)
    with pytest.raises(InclusionError, match="at most 63 hashes of 32 bytes"):
        verify_inclusion(LEAVES[0][:-1], index=0, size=8, proof=inclusion_path(LEAVES, 0), root=root)
    with pytest.raises(ConsistencyError, match="at most 63"):
        verify_consistency(old_size=1, old_root=root, new_size=8, new_root=root, proof=[root] * 64)
    with pytest.raises(InclusionError, match="no tree has"):
        verify_inclusion(root, index=0, size=2**63, proof=(), root=root)


@pytest.mark.parametrize(
    ("size", "partial"),
    [(1, ()), (0, (bytes(32),)), (256, (b"",)), (2, (bytes(32),)), (256, (bytes(32), bytes(32))), (-1, ())],
)
def test_an_edge_that_does_not_fit_its_size_is_refused(size: int, partial: tuple[bytes, ...]) -> None:
    with pytest.raises(TileError):
        RightEdge(size=size, partial=partial)


def test_a_stored_edge_of_another_length_is_refused() -> None:
    with pytest.raises(TileError, match="has 64 bytes, got 96"):
        parse_edge(2, bytes(96))
    with pytest.raises(TileError, match="has 64 bytes, got 63"):
        parse_edge(2, bytes(32) + bytes(31))
    with pytest.raises(TileError, match="from 0 to"):
        parse_edge(2**63, b"")


def test_only_hashes_are_appended() -> None:
    with pytest.raises(TileError, match="32 bytes"):
        append_leaves(EMPTY_EDGE, [b"entry"])
