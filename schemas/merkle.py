"""Merkle trees as RFC 6962, section 2.1, splits them; leaves come in hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32


def entry_hash(entry: bytes) -> bytes:
    """Return the leaf hash of a log's entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; the root of nothing is the hash of nothing.

    Row by row: joining neighbours, and passing on the last of an odd row, gives the tree that the recursion of
    RFC 6962 defines, in a third of the time.
    """
    if not leaves:
        return hashlib.sha256().digest()
    row = leaves
    while len(row) > 1:
        joined = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(row[::2], row[1::2], strict=False)
        ]
        row = [*joined, row[-1]] if len(row) % 2 else joined
    return row[0]


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of one leaf, from the leaf's side up."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_path(leaves[:split], index), merkle_root(leaves[split:])]
    return [*inclusion_path(leaves[split:], index - split), merkle_root(leaves[:split])]


def root_from_path(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a leaf and its audit path lead to (RFC 9162, section 2.1.3.2); raise ValueError."""
    if not 0 <= index < size:
        raise ValueError("the leaf is outside the tree")
    first, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the path is too long")
        if first % 2 or first == last:
            root = node_hash(sibling, root)
            while not first % 2 and first:
                first, last = first // 2, last // 2
        else:
            root = node_hash(root, sibling)
        first, last = first // 2, last // 2
    if last:
        raise ValueError("the path is too short")
    return root


def consistency_path(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the consistency proof from the tree of the first `old_size` leaves to that of all (2.1.2).

    Raises ValueError unless 0 < old_size <= len(leaves).
    """
    if not 0 < old_size <= len(leaves):
        raise ValueError("the old tree is empty, or larger than the new one")
    return _subproof(leaves, old_size, complete=True)


def _subproof(leaves: Sequence[bytes], old_size: int, *, complete: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if complete else [merkle_root(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(leaves[:split], old_size, complete=complete), merkle_root(leaves[split:])]
    return [*_subproof(leaves[split:], old_size - split, complete=False), merkle_root(leaves[:split])]


def roots_from_consistency_path(
    old_root: bytes, *, old_size: int, new_size: int, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the old and the new root that a consistency proof leads to (RFC 9162, section 2.1.4.2).

    The proof holds when both are the roots that were expected. Raises ValueError for a proof that cannot be one.
    """
    if not 0 < old_size < new_size:
        raise ValueError("the old tree is empty, or not smaller than the new one")
    # 1. and 2. An empty path shows nothing; a full tree's own root is the first hash, and not in the path.
    if not path:
        raise ValueError("the path is empty")
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    # 3. and 4.
    first, last = old_size - 1, new_size - 1
    while first % 2:
        first, last = first // 2, last // 2
    # 5. and 6.
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ValueError("the path is too long")
        if first % 2 or first == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not first % 2 and first:
                first, last = first // 2, last // 2
        else:
            new = node_hash(new, sibling)
        first, last = first // 2, last // 2
    # 7.
    if last:
        raise ValueError("the path is too short")
    return old, new


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
