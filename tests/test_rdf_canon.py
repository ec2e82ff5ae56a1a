"""The W3C test suite of RDFC-1.0, every test of it, unchanged."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from schemas import LimitError, Quad, canonicalize, issued_identifiers, literal

SUITE = Path(__file__).parent / "vectors" / "w3c" / "rdf-canon"
ENTRIES = json.loads((SUITE / "manifest.jsonld").read_text(encoding="utf-8"))["entries"]
_TERM = re.compile(
    r'(?P<iri><[^>]*>)|(?P<node>_:[\w.-]+)|"(?P<text>(?:[^"\\]|\\.)*)"(?:\^\^<(?P<type>[^>]*)>|@(?P<language>[\w-]+))?'
)


def _unescaped(text: str) -> str:
    escapes = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}

    def one(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if code[0] in "uU" else escapes.get(code, code)

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", one, text)


def _quads(file: Path) -> list[Quad]:
    """Read N-Quads as the suite writes them."""
    quads = []
    for line in file.read_text(encoding="utf-8").split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        terms = []
        for match in _TERM.finditer(line):
            if match["text"] is not None:
                extra = {"datatype": _unescaped(match["type"])} if match["type"] else {}
                terms.append(literal(_unescaped(match["text"]), language=match["language"] or "", **extra))
            else:
                terms.append(_unescaped(match[0]))
        quads.append(Quad(*terms))
    return quads


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"].lstrip("#"))
def test_the_w3c_suite_of_rdfc_1_0(entry: dict[str, Any]) -> None:
    quads = _quads(SUITE / entry["action"])
    hash_name = entry.get("hashAlgorithm", "SHA256").lower()
    match entry["type"]:
        case "rdfc:RDFC10EvalTest":
            expected = (SUITE / entry["result"]).read_text(encoding="utf-8")
            assert canonicalize(quads, hash_name=hash_name) == expected
        case "rdfc:RDFC10MapTest":
            issued = issued_identifiers(quads, hash_name=hash_name)
            expected = json.loads((SUITE / entry["result"]).read_text(encoding="utf-8"))
            assert {old[2:]: new[2:] for old, new in issued.items()} == expected
        case "rdfc:RDFC10NegativeEvalTest":
            with pytest.raises(LimitError):
                canonicalize(quads, hash_name=hash_name)
        case other:
            pytest.fail(f"the suite has a new kind of test: {other}")


def test_the_suite_is_complete() -> None:
    assert len([entry for entry in ENTRIES if entry["type"] != "rdfc:RDFC10MapTest"]) >= 65


@pytest.mark.parametrize("size", [3, 5, 8, 12, 40])
def test_a_poison_graph_stops_after_a_counted_number_of_steps(size: int) -> None:
    clique = [
        Quad(f"_:n{one}", "<https://example.org/knows>", f"_:n{two}")
        for one in range(size)
        for two in range(size)
        if one != two
    ]
    if size <= 5:
        assert canonicalize(clique).count("\n") == size * (size - 1)
    else:
        with pytest.raises(LimitError, match="point at each other"):
            canonicalize(clique)
