"""Merkle trees as RFC 6962, section 2.1, splits them; leaves come in hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; the root of nothing is the hash of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(merkle_root(leaves[:split]), merkle_root(leaves[split:]))


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


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
