"""The item of a badge's evidence that carries the log's proof (TRANSPARENCY.md, section 1, step 6)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from schemas.errors import DocumentError
from schemas.tlog import MAX_TLOG_PROOF_BYTES, TlogProof, format_tlog_proof, parse_tlog_proof

TLOG_PROOF = "c2sp.org/tlog-proof@v1"
PREFIX = "data:text/plain;charset=utf-8;base64,"
_MEMBERS = frozenset({"id", "type", "genre"})
_MAX_TEXT = len(PREFIX) + 4 * (MAX_TLOG_PROOF_BYTES // 3 + 1)


class LogProofError(DocumentError):
    """The log proof in a badge is not in the one form that it has."""


def log_proof_item(proof: TlogProof) -> dict[str, Any]:
    """Return the evidence item for a proof."""
    text = base64.b64encode(format_tlog_proof(proof)).decode("ascii")
    return {"id": f"{PREFIX}{text}", "type": ["Evidence"], "genre": TLOG_PROOF}


def read_log_proof(credential: Mapping[str, Any]) -> TlogProof | None:
    """Return the log proof that a badge carries, None where it has none.

    Raises LogProofError for two of them, for further members, and for another spelling of the same bytes;
    TlogError for a proof that cannot be read.
    """
    found = [item for item in _evidence(credential) if _is_claimed(item)]
    if not found:
        return None
    if len(found) > 1:
        raise LogProofError(
            "the badge carries two log proofs, so nobody can say which is meant", pointer="/evidence"
        )
    item = found[0]
    if item.keys() != _MEMBERS or item["type"] not in (["Evidence"], "Evidence"):
        raise LogProofError("the log proof has other members than id, type and genre", pointer="/evidence")
    return parse_tlog_proof(_decode(item["id"]))


def without_log_proof(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Return a badge without its log proof; an item with further members is none, and stays."""
    kept = dict(credential)
    items = [item for item in _evidence(credential) if not (_is_claimed(item) and item.keys() == _MEMBERS)]
    if items:
        kept["evidence"] = items
    else:
        kept.pop("evidence", None)
    return kept


def with_log_proof(credential: Mapping[str, Any], proof: TlogProof) -> dict[str, Any]:
    """Return a badge that carries a log proof, as the last item of its evidence."""
    return {**credential, "evidence": [*_evidence(credential), log_proof_item(proof)]}


def _evidence(credential: Mapping[str, Any]) -> list[Any]:
    evidence = credential.get("evidence", [])
    return evidence if isinstance(evidence, list) else [evidence]


def _is_claimed(item: object) -> bool:
    return isinstance(item, Mapping) and item.get("genre") == TLOG_PROOF


def _decode(url: object) -> bytes:
    """Read the data URL: this very prefix, and base64 in its one canonical spelling."""
    if not isinstance(url, str) or not url.startswith(PREFIX) or len(url) > _MAX_TEXT:
        raise LogProofError(f"the log proof is not a text that begins with {PREFIX}", pointer="/evidence")
    text = url.removeprefix(PREFIX)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LogProofError("the log proof is not base64", pointer="/evidence") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise LogProofError("the log proof is not written in canonical base64", pointer="/evidence")
    return data
