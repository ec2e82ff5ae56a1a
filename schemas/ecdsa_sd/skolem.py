"""Names for the unnamed: so that a part of a document can be found again in the whole.

VC-DI ECDSA 1.0, sections 3.4.5 to 3.4.9. The specification expands a document, names every blank node with a URN,
and compacts it again. Compacting can change the shape that JSON pointers follow (a list of one becomes its item,
an object of only an id becomes a text), so here the URNs are put into the compact document itself. That the
result still says the same is not assumed but checked: its canonical form must be the document's own.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.ecdsa_sd.proof_value import MAX_STATEMENTS
from schemas.errors import LimitError, ProofError
from schemas.jsonld import to_quads
from schemas.pinned import ContextSet
from schemas.rdfc import Quad, canonicalize

_URN = "urn:bnid:"
_TERM = f"<{_URN}"
_UNNAMED = "_:u"
_NO_NODE = frozenset({"id", "@id", "@value", "@list", "@set"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Skolemized:
    """A document with a URN for each unnamed node, and its statements with blank nodes called like them."""

    compact: Mapping[str, Any]
    quads: tuple[Quad, ...]


def skolemize_compact_json_ld(document: Mapping[str, Any], *, contexts: ContextSet) -> Skolemized:
    """Section 3.4.8, skolemizeCompactJsonLd, and 3.4.9 for the whole document.

    Raises ProofError (PROOF_GENERATION_ERROR) when the document cannot be named through, LimitError when it
    makes more statements than are signed one by one, and the DocumentErrors of JSON-LD.
    """
    # 1. What the document says, with every check of safe mode.
    original = to_quads(document, contexts=contexts)
    if len(original) > MAX_STATEMENTS:
        raise LimitError(
            f"the document makes more than {MAX_STATEMENTS:,} statements, too many to sign one by one"
        )
    if any(term.startswith(_TERM) for quad in original for term in quad):
        raise _cannot(f"it uses names that begin with {_URN}, which are ours to give here")
    if name := _own_blank_node(document):
        raise _cannot(f"it calls a part {name!r:.80}; give it a URL or leave out its id")
    # 2. A URN for each object without an id; objects that turn out to be no nodes (JSON values) lose it again.
    numbers = _Numbers(frozenset())
    compact = numbers.name(document)
    quads = to_quads(compact, contexts=contexts)
    used = {term for quad in quads for term in (quad.subject, quad.object, quad.graph) if term.startswith(_TERM)}
    if unused := frozenset(number for number in range(numbers.given) if f"{_TERM}n{number}>" not in used):
        compact = _Numbers(unused).name(document)
        quads = to_quads(compact, contexts=contexts)
    # 3. The same statements, or nothing.
    deskolemized = deskolemize(quads)
    if canonicalize(deskolemized) != canonicalize(original):
        raise _cannot("its parts cannot be told from each other (two proofs inside one part, or a map of parts)")
    return Skolemized(compact=compact, quads=tuple(deskolemized))


def deskolemize(quads: list[Quad]) -> list[Quad]:
    """Section 3.4.6, deskolemizeNQuads: URNs become blank nodes again, `<urn:bnid:n7>` is `_:n7`.

    What JSON-LD itself leaves unnamed (the cells of an ordered list, the graph of an embedded proof) is named
    by who points at it, so that it is called alike in a document and in a part of it.
    """
    named = [Quad(*(_blank(term) for term in quad)) for quad in quads]
    names = _names_by_pointer(named)
    return [Quad(*(names.get(term, term) for term in quad)) for quad in named] if names else named


def _names_by_pointer(quads: list[Quad]) -> dict[str, str]:
    """Return names for the unnamed nodes that a named one points at, directly or through others of them."""
    names: dict[str, str] = {}
    waiting: dict[str, list[Quad]] = defaultdict(list)
    ready = [quad for quad in reversed(quads) if quad.object.startswith(_UNNAMED)]
    while ready:
        quad = ready.pop()
        subject, graph = names.get(quad.subject, quad.subject), names.get(quad.graph, quad.graph)
        if unnamed := next((term for term in (subject, graph) if term.startswith(_UNNAMED)), ""):
            waiting[unnamed].append(quad)
        else:
            pointer = f"{subject}\n{quad.predicate}\n{graph}"
            names.setdefault(quad.object, "_:p" + hashlib.sha256(pointer.encode("utf-8")).hexdigest())
            ready += waiting.pop(quad.object, [])
    return names


def to_deskolemized_nquads(skolemized: Mapping[str, Any] | None, *, contexts: ContextSet) -> list[Quad]:
    """Section 3.4.9, toDeskolemizedNQuads, of a selection; none when nothing was selected."""
    return deskolemize(to_quads(skolemized, contexts=contexts)) if skolemized is not None else []


def _cannot(reason: str) -> ProofError:
    return ProofError(f"the document cannot be shown in parts: {reason}", code="PROOF_GENERATION_ERROR")


def _blank(term: str) -> str:
    if term.startswith(_TERM):
        return f"_:{term[len(_TERM) : -1]}"
    return f"{_UNNAMED}{term[2:]}" if term.startswith("_:") else term


class _Numbers:
    """Section 3.4.7, skolemizeExpandedJsonLd, on the compact form: copies a document and counts its objects."""

    __slots__ = ("_without", "given")

    def __init__(self, without: frozenset[int]) -> None:
        self._without = without
        self.given = 0

    def name(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.name(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        named: dict[str, Any] = {}
        if _NO_NODE.isdisjoint(value):
            if self.given not in self._without:
                named["@id"] = f"{_URN}n{self.given}"
            self.given += 1
        return named | {name: child if name == "@context" else self.name(child) for name, child in value.items()}


def _own_blank_node(value: Any) -> str:
    """Return a blank node's name that the document itself gives; "" when it gives none."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            stack += [child for name, child in node.items() if name not in {"@context", "@value"}]
        elif isinstance(node, list):
            stack += node
        elif isinstance(node, str) and node.startswith("_:") and not any(letter.isspace() for letter in node):
            return node
    return ""
