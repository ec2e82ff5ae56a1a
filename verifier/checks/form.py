"""Is it a credential at all: contexts, data model, JSON Schema (CONFORMANCE Q2 to Q5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
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
    credential_faults,
    schema_kind,
    to_quads,
    validate_against,
)
from verifier.checks.badge_rules import FOR_NOBODY, badge_faults
from verifier.checks.named_schemas import check_named_schemas
from verifier.checks.rules import Fault
from verifier.policy import Policy
from verifier.report import Check

_VCDM = "VCDM 2.0, 4"
MAX_FAULTS = 10
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
    asked = [
        (
            Fault(pointer=fault.pointer, message=fault.message, spec=fault.spec)
            for fault in credential_faults(document)
        ),
        badge_faults(document) if is_badge(document) else (),
    ]
    bad: list[Check] = []
    odd: list[Check] = []
    for fault in chain(*asked):
        line = _fault_line(fault, policy=policy)
        (bad if line.result == "fail" else odd).append(line)
        if len(bad) == MAX_FAULTS:  # what is odd never hides what is bad
            break
    odd = odd[:MAX_FAULTS]
    if bad or any(line.message == FOR_NOBODY for line in odd):
        return [*bad, *odd]
    what = "an Open Badge" if is_badge(document) else "a Verifiable Credential"
    return [Check(id="model", result="pass", message=f"It has everything that {what} must have."), *odd]


def _fault_line(fault: Fault, *, policy: Policy) -> Check:
    is_odd = fault.odd or (policy.compatible and fault.message == FOR_NOBODY)
    return Check(
        id="model",
        result="warning" if is_odd else "fail",
        code=fault.code,
        pointer=fault.pointer,
        spec=fault.spec,
        message=fault.message,
    )


def check_schema(document: Mapping[str, Any], *, policy: Policy) -> list[Check]:
    """Say whether it meets the official JSON Schema of Open Badges, and those that it names itself."""
    return [_check_official(document, policy=policy), *check_named_schemas(document, policy=policy)]


def _check_official(document: Mapping[str, Any], *, policy: Policy) -> Check:
    kind = schema_kind(document)
    if kind is None:
        message = "There is no official schema for this kind of credential."
        return Check(id="schema", result="skipped", message=message)
    faults = validate_against(kind, document)
    if not faults:
        return Check(id="schema", result="pass", message="It meets the official schema of Open Badges.")
    first = faults[0]
    more = f" There are {len(faults) - 1} more such places." if len(faults) > 1 else ""
    return Check(
        id="schema",
        result="warning" if policy.compatible else "fail",
        code="SCHEMA_ERROR",
        pointer=first.pointer,
        spec="OB 3.0, JSON Schema",
        message=f"It does not meet the official schema of Open Badges: at {first.pointer or 'the top'}, "
        f"{first.message}.{more}",
    )
