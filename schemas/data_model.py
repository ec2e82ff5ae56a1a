"""What every credential must have, by the Verifiable Credentials Data Model (2.0, section 4; 1.1, section 4).

Both sides ask: who issues refuses such a document, who checks says what is wrong with it. Open Badges asks for
more; that is the verifier's and the badge builder's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.dates import parse_date_time
from schemas.errors import DocumentError
from schemas.pinned import CREDENTIALS_V1
from schemas.related import related_resource_faults

_SPEC = "VCDM 2.0, 4"
_TYPED = ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence")
_VALUE_MEMBERS = frozenset({"@value", "@language", "@direction"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFault:
    """One breach of the data model: where (a JSON pointer), what, and which section says so."""

    pointer: str
    message: str
    spec: str


def credential_faults(document: Mapping[str, Any]) -> Iterator[ModelFault]:
    """Yield what a document lacks to be a credential; its `@context` is looked at elsewhere."""
    yield from _types(document)
    yield from _identifiers(document)
    yield from _texts(document)
    yield from _dates(document)
    for name in _TYPED:
        yield from _typed(document, name)
    yield from _subjects(document)
    for pointer, message in related_resource_faults(document):
        yield ModelFault(pointer=pointer, message=message, spec="VCDM 2.0, 5.3")


def is_url(value: object) -> bool:
    """Say whether a value is an absolute URL by its form: a scheme, and no character that URLs cannot have."""
    return (
        isinstance(value, str)
        and ":" in value[1:]
        and value.isprintable()
        and not any(c in value for c in ' <>"{}|^`\\')
        and value.partition(":")[0].replace("+", "").replace("-", "").replace(".", "").isalnum()
    )


def _fault(pointer: str, message: str, section: str = "") -> ModelFault:
    return ModelFault(pointer=pointer, message=message, spec=_SPEC + section)


def _entries(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    """Yield each entry of a member that may be one thing or a list, with its JSON pointer."""
    value = document.get(name, [])
    if isinstance(value, list):
        yield from ((f"/{name}/{index}", entry) for index, entry in enumerate(value))
    else:
        yield f"/{name}", value


def _type_names(node: Mapping[str, Any]) -> list[str]:
    value = node.get("type")
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _types(document: Mapping[str, Any]) -> Iterator[ModelFault]:
    types, names = document.get("type"), _type_names(document)
    if "VerifiableCredential" not in names or (isinstance(types, list) and len(names) != len(types)):
        yield _fault("/type", "Its type does not say that it is a Verifiable Credential.", ".5")


def _identifiers(document: Mapping[str, Any]) -> Iterator[ModelFault]:
    if "id" in document and not is_url(document["id"]):
        yield _fault("/id", "Its id is not a URL.", ".4")
    issuer = document.get("issuer")
    if not is_url(issuer.get("id") if isinstance(issuer, Mapping) else issuer):
        yield _fault("/issuer", "It names no issuer, or one whose id is not a URL.", ".7")


def _texts(document: Mapping[str, Any]) -> Iterator[ModelFault]:
    """Names and descriptions are texts, or texts with language and direction (sections 4.6 and 11.1)."""
    for node, place in ((document, ""), (document.get("issuer"), "/issuer")):
        for name in ("name", "description"):
            value = node.get(name, "") if isinstance(node, Mapping) else ""
            if not all(_is_text(entry) for entry in (value if isinstance(value, list) else [value])):
                message = f"The member {name} is neither a text nor a text with a language."
                yield _fault(f"{place}/{name}", message, ".6")


def _is_text(value: object) -> bool:
    if isinstance(value, Mapping):
        return "@value" in value and value.keys() <= _VALUE_MEMBERS and isinstance(value["@value"], str)
    return isinstance(value, str)


def _dates(document: Mapping[str, Any]) -> Iterator[ModelFault]:
    """Dates are of the document's version, can be read, and end after they begin (section 4.9)."""
    contexts = document.get("@context")
    is_old = isinstance(contexts, list) and contexts[:1] == [CREDENTIALS_V1]
    begin, end = ("issuanceDate", "expirationDate") if is_old else ("validFrom", "validUntil")
    for name in ("validFrom", "validUntil") if is_old else ("issuanceDate", "expirationDate"):
        if name in document:
            yield _fault(f"/{name}", f"The member {name} belongs to another version of credentials.", ".9")
    moments = {}
    for name in (begin, end):
        if name in document:
            try:
                moments[name] = parse_date_time(document[name], pointer=f"/{name}")
            except DocumentError as error:
                message = f"The member {name} is not a date with time and zone: {error.message}."
                yield _fault(f"/{name}", message, ".9")
    if is_old and begin not in document:
        yield ModelFault(pointer=f"/{begin}", message=f"The member {begin} is missing.", spec="VCDM 1.1, 4.6")
    if len(moments) == 2 and moments[end] < moments[begin]:  # noqa: PLR2004 - both dates
        yield _fault(f"/{end}", "It ends before it begins.", ".9")


def _typed(document: Mapping[str, Any], name: str) -> Iterator[ModelFault]:
    """Each entry says its type, and an id that it has is a URL (sections 4.4, 4.5 and 4.11)."""
    for place, entry in _entries(document, name):
        if not isinstance(entry, Mapping) or not _type_names(entry):
            yield _fault(place, f"An entry of {name} does not say its type.")
        elif "id" in entry and not is_url(entry["id"]):
            yield _fault(f"{place}/id", f"The id of an entry of {name} is not a URL.", ".4")
        elif name == "credentialSchema" and "id" not in entry:
            yield _fault(place, "An entry of credentialSchema does not say which schema it is.", ".11")


def _subjects(document: Mapping[str, Any]) -> Iterator[ModelFault]:
    subjects = list(_entries(document, "credentialSubject"))
    if not subjects or not all(isinstance(entry, Mapping) and entry for _, entry in subjects):
        message = "It does not say what it is about: credentialSubject is missing or empty."
        yield _fault("/credentialSubject", message, ".8")
    for place, entry in subjects:
        if isinstance(entry, Mapping) and "id" in entry and not is_url(entry["id"]):
            yield _fault(f"{place}/id", "The id of a subject is not a URL.", ".4")
