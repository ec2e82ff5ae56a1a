"""From a JSON-LD document to RDF statements, in safe mode.

PyLD reads the contexts and expands; around it stands what it lacks: everything that JSON-LD would silently drop
is an error here (a term or type that no context defines, a relative IRI, null), only pinned contexts are used,
and the work is bounded before it begins. VC Data Integrity 1.0, section 2.4.1; JSON-LD 1.1 API, section 8.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.errors import DataLossError, DocumentError, LimitError, MalformedValueError, UnknownContextError
from schemas.pinned import PINNED, ContextSet
from schemas.rdfc import Quad, literal

MAX_CONTEXTS = 128  # an embedded endorsement brings two
MAX_NODES = 6_000
MAX_DEFINITIONS = 200  # in contexts that a document brings itself, which are processed again at each use
# PyLD compares each item of a list with each other one: 8,000 tags took it 15 seconds, 19,000 took 100.
MAX_COMPARISONS = 1_000_000
COMPARISONS_OF_A_NODE = 250  # so many take as long as reading one member
# An absolute IRI without the characters that N-Quads cannot hold; blank node names are ours to give. Nor may it
# hold a space of any alphabet (U+00A0, U+3000 ...): PyLD leaves every statement about such a node out, silently.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\s<>\"{}|^`\\]*")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")


def to_quads(document: Mapping[str, Any], *, contexts: ContextSet = PINNED) -> list[Quad]:
    """Return the statements of a document, or raise a DocumentError that names what would be lost.

    Relative references are errors: there is no base. Raises UnknownContextError, DataLossError,
    MalformedValueError or LimitError.
    """
    if contexts.work is None:
        return _to_quads(document, contexts)
    return contexts.work.once("quads", document, lambda: _to_quads(document, contexts))


def _to_quads(document: Mapping[str, Any], contexts: ContextSet) -> list[Quad]:
    from pyld import jsonld

    nodes, comparisons = _check_before(document)
    if contexts.work is not None:
        contexts.work.take_nodes(nodes + comparisons // COMPARISONS_OF_A_NODE)
    dropped: list[str | None] = []
    # No base: with "" PyLD would take one of example.org, and turn what is relative into what looks absolute.
    options = {"documentLoader": contexts.document_loader, "base": None, "processingMode": "json-ld-1.1"}
    try:
        expanded = jsonld.expand(document, options, on_property_dropped=dropped.append)
        if dropped:
            term = dropped[0] or ""
            raise DataLossError(
                f"no context of the document defines the term {term[:80]!r}, so no signature covers it",
                pointer=_pointer_to(document, term),
            )
        for node in expanded:
            _check_expanded(node, document)
        if len(expanded) != 1 or "@graph" in expanded[0]:
            raise DataLossError("the document says nothing about itself")
        dataset = jsonld.to_rdf(expanded, options)
    except jsonld.JsonLdError as error:
        raise _refusal(error) from error
    except ValueError as error:  # PyLD has no error of its own for a relative context where there is no base
        raise UnknownContextError("a context of the document is not an absolute address") from error
    except (KeyError, IndexError, TypeError, AttributeError) as error:  # PyLD's slips over odd contexts
        message = "the document is not good JSON-LD: one of its contexts cannot be processed"
        raise MalformedValueError(message, pointer="/@context", code="PROOF_TRANSFORMATION_ERROR") from error
    except RecursionError:
        raise LimitError("the document is nested too deeply") from None
    return [
        Quad(_term(triple["subject"]), _term(triple["predicate"]), _term(triple["object"]), _graph(name))
        for name, triples in dataset.items()
        for triple in triples
    ]


def _refusal(error: BaseException) -> DocumentError:
    """Return our refusal for PyLD's, which may wrap one of ours."""
    cause: BaseException | None = error
    code = ""
    while cause is not None:
        if isinstance(cause, DocumentError):
            return cause
        code = getattr(cause, "code", None) or code
        cause = cause.__cause__
    if code in {"loading remote context failed", "loading document failed"}:
        return UnknownContextError("a context of the document is not known here")
    return MalformedValueError(
        f"the document is not good JSON-LD: {code or 'it cannot be expanded'}", code="PROOF_TRANSFORMATION_ERROR"
    )


