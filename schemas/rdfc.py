"""RDF Dataset Canonicalization (RDFC-1.0, W3C Recommendation of 2024-05-21), with a bound on its work.

A quad is four texts in canonical N-Quads syntax (subject, predicate, object, graph; graph "" for the default
graph), so a blank node is a text that begins with "_:". Datasets can be made whose canonical form takes a
lifetime ("poison graphs"); we count the steps and stop.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import permutations
from typing import NamedTuple, TypeVar

from schemas.errors import LimitError
from schemas.work import Work

MAX_STEPS = 20_000  # the hardest of the W3C suite takes 6,156
MAX_QUADS = 50_000

# Characters that canonical N-Quads writes as an escape (RDFC-1.0, section 5).
_ESCAPES = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)}
_ESCAPES |= {
    ord(raw): text
    for raw, text in zip('\b\t\n\f\r"\\', (r"\b", r"\t", r"\n", r"\f", r"\r", r"\"", r"\\"), strict=True)
}
Made = TypeVar("Made")
XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


class Quad(NamedTuple):
    """One statement; each term in canonical N-Quads syntax, `graph` is "" in the default graph."""

    subject: str
    predicate: str
    object: str
    graph: str = ""

    def line(self) -> str:
        """Return the statement as one line of N-Quads."""
        return f"{self.subject} {self.predicate} {self.object}{' ' if self.graph else ''}{self.graph} .\n"


def literal(value: str, *, datatype: str = XSD_STRING, language: str = "") -> str:
    """Return a literal in canonical N-Quads syntax."""
    quoted = f'"{value.translate(_ESCAPES)}"'
    if language:
        return f"{quoted}@{language}"
    return quoted if datatype == XSD_STRING else f"{quoted}^^<{datatype}>"


class _Issuer:
    """Gives each blank node the next identifier, once (RDFC-1.0, section 4.5)."""

    __slots__ = ("_prefix", "issued")

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self._prefix = prefix
        self.issued = issued if issued is not None else {}

    def issue(self, node: str) -> str:
        return self.issued.setdefault(node, f"{self._prefix}{len(self.issued)}")

    def copy(self) -> _Issuer:
        return _Issuer(self._prefix, dict(self.issued))


def canonicalize(
    quads: Iterable[Quad], *, hash_name: str = "sha256", max_steps: int = MAX_STEPS, work: Work | None = None
) -> str:
    """Return the canonical N-Quads of a dataset; raise LimitError when that takes too many steps.

    With `work` the steps of a whole check count together.
    """
    return _run(quads, _Canonicalization.text, hash_name, max_steps, work)


def issued_identifiers(
    quads: Iterable[Quad], *, hash_name: str = "sha256", max_steps: int = MAX_STEPS, work: Work | None = None
) -> dict[str, str]:
    """Return the map from the dataset's blank nodes to their canonical identifiers, both with "_:"."""
    return _run(quads, _Canonicalization.identifiers, hash_name, max_steps, work)


def _run(
    quads: Iterable[Quad],
    what: Callable[[_Canonicalization], Made],
    hash_name: str,
    max_steps: int,
    work: Work | None,
) -> Made:
    steps = max_steps if work is None else min(max_steps, work.steps_left)
    run = _Canonicalization(quads, hash_name=hash_name, max_steps=steps)
    try:
        return what(run)
    except RecursionError:
        raise LimitError("the document's unnamed parts form too long a chain to be put in order") from None
    finally:
        if work is not None:
            work.steps_left -= steps - max(run.steps, 0)


