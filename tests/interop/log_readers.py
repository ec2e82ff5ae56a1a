"""Reads our log with what others published on PyPI: metamorphic-log and aics-tlog. Runs in tests/interop/.venv.

usage: log_readers.py JOB.json, the same file that golog/main.go reads. Prints one line of JSON for each reader.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def aics(job: dict[str, Any]) -> dict[str, Any]:
    """Read the whole log with aics-tlog; it builds its own proofs, and checks ours."""
    import aics_tlog as t  # type: ignore[import-not-found]  # it is in a venv of its own

    folder = Path(job["Folder"])
    key = t.parse_vkey(job["Vkey"])

    def head(signed: str) -> Any:
        note = t.parse_note(signed)
        result = t.verify_checkpoint(note, key, expected_origin=key.name)
        assert result.ok, result.error
        return t.parse_checkpoint(note.text)

    now = head((folder / "checkpoint").read_text(encoding="utf-8"))
    reader = t.FileSystemTileReader(folder)
    audited = t.audit_tiles(reader, now.size, now.root)
    verified = t.VerifiedTileReader(reader, now.size, now.root)
    for index in range(now.size):
        made = t.inclusion_proof_from_tiles(verified, index, now.size)
        assert t.verify_leaf_inclusion(verified.entry(index), index, now.size, made, now.root), index
    older = {before.size: before.root for before in map(head, job["Older"])}
    for size, root in older.items():
        made = t.consistency_proof_from_tiles(verified, size, now.size)
        assert t.verify_consistency(size, now.size, root, now.root, made), size
    for proof in job["Proofs"]:
        hashes = [base64.b64decode(text) for text in proof["Hashes"]]
        if "Old" in proof:
            assert t.verify_consistency(proof["Old"], now.size, older[proof["Old"]], now.root, hashes), proof
        else:
            leaf = base64.b64decode(proof["Leaf"])
            assert t.verify_inclusion(leaf, proof["Index"], now.size, hashes, now.root), proof
    return {
        "Size": now.size,
        "Records": audited.size,
        "Trees": len(older),
        "Proofs": len(job["Proofs"]),
    }


def metamorphic(job: dict[str, Any]) -> dict[str, Any]:
    """Check the checkpoints and our proofs with metamorphic-log; it raises where one does not hold."""
    import metamorphic_log as m  # type: ignore[import-not-found]  # it is in a venv of its own

    signed = (Path(job["Folder"]) / "checkpoint").read_text(encoding="utf-8")
    keys = [job["Vkey"]]
    now = m.checkpoint_verify(signed, keys)
    older = {m.checkpoint_verify(text, keys).size: text for text in job["Older"]}
    for proof in job["Proofs"]:
        hashes = [base64.b64decode(text) for text in proof["Hashes"]]
        if "Old" in proof:
            m.checkpoint_verify_consistency(older[proof["Old"]], signed, keys, hashes)
        else:
            leaf = base64.b64decode(proof["Leaf"])
            m.checkpoint_verify_inclusion(signed, keys, proof["Index"], leaf, hashes)
    return {"Size": now.size, "Trees": len(older), "Proofs": len(job["Proofs"])}


def main(path: str) -> None:
    """Let each reader read."""
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    from metamorphic_log import VerifyError

    readers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"aics": aics, "metamorphic": metamorphic}
    told = {}
    for name, read in readers.items():
        try:
            told[name] = read(job)
        except (AssertionError, ValueError, VerifyError) as error:  # their refusals; anything else is a fault
            told[name] = {"Error": f"{type(error).__name__}: {error}"}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
