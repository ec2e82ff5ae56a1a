"""Proofs over a tree that is stored in tiles: which tiles they need, how they are built, and how they are checked.

A proof is a list of Merkle Tree Hashes MTH(D[begin:end]) (RFC 6962, sections 2.1.1 and 2.1.2). Each such range is
cut into full subtrees, and each full subtree lies in one tile (c2sp.org/tlog-tiles, "Merkle Tree").
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from schemas.merkle import HASH_BYTES, merkle_root, node_hash, root_from_path, roots_from_consistency_path
from schemas.tlog.errors import ConsistencyError, InclusionError
from schemas.tlog.lines import MAX_PROOF_HASHES, MAX_SIZE
from schemas.tlog.tiles import TILE_HEIGHT, TILE_WIDTH, TileID, tile_hashes, width_in_tree

EMPTY_ROOT = hashlib.sha256().digest()
Range = tuple[int, int]
# Gives a tile's bytes: from a file, a cache, the network. Whatever it raises goes through.
TileReader = Callable[[TileID], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """A full subtree: MTH(D[index * 2**height : (index + 1) * 2**height])."""

    height: int
    index: int


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges of a Merkle audit path, "PATH(m, D[n])", from the leaf's sibling up (section 2.1.1)."""
    if not 0 <= index < size <= MAX_SIZE:
        raise InclusionError(f"a tree of {size} leaves has no leaf number {index}")
    begin, end, ranges = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[Range]:
    """Return the ranges of a Merkle consistency proof, "PROOF(m, D[n])" (section 2.1.2).

    From the empty tree, and between equal trees, the proof is empty.
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise ConsistencyError(f"a tree of {new_size} leaves does not continue one of {old_size}")
    if old_size == 0:
        return []
    begin, end, ranges = 0, new_size, []
    while old_size != end:
        middle = begin + _split(end - begin)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((begin, middle))
            begin = middle
    if begin:  # SUBPROOF went to the right, so the reader does not have this hash from the old root
        ranges.append((begin, end))
    return ranges[::-1]


def tiles_for(ranges: Iterable[Range], *, size: int) -> tuple[TileID, ...]:
    """Return the tiles, each once, that the hashes of these ranges are made from in a tree of `size` leaves."""
    nodes = (node for begin, end in ranges for node in _nodes(begin, end))
    return tuple(dict.fromkeys(_place(node, size)[0] for node in nodes))


def inclusion_tiles(index: int, size: int) -> tuple[TileID, ...]:
    """Return the tiles that `build_inclusion_proof` will read."""
    return tiles_for(inclusion_ranges(index, size), size=size)


def consistency_tiles(old_size: int, new_size: int) -> tuple[TileID, ...]:
    """Return the tiles that `build_consistency_proof` will read."""
    return tiles_for(consistency_ranges(old_size, new_size), size=new_size)


def build_inclusion_proof(index: int, size: int, *, read: TileReader) -> tuple[bytes, ...]:
    """Return the audit path of a leaf; raise InclusionError or TileError.

    Tiles from strangers prove nothing by themselves: `verify_inclusion` with the checkpoint's root does.
    """
    return _hashes(inclusion_ranges(index, size), size=size, read=read)


def build_consistency_proof(old_size: int, new_size: int, *, read: TileReader) -> tuple[bytes, ...]:
    """Return the consistency proof between two sizes of one tree; raise ConsistencyError or TileError."""
    return _hashes(consistency_ranges(old_size, new_size), size=new_size, read=read)


def tree_root(size: int, *, read: TileReader) -> bytes:
    """Return the root of a tree from the tiles of its right edge; raise TileError."""
    return _hashes([(0, size)], size=size, read=read)[0] if size else EMPTY_ROOT


def verify_inclusion(leaf_hash: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return nothing when the leaf is in the tree (RFC 9162, section 2.1.3.2), or raise InclusionError."""
    _check_inputs((leaf_hash, root, *proof), proof=proof, size=size, error=InclusionError)
    try:
        reached = root_from_path(leaf_hash, index=index, size=size, path=proof)
    except ValueError as error:
        raise InclusionError(f"the inclusion proof does not fit leaf {index} of {size}: {error}") from error
    if reached != root:
        raise InclusionError(f"the inclusion proof leads from leaf {index} to another root than the checkpoint's")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Return nothing when the new tree begins with the old one, or raise ConsistencyError.

    Steps: RFC 9162, section 2.1.4.2. "The empty tree is consistent with any tree, so no
    proof is necessary" (tlog-witness); nor between equal ones.
    """
    _check_inputs((old_root, new_root, *proof), proof=proof, size=new_size, error=ConsistencyError)
    for size, root in ((old_size, old_root), (new_size, new_root)):
        if size == 0 and root != EMPTY_ROOT:
            raise ConsistencyError("the root of an empty tree is the hash of nothing; this one is another")
    if old_size in (0, new_size):
        if proof:
            raise ConsistencyError("between these trees the consistency proof is empty")
        if old_size == new_size and old_root != new_root:
            raise ConsistencyError(f"two trees of {new_size} leaves have different roots: one log, two histories")
        return
    try:
        reached = roots_from_consistency_path(old_root, old_size=old_size, new_size=new_size, path=proof)
    except ValueError as error:
        raise ConsistencyError(f"the proof does not fit trees of {old_size} and {new_size}: {error}") from error
    if reached != (old_root, new_root):
        raise ConsistencyError(f"the tree of {new_size} leaves does not continue the one of {old_size}")


def _check_inputs(
    hashes: Sequence[bytes],
    *,
    proof: Sequence[bytes],
    size: int,
    error: type[InclusionError | ConsistencyError],
) -> None:
    if len(proof) > MAX_PROOF_HASHES or any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise error(f"a proof is at most {MAX_PROOF_HASHES} hashes of {HASH_BYTES} bytes")
    if not 0 <= size <= MAX_SIZE:
        raise error(f"no tree has {size} leaves")


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _nodes(begin: int, end: int) -> list[_Node]:
    """Cut a range that RFC 6962 makes into full subtrees, from left to right, the largest first."""
    nodes = []
    while begin < end:
        height = (end - begin).bit_length() - 1
        nodes.append(_Node(height=height, index=begin >> height))
        begin += 1 << height
    return nodes


def _place(node: _Node, size: int) -> tuple[TileID, int, int]:
    """Return the tile that a full subtree lies in, and the first and the last (excluded) hash of it there."""
    level, inner = divmod(node.height, TILE_HEIGHT)
    first = node.index << inner
    index, offset = divmod(first, TILE_WIDTH)
    tile = TileID(level=level, index=index, width=width_in_tree(size, level=level, index=index))
    return tile, offset, offset + (1 << inner)


def _hashes(ranges: Sequence[Range], *, size: int, read: TileReader) -> tuple[bytes, ...]:
    tiles: dict[TileID, list[bytes]] = {}

    def subtree(node: _Node) -> bytes:
        tile, first, last = _place(node, size)
        if tile not in tiles:
            tiles[tile] = tile_hashes(read(tile), tile)
        return merkle_root(tiles[tile][first:last])

    def mth(begin: int, end: int) -> bytes:
        # The rightmost subtree is the smallest: RFC 6962 joins from there.
        return reduce(lambda right, left: node_hash(left, right), map(subtree, reversed(_nodes(begin, end))))

    return tuple(mth(begin, end) for begin, end in ranges)
