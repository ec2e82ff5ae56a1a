"""One reading: what the rules look at must be what was signed.

The same RDF, and so the same signature, can be written in many ways: a member under its full IRI, inside
`@included`, in a second node with the same id. A program that reads plain JSON would miss it. So only the compact
form is accepted, and one id stands on one node object.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from schemas.errors import RereadError, UnknownContextError
from schemas.jcs import canonicalize_json
from schemas.pinned import PINNED, ContextSet

_VALUE_KEYWORDS = frozenset({"@value", "@language", "@direction"})
_ENDORSED = frozenset({"id", "type", "endorsementComment"})
# Terms of pinned contexts that mean what another term means: a member renamed so is signed, and not found.
SECOND_NAMES = frozenset(
    {
        "Achievement",
        "Address",
        "Criteria",
        "GeoCoordinates",
        "HostedBadge",
        "Image",
        "IssuerOrg",
        "License",
        "Profile",
        "SignedBadge",
        "dct",
        "expiration",
        "revokedAssertions",
        "uid",
        "verify",
    }
)
# Types of these vocabularies have terms of their own.
_VOCABULARIES = (
    "https://www.w3.org/2018/credentials#",
    "https://www.w3.org/ns/credentials/status#",
    "https://w3id.org/security#",
    "https://purl.imsglobal.org/spec/vc/ob/vocab.html#",
)
_SCALARS = frozenset({"id", "validFrom", "validUntil", "issuanceDate", "expirationDate", "issuer"})


def check_compact_form(document: Mapping[str, Any]) -> None:
    """Raise RereadError unless every member stands under its own term, with no JSON-LD keyword but a few.

    Allowed are `@context` at the top, in embedded credentials and in the document's own proofs, and the
    keywords of values. Members that are one thing (issuer, dates) may not be wrapped in an array.
    """
    for pointer, node in _objects(document, ""):
        for name in node:
            if name == "@context":
                if pointer and not _may_have_context(pointer, node):
                    raise RereadError("an @context stands where none is allowed", pointer=f"{pointer}/@context")
            elif name.startswith("@") and name not in _VALUE_KEYWORDS:
                raise RereadError(f"the keyword {name!r} may not be used here", pointer=f"{pointer}/{name}")
            elif ":" in name:
                raise RereadError(
                    f"the member {name[:80]!r} is written as an address instead of its term", pointer=pointer
                )
            elif name in SECOND_NAMES:
                raise RereadError(f"the member {name!r} is a second name of another one", pointer=pointer)
        _check_types(node, pointer)
        _check_value(node, pointer)
    for name in _SCALARS & document.keys():
        if isinstance(document[name], list):
            raise RereadError(f"{name} is wrapped in an array, which some readers miss", pointer=f"/{name}")


def _check_value(node: Mapping[str, Any], pointer: str) -> None:
    """The keywords of values stand in values alone; beside members, or around nothing, JSON-LD drops them."""
    if _VALUE_KEYWORDS.isdisjoint(node):
        return
    if not node.keys() <= _VALUE_KEYWORDS or not isinstance(node.get("@value"), (str, int, float)):
        raise RereadError("the keywords of a value stand beside other things, or around nothing", pointer=pointer)


def _check_types(node: Mapping[str, Any], pointer: str) -> None:
    types = node.get("type")
    for name in types if isinstance(types, list) else [types]:
        if isinstance(name, str) and name.startswith(_VOCABULARIES):
            raise RereadError(
                f"the type {name[:80]!r} is written as an address instead of its term", pointer=f"{pointer}/type"
            )


def _may_have_context(pointer: str, node: Mapping[str, Any]) -> bool:
    types = node.get("type")
    types = types if isinstance(types, list) else [types]
    if types == ["EnvelopedVerifiableCredential"]:
        return True
    return "VerifiableCredential" in types or pointer == "/proof" or pointer.startswith("/proof/")


def check_contexts(document: Mapping[str, Any], *, contexts: ContextSet = PINNED) -> None:
    """Raise unless every `@context` of a document is a list of pinned URLs.

    RereadError for contexts written into the document (unless the set allows them), UnknownContextError for URLs
    that are not known.
    """
    for pointer, node in _objects(document, ""):
        if "@context" not in node:
            continue
        value = node["@context"]
        entries = value if isinstance(value, list) else [value]
        for index, entry in enumerate(entries):
            where = f"{pointer}/@context/{index}" if isinstance(value, list) else f"{pointer}/@context"
            if isinstance(entry, Mapping) and contexts.inline:
                continue
            if not isinstance(entry, str):
                raise RereadError(
                    "the document brings its own @context, which could give its words any meaning", pointer=where
                )
            if not contexts.knows(entry):
                raise UnknownContextError(
                    f"the context {entry[:200]!r} is not known here, so nobody can say what the document means",
                    pointer=where,
                )


def check_one_node_per_id(document: Mapping[str, Any]) -> None:
    """Raise RereadError when one id stands on two node objects that say different things.

    RDF merges them, so members could be moved from one to the other unseen. A bare reference, a byte-equal
    repeat, and the subject of an endorsement (id, type, endorsementComment) are no second node.
    """
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for pointer, node in _objects(document, ""):
        name = node.get("id")
        if isinstance(name, str) and node.keys() != {"id"} and not _is_endorsed(node):
            found.setdefault(name, []).append((pointer, node))
    # Only what stands twice is written out to be compared: equal parts stand beside each other, never inside each
    # other, so all of them together are no longer than the document.
    for name, places in found.items():
        first = _text_of(places[0][1]) if len(places) > 1 else b""
        for pointer, node in places[1:]:
            if _text_of(node) != first:
                raise RereadError(f"two parts of the document claim to be {name[:200]!r}", pointer=pointer or "/")


def _text_of(node: Mapping[str, Any]) -> bytes:
    return canonicalize_json({key: value for key, value in node.items() if key != "proof"})


def _is_endorsed(node: Mapping[str, Any]) -> bool:
    return node.get("type") == ["EndorsementSubject"] and node.keys() <= _ENDORSED


def _objects(value: Any, pointer: str, *, skip: Collection[str] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every object of a document with its JSON pointer, not looking into contexts."""
    stack: list[tuple[str, Any]] = [(pointer, value)]
    while stack:
        where, node = stack.pop()
        if isinstance(node, Mapping):
            yield where, node
            stack += [
                (f"{where}/{str(name).replace('~', '~0').replace('/', '~1')}", child)
                for name, child in node.items()
                if name != "@context" and name not in skip
            ]
        elif isinstance(node, list):
            stack += [(f"{where}/{index}", child) for index, child in enumerate(node)]
