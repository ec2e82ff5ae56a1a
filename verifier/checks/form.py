"""Is it a credential at all: contexts, data model, JSON Schema (CONFORMANCE Q2 to Q5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    OB_CONTEXT,
    OB_CONTEXTS,
    PINNED,
    ContextSet,
    DocumentError,
    UnknownContextError,
    check_compact_form,
    check_contexts,
    check_one_node_per_id,
    parse_date_time,
    schema_kind,
    to_quads,
    validate_against,
)
from verifier.checks.badge_rules import FOR_NOBODY, badge_faults
from verifier.policy import Policy
from verifier.report import Check

_VCDM = "VCDM 2.0, 4"
_BASES = (CREDENTIALS_V2, CREDENTIALS_V1)
BADGE_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential"})


def types_of(node: object) -> list[str]:
    """Return the types of an object as a list of texts."""
    value = node.get("type") if isinstance(node, Mapping) else None
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def is_badge(document: Mapping[str, Any]) -> bool:
    """Say whether a credential calls itself an Open Badge."""
    return not BADGE_TYPES.isdisjoint(types_of(document))


def check_context(document: Mapping[str, Any], *, is_jwt: bool, known: ContextSet = PINNED) -> list[Check]:
    """Say whether all words are defined by contexts that we know, and read in one way only."""
    try:
        contexts = document.get("@context")
        if not isinstance(contexts, list) or not contexts or contexts[0] not in _BASES:
            return [
                Check(
                    id="context",
                    result="fail",
                    code="MALFORMED_VALUE_ERROR",
                    pointer="/@context",
                    spec=f"{_VCDM}.3",
                    message="Its first context is not that of Verifiable Credentials, so it is none.",
                )
            ]
        check_contexts(document, contexts=known)
        check_compact_form(document)
        check_one_node_per_id(document)
        if not is_jwt:
            unsecured = {name: value for name, value in document.items() if name != "proof"}
            to_quads(unsecured, contexts=known)
    except UnknownContextError as error:
        return [
            Check(id="context", result="unknown", code=error.problem, pointer=error.pointer, message=_said(error))
        ]
    except DocumentError as error:
        return [
            Check(id="context", result="fail", code=error.problem, pointer=error.pointer, message=_said(error))
        ]
    lines = [
        Check(id="context", result="pass", message="Every word in it is defined, and it reads in one way only.")
    ]
    if is_badge(document):
        lines += _badge_context(contexts)
    return lines


def _badge_context(contexts: list[str]) -> Iterator[Check]:
    second = contexts[1] if len(contexts) > 1 else None
    if second not in OB_CONTEXTS:
        yield Check(
            id="context",
            result="fail",
            code="MALFORMED_VALUE_ERROR",
            pointer="/@context/1",
            spec="OB 3.0, AchievementCredential",
            message="The Open Badges context does not stand in second place, so this is not an Open Badge 3.0.",
        )
    elif second != OB_CONTEXT:
        yield Check(
            id="context",
            result="warning",
            code="OLD_CONTEXT",
            pointer="/@context/1",
            message="It uses an older version of the Open Badges context; it means the same.",
        )


def _said(error: DocumentError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + "."


def check_model(document: Mapping[str, Any], *, policy: Policy) -> list[Check]:
    """Say whether it has what every credential, and every Open Badge, must have."""
    faults = [*_credential_faults(document)]
    if is_badge(document):
        faults += badge_faults(document)
    if faults:
        return [
            Check(
                id="model",
                result="warning" if policy.compatible and message == FOR_NOBODY else "fail",
                code="MALFORMED_VALUE_ERROR",
                pointer=pointer,
                spec=spec,
                message=message,
            )
            for pointer, message, spec in faults[:10]
        ]
    what = "an Open Badge" if is_badge(document) else "a Verifiable Credential"
    return [Check(id="model", result="pass", message=f"It has everything that {what} must have.")]


def _credential_faults(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield pointer, sentence and source for each breach of the credential data model."""
    types = document.get("type")
    names = types_of(document)
    if "VerifiableCredential" not in names or (isinstance(types, list) and len(names) != len(types)):
        yield "/type", "Its type does not say that it is a Verifiable Credential.", f"{_VCDM}.5"
    yield from _identifiers(document)
    version1 = isinstance(document.get("@context"), list) and document["@context"][:1] == [CREDENTIALS_V1]
    dates = ("issuanceDate", "expirationDate") if version1 else ("validFrom", "validUntil")
    other = ("validFrom", "validUntil") if version1 else ("issuanceDate", "expirationDate")
    for name in other:
        if name in document:
            yield f"/{name}", f"The member {name} belongs to another version of credentials.", f"{_VCDM}.9"
    yield from _dates(document, *dates, needed=version1)
    for name in ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence"):
        value = document.get(name, [])
        for index, entry in enumerate(value if isinstance(value, list) else [value]):
            where = f"/{name}/{index}" if isinstance(value, list) else f"/{name}"
            if not isinstance(entry, Mapping) or not types_of(entry):
                yield where, f"An entry of {name} does not say its type.", f"{_VCDM}"
    subject = document.get("credentialSubject")
    subjects = subject if isinstance(subject, list) else [subject]
    if not subjects or not all(isinstance(entry, Mapping) and entry for entry in subjects):
        yield (
            "/credentialSubject",
            "It does not say what it is about: credentialSubject is missing or empty.",
            f"{_VCDM}.8",
        )


