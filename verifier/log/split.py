"""Two signed heads of one log: the later one continues the earlier one, or there is a second history."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

from schemas import format_date_time
from schemas.tlog import TileID, TlogError, build_consistency_proof, format_vkey, verify_consistency
from verifier.log.findings import Findings
from verifier.log.heads import Head
from verifier.log.source import LogSource, SourceError, read_tile
from verifier.log.walk import Walk

SPLIT = "SPLIT_VIEW"


def compare_heads(stored: Head | None, head: Head, *, now: datetime, findings: Findings) -> bytes | None:
    """Compare two heads as they are; return the evidence when they contradict each other at once."""
    if stored is None or head.size > stored.size:
        return None
    if head.size < stored.size:
        findings.add(
            "CHECKPOINT_SMALLER",
            f"The log shows {head.size} leaves; {stored.size} were signed and seen before. Either an old "
            "checkpoint is served, or leaves were taken back. The head that was seen before is kept.",
        )
        return None
    if head.root == stored.root:
        return None
    findings.add(SPLIT, f"The log signed two trees of {head.size} leaves: one log, two histories.")
    return _evidence(stored, head, other_root=None, proof=(), now=now)


def compare_trees(
    stored: Head | None, head: Head, walk: Walk, *, now: datetime, findings: Findings
) -> tuple[bool, bytes | None]:
    """Compare roots that were recomputed with those that were signed, after the pass over all leaves.

    Return whether the head is shown to be right and to continue the stored one, and the evidence when it is right
    and does not: then the log's own leaves show that it signed two histories.
    """
    if walk.root is None:
        return False, None
    if walk.root != head.root:
        findings.add(
            "ROOT_DIFFERS", f"The {head.size} leaves that the log shows are not those that it signed for."
        )
        return False, None
    if stored is None or stored.size >= head.size:
        return stored is None or stored.size == head.size, None
    if walk.old_root == stored.root:
        return True, None
    assert walk.old_root is not None
    findings.add(
        SPLIT,
        f"The log signed for {stored.size} leaves before, and the {head.size} that it signs for now do not begin "
        "with them: one log, two histories.",
    )
    proof = _proof(walk.source, stored, head, other_root=walk.old_root)
    return False, _evidence(stored, head, other_root=walk.old_root, proof=proof, now=now)


def _proof(source: LogSource, stored: Head, head: Head, *, other_root: bytes) -> Sequence[bytes]:
    """Return the proof that the new tree began with another root, where the served tiles give one."""

    def read(tile: TileID) -> bytes:
        return read_tile(source, tile)

    try:
        proof = build_consistency_proof(stored.size, head.size, read=read)
        verify_consistency(
            old_size=stored.size, old_root=other_root, new_size=head.size, new_root=head.root, proof=proof
        )
    except (TlogError, SourceError):
        return ()
    return proof


def _evidence(
    stored: Head, head: Head, *, other_root: bytes | None, proof: Sequence[bytes], now: datetime
) -> bytes:
    """Return a text with both notes as they were signed, so that anybody can check them again."""
    lines = [
        f"# Two checkpoints of the log {head.verified.checkpoint.origin}, that contradict each other.",
        f"# The later one was seen at {format_date_time(now)}.",
        f"# Signed with {format_vkey(stored.verified.log)}",
        f"# and with    {format_vkey(head.verified.log)}",
    ]
    if other_root is not None:
        lines += [
            f"# The first {stored.size} leaves of the second tree have another root than the first checkpoint:",
            f"# {_text(other_root)}",
            "# Consistency proof (RFC 6962) from that root to the second checkpoint, one hash on each line:",
            *(f"# {_text(hash_)}" for hash_ in proof),
        ]
    text = "".join(f"{line}\n" for line in lines).encode()
    return text + b"\n# First checkpoint:\n" + stored.note + b"\n# Second checkpoint:\n" + head.note


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