def _check_before(document: Mapping[str, Any]) -> tuple[int, int]:
    """Count contexts, members and comparisons, and refuse null, before any work in proportion to them.

    Returns the number of members and items, and that of comparisons.
    """
    named: Counter[str] = Counter()
    contexts = definitions = nodes = comparisons = 0
    stack: list[tuple[Any, str]] = [(document, "")]
    while stack:
        value, pointer = stack.pop()
        nodes += 1
        if nodes > MAX_NODES:
            raise LimitError(f"the document has more than {MAX_NODES:,} members and items")
        if isinstance(value, Mapping):
            if "@context" in value:
                entries = value["@context"]
                definitions += _definitions_in(entries)
                if definitions > MAX_DEFINITIONS:
                    raise LimitError(
                        f"the document's own contexts have more than {MAX_DEFINITIONS} definitions",
                        pointer=pointer,
                    )
                contexts += len(entries) if isinstance(entries, list) else 1
                if contexts > MAX_CONTEXTS:
                    raise LimitError(f"the document names more than {MAX_CONTEXTS} contexts")
            stack += [(child, f"{pointer}/{_escape(name)}") for name, child in value.items() if name != "@context"]
        elif isinstance(value, list):
            stack += [(child, f"{pointer}/{index}") for index, child in enumerate(value)]
        elif value is None:
            raise DataLossError("null means nothing in JSON-LD; leave the member out", pointer=pointer)
        comparisons += _comparisons(value, named)
        if comparisons > MAX_COMPARISONS:
            raise LimitError("the document's lists are too long", pointer=pointer)
    return nodes, comparisons


def _comparisons(value: Any, named: Counter[str]) -> int:
    """Return how often PyLD compares for a value: the items of a list, and the members of parts with one id."""
    if isinstance(value, list):
        return len(value) ** 2
    name = value.get("id") if isinstance(value, Mapping) else None
    if not isinstance(name, str) or len(value) == 1:
        return 0
    named[name] += 1
    return (named[name] - 1) * len(value)


def _definitions_in(context: Any) -> int:
    """Count the members of the contexts that a document brings, as far as the limit."""
    count, stack = 0, [context]
    while stack and count <= MAX_DEFINITIONS:
        value = stack.pop()
        if isinstance(value, Mapping):
            count += len(value)
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return count


def _check_expanded(node: Any, document: Mapping[str, Any]) -> None:
    """Refuse what PyLD keeps in the expanded form but leaves out of the RDF."""
    for name, value in _members(node):
        if name == "@type":
            _check_types(value, document)
        elif name == "@id":
            if not _is_iri(value) and not str(value).startswith("_:"):
                raise DataLossError(
                    f"{str(value)[:80]!r} is not an absolute URL, so it names nothing by itself",
                    pointer=_pointer_to(document, str(value)),
                )
        elif name == "@graph":
            _check_graph(value, document)
        elif name == "@language":
            if not _LANGUAGE.fullmatch(str(value)):
                raise DataLossError(f"{str(value)[:80]!r} is not a language tag")
        elif not name.startswith("@") and not _is_iri(name):
            raise DataLossError(f"the property {name[:80]!r} is not an absolute URL")


def _check_types(value: Any, document: Mapping[str, Any]) -> None:
    for type_ in value if isinstance(value, list) else [value]:
        if type_ != "@json" and not _is_iri(type_):
            raise DataLossError(
                f"no context of the document defines the type {str(type_)[:80]!r}",
                pointer=_pointer_to(document, str(type_)),
            )


def _check_graph(parts: list[dict[str, Any]], document: Mapping[str, Any]) -> None:
    """What stands in a graph is a node with members; a text or a bare reference there makes no statement."""
    for part in parts:
        if not part.keys().isdisjoint({"@value", "@list"}) or not any(
            part[name] for name in part.keys() - {"@id"}
        ):
            said = str(part.get("@value", part.get("@id", "")))
            raise DataLossError(
                f"{said[:80]!r} stands where only an object with members of its own can stand",
                pointer=_pointer_to(document, said),
            )


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            for name, child in node.items():
                yield name, child
                if name not in {"@value", "@type", "@id"}:
                    stack.append(child)
                elif name == "@value" and node.get("@type") == "@json":
                    continue


def _is_iri(value: object) -> bool:
    return isinstance(value, str) and _IRI.fullmatch(value) is not None


def _term(term: Mapping[str, str]) -> str:
    if term["type"] == "IRI":
        return f"<{term['value']}>"
    if term["type"] == "blank node":
        return term["value"]
    return literal(term["value"], datatype=term["datatype"], language=term.get("language", ""))


def _graph(name: str) -> str:
    if name == "@default":
        return ""
    return name if name.startswith("_:") else f"<{name}>"


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _pointer_to(value: Any, word: str) -> str:
    """Return the JSON pointer of the first member that is called `word` or holds it; "" when there is none."""
    stack: list[tuple[Any, str]] = [(value, "")]
    while stack:
        node, pointer = stack.pop()
        if node == word:
            return pointer
        if isinstance(node, Mapping):
            if word in node:
                return f"{pointer}/{_escape(word)}"
            stack += [(child, f"{pointer}/{_escape(name)}") for name, child in node.items()]
        elif isinstance(node, list):
            stack += [(child, f"{pointer}/{index}") for index, child in enumerate(node)]
    return ""