class _Canonicalization:
    """The state of one run (RDFC-1.0, section 4.2)."""

    def __init__(self, quads: Iterable[Quad], *, hash_name: str, max_steps: int) -> None:
        self._quads = list(dict.fromkeys(quads))
        if len(self._quads) > MAX_QUADS:
            raise LimitError(f"the document makes more than {MAX_QUADS:,} statements")
        self._new_hash: Callable[..., hashlib._Hash] = getattr(hashlib, hash_name)
        self.steps = max_steps
        self._canonical = _Issuer("_:c14n")
        self._first_degree: dict[str, str] = {}
        # 2. Which quads mention each blank node.
        self._mentions: dict[str, list[Quad]] = defaultdict(list)
        for quad in self._quads:
            for node in {term for term in (quad.subject, quad.object, quad.graph) if term.startswith("_:")}:
                self._mentions[node].append(quad)

    def text(self) -> str:
        """4.4.3, steps 3 to 6, then the sorted statements."""
        issued = self.identifiers()
        rename = issued.get
        return "".join(
            sorted(
                Quad(
                    rename(quad.subject, quad.subject),
                    quad.predicate,
                    rename(quad.object, quad.object),
                    rename(quad.graph, quad.graph),
                ).line()
                for quad in self._quads
            )
        )

    def identifiers(self) -> dict[str, str]:
        """4.4.3, steps 3 to 5."""
        # 3. Nodes by the hash of what is said about them.
        by_hash: dict[str, list[str]] = defaultdict(list)
        for node in self._mentions:
            by_hash[self._hash_first_degree(node)].append(node)
        # 4. A hash that only one node has names that node.
        for hash_ in sorted(by_hash):
            if len(by_hash[hash_]) == 1:
                self._canonical.issue(by_hash[hash_][0])
        # 5. The others are told apart by their neighbours.
        for hash_ in sorted(by_hash):
            if len(by_hash[hash_]) == 1:
                continue
            results: list[tuple[str, _Issuer]] = []
            for node in by_hash[hash_]:
                if node in self._canonical.issued:
                    continue
                temporary = _Issuer("_:b")
                temporary.issue(node)
                results.append(self._hash_n_degree(node, temporary))
            for _, issuer in sorted(results, key=lambda result: result[0]):
                for node in issuer.issued:
                    self._canonical.issue(node)
        return self._canonical.issued

    def _hash(self, text: str) -> str:
        return self._new_hash(text.encode("utf-8")).hexdigest()

    def _step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise LimitError(
                "the document's unnamed parts point at each other in too many ways to be put in order"
            )

    def _hash_first_degree(self, node: str) -> str:
        """4.6: the hash of the quads that mention a node, with it as _:a and all other nodes as _:z."""
        if node not in self._first_degree:

            def mark(term: str) -> str:
                return ("_:a" if term == node else "_:z") if term.startswith("_:") else term

            lines = sorted(
                Quad(mark(quad.subject), quad.predicate, mark(quad.object), mark(quad.graph)).line()
                for quad in self._mentions[node]
            )
            self._first_degree[node] = self._hash("".join(lines))
        return self._first_degree[node]

    def _hash_related(self, related: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        """4.7: the hash of a neighbour, by the name it has or else by its own quads."""
        name = self._canonical.issued.get(related) or issuer.issued.get(related)
        predicate = quad.predicate if position != "g" else ""
        return self._hash(position + predicate + (name or self._hash_first_degree(related)))

    def _neighbours(self, node: str, issuer: _Issuer) -> Iterator[tuple[str, list[str]]]:
        """4.8.3, steps 1 to 3: the hashes of a node's neighbours, in order, with the nodes that have each."""
        found: dict[str, list[str]] = defaultdict(list)
        for quad in self._mentions[node]:
            for position, term in (("s", quad.subject), ("o", quad.object), ("g", quad.graph)):
                if term.startswith("_:") and term != node:
                    self._step()
                    found[self._hash_related(term, quad, issuer, position)].append(term)
        for hash_ in sorted(found):
            yield hash_, found[hash_]

    def _hash_n_degree(self, node: str, issuer: _Issuer) -> tuple[str, _Issuer]:
        """4.8: the hash of a node by the smallest way to walk through its neighbourhood."""
        self._step()
        to_hash = []
        # 5. For each hash and the neighbours that have it:
        for hash_, related in list(self._neighbours(node, issuer)):
            chosen_path, chosen_issuer = "", issuer
            # 5.4. Try each order of those neighbours; the least path counts.
            for order in permutations(related):
                self._step()
                result = self._walk(order, issuer.copy(), chosen_path)
                if result is not None and (not chosen_path or result[0] < chosen_path):
                    chosen_path, chosen_issuer = result
            to_hash += [hash_, chosen_path]
            issuer = chosen_issuer
        return self._hash("".join(to_hash)), issuer

    def _walk(self, order: tuple[str, ...], issuer: _Issuer, chosen: str) -> tuple[str, _Issuer] | None:
        """4.8.3, steps 5.4.1 to 5.4.5; None when the path grows beyond the chosen one."""
        path, recursion = "", []
        for related in order:
            if name := self._canonical.issued.get(related):
                path += name
            else:
                if related not in issuer.issued:
                    recursion.append(related)
                path += issuer.issue(related)
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        for related in recursion:
            hash_, result_issuer = self._hash_n_degree(related, issuer)
            path += issuer.issue(related) + f"<{hash_}>"
            issuer = result_issuer
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        return path, issuer