def _identifiers(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if "id" in document and not _is_url(document["id"]):
        yield "/id", "Its id is not a URL.", f"{_VCDM}.4"
    issuer = document.get("issuer")
    name = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if not _is_url(name):
        yield "/issuer", "It names no issuer, or one whose id is not a URL.", f"{_VCDM}.7"


def _is_url(value: object) -> bool:
    return (
        isinstance(value, str)
        and ":" in value[1:]
        and value.isprintable()
        and not any(c in value for c in ' <>"{}|^`\\')
        and value.partition(":")[0].replace("+", "").replace("-", "").replace(".", "").isalnum()
    )


def _dates(document: Mapping[str, Any], begin: str, end: str, *, needed: bool) -> Iterator[tuple[str, str, str]]:
    moments = {}
    for name in (begin, end):
        if name in document:
            try:
                moments[name] = parse_date_time(document[name], pointer=f"/{name}")
            except DocumentError as error:
                yield (
                    f"/{name}",
                    f"The member {name} is not a date with time and zone: {error.message}.",
                    f"{_VCDM}.9",
                )
    if needed and begin not in document:
        yield f"/{begin}", f"The member {begin} is missing.", "VCDM 1.1, 4.6"
    if len(moments) == 2 and moments[end] < moments[begin]:  # noqa: PLR2004 - both dates
        yield f"/{end}", "It ends before it begins.", f"{_VCDM}.9"


def check_schema(document: Mapping[str, Any], *, policy: Policy) -> list[Check]:
    """Say whether it meets the official JSON Schema of Open Badges."""
    kind = schema_kind(document)
    if kind is None:
        return [
            Check(
                id="schema", result="skipped", message="There is no official schema for this kind of credential."
            )
        ]
    faults = validate_against(kind, document)
    if not faults:
        return [Check(id="schema", result="pass", message="It meets the official schema of Open Badges.")]
    first = faults[0]
    more = f" There are {len(faults) - 1} more such places." if len(faults) > 1 else ""
    return [
        Check(
            id="schema",
            result="warning" if policy.compatible else "fail",
            code="SCHEMA_ERROR",
            pointer=first.pointer,
            spec="OB 3.0, JSON Schema",
            message=f"It does not meet the official schema of Open Badges: at {first.pointer or 'the top'}, "
            f"{first.message}.{more}",
        )
    ]
